// The local history of a document: what was changed since it was read, to go back and forth in.
import { useCallback, useMemo, useRef, useState } from '../../html.js';
import { same } from './blocks.js';

/** Most steps that are kept. */
const MOST = 200;

/**
 * @template T
 * @typedef {{past: {doc: T, what: string}[], now: T, next: {doc: T, what: string}[], key: string|null}} Steps
 */

/**
 * @template T
 * @param {T} initial
 */
export function useHistory(initial) {
  const [steps, setSteps] = useState(/** @type {Steps<T>} */ ({ past: [], now: initial, next: [], key: null }));
  const [saved, setSaved] = useState(initial);
  const current = useRef(steps);
  current.current = steps;

  /**
   * A change, by what it is called. Changes of one key that follow each other are one step: typing is
   * taken back as a whole.
   */
  const change = useCallback((/** @type {string} */ what, /** @type {(doc: T) => T} */ apply, /** @type {string|null} */ key = null) => {
    const old = current.current;
    const now = apply(old.now);
    if (now === old.now || same(now, old.now)) return;
    const joined = key !== null && key === old.key;
    const past = joined ? old.past : [...old.past.slice(1 - MOST), { doc: old.now, what }];
    current.current = { past, now, next: [], key };
    setSteps(current.current);
  }, []);
  const undo = useCallback(() => {
    const { past, now, next } = current.current;
    const last = past.at(-1);
    if (!last) return null;
    current.current = { past: past.slice(0, -1), now: last.doc, next: [{ doc: now, what: last.what }, ...next], key: null };
    setSteps(current.current);
    return last.what;
  }, []);
  const redo = useCallback(() => {
    const { past, now, next } = current.current;
    const [first, ...rest] = next;
    if (!first) return null;
    current.current = { past: [...past, { doc: now, what: first.what }], now: first.doc, next: rest, key: null };
    setSteps(current.current);
    return first.what;
  }, []);
  /**
   * What is there now is what the server has. `what` the server has changed: without it there is
   * nothing to go back over. `sent` was saved: if more was typed since, that stays, and is not saved yet.
   */
  const settle = useCallback((/** @type {T} */ doc, /** @type {string|undefined} */ what = undefined, /** @type {T|undefined} */ sent = undefined) => {
    setSaved(doc);
    const { past, now } = current.current;
    if (sent !== undefined && !same(now, sent)) return;
    const changed = !same(now, doc);
    current.current = { past: changed && what ? [...past, { doc: now, what }] : past, now: doc, next: changed ? [] : current.current.next, key: null };
    setSteps(current.current);
  }, []);
  /** Begins anew. */
  const reset = useCallback((/** @type {T} */ doc) => {
    setSaved(doc);
    current.current = { past: [], now: doc, next: [], key: null };
    setSteps(current.current);
  }, []);
  const dirty = useMemo(() => !same(steps.now, saved), [steps.now, saved]);
  return { doc: steps.now, saved, dirty, change, undo, redo, settle, reset, undoable: steps.past.at(-1)?.what ?? null, redoable: steps.next[0]?.what ?? null };
}

// Reading a program or a template, changing it here, saving it as a whole: and what to do if somebody
// else was faster.
import { html, useEffect, useRef, useState } from '../../html.js';
import { ApiError, readWhole, send } from '../../api.js';
import { guard } from '../../router.js';
import { Button, Failure, Note } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Icon } from '../../ui/icons.js';
import { Newer } from '../../ui/newer.js';
import { toast } from '../../ui/toast.js';
import { placeOf, same } from './blocks.js';
import { useHistory } from './history.js';

/** @typedef {import('./builder.js').Doc & {start_date?: string|null}} Doc */
/** @typedef {import('../../api.js').Read} Read */

/** What of it is changed on this page. @param {any} whole @returns {Doc} */
export const docOf = (whole) => ({ name: whole.name, notes: whole.notes, blocks: whole.blocks, ...('start_date' in whole && { start_date: whole.start_date }) });

/**
 * @param {string} path
 * @param {Read} initial
 */
export function useEditing(path, initial) {
  const [held, setHeld] = useState(initial);
  const history = useHistory(docOf(initial.data));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [newer, setNewer] = useState(/** @type {Read|null} */ (null));
  const [asking, setAsking] = useState(false);
  const answer = useRef(/** @type {((leave: boolean) => void)|null} */ (null));

  useEffect(() => {
    if (!history.dirty) return undefined;
    const ask = () => new Promise((/** @type {(leave: boolean) => void} */ resolve) => {
      answer.current = resolve;
      setAsking(true);
    });
    guard.ask = ask;
    return () => { if (guard.ask === ask) guard.ask = null; };
  }, [history.dirty]);

  /** Takes over what the server answered. @param {Read} read @param {string} [what] @param {any} [sent] what it was asked to save */
  const take = (read, what, sent) => {
    setHeld(read);
    setError(null);
    history.settle(docOf(read.data), what, sent);
  };
  /** Saves what was changed; whether it is saved. @param {string|null} [etag] @returns {Promise<boolean>} */
  const save = async (etag = held.etag) => {
    const { doc, saved } = history;
    const body = Object.fromEntries(Object.entries(doc).filter(([name, value]) => !same(value, /** @type {any} */ (saved)[name])));
    if (Object.keys(body).length === 0) return true;
    setBusy(true);
    setError(null);
    try {
      const { data, headers } = await send({ method: 'PATCH', path, body, headers: etag ? { 'If-Match': etag } : {} });
      take({ data, etag: headers.get('etag') }, undefined, doc);
      setNewer(null);
      toast('Saved');
      return true;
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      if (failure.status === 412) await meet();
      else setError(failure);
      return false;
    } finally {
      setBusy(false);
    }
  };
  /** Somebody else has saved: reads what. */
  const meet = async () => {
    try {
      setNewer(await readWhole(path));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    }
  };
  const leave = (/** @type {boolean} */ away) => {
    setAsking(false);
    answer.current?.(away);
    answer.current = null;
  };
  const windows = html`
    ${newer && html`<${Newer} name=${newer.data.name} busy=${busy} loading="shows theirs; “Undo” brings yours back." onClose=${() => setNewer(null)} onMine=${() => save(newer.etag)}
      onTheirs=${() => { take(newer, 'load the newer one'); setNewer(null); toast('This is the newer one. “Undo” brings yours back.'); }} />`}
    ${asking && html`<${Dialog} title="Leave without saving?" onClose=${() => leave(false)}
      footer=${html`<${Button} kind="quiet" onClick=${() => leave(true)}>Leave without saving<//><${Button} onClick=${() => leave(false)}>Stay<//><${Button} kind="primary" busy=${busy} onClick=${async () => { leave(await save()); }}>Save and leave<//>`}>
      <p>What you have changed is on this page only.</p><//>`}`;
  return { whole: held.data, etag: held.etag, history, busy, error, setError, save, take, windows };
}

/**
 * Undo, redo, save: they stay in sight while the grid is scrolled.
 * @param {{editing: ReturnType<typeof useEditing>, children?: any}} props
 */
export function EditingBar({ editing, children }) {
  const { history, busy, save } = editing;
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's' || event.altKey) return;
      event.preventDefault();
      if (history.dirty && !busy) save();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [history.dirty, busy, save]);
  return html`<div class="editing-bar" role="group" aria-label="Changes">
    <${Button} small icon="undo" disabled=${!history.undoable} title=${history.undoable ? `Undo: ${history.undoable} (Ctrl Z)` : 'Nothing to undo'} onClick=${history.undo}>Undo<//>
    <${Button} small icon="redo" disabled=${!history.redoable} title=${history.redoable ? `Redo: ${history.redoable} (Ctrl Shift Z)` : 'Nothing to redo'} onClick=${history.redo}>Redo<//>
    <span class="small muted push" role="status">${history.dirty ? 'Not saved yet' : html`<span class="row tight"><${Icon} name="check" size=${14} />Saved</span>`}</span>
    ${children}
    <${Button} small kind="primary" busy=${busy} disabled=${!history.dirty} title="Save (Ctrl S)" onClick=${() => save()}>Save<//>
  </div>`;
}

/**
 * What the server found wrong, in places that people know, with a way there.
 * @param {{error: ApiError|null, doc: Doc, onShow: (cell: import('./grid.js').Cell) => void}} props
 */
export function Faults({ error, doc, onShow }) {
  if (!error) return null;
  if (error.faults.length === 0) return html`<${Failure} error=${error} />`;
  return html`<${Note} tone="danger" role="alert" title="It is not saved: something in it is not right">
    <ul>${error.faults.map((fault) => {
      const { words, where } = placeOf(doc.blocks, fault.place);
      const session = where && doc.blocks[where.block]?.sessions[where.index];
      return html`<li key=${fault.place}>${session && where ? html`<button type="button" class="link" onClick=${() => onShow({ block: where.block, week: session.week ?? 1, day: session.day ?? 1, index: where.index })}>${words}</button>` : words}: ${fault.message} ${fault.fix ?? ''}</li>`;
    })}</ul><//>`;
}

// Lists that grow by themselves: what came since goes on top, can be held back, and nothing is missed.
import { classes, html, useCallback, useEffect, useMemo, useRef, useState } from '../html.js';
import { get, target } from '../api.js';
import { mode, workspace } from '../store.js';
import { Button, counted } from './basics.js';
import { CodeBlock, CopyText } from './copy.js';
import { curlOf } from './curl.js';
import { Dialog } from './dialog.js';
import { usePoll } from './poll.js';

/** Rows that are kept on top of the pages that were asked for. */
const MOST = 500;

/**
 * A list with what came on top of it. While it is held, what comes is counted and not shown.
 * @param {ReturnType<typeof import('../api.js').useList>} list
 * @param {(row: any) => string|number} order what the list is sorted by, the highest first
 */
export function useGrowing(list, order) {
  const question = JSON.stringify(list.call);
  const [came, setCame] = useState(/** @type {{question: string, rows: any[]}} */ ({ question, rows: [] }));
  // Held: nothing above this is shown.
  const [limit, setLimit] = useState(/** @type {string|number|null} */ (null));
  const own = came.question === question ? came.rows : [];
  const all = useMemo(() => {
    const byId = new Map([...list.rows, ...own].map((row) => [row.id, row]));
    return [...byId.values()].sort((a, b) => (order(a) < order(b) ? 1 : -1));
  }, [own, list.rows.length, list.rows[0], question]);
  const rows = limit === null ? all : all.filter((row) => order(row) <= limit);
  const fresh = new Set(own.map((row) => row.id));
  const add = useCallback((/** @type {any[]} */ more) => setCame((old) => {
    const before = old.question === question ? old.rows : [];
    const ids = new Set(before.map((row) => row.id));
    const added = more.filter((row) => !ids.has(row.id));
    return added.length === 0 && old.question === question ? old : { question, rows: [...added, ...before].slice(0, MOST) };
  }), [question]);
  const top = all.length > 0 ? order(all[0]) : null;
  return {
    rows, add, fresh, top,
    live: limit === null,
    held: all.length - rows.length,
    /** Shows everything as it comes, or holds it back. */
    turn: () => setLimit(limit === null ? top ?? order({ id: '', sequence: 0 }) : null),
    /** Shows what was held back, and holds on. */
    show: () => setLimit(top),
  };
}

/** @typedef {'connecting'|'open'|'lost'|'refused'} State */

/**
 * Follows the feed of events. It is resumed where it broke off; while the page is not seen there is no
 * connection, since a browser has few to give.
 * @param {{types: string[]|null, type: string, after: number|null, ready: boolean, onEvents: (events: any[]) => void, onMissed: () => void}} props
 *   `after`: the last event that is known; `ready`: whether that is known; `onMissed`: what came before cannot be told from here
 * @returns {State}
 */
export function useFeed({ types, type, after, ready, onEvents, onMissed }) {
  const [state, setState] = useState(/** @type {State} */ ('connecting'));
  const latest = useRef({ after, onEvents, onMissed });
  latest.current = { after, onEvents, onMissed };
  const names = types?.join(' ') ?? '';
  const known = names !== '' && ready;
  useEffect(() => {
    if (!known) return undefined;
    /** @type {EventSource|null} */
    let source = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    let timer;
    let blind = false;
    const close = () => {
      clearTimeout(timer);
      source?.close();
      source = null;
    };
    const open = () => {
      if (source || document.hidden) return;
      const from = blind ? null : latest.current.after;
      const stream = new EventSource(target('/v1/events/stream', { workspace: workspace.peek()?.id, mode: mode.peek(), type, after: from }));
      source = stream;
      stream.onopen = () => {
        setState('open');
        // It began with what happens next: what happened before is asked for now.
        if (from === null) latest.current.onMissed();
        blind = false;
      };
      stream.onerror = () => {
        if (stream.readyState !== EventSource.CLOSED) return setState('lost');
        setState('refused');
        close();
        // Too many streams, or what was known is no longer kept: it begins anew.
        blind = true;
        timer = setTimeout(open, 3000);
        return undefined;
      };
      const take = (/** @type {MessageEvent} */ message) => latest.current.onEvents([JSON.parse(message.data)]);
      for (const name of names.split(' ')) stream.addEventListener(name, take);
    };
    const seen = () => {
      if (document.hidden) close();
      else open();
    };
    setState('connecting');
    open();
    document.addEventListener('visibilitychange', seen);
    addEventListener('pagehide', close);
    return () => {
      document.removeEventListener('visibilitychange', seen);
      removeEventListener('pagehide', close);
      close();
    };
  }, [known, names, type, mode.value, workspace.value?.id]);
  return state;
}

/**
 * Asks for the newest page again and again, where there is no stream.
 * @param {{list: ReturnType<typeof import('../api.js').useList>, every: number, onRows: (rows: any[]) => void}} props
 * @returns {State}
 */
export function useNewest({ list, every, onRows }) {
  const [state, setState] = useState(/** @type {State} */ ('open'));
  usePoll(async () => {
    const { path, query, mode: shown } = list.call;
    try {
      const page = await get(path, query, { mode: shown });
      const known = new Set(list.rows.map((row) => row.id));
      // More than a page has come: the pages below it would leave a hole.
      if (list.rows.length > 0 && page.has_more && !page.data.some((/** @type {any} */ row) => known.has(row.id))) list.reload();
      onRows(page.data.filter((/** @type {any} */ row) => !known.has(row.id)));
      setState('open');
    } catch {
      setState('lost');
    }
  }, every, !list.loading);
  return state;
}

/** How things stand, in words. @param {State} state @param {boolean} live @param {string} how */
function words(state, live, how) {
  if (state === 'connecting') return 'Connecting…';
  if (state === 'lost') return 'The connection broke off. It is tried again, and nothing is missed.';
  if (state === 'refused') return 'The server does not take the connection. It is tried again in a few seconds.';
  return live ? `Live: ${how}` : 'Held: what comes is counted.';
}

/**
 * The switch, how the connection stands, and what was held back.
 * @param {{growing: ReturnType<typeof useGrowing>, state: State, how: string, what: string}} props
 *   `how`: such as "as it happens"; `what`: such as "event"
 */
export const LiveBar = ({ growing: { live, held, turn, show }, state, how, what }) => html`<div class="row tight live-bar">
  <${Button} icon=${live ? 'pause' : 'play'} aria-pressed=${live ? 'true' : 'false'} onClick=${turn}>Live updates<//>
  <span class=${classes('live-state small muted', live && state === 'open' && 'on')} role="status">${words(state, live, how)}</span>
  ${held > 0 && html`<${Button} small icon="up" onClick=${show}>Show ${counted(held, `new ${what}`)}<//>`}
</div>`;

/**
 * What is behind a row: its JSON, its id, and the call that gives it.
 * @param {{title: string, id: string, what: string, value: any, path: string, more?: any, onClose: () => void}} props
 */
export const Drawer = ({ title, id, what, value, path, more, onClose }) => html`<${Dialog} title=${title} wide side onClose=${onClose}>
  <div class="stack">
    <p class="row tight"><${CopyText} text=${id} label=${`the ${what}'s id`} />${more}</p>
    <${CodeBlock} label="JSON" text=${JSON.stringify(value, null, 2)} />
    <${CodeBlock} label="As curl" text=${curlOf({ path })} />
  </div><//>`;

// The queue of check-ins: the list, and beside it the one that is read, by keys or by pointer.
import { classes, html, useEffect, useRef, useState } from '../html.js';
import { get, useList, useRead } from '../api.js';
import { go, href, query, setQuery } from '../router.js';
import { mode, singleKeys } from '../store.js';
import { Button, Empty, Failure, Page, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Icon } from '../ui/icons.js';
import { useKeys } from '../ui/keys.js';
import { Filters, Select } from '../ui/table.js';
import { CheckinDetail } from './checkins/detail.js';
import { useDrafts } from './checkins/drafts.js';
import { Review } from './checkins/review.js';
import { CheckinStatus, isIn } from './checkins/shape.js';
import { useNames } from './clients/names.js';

/** @typedef {import('./checkins/shape.js').Checkin} Checkin */

const filters = /** @type {[string, string][]} */ ([['', 'To review'], ['overdue', 'Overdue'], ['reviewed', 'Reviewed'], ['pending', 'Not due yet'], ['all', 'All that came']]);

export default function Checkins() {
  const status = query.value.get('status') ?? '';
  const asked = query.value.get('checkin');
  // What waits longest comes first; what was read is looked up, the newest first.
  const list = useList('/v1/checkins', status === '' ? { status: 'submitted', sort: 'submitted_at' } : status === 'all' ? {} : { status });
  const [changed, setChanged] = useState(/** @type {Record<string, Checkin>} */ ({}));
  const listed = /** @type {Checkin[]} */ (list.rows.map((one) => changed[one.id] ?? one));
  const waits = list.loading && listed.length === 0;
  // A link may lead to one that the filter leaves out: it is shown before the others.
  const outside = asked !== null && !waits && !listed.some((one) => one.id === asked);
  const other = useRead(outside ? (signal) => get(`/v1/checkins/${asked}`, {}, { signal }) : null, [asked, outside, mode.value]);
  const extra = /** @type {Checkin|undefined} */ (outside && other.data ? changed[other.data.id] ?? other.data : undefined);
  const rows = extra ? [extra, ...listed] : listed;
  const at = asked ? rows.findIndex((one) => one.id === asked) : 0;
  const selected = rows[at];
  const name = useNames(rows.map((one) => one.client_id));
  const drafts = useDrafts();
  const handle = useRef(/** @type {{send: () => void, reply: () => void}|null} */ (null));
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const moved = useRef(false);
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    const title = box.current?.querySelector('[data-checkin-title]');
    if (title instanceof HTMLElement) title.focus();
  }, [selected?.id]);

  const step = (/** @type {number} */ by) => {
    const next = rows[at + by];
    if (!next) return false;
    moved.current = true;
    setQuery({ checkin: next.id });
    if (by > 0 && at + by === rows.length - 1 && list.hasMore && !list.loadingMore) list.more();
    return true;
  };
  useKeys([
    { key: 'j', words: 'Next check-in', run: () => { step(1); } },
    { key: 'k', words: 'Previous check-in', run: () => { step(-1); } },
    { key: 'r', words: 'Reply', run: () => handle.current?.reply() },
    { key: 'e', words: 'Reviewed, and to the next', run: () => handle.current?.send() },
  ]);
  const latest = useRef({ at, rows });
  latest.current = { at, rows };
  const onReviewed = (/** @type {Checkin} */ one) => {
    setChanged((old) => ({ ...old, [one.id]: one }));
    const { at, rows } = latest.current;
    // Whoever has gone on to another meanwhile stays there.
    if (rows[at]?.id !== one.id) return;
    const next = rows.findIndex((row, number) => number > at && row.status === 'submitted');
    if (next > at) step(next - at);
  };
  const open = (/** @type {MouseEvent} */ event, /** @type {string} */ id) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    moved.current = true;
    go(href('checkins', { status, checkin: id }), { still: true });
  };
  const waiting = rows.filter((one) => one.status === 'submitted').length;
  const none = !list.loading && !list.error && rows.length === 0 && !(outside && other.loading);
  return html`<${Page} title="Check-ins" badges=${html`<${TestData} />`} actions=${html`<${ViewAsCurl} calls=${[list.call]} /><${Button} icon="edit" href=${href('checkin-forms')}>Forms<//>`}>
    <${Filters}><${Select} label="Which" value=${status} choices=${filters} onChange=${(/** @type {string} */ to) => setQuery({ status: to, checkin: null })} />
      ${rows.length > 0 && singleKeys.value && html`<p class="muted small queue-keys"><kbd>j</kbd> next <kbd>k</kbd> previous <kbd>r</kbd> reply <kbd>e</kbd> reviewed</p>`}<//>
    ${list.error && rows.length === 0 && html`<${Failure} error=${list.error} onRetry=${list.reload} />`}
    ${other.error && html`<${Empty} icon="search" title="There is no such check-in here" actions=${html`<${Button} onClick=${() => setQuery({ checkin: null })}>Show the queue<//>`}><p>It may belong to the other mode, or it was erased with its client.</p><//>`}
    ${waits && html`<${Skeleton} lines=${8} />`}
    ${none && !other.error && (status === ''
    ? html`<${Empty} icon="check" title="Nothing to review" actions=${html`<${Button} href=${href('clients')}>Clients<//><${Button} onClick=${() => setQuery({ status: 'all' })}>All check-ins<//>`}>
        <p>What clients send stands here until you have read it. A client is asked once a check-in day is set, on the client's own page.</p><//>`
    : html`<${Empty} icon="filter" title="Nothing fits" actions=${html`<${Button} onClick=${() => setQuery({ status: null })}>Back to what is to review<//>`}><p>No check-in is in that state.</p><//>`)}
    ${selected && html`<div class=${classes('queue', asked && 'open')} ref=${box}>
      <nav class="queue-list" aria-label="Check-ins">
        <p class="unseen" role="status">${waiting} to review</p>
        <ul>${rows.map((one) => html`<li key=${one.id}><a class=${classes('queue-item', one.status === 'reviewed' && 'done')} href=${href('checkins', { status, checkin: one.id })} aria-current=${one.id === selected.id ? 'true' : undefined} onClick=${(/** @type {MouseEvent} */ event) => open(event, one.id)}>
          <span class="queue-name">${name(one.client_id)}</span><${CheckinStatus} status=${one.status} />
          <span class="muted small"><${RelativeTime} at=${isIn(one) ? one.submitted_at : one.due_at} none="" />${drafts.has(one.id) && html` · <strong>Not sent yet</strong>`}</span></a></li>`)}</ul>
        ${list.hasMore && html`<div class="row"><${Button} small busy=${list.loadingMore} onClick=${list.more}>Load more<//></div>`}
      </nav>
      <div class="queue-detail">
        <div class="row between queue-back"><${Button} small kind="quiet" icon="left" onClick=${() => setQuery({ checkin: null })}>All check-ins<//></div>
        <${CheckinDetail} key=${selected.id} checkin=${selected} name=${name(selected.client_id)} linked
          heading=${html`<div class="row tight"><${Button} kind="icon" small icon="up" label="Previous check-in" disabled=${at <= 0} onClick=${() => step(-1)} /><span class="muted small numbers">${at + 1} of ${rows.length}${list.hasMore ? '+' : ''}</span><${Button} kind="icon" small icon="down" label="Next check-in" disabled=${at >= rows.length - 1} onClick=${() => step(1)} /></div>`}>
          ${isIn(selected) && html`<${Review} key=${selected.id} checkin=${selected} name=${name(selected.client_id)} handle=${handle} drafts=${drafts} submit=${selected.status === 'reviewed' ? 'Save the review' : 'Reviewed, next'} onReviewed=${onReviewed} />`}
        <//>
        ${waiting === 0 && status === '' && html`<p class="row tight muted" role="status"><${Icon} name="check" />Nothing is left to review.</p>`}
      </div>
    </div>`}
    ${drafts.window}
  <//>`;
}

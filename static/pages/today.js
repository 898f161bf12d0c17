// Who needs the coach, and why: one list, the most urgent first.
import { html, useState } from '../html.js';
import { ApiError, post, useList } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { keep, kept, mode, notices, workspace } from '../store.js';
import { Button, Empty, Failure, Note, Page, Skeleton, TestData, counted, exact } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Icon } from '../ui/icons.js';
import { toast } from '../ui/toast.js';
import { Checklist } from './today/checklist.js';
import { lookOf, placeOf } from './today/reasons.js';

/**
 * @typedef {{kind: string, since: string, words: string, object_id: string|null}} Reason
 * @typedef {{client: {id: string, name: string, status: string}, rank: number, reasons: Reason[]}} Entry
 * @typedef {{date: string, counts: {clients: number, needing_attention: number, checkins_unreviewed: number|null, checkins_overdue: number|null, messages_waiting: number|null, payments_failed: number|null}, quiet: number, checklist: Record<'client'|'program'|'invited'|'check_in_schedule', boolean>}} Today
 */

/** What a reason is told by from others. @param {Entry} entry @param {Reason} reason */
const nameOf = (entry, reason) => `${entry.client.id} ${reason.kind} ${reason.object_id}`;

export default function TodayPage() {
  const list = useList('/v1/today', { limit: 50 });
  const today = /** @type {Today|undefined} */ (list.answer);
  const only = query.value.get('only');
  const [aside, setAside] = useState(/** @type {string[]} */ ([]));
  const entries = /** @type {Entry[]} */ (list.rows).map((one) => ({ ...one, reasons: one.reasons.filter((reason) => !aside.includes(nameOf(one, reason))) })).filter((one) => one.reasons.length > 0);
  const putAside = async (/** @type {Entry} */ one, /** @type {Reason} */ reason) => {
    try {
      await post(`/v1/today/${one.client.id}/dismiss`, { kind: reason.kind });
      setAside((old) => [...old, nameOf(one, reason)]);
      toast('Put aside. It comes back when something new happens.');
      const title = document.querySelector('main h1');
      if (title instanceof HTMLElement) title.focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  const shown = only ? entries.filter((one) => one.reasons.some((reason) => reason.kind === only)) : entries;
  const date = today && new Date(`${today.date}T12:00:00`).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
  return html`<${Page} title="Today" badges=${html`<${TestData} />`} intro=${date} actions=${html`<${ViewAsCurl} calls=${[list.call]} />`}>
    <${Urgent} />
    ${list.error && !today && html`<${Failure} error=${list.error} onRetry=${list.reload} />`}
    ${!today && !list.error && html`<${Skeleton} lines=${8} />`}
    ${today && html`${entries.length === 0 && html`<${Begin} today=${today} />`}
      ${today.counts.clients > 0 && html`<${Counts} counts=${today.counts} only=${only} />`}
      ${only && html`<div class="row"><p>Only some of the reasons are shown.</p><${Button} small icon="close" onClick=${() => setQuery({ only: null })}>Show all<//></div>`}
      ${shown.length > 0 && html`<ol class="today-list" aria-label="Who needs you, the most urgent first">${shown.map((one) => html`<${One} key=${one.client.id} of=${one} onAside=${putAside} />`)}</ol>`}
      ${list.hasMore && html`<div class="row"><${Button} busy=${list.loadingMore} onClick=${list.more}>Show more<//></div>`}
      <${Rest} today=${today} some=${shown.length > 0} only=${only} />
      ${entries.length > 0 && html`<${Begin} today=${today} />`}`}
  <//>`;
}

/** @param {{of: Entry, onAside: (entry: Entry, reason: Reason) => void}} props */
const One = ({ of, of: { client, rank, reasons }, onAside }) => html`<li class="today-entry">
  <span class="today-rank numbers muted" aria-hidden="true">${rank}</span>
  <h2 class="today-name"><a href=${href(`clients/${client.id}`)}>${client.name}</a></h2>
  <ul class="today-reasons" aria-label=${`Why ${client.name}`}>${reasons.map((reason) => html`<li key=${reason.kind + reason.object_id}>
    <a class=${`reason ${lookOf(reason.kind).tone}`} href=${placeOf(client.id, reason)} title=${`Since ${exact(reason.since)}`}><${Icon} name=${lookOf(reason.kind).icon} size=${16} /><span>${reason.words}</span></a><${Button} kind="icon" small class="aside" icon="close" label=${`Put aside: ${reason.words}, ${client.name}`} onClick=${() => onAside(of, reason)} /></li>`)}</ul>
</li>`;

/** How much of what there is, each with the way there. @param {{counts: Today['counts'], only: string|null}} props */
function Counts({ counts, only }) {
  const all = /** @type {[number|null, string, string][]} */ ([
    [counts.checkins_unreviewed, 'with a check-in to review', href('checkins')],
    [counts.messages_waiting, 'waiting for an answer', href('today', { only: only === 'message_waiting' ? null : 'message_waiting' })],
    [counts.payments_failed, 'with a failed payment', href('payments', { status: 'failed' })],
    [counts.checkins_overdue, 'late with a check-in', href('checkins', { status: 'overdue' })],
  ]);
  return html`<ul class="counts" aria-label="Clients in numbers">${all.map(([count, words, to]) => count !== null && html`<li key=${words}>
    ${count > 0 ? html`<a class="count-card" href=${to}><span class="count-number numbers">${count.toLocaleString('en')}</span> <span>${words}</span></a>`
    : html`<span class="count-card none"><span class="count-number numbers">0</span> <span>${words}</span></span>`}</li>`)}</ul>`;
}

/** Who needs nothing, in one line. @param {{today: Today, some: boolean, only: string|null}} props */
function Rest({ today, some, only }) {
  if (today.counts.clients === 0) return null;
  if (only) return some ? null : html`<${Empty} icon="filter" title="Nothing of that kind" actions=${html`<${Button} onClick=${() => setQuery({ only: null })}>Show all<//>`} />`;
  const active = html`<a href=${href('clients', { status: 'active' })}>${counted(today.quiet, some ? 'other active client' : 'active client')}</a>`;
  if (some) return today.quiet > 0 ? html`<p class="muted">${active} ${today.quiet === 1 ? 'needs' : 'need'} nothing from you.</p>` : html`<p class="muted">Every active client is on the list.</p>`;
  return html`<${Empty} icon="check" title="Nobody waits for you"><p>${today.quiet > 0 ? html`${active}, and nothing open: no check-in, no message, no payment.` : 'No client is active.'}</p><//>`;
}

/** The first four steps, until they are done or sent away. @param {{today: Today}} props */
function Begin({ today }) {
  const name = `checklist.${workspace.value?.id}.${mode.value}`;
  const [gone, setGone] = useState(kept(name) === 'gone');
  const done = Object.values(today.checklist).every(Boolean);
  const none = today.counts.clients === 0 && !today.checklist.client;
  const turn = (/** @type {boolean} */ to) => {
    keep(name, to ? 'gone' : null);
    setGone(to);
  };
  if (done) return null;
  if (!gone) return html`<${Checklist} steps=${today.checklist} onDismiss=${() => { turn(true); toast('The first steps are put away.', { undo: () => turn(false) }); }} />`;
  if (!none) return null;
  return html`<${Empty} icon="people" title="Add your first client" actions=${html`<${Button} kind="primary" icon="plus" href=${href('clients/new')}>Add client<//><${Button} onClick=${() => turn(false)}>Show the first steps<//>`}>
    <p>Who needs you, and why, will stand here.</p><//>`;
}

/** Notices that cannot wait, above everything. */
function Urgent() {
  const urgent = notices.value.filter((one) => one.severity !== 'info');
  const dismiss = async (/** @type {string} */ id) => {
    try {
      await post(`/v1/notices/${id}/dismiss`);
      notices.value = notices.value.filter((one) => one.id !== id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  if (urgent.length === 0) return null;
  return html`<section class="stack tight" aria-label="Notices">
    ${urgent.slice(0, 2).map((one) => html`<${Note} key=${one.id} tone=${one.severity === 'critical' ? 'danger' : 'warning'} title=${one.title}
      actions=${html`${one.action && html`<${Button} small href=${one.action.href}>${one.action.label}<//>`}<${Button} small kind="quiet" onClick=${() => dismiss(one.id)}>Dismiss<//>`}><p>${one.message}</p><//>`)}
    ${urgent.length > 2 && html`<p class="small"><a href=${href('notices')}>${counted(urgent.length - 2, 'more notice')}</a></p>`}
  </section>`;
}

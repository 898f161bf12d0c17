// A client's check-ins: when the next is due, and all that came.
import { html, useEffect, useRef, useState } from '../../html.js';
import { get, put, useList, useRead } from '../../api.js';
import { href, query, setQuery } from '../../router.js';
import { mode } from '../../store.js';
import { Button, Empty, Failure, Note, Panel, RelativeTime, Skeleton, exact } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Checkbox, FaultSummary, Field, useForm } from '../../ui/field.js';
import { DataTable, Filters, Select } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { CheckinDetail } from '../checkins/detail.js';
import { useDrafts } from '../checkins/drafts.js';
import { Review } from '../checkins/review.js';
import { CheckinStatus, calendarDay, isIn, plain, shownOf, statusWords } from '../checkins/shape.js';
import { weekdays } from '../clients/shape.js';

/**
 * @typedef {import('../checkins/shape.js').Checkin} Checkin
 * @typedef {{active: boolean, weekday: string|null, every_weeks: number, time: string, timezone: string, form_id: string|null, next_due_at: string|null}} Schedule
 */

/** @param {import('../client.js').Part} props */
export function ClientCheckins({ client, reload }) {
  const asked = query.value.get('checkin');
  const status = query.value.get('status') ?? '';
  const list = useList(`/v1/clients/${client.id}/checkins`, { status });
  // What is due and did not come is in no other list: it stands before the rest.
  const overdue = useRead(status ? null : (signal) => get(`/v1/clients/${client.id}/checkins`, { status: 'overdue', limit: 5 }, { signal }), [client.id, status]);
  const late = /** @type {Checkin[]} */ (status ? [] : overdue.data?.data ?? []);
  const rows = /** @type {Checkin[]} */ ([...late, ...list.rows.filter((one) => !late.some((other) => other.id === one.id))]);
  const drafts = useDrafts();
  if (asked) return html`<${One} key=${asked} id=${asked} client=${client} known=${rows.find((one) => one.id === asked)} drafts=${drafts} onReviewed=${() => { list.reload(); reload(); }} />${drafts.window}`;
  const weight = (/** @type {Checkin} */ one) => {
    const found = one.measurements.find((measured) => measured.metric === 'weight');
    return found ? `${plain(shownOf(found).value)} ${shownOf(found).unit}` : html`<span class="muted">–</span>`;
  };
  return html`<div class="stack loose">
    <${WhenDue} client=${client} />
    <section class="stack tight" aria-label="Check-ins">
      <${Filters}><${Select} label="Which" value=${status} choices=${[['', 'All that came'], ...Object.entries(statusWords)]} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} /><//>
      <${DataTable} caption="Check-ins" rows=${rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} filtered=${Boolean(status)} onClear=${() => setQuery({ status: null })} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
        empty=${html`<${Empty} icon="check" title="No check-ins yet"><p>Set a day, and ${client.name.split(' ')[0]} is asked for one in the app.</p><//>`}
        columns=${[
          { key: 'date', label: 'Day', main: true, render: (/** @type {Checkin} */ one) => html`<a href=${href(`clients/${client.id}/checkins`, { checkin: one.id })}>${calendarDay(one.local_date)}</a>${drafts.has(one.id) && html`<span class="small under"><strong>Review not sent yet</strong></span>`}` },
          { key: 'status', label: 'Status', render: (/** @type {Checkin} */ one) => html`<${CheckinStatus} status=${one.status} />` },
          { key: 'weight', label: 'Weight', end: true, render: weight },
          { key: 'rpe', label: 'RPE', end: true, render: (/** @type {Checkin} */ one) => one.rpe ?? html`<span class="muted">–</span>` },
          { key: 'photos', label: 'Photos', end: true, render: (/** @type {Checkin} */ one) => one.photos.length || html`<span class="muted">–</span>` },
          { key: 'sent', label: 'Sent', render: (/** @type {Checkin} */ one) => html`<${RelativeTime} at=${one.submitted_at} none="Not yet" />` },
        ]} /></section>
    ${drafts.window}
  </div>`;
}

/** One of them whole. @param {{id: string, client: import('../clients/shape.js').Client, known: Checkin|undefined, drafts: ReturnType<typeof useDrafts>, onReviewed: () => void}} props */
function One({ id, client, known, drafts, onReviewed }) {
  const read = useRead(known ? null : (signal) => get(`/v1/checkins/${id}`, {}, { signal }), [id, Boolean(known), mode.value]);
  const [own, setOwn] = useState(/** @type {Checkin|null} */ (null));
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const checkin = own ?? known ?? /** @type {Checkin|undefined} */ (read.data);
  const there = Boolean(checkin);
  useEffect(() => {
    const title = box.current?.querySelector('[data-checkin-title]');
    if (title instanceof HTMLElement) title.focus();
  }, [there]);
  return html`<div class="stack narrow-stack" ref=${box}>
    <div><${Button} small kind="quiet" icon="left" onClick=${() => setQuery({ checkin: null })}>All check-ins<//></div>
    ${checkin ? html`<${CheckinDetail} checkin=${checkin} name=${client.name}>
        ${isIn(checkin) && html`<${Review} checkin=${checkin} name=${client.name} submit=${checkin.status === 'reviewed' ? 'Save the review' : 'Reviewed'} drafts=${drafts} onReviewed=${(/** @type {Checkin} */ one) => { setOwn(one); onReviewed(); }} />`}<//>`
    : read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}
  </div>`;
}

/** @param {{client: import('../clients/shape.js').Client}} props */
function WhenDue({ client }) {
  const read = useRead((signal) => get(`/v1/clients/${client.id}/checkin-schedule`, {}, { signal }), [client.id]);
  const [open, setOpen] = useState(false);
  const schedule = /** @type {Schedule|undefined} */ (read.data);
  if (!schedule) return read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${2} />`;
  const weekday = schedule.weekday ? schedule.weekday[0].toUpperCase() + schedule.weekday.slice(1) : '';
  const every = schedule.every_weeks === 1 ? `Every ${weekday}` : `Every ${schedule.every_weeks} weeks on ${weekday}`;
  return html`<${Panel} title="When it is due" actions=${html`<${Button} small icon=${schedule.active ? 'edit' : 'plus'} onClick=${() => setOpen(true)}>${schedule.active ? 'Change' : 'Set a day'}<//>`}>
    ${schedule.active ? html`<p>${every} at ${schedule.time}, ${schedule.timezone.replaceAll('_', ' ')} time.${schedule.next_due_at && html` <span class="muted">Next <time datetime=${schedule.next_due_at} title=${exact(schedule.next_due_at)}>${new Date(schedule.next_due_at).toLocaleDateString('en-GB', { timeZone: schedule.timezone, weekday: 'long', day: 'numeric', month: 'long' })}</time>.</span>`}</p>`
    : html`<p class="muted">No day is set: nothing is asked for, and nothing becomes overdue.</p>`}
    ${open && html`<${Edit} client=${client} schedule=${schedule} onClose=${() => setOpen(false)} onSaved=${(/** @type {Schedule} */ saved) => { setOpen(false); read.set(saved); toast(saved.active ? 'The check-in day is set.' : 'No more check-ins are asked for.'); }} />`}
  <//>`;
}

/** @param {{client: import('../clients/shape.js').Client, schedule: Schedule, onClose: () => void, onSaved: (schedule: Schedule) => void}} props */
function Edit({ client, schedule, onClose, onSaved }) {
  const forms = useRead((signal) => get('/v1/checkin-forms', { limit: 100 }, { signal }), [mode.value]);
  const form = useForm({ active: true, weekday: schedule.active && schedule.weekday ? schedule.weekday : client.check_in_day ?? schedule.weekday ?? 'monday', every_weeks: String(schedule.every_weeks ?? 1), time: schedule.time ?? '09:00', form_id: schedule.form_id ?? '' }, async (values) => {
    onSaved(await put(`/v1/clients/${client.id}/checkin-schedule`, { active: values.active, weekday: values.weekday, every_weeks: Number(values.every_weeks), time: values.time, form_id: values.form_id || null }));
  });
  const { field, values, set } = form;
  return html`<${Dialog} title=${`Check-ins of ${client.name}`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="schedule" busy=${form.busy}>Save<//>`}>
    <form id="schedule" class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ weekday: 'Day', every_weeks: 'How often', time: 'Time', form_id: 'Form' }} />
      <${Checkbox} label="Ask for check-ins" checked=${values.active} onChange=${() => set({ active: !values.active })} />
      ${values.active ? html`<div class="two">
        <${Field} label="Day" as="select" data-first ...${field('weekday')}>${weekdays.slice(1).map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}<//>
        <${Field} label="How often" as="select" ...${field('every_weeks')}>${['Every week', 'Every 2 weeks', 'Every 3 weeks', 'Every 4 weeks'].map((label, at) => html`<option key=${label} value=${String(at + 1)}>${label}</option>`)}<//>
        <${Field} label="Time" type="time" hint=${`In ${schedule.timezone.replaceAll('_', ' ')}`} ...${field('time')} />
        <${Field} label="Form" as="select" ...${field('form_id')}><option value="">The usual one</option>${(forms.data?.data ?? []).map((/** @type {any} */ one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}<//>
      </div>` : html`<${Note} tone="info"><p>What came stays. Nothing new is asked for.</p><//>`}
    </form><//>`;
}

// A client at a glance: how the program goes, what came in last, what is due.
import { html } from '../../html.js';
import { get, useRead } from '../../api.js';
import { href } from '../../router.js';
import { Badge, Button, Facts, Panel, RelativeTime, Skeleton, day } from '../../ui/basics.js';
import { CourseChart } from '../../ui/chart.js';
import { CopyText } from '../../ui/copy.js';
import { CheckinStatus, calendarDay, isIn } from '../checkins/shape.js';
import { InviteBadge, limits } from '../clients/shape.js';
import { courseWords, pointsOf } from '../measurements/shape.js';
import { PaymentStatus, money } from '../payments/shape.js';

/** @typedef {import('../client.js').Part} Part @typedef {import('../client.js').Whole} Whole */

/** @param {Part} props */
export function Overview({ client, onInvite }) {
  const path = `/v1/clients/${client.id}`;
  const adherence = useRead((signal) => get(`${path}/adherence`, {}, { signal }), [client.id]);
  const weight = useRead((signal) => get(`${path}/measurements`, { metric: 'weight', limit: 30 }, { signal }), [client.id]);
  const messages = useRead((signal) => get(`${path}/messages`, { limit: 3 }, { signal }), [client.id]);
  const to = (/** @type {string} */ tab, /** @type {Record<string, any>} */ search = {}) => href(`clients/${client.id}/${tab}`, search);
  const all = (/** @type {string} */ tab, /** @type {string} */ label) => html`<${Button} small kind="quiet" href=${to(tab)}>${label}<//>`;
  return html`<div class="columns wide-gap">
    <div class="stack">
      <${Panel} title="Program" actions=${all('training', 'Training')}><${Program} client=${client} windows=${adherence.data?.windows} /><//>
      <${Panel} title="Weight" actions=${all('measurements', 'Measurements')}><${Weight} list=${weight} /><//>
      <${Panel} title="Messages" actions=${all('messages', 'Write')}>${messages.data ? html`<${Messages} rows=${messages.data.data} name=${client.name.split(' ')[0]} />` : messages.error ? html`<p class="muted">${messages.error.message}</p>` : html`<${Skeleton} />`}<//>
      ${client.coach_notes && html`<${Panel} title="Notes" intro="Only for you." actions=${all('notes', 'Change')}><p class="pre">${client.coach_notes}</p><//>`}
    </div>
    <div class="stack">
      <${Panel} title="Check-ins" actions=${all('checkins', 'All check-ins')}>
        ${client.recent_checkins.length === 0 ? html`<p class="muted">None yet.</p>` : html`<ul class="plain-list lines">${client.recent_checkins.map((one) => html`<li key=${one.id} class="row between">
          <a href=${to('checkins', { checkin: one.id })}>${calendarDay(one.local_date)}</a><span class="row tight">${isIn(one) && one.rpe !== null && html`<span class="muted small">RPE ${one.rpe}</span>`}<${CheckinStatus} status=${one.status} /></span></li>`)}</ul>`}<//>
      <${Panel} title="Payments" actions=${all('payments', 'All payments')}>
        ${client.payment_history.length === 0 ? html`<p class="muted">None yet.</p>` : html`<ul class="plain-list lines">${client.payment_history.slice(0, 4).map((one) => html`<li key=${one.id} class="row between">
          <span><a href=${to('payments', { payment: one.id })}>${money(one.amount, one.currency)}</a> <span class="muted small">${day(one.succeeded_at ?? one.failed_at ?? one.created_at)}</span></span><${PaymentStatus} of=${one} /></li>`)}</ul>`}<//>
      <${Access} client=${client} onInvite=${onInvite} />
    </div>
    <div class="stack"><${Profile} client=${client} /></div>
  </div>`;
}

/** @param {{client: Whole, windows: {days: number, due: number, done: number, partial: number, percent: number|null}[]|undefined}} props */
function Program({ client, windows }) {
  const program = client.current_program;
  return html`<div class="stack">
    ${program ? html`<div class="stack tight"><p><strong>${program.name}</strong>${program.week ? `, week ${program.week} of ${program.weeks}` : program.start_date && Date.parse(program.start_date) > Date.now() ? `, from ${calendarDay(program.start_date)}` : ', at its end'}</p>
      ${program.week && html`<meter class="meter" min="0" max=${program.weeks} value=${program.week} aria-label="Weeks of the program">week ${program.week} of ${program.weeks}</meter>`}
      ${program.end_date && html`<p class="muted small">Until ${calendarDay(program.end_date)}</p>`}</div>`
    : html`<p class="muted">No program runs.</p>`}
    ${windows && windows.some((one) => one.percent !== null) && html`<dl class="windows" aria-label="Adherence">${windows.map((one) => html`<div key=${one.days}><dt>${one.days} days</dt><dd><strong class="numbers">${one.percent === null ? '–' : `${one.percent} %`}</strong>
      <span class="muted small">${one.percent === null ? 'nothing due' : `${one.done}${one.partial ? ` + ${one.partial} in part` : ''} of ${one.due}`}</span></dd></div>`)}</dl>`}
  </div>`;
}

/** @param {{list: ReturnType<typeof useRead<any>>}} props */
function Weight({ list }) {
  if (!list.data) return list.error ? html`<p class="muted">${list.error.message}</p>` : html`<${Skeleton} />`;
  const points = pointsOf(list.data.data);
  if (points.length === 0) return html`<p class="muted">Not measured yet.</p>`;
  const unit = points[0].unit;
  return html`<${CourseChart} title="Weight over time" takeaway=${courseWords('Weight', points, unit)} format=${(/** @type {number} */ value) => `${+value.toFixed(1)} ${unit}`} courses=${[{ label: 'Weight', points }]} />`;
}

/** @param {{rows: {id: string, direction: string, body: string, created_at: string}[], name: string}} props */
const Messages = ({ rows, name }) => (rows.length === 0 ? html`<p class="muted">None yet.</p>` : html`<ul class="plain-list lines">${rows.map((one) => html`<li key=${one.id}>
  <p class="muted small">${one.direction === 'to_coach' ? name : 'You'}, <${RelativeTime} at=${one.created_at} /></p><p class="clamp">${one.body}</p></li>`)}</ul>`);

/** @param {{client: Whole, onInvite: () => void}} props */
const Access = ({ client, onInvite }) => html`<${Panel} title="App access">
  ${client.joined_at ? html`<p>Joined <${RelativeTime} at=${client.joined_at} />. <a href=${href(`clients/${client.id}/devices`)}>Devices</a></p>`
  : client.invite ? html`<div class="stack tight"><p class="row tight"><${InviteBadge} invite=${client.invite} />${client.invite.expires_at && html`<span>The link ends <${RelativeTime} at=${client.invite.expires_at} /></span>`}</p>
      ${client.invite.reason && html`<p class="muted small">${client.invite.reason}</p>`}
      ${client.status !== 'archived' && html`<div class="row"><${Button} small icon="rotate" onClick=${onInvite}>New link<//></div>`}</div>`
  : html`<div class="stack tight"><p>No access to the app.</p>${client.status !== 'archived' && html`<div class="row"><${Button} small icon="plus" onClick=${onInvite}>Make a link<//></div>`}</div>`}
<//>`;

/** @param {{client: Whole}} props */
function Profile({ client }) {
  const names = Object.fromEntries(limits);
  const words = (/** @type {string[]} */ all) => (all.length ? html`<span class="row tight">${all.map((one) => html`<${Badge} key=${one}>${names[one] ?? one}<//>`)}</span>` : null);
  return html`<${Panel} title="Profile"><${Facts} of=${[
    ['Email', html`<a href=${`mailto:${client.email}`}>${client.email}</a>`],
    ['Phone', client.phone],
    ['Goal', client.goal],
    ['Experience', client.experience],
    ['Trains', client.days_per_week || client.session_minutes ? [client.days_per_week && `${client.days_per_week} days a week`, client.session_minutes && `${client.session_minutes} minutes`].filter(Boolean).join(', ') : null],
    ['Equipment', words(client.equipment)],
    ['Goes easy on', words(client.limitations)],
    ['Time zone', client.timezone],
    ['Units', client.units === 'imperial' ? 'Pounds and inches' : 'Kilograms and centimetres'],
    ['Tags', words(client.tags)],
    ['Client id', html`<${CopyText} text=${client.id} label="the client id" />`],
    ['Your own id', client.external_id && html`<${CopyText} text=${client.external_id} label="your own id" />`],
    ['Added', html`<${RelativeTime} at=${client.created_at} />`],
    ['Changed', html`<${RelativeTime} at=${client.updated_at} />`],
    ...Object.entries(client.metadata).map(([name, value]) => /** @type {[string, any]} */ ([name, html`<span class="wrap-anywhere">${value}</span>`])),
  ]} /><//>`;
}

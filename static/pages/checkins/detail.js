// One check-in whole: what the client said, with last time's beside it.
import { html } from '../../html.js';
import { get, useRead } from '../../api.js';
import { href } from '../../router.js';
import { mode } from '../../store.js';
import { Failure, Facts, Note, RelativeTime, Skeleton } from '../../ui/basics.js';
import { CheckinStatus, calendarDay, change, isIn, plain, poseWords, poses, said, shownOf, spoken } from './shape.js';

/** @typedef {import('./shape.js').Checkin} Checkin @typedef {import('./shape.js').Form} Form */

/** How far back is looked for a photo of the same pose. */
const BACK = 12;

/**
 * Everything that is shown of a check-in: itself, those before it, its form.
 * @param {Checkin} checkin
 */
export function useBefore(checkin) {
  const earlier = useRead(isIn(checkin) ? async (signal) => {
    const { data } = await get(`/v1/clients/${checkin.client_id}/checkins`, { to: checkin.local_date, limit: BACK }, { signal });
    return /** @type {Checkin[]} */ (data).filter((one) => one.id !== checkin.id && isIn(one) && (one.submitted_at ?? '') < (checkin.submitted_at ?? ''));
  } : null, [checkin.id, mode.value]);
  const form = useRead(checkin.form ? (signal) => get(`/v1/checkin-forms/${checkin.form?.id}`, { version: checkin.form?.version }, { signal }) : null, [checkin.form?.id, checkin.form?.version, mode.value]);
  return { before: earlier.data ?? [], form: /** @type {Form|undefined} */ (form.data), loading: isIn(checkin) && !earlier.data && !earlier.error, error: earlier.error, reload: earlier.reload };
}

/** @param {{checkin: Checkin, name: string, linked?: boolean, heading?: any, children?: any}} props `linked`: with the way to the client; `children`: what is done about it */
export function CheckinDetail({ checkin, name, linked, heading, children }) {
  const { before, form, loading, error, reload } = useBefore(checkin);
  const last = before[0];
  return html`<article class="checkin stack" aria-label=${`Check-in of ${name}`}>
    <header class="stack tight">
      <div class="row tight between"><h2 class="row tight" tabindex="-1" data-checkin-title>${linked ? html`<a class="plain-link" href=${href(`clients/${checkin.client_id}`)}>${name}</a>` : calendarDay(checkin.local_date)}</h2>${heading}</div>
      <p class="row tight muted small"><${CheckinStatus} status=${checkin.status} />
        ${isIn(checkin) ? html`<span>Sent <${RelativeTime} at=${checkin.submitted_at} />${checkin.source !== 'client' && ` ${checkin.source === 'api' ? 'by a program' : 'by you'}`}</span>`
        : html`<span>Due <${RelativeTime} at=${checkin.due_at} none="on no day" /></span>`}
        ${checkin.period && html`<span>For ${calendarDay(checkin.period.from, true)} to ${calendarDay(checkin.period.to)}</span>`}</p>
    </header>
    ${error && html`<${Failure} error=${error} onRetry=${reload} />`}
    ${!isIn(checkin) ? html`<${Note} tone=${checkin.status === 'overdue' ? 'warning' : 'info'} title=${checkin.status === 'overdue' ? 'Nothing has come yet' : 'Not due yet'}
        actions=${html`<a class="button small-button" href=${href(`clients/${checkin.client_id}/messages`)}>Write to ${name.split(' ')[0]}</a>`}>
        <p>${checkin.status === 'overdue' ? 'The time of this check-in has passed. A message often helps more than a reminder.' : 'It stands here until it is sent.'}</p><//>`
    : loading ? html`<${Skeleton} lines=${8} />`
    : html`<${Said} checkin=${checkin} last=${last} form=${form} /><${Shots} checkin=${checkin} before=${before} name=${name} />`}
    ${children}
  </article>`;
}

/** @param {{checkin: Checkin, last: Checkin|undefined, form: Form|undefined}} props */
function Said({ checkin, last, form }) {
  const asked = (/** @type {string} */ id) => form?.questions.find((one) => one.id === id);
  const answers = checkin.answers.filter((one) => one.type !== 'photo');
  const lastDay = last ? calendarDay(last.local_date, true) : null;
  return html`
    ${checkin.notes && html`<section aria-label="Note from the client"><h3>Note</h3><p class="pre quote">${checkin.notes}</p></section>`}
    ${answers.length > 0 && html`<section aria-label="Answers"><h3>Answers</h3><${Compared} caption="Answers" first="Question" lastDay=${lastDay} rows=${answers.map((one) => {
      const question = asked(one.question);
      return { key: one.question, label: question?.question ?? spoken(one.question), now: said(one, question), last: said(last?.answers.find((other) => other.question === one.question), question), words: one.type === 'text' };
    })} /></section>`}
    ${(checkin.measurements.length > 0 || checkin.rpe !== null) && html`<section aria-label="Measurements"><h3>Measurements</h3><${Compared} caption="Measurements" first="What" lastDay=${lastDay} rows=${[
      ...checkin.measurements.map((one) => {
        const other = last?.measurements.find((past) => past.metric === one.metric && past.site === one.site);
        const [now, then] = [shownOf(one), other && shownOf(other)];
        return { key: one.metric + one.site, label: spoken(one.metric) + (one.site ? `, ${one.site.replaceAll('_', ' ')}` : ''), now: `${plain(now.value)} ${now.unit}`, by: then && then.unit === now.unit ? change(now.value - then.value, now.unit) : null, last: then ? `${plain(then.value)} ${then.unit}` : null };
      }),
      ...(checkin.rpe === null ? [] : [{ key: 'rpe', label: 'Effort of the week (RPE)', now: `${checkin.rpe} of 10`, by: last?.rpe === null || last?.rpe === undefined ? null : change(checkin.rpe - last.rpe, ''), last: last?.rpe === null || last?.rpe === undefined ? null : `${last.rpe} of 10` }]),
    ]} /></section>`}
    ${checkin.wearable_summary && html`<${Worn} now=${checkin.wearable_summary} last=${last?.wearable_summary ?? null} lastDay=${lastDay} />`}`;
}

/**
 * Now and last time, side by side.
 * @param {{caption: string, first: string, lastDay: string|null, rows: {key: string, label: string, now: any, last: any, by?: string|null, words?: boolean}[]}} props
 */
const Compared = ({ caption, first, lastDay, rows }) => html`<div class="table-scroll"><table class="table compared" role="table"><caption class="unseen">${caption}</caption>
  <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">${first}</th><th role="columnheader" scope="col">Now</th><th role="columnheader" scope="col">${lastDay ? `Last time, ${lastDay}` : 'Last time'}</th></tr></thead>
  <tbody role="rowgroup">${rows.map((row) => html`<tr role="row" key=${row.key}><th role="rowheader" scope="row" class="main-cell">${row.label}</th>
    <td role="cell" data-label="Now" class=${row.words ? 'pre' : undefined}><span><strong>${row.now ?? '–'}</strong>${row.by && html` <span class="muted small nowrap">${row.by}</span>`}</span></td>
    <td role="cell" data-label="Last time" class="muted">${row.last ?? '–'}</td></tr>`)}</tbody></table></div>`;

/** @param {{now: import('./shape.js').Wearable, last: import('./shape.js').Wearable|null, lastDay: string|null}} props */
function Worn({ now, last, lastDay }) {
  /** @type {[string, number|undefined, number|undefined, string, number][]} */
  const all = [
    ['Steps a day', now.steps, last?.steps, '', 0],
    ['Active energy', now.active_energy_kcal, last?.active_energy_kcal, 'kcal', 0],
    ['Distance', kilometres(now.distance_m), kilometres(last?.distance_m), 'km', 1],
    ['Resting heart rate', now.resting_hr, last?.resting_hr, 'bpm', 0],
    // Two methods are two scales: a change between them would mean nothing.
    [`Heart rate variability (${(now.hrv_method ?? '').toUpperCase()})`, now.hrv_ms, last?.hrv_method === now.hrv_method ? last?.hrv_ms : undefined, 'ms', 0],
    ['Sleep', hours(now.sleep?.total_min), hours(last?.sleep?.total_min), 'h', 1],
    ['Deep sleep', hours(now.sleep?.deep_min), hours(last?.sleep?.deep_min), 'h', 1],
  ];
  const rows = all.filter(([, value]) => value !== undefined && value !== null).map(([label, value, past, unit, places]) => ({
    key: label, label, now: `${plain(/** @type {number} */ (value), places)}${unit ? ` ${unit}` : ''}`,
    last: past === undefined || past === null ? null : `${plain(past, places)}${unit ? ` ${unit}` : ''}`,
    by: past === undefined || past === null ? null : change(/** @type {number} */ (value) - past, unit, places),
  }));
  return html`<section aria-label="Wearable"><h3>Wearable</h3>
    ${rows.length > 0 && html`<${Compared} caption="From the wearable" first="What" lastDay=${lastDay} rows=${rows} />`}
    <${Facts} of=${[now.source && ['From', now.source], now.completeness !== undefined && now.completeness !== null && ['Days with data', `${Math.round(now.completeness * 100)} %`], now.workouts && now.workouts.length > 0 && ['Workouts', String(now.workouts.length)]]} />
  </section>`;
}

/** @param {number|undefined} minutes */
const hours = (minutes) => (minutes === undefined || minutes === null ? undefined : minutes / 60);
/** @param {number|undefined} metres */
const kilometres = (metres) => (metres === undefined || metres === null ? undefined : metres / 1000);

/** Each photo with the last one of the same pose. @param {{checkin: Checkin, before: Checkin[], name: string}} props */
function Shots({ checkin, before, name }) {
  if (checkin.photos.length === 0) return null;
  const order = poses.map(([pose]) => pose);
  const sorted = [...checkin.photos].sort((a, b) => order.indexOf(a.pose) - order.indexOf(b.pose));
  return html`<section aria-label="Photos"><div class="row between"><h3>Photos</h3><a class="small" href=${href(`clients/${checkin.client_id}/photos`)}>Compare any two</a></div>
    <div class="stack">${sorted.map((shot) => {
      const past = before.flatMap((one) => one.photos.map((other) => ({ ...other, date: one.local_date }))).find((other) => other.pose === shot.pose);
      return html`<div class="shots" key=${shot.id} role="group" aria-label=${poseWords[shot.pose] ?? shot.pose}>
        ${past ? html`<${Shot} url=${past.url} alt=${`${name}, ${shot.pose}, ${calendarDay(past.date)}`} words=${`${poseWords[shot.pose]}, ${calendarDay(past.date, true)}`} />` : html`<p class="shot-none muted small">No earlier photo of this pose.</p>`}
        <${Shot} url=${shot.url} alt=${`${name}, ${shot.pose}, ${calendarDay(checkin.local_date)}`} words=${`${poseWords[shot.pose]}, now`} /></div>`;
    })}</div></section>`;
}

/** @param {{url: string, alt: string, words: string}} props */
export const Shot = ({ url, alt, words }) => html`<figure class="shot"><img src=${url} alt=${alt} loading="lazy" decoding="async" /><figcaption class="small muted">${words}</figcaption></figure>`;

// What a client trains: the program of now, how well it is followed, what was done, the best of it.
import { html, useState } from '../../html.js';
import { get, useList, useRead } from '../../api.js';
import { href } from '../../router.js';
import { Badge, Button, Empty, Facts, Failure, Note, Panel, RelativeTime, Skeleton, counted } from '../../ui/basics.js';
import { BarChart } from '../../ui/chart.js';
import { Dialog } from '../../ui/dialog.js';
import { DataTable } from '../../ui/table.js';
import { useExercises } from '../library/shape.js';
import { ByHand, ChooseTemplate } from '../programs/acts.js';
import { GeneratorDrawer } from '../programs/generator.js';
import { ProgramStatus, called, dateText, dayAfter, goals, setKinds } from '../programs/words.js';

/** @typedef {import('../programs/words.js').Summary} Summary */
/** @typedef {{kind?: string, reps?: number, seconds?: number, metres?: number, load?: {value: number, unit: string}, rpe?: number, rir?: number, pain?: boolean, note?: string, skipped_reason?: string}} LoggedSet */
/** @typedef {{id: string, performed_on: string, status: 'done'|'partial'|'missed'|'excused', program_id: string|null, session: {block: number, week: number, session: number}|null, name: string|null, duration_min: number|null, session_rpe: number|null, notes: string|null, skipped_reason: string|null, pain: boolean, exercises: {exercise: string, sets: LoggedSet[], substituted_for?: string, skipped_reason?: string, note?: string}[]}} Log */

const logTones = /** @type {Record<string, any>} */ ({ done: ['good', 'check', 'Done'], partial: ['warning', 'clock', 'In part'], missed: ['danger', 'close', 'Missed'], excused: ['neutral', 'info', 'Excused'] });

/** A set as it was performed. @param {LoggedSet} set */
export function loggedText(set) {
  if (set.skipped_reason) return `skipped: ${set.skipped_reason}`;
  const much = set.reps !== undefined ? `${set.reps}` : set.seconds !== undefined ? `${set.seconds} s` : `${set.metres} m`;
  const kind = set.kind && set.kind !== 'working' ? `${called(setKinds, set.kind).toLowerCase()} ` : '';
  const load = set.load ? `${set.load.value} ${set.load.unit}` : null;
  const effort = set.rpe !== undefined ? `RPE ${set.rpe}` : set.rir !== undefined ? `RIR ${set.rir}` : null;
  return `${kind}${[load ? `${load} × ${much}` : set.reps !== undefined ? `${much} reps` : much, effort].filter(Boolean).join(', ')}`;
}

/** How well the plan is followed, in words. @param {{percent: number|null, due: number, done: number, partial: number, missed: number, excused: number}} window */
function adherenceWords({ percent, due, done, partial, missed, excused }) {
  if (percent === null) return excused > 0 ? `Nothing was due; ${excused} excused` : 'Nothing was due';
  return [`${done} of ${due} done`, partial > 0 && `${partial} in part`, missed > 0 && `${missed} missed`, excused > 0 && `${excused} excused`].filter(Boolean).join(', ');
}
const level = (/** @type {number} */ percent) => (percent >= 80 ? ['good', 'On plan'] : percent >= 50 ? ['warning', 'Slipping'] : ['danger', 'Off plan']);

/**
 * The training of a client: a tab of the client's page.
 * @param {{client: any, mode?: import('../../store.js').Mode}} props the client as `GET /v1/clients/{id}` shows it
 */
export function Training({ client }) {
  const path = `/v1/clients/${client.id}`;
  const [act, setAct] = useState(/** @type {'generate'|'hand'|'template'|null} */ (null));
  const whole = useRead((signal) => get(path, {}, { signal }), [client.id]);
  const programs = useList(`${path}/programs`, {});
  const adherence = useRead((signal) => get(`${path}/adherence`, {}, { signal }), [client.id]);
  const logs = useList(`${path}/workout-logs`, { limit: 50 });
  const records = useList(`${path}/personal-records`, { limit: 100 });
  const [log, setLog] = useState(/** @type {Log|null} */ (null));
  const current = whole.data?.current_program ?? client.current_program ?? null;
  const close = () => setAct(null);
  const reload = () => { whole.reload(); programs.reload(); adherence.reload(); };
  const archived = client.status === 'archived';
  const ways = archived ? null : html`<${Button} kind=${current ? 'plain' : 'primary'} icon="play" onClick=${() => setAct('generate')}>Generate<//>
    <${Button} icon="edit" onClick=${() => setAct('hand')}>Build by hand<//><${Button} icon="copy" onClick=${() => setAct('template')}>Assign template<//>`;
  return html`<div class="stack loose">
    <${Panel} title="Program of now" actions=${ways}>
      ${current ? html`<${Facts} of=${[
    ['Program', html`<a href=${href(`programs/${current.id}`)}>${current.name}</a>`],
    ['Week', current.week ? `${current.week} of ${current.weeks}` : current.start_date && current.start_date > new Date().toISOString().slice(0, 10) ? `Begins ${dateText(current.start_date)}` : `Over: ${current.weeks} weeks`],
    ['First day', current.start_date && dateText(current.start_date)],
    ['Last day', current.end_date && dateText(current.end_date)],
  ]} />` : html`<p class="muted">${client.name} follows no program.</p>`}
    <//>
    <${Panel} title="Adherence" intro="Sessions done of those due. Excused sessions and deloads are left out.">
      ${adherence.error ? html`<${Failure} error=${adherence.error} onRetry=${adherence.reload} />` : !adherence.data ? html`<${Skeleton} lines=${2} />` : html`<${Facts} of=${adherence.data.windows.map((/** @type {any} */ window) => [`Last ${window.days} days`, html`<span class="row tight"><strong class="numbers">${window.percent === null ? '–' : `${window.percent} %`}</strong>${window.percent !== null && html`<${Badge} tone=${level(window.percent)[0]}>${level(window.percent)[1]}<//>`}</span><span class="muted small">${adherenceWords(window)}</span>`])} />`}
    <//>
    <${Volume} logs=${logs.rows} more=${logs.hasMore} />
    <${Panel} title="What was done" flush>
      <${DataTable} caption="Training logs" rows=${logs.rows} loading=${logs.loading} error=${logs.error} onRetry=${logs.reload} hasMore=${logs.hasMore} onMore=${logs.more} loadingMore=${logs.loadingMore} moreError=${logs.moreError}
        empty=${html`<${Empty} icon="pulse" title="Nothing logged yet"><p>What the client logs in the app, or a program through the API, stands here set by set.</p><//>`}
        actions=${(/** @type {Log} */ row) => html`<${Button} small onClick=${() => setLog(row)}>Sets<span class="unseen"> of ${row.name ?? 'the training'}, ${dateText(row.performed_on)}</span><//>`}
        columns=${[
    { key: 'day', label: 'Day', main: true, render: (/** @type {Log} */ row) => html`<span class="nowrap">${dateText(row.performed_on)}</span>` },
    { key: 'name', label: 'Session', render: (/** @type {Log} */ row) => html`${row.name ?? 'Unplanned'}${row.session && html` <span class="muted small">week ${row.session.week}</span>`}` },
    { key: 'status', label: 'What became of it', render: (/** @type {Log} */ row) => html`<div><span class="row tight"><${Badge} tone=${logTones[row.status][0]} icon=${logTones[row.status][1]}>${logTones[row.status][2]}<//>${row.pain && html`<${Badge} tone="danger" icon="warning">Pain reported<//>`}</span>${row.skipped_reason && html`<span class="muted small under">${row.skipped_reason}</span>`}</div>` },
    { key: 'sets', label: 'Sets', end: true, render: (/** @type {Log} */ row) => row.exercises.reduce((sum, one) => sum + one.sets.filter((set) => !set.skipped_reason).length, 0) },
    { key: 'rpe', label: 'Session RPE', end: true, render: (/** @type {Log} */ row) => row.session_rpe ?? html`<span class="muted">–</span>` },
    { key: 'minutes', label: 'Minutes', end: true, render: (/** @type {Log} */ row) => row.duration_min ?? html`<span class="muted">–</span>` },
  ]} /><//>
    <${Records} list=${records} />
    <${Panel} title="All programs" flush>
      <${DataTable} caption="Current and former programs" rows=${programs.rows} loading=${programs.loading} error=${programs.error} onRetry=${programs.reload} hasMore=${programs.hasMore} onMore=${programs.more} loadingMore=${programs.loadingMore} moreError=${programs.moreError}
        empty=${html`<${Empty} icon="list" title="No program yet" actions=${ways}><p>A draft by rules is made out of the profile in a moment.</p><//>`}
        columns=${[
    { key: 'name', label: 'Program', main: true, render: (/** @type {Summary} */ row) => html`<a href=${href(`programs/${row.id}`)}>${row.name}</a>` },
    { key: 'status', label: 'Status', render: (/** @type {Summary} */ row) => html`<${ProgramStatus} program=${row} />` },
    { key: 'goal', label: 'Goal', render: (/** @type {Summary} */ row) => (row.goal ? called(goals, row.goal) : html`<span class="muted">–</span>`) },
    { key: 'when', label: 'From, to', render: (/** @type {Summary} */ row) => (row.start_date ? `${dateText(row.start_date)} to ${row.end_date ? dateText(row.end_date) : '–'}` : html`<span class="muted">Not set</span>`) },
    { key: 'created', label: 'Made', render: (/** @type {Summary} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
  ]} /><//>
    ${log && html`<${LogDialog} log=${log} onClose=${() => setLog(null)} />`}
    ${act === 'generate' && html`<${GeneratorDrawer} client=${client} onClose=${close} onMade=${reload} />`}
    ${act === 'hand' && html`<${ByHand} client=${client} onClose=${close} />`}
    ${act === 'template' && html`<${ChooseTemplate} client=${client} onClose=${close} />`}
  </div>`;
}

/** A training, set by set. @param {{log: Log, onClose: () => void}} props */
function LogDialog({ log, onClose }) {
  const { name } = useExercises();
  return html`<${Dialog} title=${log.name ?? 'Training'} wide reads onClose=${onClose} intro=${[dateText(log.performed_on, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }), logTones[log.status][2], log.duration_min && `${log.duration_min} minutes`, log.session_rpe && `session RPE ${log.session_rpe}`].filter(Boolean).join(' · ')}>
    <div class="stack">
      ${log.pain && html`<${Note} tone="danger" title="Pain reported">It hurt in at least one set: they are marked below.<//>`}
      ${log.skipped_reason && html`<p><strong>Why:</strong> ${log.skipped_reason}</p>`}
      ${log.notes && html`<p class="pre">${log.notes}</p>`}
      ${log.exercises.map((one, at) => html`<section key=${at}><h3>${name(one.exercise)}</h3>
        ${one.substituted_for && html`<p class="muted small">Instead of ${name(one.substituted_for)}</p>`}
        ${one.skipped_reason && html`<p class="small">Skipped: ${one.skipped_reason}</p>`}
        ${one.sets.length > 0 && html`<ol class="logged">${one.sets.map((set, place) => html`<li key=${place}><span class="numbers">${loggedText(set)}</span>${set.pain && html` <${Badge} tone="danger" icon="warning">Pain<//>`}${set.note && html` <span class="muted small">${set.note}</span>`}</li>`)}</ol>`}
        ${one.note && html`<p class="muted small">${one.note}</p>`}</section>`)}
      ${log.exercises.length === 0 && html`<p class="muted">No exercise was logged.</p>`}
    </div><//>`;
}

/** The best that was lifted. @param {{list: any}} props */
function Records({ list }) {
  const { name } = useExercises();
  const load = (/** @type {any} */ row) => `${row.load.value} ${row.load.unit}`;
  return html`<${Panel} title="Personal records" intro="Estimated maxima by Epley's formula, out of sets of up to ten repetitions; and the heaviest set of so many repetitions." flush>
    <${DataTable} caption="Personal records" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="chart" title="No records yet"><p>The first set with a weight is one.</p><//>`}
      columns=${[
    { key: 'exercise', label: 'Exercise', main: true, sort: (/** @type {any} */ row) => name(row.exercise), render: (/** @type {any} */ row) => html`<a href=${href(`library/${row.exercise}`)}>${name(row.exercise)}</a>` },
    { key: 'kind', label: 'Record', sort: (/** @type {any} */ row) => row.reps ?? 0, render: (/** @type {any} */ row) => (row.kind === 'estimated_1rm' ? 'Estimated 1RM' : `${counted(row.reps, 'rep')} max`) },
    { key: 'load', label: 'Load', end: true, sort: (/** @type {any} */ row) => row.grams, render: (/** @type {any} */ row) => html`<span class="nowrap">${load(row)}</span>` },
    { key: 'day', label: 'Day', sort: (/** @type {any} */ row) => row.achieved_on, render: (/** @type {any} */ row) => html`<span class="nowrap">${dateText(row.achieved_on)}</span>` },
  ]} /><//>`;
}

/** The Monday of a day's week. @param {string} date */
const mondayOf = (date) => dayAfter(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7));

/** Sets of work and their load, week by week. @param {{logs: Log[], more: boolean}} props */
function Volume({ logs, more }) {
  const days = logs.map((log) => log.performed_on).sort();
  if (days.length === 0) return null;
  const last = mondayOf(days[days.length - 1]);
  const first = mondayOf(days[0]);
  const count = Math.min(16, Math.round((Date.parse(last) - Date.parse(first)) / 604_800_000) + 1);
  const weeks = Array.from({ length: count }, (_, at) => dayAfter(last, (at - count + 1) * 7));
  const sets = weeks.map(() => 0);
  const load = weeks.map(() => 0);
  for (const log of logs) {
    const at = weeks.indexOf(mondayOf(log.performed_on));
    if (at < 0) continue;
    for (const set of log.exercises.flatMap((one) => one.sets)) {
      if (set.skipped_reason || set.kind === 'warmup') continue;
      sets[at] += 1;
      if (set.load && set.reps) load[at] += (set.load.unit === 'lb' ? set.load.value * 0.45359237 : set.load.value) * set.reps;
    }
  }
  const labels = weeks.map((week) => dateText(week, { day: 'numeric', month: 'short' }));
  const names = labels.map((label) => `Week of ${label}`);
  const most = sets.indexOf(Math.max(...sets));
  return html`<${Panel} title="Volume" intro=${more ? 'Of the trainings that are loaded below.' : undefined}><div class="columns">
    <${BarChart} title="Sets of work by week" first="Week" labels=${labels} names=${names} takeaway=${`${counted(sets[sets.length - 1], 'set')} of work in the last week; the most was ${sets[most]}, in the ${names[most].toLowerCase().replace(labels[most].toLowerCase(), labels[most])}.`} series=${[{ label: 'Sets', values: sets }]} />
    <${BarChart} title="Load by week, in kilograms" first="Week" labels=${labels} names=${names} takeaway=${`${Math.round(load[load.length - 1]).toLocaleString('en')} kg moved in the last week: load times repetitions, warm-ups left out.`} series=${[{ label: 'Kilograms', values: load.map(Math.round) }]} />
  </div><//>`;
}

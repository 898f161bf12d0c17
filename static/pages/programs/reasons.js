// How a generated program came about: its status, what is missing, what to look at, why each exercise.
import { html } from '../../html.js';
import { Badge, Facts, Note, Panel } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { listed, useExercises } from '../library/shape.js';
import { called, goals, plain } from './words.js';

/** @typedef {import('./words.js').Generation} Generation */

/** What blocks, in words. */
const titles = /** @type {Record<string, string>} */ ({ needs_clearance: 'Needs medical clearance before it is activated', pain_unheeded: 'Something hurt, and this program trains it' });

/** Who made it, in words. @param {{of: Generation, draft?: boolean}} props */
export const SourceBadge = ({ of, draft = true }) => html`<${Badge} tone="info" icon="list">${of.source === 'rules' ? 'Rule-based' : `By ${of.source}`}${draft ? ' draft' : ''}<//>`;

/** What to look at first: what blocks, what is missing, what was bent. @param {{of: Generation}} props */
export function Findings({ of }) {
  const blocking = of.warnings.filter((warning) => warning.blocking);
  const others = of.warnings.filter((warning) => !warning.blocking);
  return html`<div class="stack">
    ${blocking.map((warning) => html`<${Note} key=${warning.code} tone="danger" role="alert" title=${titles[warning.code] ?? plain(warning.code)}>${warning.message.replaceAll('`', '')}<//>`)}
    <${Note} tone=${of.gaps.length ? 'warning' : 'good'} title=${of.status === 'generated_with_gaps' ? `Generated with ${of.gaps.length === 1 ? 'one gap' : `${of.gaps.length} gaps`}` : 'Generated without gaps'}>
      ${of.gaps.length === 0 ? 'Everything that the policy asks for is in it.' : html`<ul>${of.gaps.map((gap) => html`<li key=${gap.message}>${gap.session && html`<strong>${gap.session}:</strong> `}${gap.message}</li>`)}</ul>`}<//>
    ${others.length > 0 && html`<${Note} tone="warning" title=${others.length === 1 ? 'One warning' : `${others.length} warnings`}><ul>${others.map((warning) => html`<li key=${warning.code + warning.session}>${warning.session && html`<strong>${warning.session}:</strong> `}${warning.message.replaceAll('`', '')}</li>`)}</ul><//>`}
  </div>`;
}

/** What of check-ins, logs, bests and own exercises had a part in it. @param {{of: Generation}} props */
export function Taken({ of }) {
  const { name } = useExercises();
  const from = of.inputs.history;
  if (!from) return null;
  const lines = [
    from.check_ins === null ? 'Last check-ins: left out' : from.check_ins > 0 && `Last check-ins: ${from.check_ins}, of strain ${from.strained_check_ins}${from.lighter_start ? '; the first week begins a set lower' : ''}`,
    ...from.pain.map((/** @type {any} */ pain) => `Pain on ${pain.reported_on}: ${[pain.limitation && plain(pain.limitation), pain.exercise && name(pain.exercise)].filter(Boolean).join(', ') || 'no place named'}`),
    from.records.length > 0 && `Loads by estimated maxima: ${from.records.map((/** @type {any} */ best) => `${name(best.exercise)} ${best.estimated_maximum} ${best.unit}`).join(', ')}`,
    from.own_exercises > 0 && `Candidates of your own: ${from.own_exercises}`,
  ].filter(Boolean);
  return lines.length === 0 ? null : html`<${Note} title="Taken from the client's history"><ul>${lines.map((line) => html`<li key=${line}>${line}</li>`)}</ul><//>`;
}

/** @param {{of: Generation}} props */
export function Versions({ of }) {
  return html`<p class="small muted">Every choice below is by policy <code>${of.policy.id} ${of.policy.version}</code> out of the catalogue <code>${of.catalogue_version}</code>. The same inputs give the same program: <code title=${of.input_hash}>${of.input_hash.slice(0, 12)}</code>.</p>`;
}

/** Why each exercise is there. @param {{of: Generation}} props */
export function Picks({ of }) {
  const { name } = useExercises();
  const version = `${of.policy.id} ${of.policy.version}, catalogue ${of.catalogue_version}`;
  return html`<${DataTable} caption="Why each exercise is there" rows=${of.reasons} rowKey=${(/** @type {any} */ row) => `${row.session} ${row.slot} ${row.exercise}`}
    columns=${[
    { key: 'exercise', label: 'Exercise', main: true, render: (/** @type {any} */ row) => name(row.exercise) },
    { key: 'session', label: 'Session', render: (/** @type {any} */ row) => row.session },
    { key: 'slot', label: 'Slot', render: (/** @type {any} */ row) => plain(row.slot) },
    { key: 'reason', label: 'Why', render: (/** @type {any} */ row) => html`<span title=${version}>${row.reason.replaceAll('`', '')}</span>` },
  ]} />`;
}

/** All of it. @param {{of: Generation}} props */
export function Reasons({ of }) {
  const { name } = useExercises();
  const input = of.inputs;
  const none = 'None';
  return html`<div class="stack loose">
    <${Findings} of=${of} />
    <${Taken} of=${of} />
    <${Panel} title="What it was made from"><${Facts} of=${[
    ['Goal', called(goals, input.goal)],
    ['Experience', plain(input.experience)],
    ['Days a week', input.days_per_week],
    ['Minutes a session', input.session_minutes],
    ['Equipment', listed(input.equipment)],
    ['Goes easy on', input.limitations.length ? listed(input.limitations) : none],
    ['Must be in it', input.locked_exercises.length ? input.locked_exercises.map(name).join(', ') : none],
    ['Must not', input.excluded_exercises.length ? input.excluded_exercises.map(name).join(', ') : none],
    ['Known maxima', input.known_maxima.length ? input.known_maxima.map(name).join(', ') : none],
  ]} /><//>
    <${Panel} title="Why each exercise is there" flush><div class="panel-pad"><${Versions} of=${of} /></div><${Picks} of=${of} /><//>
    <${Panel} title="Sets a week" intro="An exercise counts one set for what it trains first, half a set for what it trains by the way." flush>
      <${DataTable} caption="Sets a week by muscle group" rows=${of.volume} rowKey=${(/** @type {any} */ row) => row.muscle} columns=${[
    { key: 'muscle', label: 'Muscle', main: true, render: (/** @type {any} */ row) => plain(row.muscle) },
    { key: 'aim', label: 'Aim, first week', end: true, render: (/** @type {any} */ row) => row.target[0] },
    { key: 'plan', label: 'Planned, first week', end: true, render: (/** @type {any} */ row) => row.planned[0] },
    { key: 'aim2', label: 'Aim, hardest week', end: true, render: (/** @type {any} */ row) => row.target[1] },
    { key: 'plan2', label: 'Planned, hardest week', end: true, render: (/** @type {any} */ row) => row.planned[1] },
  ]} /><//>
  </div>`;
}

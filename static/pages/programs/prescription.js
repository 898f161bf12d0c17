// One exercise of a session: its sets, and how they are done.
import { html, useState } from '../../html.js';
import { Button } from '../../ui/basics.js';
import { Checkbox } from '../../ui/field.js';
import { Menu } from '../../ui/menu.js';
import { ExerciseChips, ExercisePicker } from '../library/picker.js';
import { useExercises } from '../library/shape.js';
import { having, inserted, limits, put, shifted, without } from './blocks.js';
import { AmountEntry, ChoiceEntry, Entry, NotesEntry, NumberEntry, TextEntry, WholeEntry } from './entry.js';
import { called, loadKinds, measures, progressionKinds, setKinds } from './words.js';

/** @typedef {import('./words.js').Prescription} Prescription */
/** @typedef {import('./words.js').SetEntry} SetEntry */

const units = /** @type {[string, string][]} */ ([['kg', 'kg'], ['lb', 'lb']]);
/** What a load begins with, by its kind. */
const begins = /** @type {Record<string, any>} */ ({ absolute: { value: 20 }, percent_1rm: { value: 75 }, rpe: { value: 7 }, rir: { value: 2 }, last_plus_increment: { value: 2.5 } });
const bounds = /** @type {Record<string, [number, number]>} */ ({ absolute: [0, 2000], percent_1rm: [1, 150], rpe: [1, 10], rir: [0, 10], last_plus_increment: [-1000, 1000] });
const most = /** @type {Record<string, number>} */ ({ reps: 1000, seconds: 86400, metres: 1000000 });
const weighs = (/** @type {string} */ kind) => kind === 'absolute' || kind === 'last_plus_increment';

/** What an exercise begins with. @param {string} slug @param {import('../library/shape.js').Exercise} [exercise] @returns {Prescription} */
export function fresh(slug, exercise) {
  const set = exercise?.load_type === 'time' ? { count: 3, seconds: 30 } : exercise?.load_type === 'distance' ? { count: 3, metres: 40 } : { count: 3, reps: { min: 8, max: 10 } };
  return { exercise: slug, sets: [set], ...(exercise?.unilateral && { unilateral: true }) };
}

/** @param {SetEntry} set */
const measureOf = (set) => ['reps', 'seconds', 'metres'].find((name) => /** @type {any} */ (set)[name] !== undefined) ?? '';

/**
 * One entry of the list of sets.
 * @param {{set: SetEntry, at: number, of: string, unit: string, locked: boolean, alone: boolean, onChange: (what: string, set: SetEntry, key?: string) => void, onRemove: () => void, onCopy: () => void, onMove: (by: number) => void}} props
 */
function SetRow({ set, at, of, unit, locked, alone, onChange, onRemove, onCopy, onMove }) {
  const measure = measureOf(set);
  const { load } = set;
  const edit = (/** @type {string} */ name) => (/** @type {any} */ value) => onChange(`sets of ${of}`, having(set, name, value), `${at}.${name}`);
  const remeasure = (/** @type {string} */ to) => {
    const { reps, seconds, metres, ...rest } = set;
    const amount = reps ?? seconds ?? metres ?? 10;
    onChange(`sets of ${of}`, to ? { ...rest, [to]: amount } : rest);
  };
  const rekind = (/** @type {string} */ to) => {
    const next = having(set, 'kind', to === 'working' && set.kind === undefined ? undefined : to);
    // Only the last effort has an open end.
    onChange(`sets of ${of}`, to !== 'amrap' && measure === '' ? { ...next, reps: 8 } : next);
  };
  const reload = (/** @type {string} */ to) => onChange(`load of ${of}`, having(set, 'load', to ? { kind: to, ...begins[to], ...(weighs(to) && { unit: load?.unit ?? unit }) } : undefined));
  const [least, top] = bounds[load?.kind ?? 'absolute'];
  return html`<div class="set-row" role="group" aria-label=${`Set ${at + 1} of ${of}`}>
    <${WholeEntry} class="cell-count" label="Sets" value=${set.count ?? 1} most=${50} required disabled=${locked} onValue=${(/** @type {number} */ value) => edit('count')(value === 1 && set.count === undefined ? undefined : value)} />
    ${measure && html`<${AmountEntry} class="cell-amount" label=${called(measures, measure)} value=${/** @type {any} */ (set)[measure]} most=${most[measure]} disabled=${locked} onValue=${edit(measure)} />`}
    <${ChoiceEntry} class="cell-measure" label="Counted in" value=${measure} choices=${measures.filter(([name]) => name !== '' || set.kind === 'amrap' || measure === '')} disabled=${locked} onValue=${remeasure} />
    <${ChoiceEntry} class="cell-load" label="Load" value=${load?.kind ?? ''} choices=${loadKinds} disabled=${locked} onValue=${reload} />
    ${load && html`<${NumberEntry} class="cell-value" label=${called(loadKinds, load.kind)} value=${load.value} least=${least} most=${top} halves=${load.kind === 'rpe' || load.kind === 'rir'} required disabled=${locked} onValue=${(/** @type {number} */ value) => onChange(`load of ${of}`, { ...set, load: { ...load, value } }, `${at}.value`)} />`}
    ${load && weighs(load.kind) && html`<${ChoiceEntry} class="cell-unit" label="Unit" value=${load.unit ?? unit} choices=${units} disabled=${locked} onValue=${(/** @type {'kg'|'lb'} */ to) => onChange(`load of ${of}`, { ...set, load: { ...load, unit: to } })} />`}
    <${ChoiceEntry} class="cell-kind" label="Kind" value=${set.kind ?? 'working'} choices=${setKinds} disabled=${locked} onValue=${rekind} />
    ${(set.note !== undefined) && html`<${TextEntry} class="cell-note" label="Note" value=${set.note} most=${1000} disabled=${locked} onValue=${edit('note')} />`}
    ${!locked && html`<${Menu} small label=${`Actions for set ${at + 1} of ${of}`} items=${[
    { label: 'Copy below', icon: 'copy', onSelect: onCopy },
    at > 0 && { label: 'Move up', icon: 'up', onSelect: () => onMove(-1) },
    { label: 'Move down', icon: 'down', onSelect: () => onMove(1) },
    set.note === undefined && { label: 'Add a note', icon: 'edit', onSelect: () => onChange(`note of ${of}`, { ...set, note: 'Note' }) },
    !alone && { label: 'Remove', icon: 'trash', danger: true, onSelect: onRemove },
  ]} />`}
  </div>`;
}

/**
 * @param {object} props
 * @param {Prescription} props.of
 * @param {string} props.unit the unit of the client
 * @param {boolean} props.locked
 * @param {{reason: string, by: string}|null} props.why why the generator chose it, and by what
 * @param {(what: string, next: Prescription, key?: string) => void} props.onChange
 * @param {import('../../ui/menu.js').Item[]} props.items what can be done with its place
 */
export function PrescriptionEditor({ of, unit, locked, why, onChange, items }) {
  const { name, find } = useExercises();
  const [choosing, setChoosing] = useState(false);
  const [open, setOpen] = useState(false);
  const title = name(of.exercise);
  const edit = (/** @type {string} */ field, key = true) => (/** @type {any} */ value) => onChange(`${field === 'rest_s' ? 'rest' : field} of ${title}`, having(of, field, value), key ? field : undefined);
  const setSets = (/** @type {SetEntry[]} */ sets, /** @type {string} */ what = `sets of ${title}`, /** @type {string|undefined} */ key = undefined) => onChange(what, { ...of, sets }, key && `sets.${key}`);
  const { progression } = of;
  const reprogress = (/** @type {string} */ kind) => {
    const bare = kind === 'timed' || kind === 'bodyweight';
    const { unit: _, ...rest } = progression ?? {};
    onChange(`progression of ${title}`, having(of, 'progression', kind ? (bare ? { ...rest, kind } : { ...progression, kind }) : undefined));
  };
  const cue = find(of.exercise)?.cue;
  return html`<section class="prescription" aria-label=${title}>
    <div class="row between tight prescription-head">
      <h4>${title}</h4>
      <div class="row tight">${!locked && html`<${Button} small icon="search" onClick=${() => setChoosing(true)}>Change<span class="unseen"> ${title}</span><//>`}
        ${!locked && html`<${Menu} small label=${`Actions for ${title}`} items=${items} />`}</div>
    </div>
    ${cue && html`<p class="muted small">${cue}</p>`}
    ${why && html`<p class="small why"><strong>Why:</strong> ${why.reason} <span class="muted">${why.by}.</span></p>`}
    <div class="sets">
      ${of.sets.map((set, at) => html`<${SetRow} key=${at} set=${set} at=${at} of=${title} unit=${unit} locked=${locked} alone=${of.sets.length === 1}
        onChange=${(/** @type {string} */ what, /** @type {SetEntry} */ next, /** @type {string} */ key) => setSets(put(of.sets, at, next), what, key)}
        onRemove=${() => setSets(without(of.sets, at))} onCopy=${() => setSets(inserted(of.sets, at + 1, set))} onMove=${(/** @type {number} */ by) => setSets(shifted(of.sets, at, by))} />`)}
      ${!locked && of.sets.length < limits.sets && html`<div><${Button} small icon="plus" onClick=${() => setSets([...of.sets, of.sets.at(-1) ? { ...of.sets.at(-1) } : { reps: 8 }])}>Add sets<span class="unseen"> to ${title}</span><//></div>`}
    </div>
    <div class="set-row">
      <${WholeEntry} class="cell-rest" label="Rest" suffix="s" value=${of.rest_s} least=${0} most=${3600} disabled=${locked} onValue=${edit('rest_s')} />
      <${Entry} class="cell-tempo" label="Tempo" placeholder="3-1-1-0" value=${of.tempo ?? ''} disabled=${locked} wrong="Seconds down, at the bottom, up, at the top: 3-1-1-0; X is as fast as possible." onValue=${edit('tempo')}
        read=${(/** @type {string} */ text) => (text.trim() === '' ? null : /^(X|\d{1,2})-(X|\d{1,2})-(X|\d{1,2})-(X|\d{1,2})$/.test(text.trim()) ? text.trim() : undefined)} />
      <div class="cell-check"><${Checkbox} label="One side at a time" checked=${of.unilateral === true} disabled=${locked} onChange=${() => edit('unilateral', false)(of.unilateral === true ? undefined : true)} /></div>
    </div>
    <details open=${open} onToggle=${(/** @type {any} */ event) => setOpen(event.currentTarget.open)}>
      <summary>More of ${title}<span class="muted small"> ${[of.notes && 'notes', of.alternates?.length && `${of.alternates.length} alternates`, progression && `${called(progressionKinds, progression.kind).toLowerCase()} progression`].filter(Boolean).join(', ')}</span></summary>
      <div class="stack tight">
        <${NotesEntry} label="Notes for the client" value=${of.notes} most=${4000} disabled=${locked} onValue=${edit('notes')} />
        <${ExerciseChips} label=${`Alternates of ${title}`} slugs=${of.alternates ?? []} most=${limits.alternates} disabled=${locked} onChange=${(/** @type {string[]} */ slugs) => edit('alternates', false)(slugs.length || of.alternates?.length === 0 ? slugs : undefined)} />
        <div class="set-row" role="group" aria-label=${`Progression of ${title}`}>
          <${ChoiceEntry} class="cell-load" label="Progression" value=${progression?.kind ?? ''} choices=${progressionKinds} disabled=${locked} onValue=${reprogress} />
          ${progression && progression.kind !== 'bodyweight' && html`<${NumberEntry} class="cell-value" label=${progression.kind === 'timed' ? 'Seconds more' : 'Increment'} value=${progression.increment} least=${0} most=${1000} disabled=${locked}
            onValue=${(/** @type {number|null} */ value) => onChange(`progression of ${title}`, { ...of, progression: having(value !== null && progression.kind !== 'timed' && !progression.unit ? { ...progression, unit: /** @type {any} */ (unit) } : progression, 'increment', value) }, 'increment')} />`}
          ${progression?.unit && html`<${ChoiceEntry} class="cell-unit" label="Unit" value=${progression.unit} choices=${units} disabled=${locked} onValue=${(/** @type {'kg'|'lb'} */ to) => onChange(`progression of ${title}`, { ...of, progression: { ...progression, unit: to } })} />`}
        </div>
        ${progression && html`<${TextEntry} label="How it becomes harder" class="wide-cell" value=${progression.note} most=${1000} disabled=${locked} onValue=${(/** @type {any} */ value) => onChange(`progression of ${title}`, { ...of, progression: having(progression, 'note', value) }, 'progression.note')} />`}
      </div>
    </details>
    ${choosing && html`<${ExercisePicker} title=${`Instead of ${title}`} onClose=${() => setChoosing(false)} onChoose=${(/** @type {string} */ slug) => { setChoosing(false); edit('exercise', false)(slug); }} />`}
  </section>`;
}

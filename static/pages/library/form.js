// An exercise of the coach's own, as a form.
import { html } from '../../html.js';
import { patch, post } from '../../api.js';
import { Button } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Checkbox, FaultSummary, Field, useForm } from '../../ui/field.js';
import { split } from '../clients/shape.js';
import { ExerciseChips } from './picker.js';
import { forgetExercises, items, joints, levels, loadTypes, muscles, patterns, stressWords, tags } from './shape.js';

/** @typedef {import('./shape.js').Exercise} Exercise */

const labels = { name: 'Name', aliases: 'Other names', pattern: 'Pattern', primary: 'Trains first', secondary: 'Trains by the way', equipment: 'Equipment', level: 'Level', load_type: 'Loaded by', tags: 'Tags', joint_stress: 'Stress', regression: 'Easier', progression: 'Harder', cue: 'Cue' };

/** @param {Partial<Exercise>} of */
const filled = (of) => ({
  name: of.name ?? '', aliases: (of.aliases ?? []).join(', '), pattern: of.pattern ?? '', primary: of.primary ?? [], secondary: of.secondary ?? [], equipment: of.equipment ?? [],
  level: of.level ?? 'beginner', load_type: of.load_type ?? 'weight', unilateral: of.unilateral ?? false, tags: of.tags ?? [], joint_stress: of.joint_stress ?? {},
  regression: of.regression ?? null, progression: of.progression ?? null, cue: of.cue ?? '',
});

/** @param {ReturnType<typeof filled>} values @returns {Record<string, any>} */
const sent = (values) => ({ ...values, aliases: split(values.aliases), cue: values.cue.trim() || null });

/** @param {{of?: Exercise, onClose: () => void, onSaved: (exercise: Exercise) => void}} props without `of` it is a new one */
export function ExerciseForm({ of, onClose, onSaved }) {
  const before = filled(of ?? {});
  const form = useForm(before, async (values) => {
    const now = sent(values);
    const then = sent(before);
    const body = Object.fromEntries(Object.entries(now).filter(([name, value]) => (of ? JSON.stringify(value) !== JSON.stringify(then[name]) : value !== null && value !== '')));
    const saved = of ? await patch(`/v1/exercises/${of.id}`, body) : await post('/v1/exercises', body);
    forgetExercises();
    onSaved(saved);
  });
  const { field, values, set } = form;
  const toggle = (/** @type {'primary'|'secondary'|'equipment'|'tags'} */ name, /** @type {string} */ word) => set(/** @type {any} */ ({ [name]: values[name].includes(word) ? values[name].filter((/** @type {string} */ one) => one !== word) : [...values[name], word] }));
  const boxes = (/** @type {'primary'|'secondary'|'equipment'|'tags'} */ name, /** @type {[string, string][]} */ all, /** @type {string} */ legend) => html`<fieldset class="choice"><legend>${legend}</legend>
    ${form.error?.fault(name) && html`<p class="fault">${form.error.fault(name)}</p>`}
    <div class="choices checks">${all.map(([word, text]) => html`<${Checkbox} key=${word} name=${name} label=${text} checked=${values[name].includes(word)} onChange=${() => toggle(name, word)} />`)}</div></fieldset>`;
  const stress = (/** @type {string} */ joint, /** @type {string} */ text) => {
    const { [joint]: _, ...rest } = values.joint_stress;
    set({ joint_stress: text === '0' ? rest : { ...rest, [joint]: Number(text) } });
  };
  return html`<${Dialog} title=${of ? `Edit ${of.name}` : 'An exercise of your own'} side class="editor" onClose=${onClose} intro=${of ? `Programs and logs name it by ${of.slug}; that stays.` : 'It stands in the library beside the catalogue, in this mode.'}>
    <form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${labels} />
      <${Field} label="Name" required maxlength="200" data-first="" autocomplete="off" ...${field('name')} />
      <${Field} label="Other names" optional hint="With commas between them" autocomplete="off" ...${field('aliases')} />
      <div class="two">
        <${Field} as="select" label="Pattern" required ...${field('pattern')}><option value="">Choose</option>${patterns.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
        <${Field} as="select" label="Level" hint="The least experience that it suits" ...${field('level')}>${levels.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
        <${Field} as="select" label="Loaded by" ...${field('load_type')}>${loadTypes.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
      </div>
      <${Checkbox} label="One side at a time" checked=${values.unilateral} onChange=${() => set({ unilateral: !values.unilateral })} />
      <${Field} label="Cue" optional maxlength="500" hint="One line to remember" autocomplete="off" ...${field('cue')} />
      ${boxes('primary', muscles, 'Trains first')}
      ${boxes('secondary', muscles, 'Trains by the way')}
      <details><summary>Equipment${values.equipment.length > 0 && html` <span class="muted small">${values.equipment.length} chosen</span>`}</summary>${boxes('equipment', items, 'All that is needed')}</details>
      <details><summary>Tags and joints</summary><div class="stack">${boxes('tags', tags, 'What somebody with a limitation may have to keep away from')}
        <fieldset class="choice"><legend>Stress on joints</legend><div class="two">${joints.map(([joint, text]) => html`<${Field} key=${joint} as="select" label=${text} value=${String(values.joint_stress[joint] ?? 0)} onChange=${(/** @type {any} */ event) => stress(joint, event.currentTarget.value)}>${stressWords.map((word, at) => html`<option key=${at} value=${String(at)}>${word}</option>`)}<//>`)}</div></fieldset></div></details>
      <${ExerciseChips} label="The next easier" slugs=${values.regression ? [values.regression] : []} most=${1} onChange=${(/** @type {string[]} */ slugs) => set({ regression: slugs[0] ?? null })} />
      <${ExerciseChips} label="The next harder" slugs=${values.progression ? [values.progression] : []} most=${1} onChange=${(/** @type {string[]} */ slugs) => set({ progression: slugs[0] ?? null })} />
      <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>${of ? 'Save' : 'Add the exercise'}<//><${Button} kind="quiet" onClick=${onClose}>Cancel<//></div>
    </form><//>`;
}

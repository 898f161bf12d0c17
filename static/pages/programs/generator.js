// The generator, in a window at the side: what it is made from, then what came out and why.
import { html, useState } from '../../html.js';
import { ApiError, get, post, useRead } from '../../api.js';
import { go, href } from '../../router.js';
import { Button, Failure, Note, Skeleton } from '../../ui/basics.js';
import { ViewAsCurl } from '../../ui/curl.js';
import { Dialog } from '../../ui/dialog.js';
import { Checkbox, FaultSummary, Field, faults, useForm } from '../../ui/field.js';
import { limits, weekdays } from '../clients/shape.js';
import { ExerciseChips } from '../library/picker.js';
import { items, levels } from '../library/shape.js';
import { Activate } from './acts.js';
import { Findings, Picks, SourceBadge, Taken, Versions } from './reasons.js';
import { goals, plain } from './words.js';

/** @typedef {import('../clients/shape.js').Client} Client */
/** @typedef {import('./words.js').Program} Program */

const profiles = /** @type {[string, string][]} */ ([['full_gym', 'Full gym'], ['home_gym', 'Home gym'], ['dumbbells', 'Dumbbells and a bench'], ['bands', 'Bands'], ['kettlebells', 'Kettlebells'], ['bodyweight', 'Nothing but the body'], ['some', 'Chosen items']]);
const days = weekdays.slice(1);
const labels = { goal: 'Goal', experience: 'Experience', days_per_week: 'Days a week', session_minutes: 'Minutes a session', equipment: 'Equipment', limitations: 'Goes easy on', preferred_days: 'Preferred days', locked_exercises: 'Must be in it', excluded_exercises: 'Must not be in it', start_date: 'First day' };
/** What helps where no program can be made, by the field that stands in the way. */
const helps = /** @type {Record<string, string>} */ ({
  locked_exercises: 'Take an exercise out of “Must be in it”, or change what keeps it out: the equipment, what to go easy on, the experience.',
  excluded_exercises: 'Take an exercise out of “Must not be in it”.',
  session_minutes: 'Give the sessions more minutes, or lock fewer exercises.',
  equipment: 'Add equipment.',
  limitations: 'Look at what to go easy on: with all of it together nothing is left to choose.',
});
const plainWord = (/** @type {string} */ text) => text.trim().toLowerCase().replace(/[ -]/g, '_');

const same = (/** @type {string[]} */ one, /** @type {string[]} */ other) => [...one].sort().join() === [...other].sort().join();

/** What the client's profile says, in the words of the generator. @param {Client} client */
export function wishOf(client) {
  const goal = goals.some(([name]) => name === plainWord(client.goal ?? '')) ? plainWord(client.goal ?? '') : '';
  const known = client.equipment.map(plainWord).filter((word) => profiles.some(([name]) => name === word) || items.some(([name]) => name === word));
  const profile = known.length === 0 ? 'full_gym' : known.length === 1 && profiles.some(([name]) => name === known[0]) ? known[0] : 'some';
  return {
    goal, experience: client.experience ?? 'intermediate', days_per_week: String(client.days_per_week ?? 3), session_minutes: String(client.session_minutes ?? 60),
    profile, items: /** @type {string[]} */ (profile === 'some' ? known : []), limitations: client.limitations.filter((word) => limits.some(([name]) => name === word)),
    preferred_days: /** @type {string[]} */ ([]), locked_exercises: /** @type {string[]} */ ([]), excluded_exercises: /** @type {string[]} */ ([]), start_date: '', heed_pain: true,
  };
}

/**
 * What is sent. What the coach changed goes before what hurt lately.
 * @param {ReturnType<typeof wishOf>} values
 * @param {string[]} usual what the profile goes easy on
 */
export function bodyOf(values, usual) {
  const heeds = values.heed_pain && same(values.limitations, usual);
  const number = (/** @type {string} */ text) => (Number.isFinite(Number(text)) && text.trim() !== '' ? Number(text) : text);
  return {
    ai_generate: true, goal: values.goal, experience: values.experience, days_per_week: number(values.days_per_week), session_minutes: number(values.session_minutes),
    // Left out, the server takes those of the profile and adds what hurt lately.
    equipment: values.profile === 'some' ? values.items : [values.profile], ...(!heeds && { limitations: values.limitations }),
    ...(values.preferred_days.length && { preferred_days: values.preferred_days }), ...(values.locked_exercises.length && { locked_exercises: values.locked_exercises }),
    ...(values.excluded_exercises.length && { excluded_exercises: values.excluded_exercises }), ...(values.start_date && { start_date: values.start_date }),
  };
}

/**
 * @param {{client: {id: string, name: string}, onClose: () => void, onMade?: (program: Program) => void}} props
 *   `onMade`: a draft is there, or was activated
 */
export function GeneratorDrawer({ client, onClose, onMade }) {
  const read = useRead((signal) => get(`/v1/clients/${client.id}`, {}, { signal }), [client.id]);
  const [made, setMade] = useState(/** @type {Program|null} */ (null));
  const [again, setAgain] = useState(/** @type {ReturnType<typeof wishOf>|null} */ (null));
  const whole = /** @type {Client|undefined} */ (read.data);
  if (!whole) return html`<${Dialog} title=${`Generate a program for ${client.name}`} side class="editor" onClose=${onClose}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  if (made) return html`<${Outcome} client=${whole} program=${made} onClose=${onClose} onMade=${onMade} onAgain=${() => setMade(null)} />`;
  return html`<${Wish} client=${whole} initial=${again ?? wishOf(whole)} onClose=${onClose} onMade=${(/** @type {Program} */ program, /** @type {any} */ values) => { setAgain(values); setMade(program); onMade?.(program); }} />`;
}

/** @param {{client: Client, initial: ReturnType<typeof wishOf>, onClose: () => void, onMade: (program: Program, values: any) => void}} props */
function Wish({ client, initial, onClose, onMade }) {
  const path = `/v1/clients/${client.id}/programs`;
  const usual = wishOf(client).limitations;
  const [stuck, setStuck] = useState(/** @type {ApiError|null} */ (null));
  const form = useForm(initial, async (values) => {
    setStuck(null);
    if (!values.goal) throw faults({ goal: 'Choose what training is for.' });
    if (values.profile === 'some' && values.items.length === 0) throw faults({ equipment: 'Choose some items, or “Nothing but the body”.' });
    try {
      onMade(await post(path, bodyOf(values, usual)), values);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'program_unsatisfiable') throw error;
      setStuck(error);
      requestAnimationFrame(() => /** @type {HTMLElement|null} */ (document.querySelector('.unsatisfiable'))?.focus());
    }
  }, { profile: 'equipment', items: 'equipment' });
  const { field, values, set } = form;
  const toggle = (/** @type {'limitations'|'preferred_days'|'items'} */ of, /** @type {string} */ word) => set(/** @type {any} */ ({ [of]: values[of].includes(word) ? values[of].filter((one) => one !== word) : [...values[of], word] }));
  const words = client.goal && !initial.goal ? html`In the client's words: “${client.goal}”` : undefined;
  const constraint = stuck?.detail.constraint;
  return html`<${Dialog} title=${`Generate a program for ${client.name}`} side class="editor" onClose=${onClose} intro="A rule-based draft: made by rules on this server, no model has a hand in it. You look through it before anybody trains by it.">
    <form class="stack" ...${form.form}>
      ${stuck && html`<div class="unsatisfiable" tabindex="-1"><${Note} tone="danger" role="alert" title=${`There is no such program: ${/** @type {any} */ (labels)[constraint] ?? plain(constraint ?? 'the wishes')}`}>
        <p>${stuck.message.replaceAll('`', '')}</p><p>${helps[constraint] ?? 'Change this field, and generate again.'}</p><//></div>`}
      <${FaultSummary} error=${form.error} labels=${labels} />
      <p class="small muted">Filled from the client's profile; what you change here stays here. The last four check-ins, recent bests and your own exercises have a part in it too; the draft says which.</p>
      <${Field} as="select" label="Goal" hint=${words} data-first="" ...${field('goal')}><option value="">Choose</option>${goals.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
      <div class="two">
        <${Field} as="select" label="Experience" ...${field('experience')}>${levels.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
        <${Field} as="select" label="Days a week" ...${field('days_per_week')}>${[1, 2, 3, 4, 5, 6].map((day) => html`<option key=${day} value=${String(day)}>${day}</option>`)}<//>
        <${Field} label="Minutes a session" type="number" min="20" max="120" inputmode="numeric" hint="20 to 120" ...${field('session_minutes')} />
        <${Field} label="First day" optional type="date" hint="Can wait until you activate it" ...${field('start_date')} />
      </div>
      <${Field} as="select" label="Equipment" ...${field('profile')} name="equipment" error=${form.error?.fault('equipment') ?? null}>${profiles.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
      ${values.profile === 'some' && html`<fieldset class="choice"><legend>Items</legend><div class="choices checks">${items.map(([name, text]) => html`<${Checkbox} key=${name} label=${text} checked=${values.items.includes(name)} onChange=${() => toggle('items', name)} />`)}</div></fieldset>`}
      <fieldset class="choice"><legend>Go easy on</legend><div class="choices checks">${limits.map(([name, text]) => html`<${Checkbox} key=${name} label=${text} checked=${values.limitations.includes(name)} onChange=${() => toggle('limitations', name)} />`)}</div>
        <${Checkbox} label="And on what hurt in the last four weeks, by check-ins and logs" checked=${values.heed_pain && same(values.limitations, usual)} disabled=${!same(values.limitations, usual)} onChange=${() => set({ heed_pain: !values.heed_pain })} />
        ${!same(values.limitations, usual) && html`<p class="small muted">What you choose here counts alone: it is not what the profile says.</p>`}</fieldset>
      <fieldset class="choice"><legend>Preferred days <span class="muted optional">optional</span></legend><div class="choices checks">${days.map(([name, text]) => html`<${Checkbox} key=${name} label=${text} checked=${values.preferred_days.includes(name)} onChange=${() => toggle('preferred_days', name)} />`)}</div></fieldset>
      <${ExerciseChips} label="Must be in it" slugs=${values.locked_exercises} error=${form.error?.fault('locked_exercises')} onChange=${(/** @type {string[]} */ slugs) => set({ locked_exercises: slugs })} />
      <${ExerciseChips} label="Must not be in it" slugs=${values.excluded_exercises} error=${form.error?.fault('excluded_exercises')} onChange=${(/** @type {string[]} */ slugs) => set({ excluded_exercises: slugs })} />
      <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>Generate the draft<//><${ViewAsCurl} calls=${[{ method: 'POST', path, body: bodyOf(values, usual), title: 'Generate it' }]} /></div>
    </form><//>`;
}

/** @param {{client: Client, program: Program, onClose: () => void, onMade?: (program: Program) => void, onAgain: () => void}} props */
function Outcome({ client, program, onClose, onMade, onAgain }) {
  const [activating, setActivating] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const generation = program.generation;
  if (!generation) return null;
  const again = async () => {
    setBusy(true);
    setError(null);
    try {
      // The draft that nobody wants must not stay among the drafts.
      await post(`/v1/programs/${program.id}/archive`);
      onMade?.(program);
      onAgain();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const open = () => go(href(`programs/${program.id}`));
  return html`<${Dialog} title=${program.name} side reads class="editor" onClose=${onClose} intro=${`For ${client.name}. It is saved as a draft; nobody sees it before you activate it.`}
    footer=${html`<${Button} kind="quiet" busy=${busy} onClick=${again}>Change the wishes<//><${Button} class="push" onClick=${() => setActivating(true)}>Activate<//><${Button} kind="primary" onClick=${open}>Open the draft<//>`}>
    <div class="stack">
      <p class="row tight"><${SourceBadge} of=${generation} /></p>
      <${Failure} error=${error} />
      <${Findings} of=${generation} />
      <${Taken} of=${generation} />
      ${program.notes && html`<p class="pre muted small">${program.notes}</p>`}
      <${Versions} of=${generation} />
      <${Picks} of=${generation} />
      <p class="small muted">“Change the wishes” puts this draft into the archive and begins again with the same wishes.</p>
    </div>
    ${activating && html`<${Activate} program=${program} onClose=${() => setActivating(false)} onDone=${(/** @type {Program} */ active) => { setActivating(false); onMade?.(active); onClose(); }} />`}
  <//>`;
}

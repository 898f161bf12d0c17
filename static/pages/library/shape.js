// Exercises: the words for what they are, all of them at once for pages that name them, and choosing one.
import { html, signal, useEffect } from '../../html.js';
import { ApiError, get } from '../../api.js';
import { mode, workspace } from '../../store.js';
import { Badge } from '../../ui/basics.js';
import { plain } from '../programs/words.js';

/**
 * @typedef {{id: string, object: 'exercise', livemode: boolean|null, source: 'catalogue'|'own', slug: string, name: string, aliases: string[], pattern: string, primary: string[], secondary: string[], equipment: string[], level: string, unilateral: boolean, load_type: string, tags: string[], joint_stress: Record<string, number>, regression: string|null, progression: string|null, cue: string|null, created_at: string|null, updated_at: string|null}} Exercise
 */

/** @param {string[]} words @returns {[string, string][]} */
const choices = (words) => words.map((word) => [word, plain(word)]);

export const patterns = choices(['squat', 'hinge', 'lunge', 'push_horizontal', 'push_vertical', 'pull_horizontal', 'pull_vertical', 'fly', 'delt', 'arm_flexion', 'arm_extension', 'leg_isolation', 'calf', 'core_anti_extension', 'core_anti_rotation', 'core_flexion', 'carry', 'power', 'cardio', 'mobility']);
export const muscles = choices(['chest', 'lats', 'upper_back', 'traps', 'front_delts', 'side_delts', 'rear_delts', 'biceps', 'triceps', 'forearms', 'quads', 'hamstrings', 'glutes', 'adductors', 'abductors', 'calves', 'abs', 'obliques', 'lower_back']);
export const items = choices(['barbell', 'rack', 'bench', 'ez_bar', 'trap_bar', 'safety_bar', 'landmine', 'dumbbells', 'kettlebells', 'bands', 'cable_machine', 'pull_up_bar', 'dip_bars', 'dip_belt', 'suspension_trainer', 'box', 'leg_press', 'hack_squat', 'belt_squat', 'leg_extension', 'leg_curl', 'smith_machine', 'chest_press_machine', 'shoulder_press_machine', 'row_machine', 'lat_pulldown', 'assisted_pull_up_machine', 'pec_deck', 'lateral_raise_machine', 'triceps_machine', 'calf_machine', 'seated_calf_machine', 'hip_machine', 'hip_thrust_machine', 'back_extension_bench', 'glute_ham_developer', 'sled', 'medicine_ball', 'stability_ball', 'ab_wheel', 'treadmill', 'bike', 'rower', 'elliptical', 'ski_erg', 'jump_rope']);
export const levels = choices(['beginner', 'intermediate', 'advanced']);
export const loadTypes = /** @type {[string, string][]} */ ([['weight', 'Free weight'], ['stack', 'Stack of a machine or cable'], ['band', 'Band'], ['bodyweight', 'Bodyweight'], ['time', 'Time'], ['distance', 'Distance']]);
export const tags = choices(['axial_load', 'unsupported_hinge', 'loaded_flexion', 'deep_knee_flexion', 'loaded_knee_flexion', 'deep_lunge', 'deep_hip_flexion', 'jump', 'run', 'high_impact', 'overhead', 'dip', 'upright_row', 'behind_neck', 'loaded_extension', 'straight_bar_curl', 'skullcrusher', 'neck_load', 'heavy_shrug', 'inverted', 'hanging', 'ballistic', 'interval', 'neutral_grip', 'supported', 'seated', 'bridge']);
export const joints = choices(['knee', 'low_back', 'shoulder', 'wrist', 'elbow', 'hip', 'ankle', 'neck']);
export const stressWords = ['None', 'Little', 'Some', 'Much'];

/** @param {{of: Exercise}} props */
export const Source = ({ of }) => (of.source === 'own' ? html`<${Badge} tone="info" icon="user">Your own<//>` : html`<span class="muted">Catalogue</span>`);

/** @param {string[]} words */
export const listed = (words) => words.map(plain).join(', ');

/** Every exercise, by slug, for each workspace and mode that was asked for. */
const all = signal(/** @type {Record<string, {rows: Exercise[], bySlug: Map<string, Exercise>}>} */ ({}));
/** @type {Map<string, Promise<void>>} */
const asked = new Map();
const world = () => `${workspace.value?.id} ${mode.value}`;

/** @param {string} key @param {import('../../store.js').Mode} shown */
async function load(key, shown) {
  /** @type {Exercise[]} */
  const rows = [];
  let cursor = null;
  do {
    const page = await get('/v1/exercises', { limit: 100, cursor }, { mode: shown });
    rows.push(...page.data);
    cursor = page.next_cursor ?? null;
  } while (cursor);
  rows.sort((a, b) => a.name.localeCompare(b.name, 'en'));
  all.value = { ...all.value, [key]: { rows, bySlug: new Map(rows.map((row) => [row.slug, row])) } };
}

/** After an exercise was added, changed or removed: they are asked for again. */
export function forgetExercises() {
  const key = world();
  asked.delete(key);
  const { [key]: _, ...rest } = all.value;
  all.value = rest;
}

/**
 * Every exercise there is, once it is known. Until then a slug is called by its own words.
 * @returns {{rows: Exercise[], name: (slug: string) => string, find: (slug: string) => Exercise|undefined, ready: boolean}}
 */
export function useExercises() {
  const key = world();
  const known = all.value[key];
  useEffect(() => {
    if (known || asked.has(key)) return;
    asked.set(key, load(key, mode.peek()).catch((error) => {
      // Slugs say enough to read a program by; the next page asks again.
      asked.delete(key);
      if (!(error instanceof ApiError)) throw error;
    }));
  }, [key, known]);
  return {
    rows: known?.rows ?? [],
    ready: Boolean(known),
    find: (slug) => known?.bySlug.get(slug),
    name: (slug) => known?.bySlug.get(slug)?.name ?? plain(slug.replaceAll('-', '_')),
  };
}

/** Whether a search finds an exercise: as the server searches. @param {Exercise} exercise @param {string} text */
export function isCalled(exercise, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return true;
  const spaced = wanted.replaceAll('-', ' ');
  return [exercise.name, ...exercise.aliases].some((name) => name.toLowerCase().includes(wanted) || name.toLowerCase().replaceAll('-', ' ').includes(spaced)) || exercise.slug.includes(wanted);
}

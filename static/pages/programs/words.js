// The words of programs: how kinds are called, and how sets are said in a line.
import { html } from '../../html.js';
import { Badge } from '../../ui/basics.js';

/**
 * @typedef {number|{min: number, max: number}} Amount
 * @typedef {{kind: 'absolute'|'percent_1rm'|'rpe'|'rir'|'last_plus_increment', value: number, unit?: 'kg'|'lb'}} Load
 * @typedef {{kind?: string, count?: number, reps?: Amount, seconds?: Amount, metres?: Amount, load?: Load, note?: string}} SetEntry
 * @typedef {{kind: string, increment?: number, unit?: 'kg'|'lb', note?: string}} Progression
 * @typedef {{exercise: string, sets: SetEntry[], tempo?: string, rest_s?: number, unilateral?: boolean, notes?: string, alternates?: string[], progression?: Progression}} Prescription
 * @typedef {{kind?: string, rounds?: number, interval_s?: number, time_cap_s?: number, rest_s?: number, notes?: string, prescriptions: Prescription[]}} Group
 * @typedef {{week?: number, day?: number, name?: string, minutes?: number, notes?: string, groups: Group[]}} Session
 * @typedef {{name?: string, kind?: string, weeks?: number, cycle_days?: number, notes?: string, sessions: Session[]}} Block
 * @typedef {{session: string, exercise: string, slot: string, reason: string}} Reason
 * @typedef {{source: string, status: string, policy: {id: string, version: string}, catalogue_version: string, input_hash: string, inputs: any, reasons: Reason[], gaps: {kind: string, session?: string, muscle?: string, message: string}[], warnings: {code: string, blocking: boolean, session?: string, message: string}[], volume: {muscle: string, target: [number, number], planned: [number, number]}[], cardio: any[]}} Generation
 * @typedef {{id: string, object: string, client_id: string, name: string, status: 'draft'|'active'|'completed'|'archived', notes: string|null, goal: string|null, start_date: string|null, end_date: string|null, weeks: number, days: number, generated: boolean, template_id: string|null, metadata: Record<string, string>, activated_at: string|null, completed_at: string|null, archived_at: string|null, created_at: string, updated_at: string, client?: {id: string, name: string}}} Summary
 * @typedef {Summary & {generation: Generation|null, blocks: Block[]}} Program
 */

/** A word of the API as people write it: `low_back` is "Low back". @param {string} word */
export const plain = (word) => {
  const text = word.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export const goals = /** @type {[string, string][]} */ ([['hypertrophy', 'Hypertrophy'], ['strength', 'Strength'], ['fat_loss', 'Fat loss'], ['endurance', 'Endurance'], ['general', 'General fitness']]);
export const blockKinds = /** @type {[string, string][]} */ ([['', 'Not said'], ['accumulation', 'Accumulation'], ['intensification', 'Intensification'], ['realization', 'Realization'], ['deload', 'Deload']]);
export const groupKinds = /** @type {[string, string][]} */ ([['straight', 'Straight sets'], ['superset', 'Superset'], ['giant', 'Giant set'], ['circuit', 'Circuit'], ['emom', 'EMOM'], ['amrap', 'AMRAP']]);
export const setKinds = /** @type {[string, string][]} */ ([['working', 'Working'], ['warmup', 'Warm-up'], ['top', 'Top'], ['backoff', 'Back-off'], ['drop', 'Drop'], ['amrap', 'AMRAP']]);
export const loadKinds = /** @type {[string, string][]} */ ([['', 'No load'], ['absolute', 'Weight'], ['percent_1rm', '% of 1RM'], ['rpe', 'RPE'], ['rir', 'RIR'], ['last_plus_increment', 'Last time plus']]);
export const progressionKinds = /** @type {[string, string][]} */ ([['', 'None'], ['linear', 'Linear'], ['double', 'Double'], ['undulating', 'Undulating'], ['bodyweight', 'Bodyweight'], ['timed', 'Timed']]);
export const measures = /** @type {[string, string][]} */ ([['reps', 'Reps'], ['seconds', 'Seconds'], ['metres', 'Metres'], ['', 'Open end']]);

/** @param {[string, string][]} choices @param {string|null|undefined} value */
export const called = (choices, value) => choices.find(([name]) => name === value)?.[1] ?? plain(value ?? '');

/** @param {Amount|undefined} amount */
export function amountText(amount) {
  if (amount === undefined || amount === null) return '';
  return typeof amount === 'number' ? String(amount) : `${amount.min}–${amount.max}`;
}

/** What was typed as an amount: `8` or `6-10`; null where it is neither. @param {string} text @returns {Amount|null} */
export function readAmount(text) {
  const found = /^\s*(\d{1,7})\s*(?:[-–—]\s*(\d{1,7}))?\s*$/.exec(text);
  if (!found) return null;
  const [least, most] = [Number(found[1]), found[2] === undefined ? null : Number(found[2])];
  if (most === null) return least;
  return most < least ? null : { min: least, max: most };
}

/** A number with a decimal point or comma; null where it is none. @param {string} text */
export function readNumber(text) {
  const plainText = text.trim().replace(',', '.').replace('−', '-');
  return /^-?\d+(\.\d{1,3})?$/.test(plainText) ? Number(plainText) : null;
}

/** @param {Load|undefined} load */
export function loadText(load) {
  if (!load) return '';
  const value = String(load.value);
  switch (load.kind) {
    case 'absolute': return `${value}\u00a0${load.unit ?? ''}`.trim();
    case 'percent_1rm': return `${value}\u00a0%\u00a01RM`;
    case 'rpe': return `RPE\u00a0${value}`;
    case 'rir': return `RIR\u00a0${value}`;
    case 'last_plus_increment': return load.value < 0 ? `last − ${String(-load.value)} ${load.unit ?? ''}` : `last + ${value} ${load.unit ?? ''}`;
    default: return value;
  }
}

/** One entry of sets: `3 × 6–10, RIR 2`. @param {SetEntry} set */
export function setText(set) {
  const much = set.reps !== undefined ? amountText(set.reps)
    : set.seconds !== undefined ? `${amountText(set.seconds)}\u00a0s`
    : set.metres !== undefined ? `${amountText(set.metres)}\u00a0m` : 'open';
  const kind = set.kind && set.kind !== 'working' ? `${called(setKinds, set.kind).toLowerCase()} ` : '';
  const times = (set.count ?? 1) === 1 && kind ? '' : `${set.count ?? 1}\u00a0×\u00a0`;
  return [`${kind}${times}${much}`, loadText(set.load)].filter(Boolean).join(', ');
}

const tones = /** @type {const} */ ({ draft: 'warning', active: 'good', completed: 'info', archived: 'neutral' });
const icons = { draft: 'edit', active: 'play', completed: 'check', archived: 'trash' };

/** @param {{program: Pick<Summary, 'status'>}} props */
export const ProgramStatus = ({ program }) => html`<${Badge} tone=${tones[program.status]} icon=${icons[program.status]}>${plain(program.status)}<//>`;

/** A day of the calendar, `2026-06-01`, as people write it. @param {string} date @param {Intl.DateTimeFormatOptions} [how] */
export function dateText(date, how = { day: 'numeric', month: 'short', year: 'numeric' }) {
  return new Date(`${date}T00:00:00Z`).toLocaleDateString('en-GB', { ...how, timeZone: 'UTC' });
}

/** So many days after a day of the calendar. @param {string} date @param {number} days */
export function dayAfter(date, days) {
  const time = new Date(`${date}T00:00:00Z`);
  time.setUTCDate(time.getUTCDate() + days);
  return time.toISOString().slice(0, 10);
}

/** Today in a time zone, else in this browser's. @param {string|null} [zone] */
export function todayIn(zone) {
  const how = /** @type {Intl.DateTimeFormatOptions} */ ({ year: 'numeric', month: '2-digit', day: '2-digit' });
  try {
    return new Intl.DateTimeFormat('en-CA', { ...how, timeZone: zone ?? undefined }).format(new Date());
  } catch {
    return new Intl.DateTimeFormat('en-CA', how).format(new Date());
  }
}

// What the pages of check-ins share: the shapes, the words for states, values as people say them.
import { html } from '../../html.js';
import { Badge } from '../../ui/basics.js';

/**
 * @typedef {'pending'|'overdue'|'submitted'|'reviewed'} Status
 * @typedef {{question: string, type: 'text'|'number'|'scale'|'photo'|'choice', value: any}} Answer
 * @typedef {{metric: string, value: number, unit: string, shown?: {value: number, unit: string}, site: string|null, measured_at: string, source: string}} Measured
 * @typedef {{id: string, pose: string, url: string}} Shot
 * @typedef {{steps?: number, active_energy_kcal?: number, distance_m?: number, resting_hr?: number, hrv_ms?: number, hrv_method?: 'sdnn'|'rmssd', sleep?: Record<string, number>, workouts?: any[], source?: string, completeness?: number}} Wearable
 * @typedef {{id: string, client_id: string, client?: {id: string, name: string}, client_name?: string, status: Status, scheduled: boolean, due_at: string|null, local_date: string, period: {from: string, to: string}|null, form: {id: string, version: number}|null, answers: Answer[], measurements: Measured[], photos: Shot[], notes: string|null, rpe: number|null, wearable_summary: Wearable|null, source: string, submitted_at: string|null, reviewed_at: string|null, reply: string|null, private_notes: string|null}} Checkin
 * @typedef {{id: string, type: Answer['type'], question: string, help?: string|null, required: boolean, choices?: string[]|null, min?: number|null, max?: number|null, unit?: string|null, pose?: string|null}} Question
 * @typedef {{id: string, name: string, version: number, default: boolean, questions: Question[], updated_at: string, created_at: string}} Form
 */

export const statusWords = { pending: 'Not due yet', overdue: 'Overdue', submitted: 'To review', reviewed: 'Reviewed' };
const tones = /** @type {const} */ ({ pending: 'neutral', overdue: 'warning', submitted: 'info', reviewed: 'good' });
const icons = { pending: 'calendar', overdue: 'clock', submitted: 'message', reviewed: 'check' };

/** @param {{status: Status}} props */
export const CheckinStatus = ({ status }) => html`<${Badge} tone=${tones[status]} icon=${icons[status]}>${statusWords[status]}<//>`;

/** A date of a calendar, which has no time zone. @param {string} date @param {boolean} [short] */
export const calendarDay = (date, short) => new Date(`${date}T12:00:00Z`).toLocaleDateString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', ...(short ? {} : { year: 'numeric' }) });

/** Whether there is something in it. @param {Checkin} checkin */
export const isIn = (checkin) => checkin.status === 'submitted' || checkin.status === 'reviewed';

/** `body_fat` as people say it. @param {string} name */
export const spoken = (name) => {
  const words = name.replaceAll('_', ' ');
  return words[0].toUpperCase() + words.slice(1);
};

/** A number without noise behind the point. @param {number} value @param {number} [places] */
export const plain = (value, places = 1) => (+value.toFixed(places)).toLocaleString('en', { maximumFractionDigits: places });

/** How much more or less, said with a sign. @param {number} by @param {string} unit @param {number} [places] */
export function change(by, unit, places = 1) {
  const rounded = +by.toFixed(places);
  if (rounded === 0) return 'no change';
  return `${rounded > 0 ? '+' : '−'}${plain(Math.abs(rounded), places)}${unit ? ` ${unit}` : ''}`;
}

/** An answer as text. @param {Answer|undefined} answer @param {Question|undefined} [question] */
export function said(answer, question) {
  if (!answer || answer.value === null || answer.value === undefined || answer.value === '') return null;
  if (Array.isArray(answer.value)) return answer.value.join(', ');
  if (typeof answer.value === 'boolean') return answer.value ? 'Yes' : 'No';
  if (answer.type === 'scale') return question?.max ? `${answer.value} of ${question.max}` : String(answer.value);
  if (answer.type === 'number') return `${plain(Number(answer.value), 2)}${question?.unit ? ` ${question.unit}` : ''}`;
  return String(answer.value);
}

/** A unit as it is written after a number. @param {string} unit */
export const unitWords = (unit) => ({ percent: '%', count: '' })[unit] ?? unit;

/** A measurement in the units of the client where they were given. @param {Pick<Measured, 'value'|'unit'|'shown'>} of */
export const shownOf = (of) => {
  const shown = of.shown ?? of;
  return { value: Number(shown.value), unit: unitWords(shown.unit) };
};

export const poses = /** @type {[string, string][]} */ ([['front', 'Front'], ['side', 'Side'], ['back', 'Back'], ['other', 'Other']]);
export const poseWords = Object.fromEntries(poses);

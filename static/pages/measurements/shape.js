// What the charts of measurements are made of.
import { change, plain, shownOf } from '../checkins/shape.js';

/**
 * @typedef {{id: string, metric: string, value: number, unit: string, shown?: {value: number, unit: string}, site: string|null, measured_at: string, source: string, checkin_id: string|null}} Measurement
 * @typedef {{id: string, name: string, title: string, quantity: string, units: string[], built_in: boolean}} Metric
 * @typedef {{at: number, value: number, unit: string}} Point
 */

/** Measurements of one kind, in the client's units, the oldest first. @param {Measurement[]} rows @returns {Point[]} */
export const pointsOf = (rows) => rows.map((one) => {
  const shown = shownOf(one);
  return { at: Date.parse(one.measured_at), value: shown.value, unit: shown.unit };
}).sort((a, b) => a.at - b.at);

/** A time between two instants, as people say it. @param {number} ms */
function length(ms) {
  const days = Math.round(ms / 86_400_000);
  if (days < 1) return 'a day';
  if (days < 14) return days === 1 ? '1 day' : `${days} days`;
  return `${Math.round(days / 7)} weeks`;
}

/** What a course says, in a sentence. @param {string} title @param {{at: number, value: number}[]} points @param {string} unit */
export function courseWords(title, points, unit) {
  const [first, last] = [points[0], points[points.length - 1]];
  const with_ = unit ? ` ${unit}` : '';
  if (points.length === 1) return `${title}: ${plain(last.value)}${with_}, measured once.`;
  const by = change(last.value - first.value, unit);
  return `${title}: ${plain(last.value)}${with_} now, ${by === 'no change' ? 'unchanged' : by} in ${length(last.at - first.at)}.`;
}

/** @typedef {import('../checkins/shape.js').Wearable} Wearable */

/** @param {number|null|undefined} value @param {number} [by] */
const over = (value, by = 1) => (value === null || value === undefined ? null : value / by);

/** What wearables tell. `series`: which of several methods a day's number is by. @type {{value: string, title: string, unit: string, of: (summary: Wearable) => number|null, series?: (summary: Wearable) => string}[]} */
export const wearableKinds = [
  { value: 'wearable.resting_hr', title: 'Resting heart rate', unit: 'bpm', of: (one) => over(one.resting_hr) },
  { value: 'wearable.hrv', title: 'Heart rate variability', unit: 'ms', of: (one) => over(one.hrv_ms), series: (one) => (one.hrv_method ?? 'method not said').toUpperCase() },
  { value: 'wearable.steps', title: 'Steps a day', unit: '', of: (one) => over(one.steps) },
  { value: 'wearable.sleep', title: 'Sleep', unit: 'h', of: (one) => over(one.sleep?.total_min, 60) },
  { value: 'wearable.energy', title: 'Active energy', unit: 'kcal', of: (one) => over(one.active_energy_kcal) },
];

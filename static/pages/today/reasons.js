// Why a client needs the coach: how each reason looks, and where it is dealt with.
import { href } from '../../router.js';

/** @typedef {'danger'|'warning'|'good'|'info'} Tone */

/** Icon, tone, and a few words for where there is no room for a sentence. @type {Record<string, [string, Tone, string]>} */
export const looks = {
  pain_reported: ['warning', 'danger', 'Pain'],
  checkin_unreviewed: ['check', 'info', 'Check-in to review'],
  message_waiting: ['message', 'info', 'Message waits'],
  payment_failed: ['card', 'danger', 'Payment failed'],
  checkin_overdue: ['clock', 'warning', 'Check-in overdue'],
  adherence_down: ['chart', 'warning', 'Adherence down'],
  program_ending: ['flag', 'info', 'Program ends'],
  personal_record: ['trophy', 'good', 'Personal record'],
};

/** How a reason looks. @param {string} kind */
export function lookOf(kind) {
  const [icon, tone, words] = looks[kind] ?? ['info', 'info', kind.replaceAll('_', ' ')];
  return { icon, tone, words };
}

/** Where a reason is dealt with. @param {string} client @param {{kind: string, object_id?: string|null}} reason */
export function placeOf(client, { kind, object_id: id = null }) {
  const tab = (/** @type {string} */ name, /** @type {Record<string, any>} */ search = {}) => href(`clients/${client}/${name}`, search);
  switch (kind) {
    case 'checkin_overdue':
    case 'checkin_unreviewed': return id ? href('checkins', { checkin: id }) : tab('checkins');
    case 'pain_reported': return id?.startsWith('chk_') ? href('checkins', { checkin: id }) : tab('training');
    case 'payment_failed': return tab('payments', { payment: id });
    case 'message_waiting': return tab('messages');
    default: return tab('training');
  }
}

// What the pages of payments share: the shape, the words for states, money as it is written.
import { html } from '../../html.js';
import { Badge, day } from '../../ui/basics.js';

/**
 * @typedef {{id: string, amount: number, reason: string|null, created_at: string}} Refund
 * @typedef {{id: string, client_id: string, amount: number, currency: string, amount_refunded: number, status: 'pending'|'succeeded'|'failed'|'refunded'|'partially_refunded', method: 'manual'|'simulated', description: string|null, failure_code: string|null, failure_message: string|null, refunds: Refund[], succeeded_at: string|null, failed_at: string|null, created_at: string, updated_at: string}} Payment
 */

export const statusWords = { pending: 'Pending', succeeded: 'Paid', failed: 'Failed', refunded: 'Refunded', partially_refunded: 'Refunded in part' };
const tones = /** @type {const} */ ({ pending: 'info', succeeded: 'good', failed: 'danger', refunded: 'neutral', partially_refunded: 'warning' });
const icons = { pending: 'clock', succeeded: 'check', failed: 'close', refunded: 'rotate', partially_refunded: 'rotate' };
export const methodWords = { manual: 'Recorded by hand', simulated: 'Simulated' };

/** How many digits a currency has behind the point. @param {string} currency */
export function digits(currency) {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** An amount in the smallest unit, as it is written. @param {number} minor @param {string} currency */
export function money(minor, currency) {
  const places = digits(currency);
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(minor / 10 ** places);
  } catch {
    return `${(minor / 10 ** places).toFixed(places)} ${currency.toUpperCase()}`;
  }
}

/** An amount as it is typed, in the smallest unit; null if it is none. @param {string} text @param {string} currency */
export function minor(text, currency) {
  const places = digits(currency);
  const plain = text.trim().replace(/[\s\u00a0']/g, '').replace(',', '.');
  const found = /^(\d{1,9})(?:\.(\d*))?$/.exec(plain);
  if (!found || (found[2] ?? '').length > places) return null;
  return Number(found[1]) * 10 ** places + Number((found[2] ?? '').padEnd(places, '0') || 0);
}

/** The same the other way round, for a field. @param {number} amount @param {string} currency */
export const typed = (amount, currency) => (amount / 10 ** digits(currency)).toFixed(digits(currency));

/** What can still be given back. @param {Payment} payment */
export const left = (payment) => (payment.status === 'succeeded' || payment.status === 'partially_refunded' ? payment.amount - payment.amount_refunded : 0);

/** @param {{of: Payment}} props */
export const PaymentStatus = ({ of: payment }) => html`<${Badge} tone=${tones[payment.status]} icon=${icons[payment.status]}>${statusWords[payment.status]}<//>`;

/** What went wrong or was given back, in a sentence. @param {{of: Payment}} props */
export const Outcome = ({ of: payment }) => {
  if (payment.status === 'failed') return html`<span class="small">${payment.failure_message ?? 'It failed, and no reason was given.'}</span>`;
  if (payment.amount_refunded > 0) return html`<span class="small">${money(payment.amount_refunded, payment.currency)} given back${payment.refunds.length > 0 ? `, last on ${day(payment.refunds[payment.refunds.length - 1].created_at)}` : ''}; ${money(payment.amount - payment.amount_refunded, payment.currency)} kept</span>`;
  return null;
};

/** What was received and given back in the payments that are shown, by currency. @param {Payment[]} payments */
export function totals(payments) {
  /** @type {Map<string, {received: number, refunded: number, failed: number}>} */
  const sums = new Map();
  for (const one of payments) {
    const sum = sums.get(one.currency) ?? { received: 0, refunded: 0, failed: 0 };
    if (one.status === 'failed') sum.failed += one.amount;
    else if (one.status !== 'pending') sum.received += one.amount;
    sum.refunded += one.amount_refunded;
    sums.set(one.currency, sum);
  }
  return [...sums].sort(([a], [b]) => a.localeCompare(b));
}

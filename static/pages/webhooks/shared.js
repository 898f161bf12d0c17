// What the pages of webhooks share: the calls, the words for how things stand.
import { html } from '../../html.js';
import { ApiError, get, patch, post, remove as end } from '../../api.js';
import { Badge, RelativeTime, exact } from '../../ui/basics.js';
import { toast } from '../../ui/toast.js';
import { took } from '../requests.js';

/**
 * @typedef {{delivered: number, failed: number, pending: number, last_try_at: string|null, last_day: {tries: number, delivered: number, p95_ms: number|null}}} Recent
 * @typedef {{id: string, livemode: boolean, url: string, description: string|null, events: string[], app_id: string|null, status: 'enabled'|'paused'|'disabled', disabled_reason: 'failing'|'gone'|null, failing_since: string|null, next_try_at: string|null, replay_since: string|null, former_secret_until: string|null, created_at: string, updated_at: string, recent: Recent, secret?: string}} Webhook
 * @typedef {{id: string, webhook_id: string, event: {id: string, type: string, sequence: number}, endpoint_sequence: number, status: 'pending'|'delivered'|'failed'|'cancelled', attempt_count: number, next_try_at: string|null, created_at: string, updated_at: string}} Delivery
 * @typedef {{number: number, at: string, duration_ms: number, outcome: string, status: number|null, detail: string|null, answer: {body: string, truncated: boolean}|null}} Attempt
 * @typedef {Delivery & {payload: string|null, attempts: Attempt[]}} WholeDelivery
 * @typedef {{type: string, description: string, scope: string, sample: any}} EventType
 */

export const path = (rest = '') => `/v1/webhooks${rest}`;

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Webhook>} */
export const one = (id, signal) => get(path(`/${id}`), {}, { signal });
/** @param {any} body @returns {Promise<Webhook>} */
export const create = (body) => post(path(), body);
/** @param {string} id @param {any} body @returns {Promise<Webhook>} */
export const change = (id, body) => patch(path(`/${id}`), body);
/** @param {string} id */
export const remove = (id) => end(path(`/${id}`));
/** @param {string} id @param {number} grace seconds @returns {Promise<Webhook>} */
export const rotate = (id, grace) => post(path(`/${id}/rotate-secret`), { grace_seconds: grace });
/** @param {string} id @returns {Promise<Delivery>} */
export const ping = (id) => post(path(`/${id}/test`));
/** @param {string} id @param {string} since @param {boolean} delivered whether what was taken is sent again as well */
export const replay = (id, since, delivered) => post(path(`/${id}/replay`), { since, delivered });
/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<WholeDelivery>} */
export const delivery = (id, signal) => get(`/v1/deliveries/${id}`, {}, { signal });
/** @param {string} id @returns {Promise<Delivery>} */
export const retry = (id) => post(`/v1/deliveries/${id}/retry`);
/** @param {AbortSignal} [signal] @returns {Promise<EventType[]>} all but the ping, which nobody asks for */
export const eventTypes = async (signal) => (await get('/v1/event-types', {}, { signal })).data.filter((/** @type {EventType} */ kind) => kind.type !== 'ping');

/** Does something and says so; a refusal is said as well. @param {() => Promise<any>} act @param {string} [said] @returns {Promise<boolean>} whether it was done */
export async function done(act, said) {
  try {
    await act();
    if (said) toast(said);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.message, { tone: 'danger' });
    return false;
  }
}

/** Whom a webhook tells, in short: what is typed to say that one means it. @param {{url: string}} of */
export function host({ url }) {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** What a webhook is called. @param {Pick<Webhook, 'url'|'description'>} of */
export const called = (of) => of.description ?? host(of);

/** How a webhook stands, in a word. @param {{of: Webhook}} props */
export function WebhookStatus({ of }) {
  if (of.status === 'disabled') return html`<${Badge} tone="danger" icon="close">Disabled<//>`;
  if (of.status === 'paused') return html`<${Badge} tone="warning" icon="pause">Paused<//>`;
  if (of.failing_since) return html`<${Badge} tone="danger" icon="warning" title=${`Since ${exact(of.failing_since)}`}>Failing<//>`;
  return html`<${Badge} tone="good" icon="check">Enabled<//>`;
}

/** @param {string|null} time */
export const isAhead = (time) => time !== null && Date.parse(time) > Date.now();

/** Since when it fails and when it is tried again, below its status. @param {{of: Webhook}} props */
export function Standing({ of }) {
  if (of.status !== 'enabled' || !of.failing_since) return null;
  return html`<span class="under muted small">since <${RelativeTime} at=${of.failing_since} />${isAhead(of.next_try_at) && html`, next try <${RelativeTime} at=${of.next_try_at} />`}</span>`;
}

/** The share of tries that were taken. @param {{of: Recent}} props */
export function Success({ of: { last_day: day } }) {
  if (day.tries === 0) return html`<span class="muted">–</span>`;
  const percent = Math.floor((100 * day.delivered) / day.tries);
  return html`<span title=${`${day.delivered} of ${day.tries} tries of the last 24 hours`}>${percent} %</span>`;
}

/** Whole milliseconds, as people read them. @param {number} ms */
export const lasted = (ms) => (ms < 1000 ? `${ms} ms` : took(ms));

/** @param {Recent} of */
export const p95 = (of) => (of.last_day.p95_ms === null ? '–' : lasted(of.last_day.p95_ms));

/** When a delivery is tried next, as far as its webhook lets it. @param {{of: Delivery, webhook: Webhook|undefined}} props */
export function NextTry({ of, webhook }) {
  if (of.status !== 'pending') return html`<span class="muted">–</span>`;
  if (webhook?.status === 'paused') return html`<span class="muted">When resumed</span>`;
  // While the webhook fails, one probes and the rest wait for it.
  const held = webhook?.failing_since ? webhook.next_try_at : null;
  const at = [of.next_try_at, held].filter((time) => time !== null).sort().at(-1);
  return at && isAhead(at) ? html`<${RelativeTime} at=${at} />` : html`Now`;
}

const standings = /** @type {const} */ ({
  pending: ['info', 'clock', 'Pending'],
  delivered: ['good', 'check', 'Delivered'],
  failed: ['danger', 'warning', 'Failed'],
  cancelled: ['neutral', 'close', 'Cancelled'],
});

/** How a delivery stands. One that failed and waits is not the same as one that was never tried. @param {{of: Delivery}} props */
export function DeliveryStatus({ of }) {
  if (of.status === 'pending' && of.attempt_count > 0) return html`<${Badge} tone="warning" icon="refresh">Failed, tried again<//>`;
  const [tone, icon, words] = standings[of.status];
  return html`<${Badge} tone=${tone} icon=${icon}>${words}<//>`;
}

/** What became of a try, in words. @type {Record<string, string>} */
export const outcomes = {
  delivered: 'Taken', refused: 'Refused', timeout: 'No answer in time', unresolved: 'The name has no address', unreachable: 'Nobody took the connection',
  tls: 'No encrypted connection', broken: 'The connection broke off', blocked: 'The address may not be called', gone: 'The event is no longer kept',
};

/** @param {{of: Attempt}} props */
export const Outcome = ({ of }) => html`<${Badge} tone=${of.outcome === 'delivered' ? 'good' : of.outcome === 'gone' ? 'neutral' : 'danger'}>${of.status ?? 'No answer'}<//> <span>${outcomes[of.outcome] ?? of.outcome}</span>`;

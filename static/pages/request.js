// One request: what was asked and answered, what came of it, and a text for whoever is to help.
import { html } from '../html.js';
import { get, useRead } from '../api.js';
import { href } from '../router.js';
import { Badge, Empty, Facts, Failure, Note, Page, Panel, RelativeTime, Skeleton, TestData, exact } from '../ui/basics.js';
import { CodeBlock, CopyText } from '../ui/copy.js';
import { ViewAsCurl, baseUrl, curlOf } from '../ui/curl.js';
import { Status, took } from './requests.js';
import { DeliveryStatus } from './webhooks/shared.js';

/** @typedef {import('./requests.js').Request & {request: {query: string|null, content_type: string|null, idempotency_key: string|null, user_agent: string|null, body: string|null, truncated: boolean}, answer: {content_type: string|null, body: string|null, truncated: boolean}, bodies: 'kept'|'masked'|'not_kept', rate_limit: {limit: number, remaining: number, reset_at: string}|null, events: {id: string, type: string, sequence: number}[], deliveries: import('./webhooks/shared.js').Delivery[], recent: {calls: number, failed: number}}} Whole */

/** A body for people. @param {string|null} text */
function pretty(text) {
  if (!text) return '';
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Everything that helps somebody who was not there. @param {Whole} it */
const support = (it) => [
  `Endpoint: ${it.method} ${baseUrl()}${it.path}${it.request.query ? `?${it.request.query}` : ''}`,
  `Headers: ${[it.request.content_type && `Content-Type: ${it.request.content_type}`, it.request.idempotency_key && `Idempotency-Key: ${it.request.idempotency_key}`, it.request.user_agent && `User-Agent: ${it.request.user_agent}`].filter(Boolean).join('; ') || 'none kept'}`,
  `Body: ${it.request.body ?? 'not kept'}`,
  `Status: ${it.status}${it.code ? ` ${it.code}` : ''}`,
  'Expected: ',
  `Happened: ${it.answer.body ?? 'answer not kept'}`,
  `When: ${it.created_at}, took ${took(it.duration_ms)}`,
  `Trace id: ${it.id}`,
].join('\n');

/** @param {{parameters: {request_id: string}}} props */
export default function RequestPage({ parameters: { request_id: id } }) {
  const path = `/v1/requests/${id}`;
  const read = useRead((signal) => get(path, {}, { signal }), [id]);
  const it = /** @type {Whole|undefined} */ (read.data);
  const back = { href: href('requests'), label: 'Requests' };
  if (!it) {
    return html`<${Page} title="Request" back=${back}>${read.missing ? html`<${Empty} icon="list" title="This request is not in the log"><p>It is older than the log keeps, was made in the other mode, or never came here.</p><//>` : read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }
  const kept = { kept: null, masked: 'Values are masked: live data is not kept in the log.', not_kept: 'Bodies of live requests that succeed are not kept.' }[it.bodies];
  /** @type {any} */
  let body;
  try {
    body = it.request.body && it.bodies === 'kept' ? JSON.parse(it.request.body) : undefined;
  } catch {
    body = undefined;
  }
  const again = { method: it.method, path: it.path, query: Object.fromEntries(new URLSearchParams(it.request.query ?? '')), body };
  return html`<${Page} title=${`${it.method} ${it.path}`} name=${`Request ${it.status}`} back=${back}
    badges=${html`<${Status} status=${it.status} code=${it.code} />${it.replayed && html`<${Badge}>Replayed<//>`}<${TestData} />`} actions=${html`<${ViewAsCurl} calls=${[{ path }, { ...again, title: 'The request itself' }]} />`}>
    ${it.recent.failed > 0 && html`<${Note} tone=${it.recent.failed > it.recent.calls / 2 ? 'danger' : 'warning'} title=${`Failed ${it.recent.failed} of the last ${it.recent.calls}`}><p>Calls of this route by this caller.</p><//>`}
    ${it.code && html`<${Note} title=${it.code} actions=${html`<a href=${`/docs/errors#${it.code}`}>What it means and what to do</a>`} />`}
    <div class="columns wide-gap">
      <${Panel} title="Request"><${Facts} of=${[
        ['Request id', html`<${CopyText} text=${it.id} label="the request id" />`],
        ['When', html`<time datetime=${it.created_at} title=${exact(it.created_at)}><${RelativeTime} at=${it.created_at} /></time>`],
        ['Took', took(it.duration_ms)],
        ['Route', it.route ? html`<code class="wrap-anywhere">${it.route}</code>` : 'None: there is no such path'],
        ['Caller', it.caller ? it.caller.kind === 'session' ? 'Dashboard' : html`<a href=${href(`api-keys/${it.caller.id}`)}>${it.caller.name}</a>` : '–'],
        ['From', it.address && html`<code>${it.address}</code>`],
        ['Query', it.request.query && html`<code class="wrap-anywhere">${it.request.query}</code>`],
        ['Program', it.request.user_agent && html`<span class="wrap-anywhere">${it.request.user_agent}</span>`],
        it.request.idempotency_key && ['Idempotency key', html`<code class="wrap-anywhere">${it.request.idempotency_key}</code>`],
      ]} /><//>
      <div class="stack">
        <${Panel} title="Limit">${it.rate_limit ? html`<${Facts} of=${[['Allowed', String(it.rate_limit.limit)], ['Left', String(it.rate_limit.remaining)], ['Window ends', html`<${RelativeTime} at=${it.rate_limit.reset_at} />`]]} />` : html`<p class="muted">This call did not count.</p>`}<//>
        <${Panel} title="What came of it">${it.events.length || it.deliveries.length ? html`<ul class="stack tight">${it.events.map((event) => html`<li key=${event.id}><a href=${href(`events/${event.id}`)}><code>${event.type}</code></a> <span class="muted small">sequence ${event.sequence}</span></li>`)}${it.deliveries.map((one) => html`<li key=${one.id} class="row tight"><a href=${href(`deliveries/${one.id}`)}>Webhook delivery of <code>${one.event.type}</code></a> <${DeliveryStatus} of=${one} /></li>`)}</ul>` : html`<p class="muted">No event.</p>`}<//>
      </div>
    </div>
    ${kept && html`<p class="muted small">${kept}</p>`}
    ${it.request.body && html`<${CodeBlock} label=${`Body${it.request.truncated ? ', its beginning' : ''}`} text=${pretty(it.request.body)} />`}
    ${it.answer.body && html`<${CodeBlock} label=${`Answer${it.answer.truncated ? ', its beginning' : ''}`} text=${pretty(it.answer.body)} />`}
    <${CodeBlock} label="The request as curl" text=${curlOf(again)} />
    <${CodeBlock} label="Copy for support" text=${support(it)} />
  <//>`;
}

// One delivery: the event, what is sent, and how each try went.
import { html } from '../html.js';
import { useRead } from '../api.js';
import { href } from '../router.js';
import { Button, Empty, Facts, Failure, Note, Page, Panel, RelativeTime, Skeleton, TestData, counted } from '../ui/basics.js';
import { CodeBlock, CopyText } from '../ui/copy.js';
import { ViewAsCurl, quoted } from '../ui/curl.js';
import { usePoll } from '../ui/poll.js';
import { DataTable } from '../ui/table.js';
import { DeliveryStatus, NextTry, Outcome, called, delivery, done, lasted, one, retry } from './webhooks/shared.js';

/**
 * @typedef {import('./webhooks/shared.js').Attempt} Attempt
 * @typedef {import('./webhooks/shared.js').WholeDelivery} WholeDelivery
 */

/** What goes along with the body. Time and signature are new at each try. @param {WholeDelivery} of */
const headers = (of) => ['Content-Type: application/json', `webhook-id: ${of.event.id}`, 'webhook-timestamp: (seconds since 1970, of the try)', 'webhook-signature: v1,(HMAC-SHA256 by the secret over id.timestamp.body, in base64)'].join('\n');

/** The same request from a command line, signed anew with the secret. @param {WholeDelivery} of @param {string} url */
const curl = (of, url) => `export CADENCE_WEBHOOK_SECRET=whsec_…
id=${of.event.id}
timestamp=$(date +%s)
body=${quoted(of.payload ?? '')}
key=$(printf %s "\${CADENCE_WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
signature=$(printf %s "$id.$timestamp.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
curl -X POST ${quoted(url)} \\
  -H 'Content-Type: application/json' \\
  -H "webhook-id: $id" \\
  -H "webhook-timestamp: $timestamp" \\
  -H "webhook-signature: v1,$signature" \\
  --data-binary "$body"`;

/** @param {{of: Attempt}} props */
function Answer({ of }) {
  if (of.detail) return html`<span class="wrap-anywhere">${of.detail}</span>`;
  if (!of.answer) return html`<span class="muted">Not shown: the address is not public</span>`;
  if (!of.answer.body) return html`<span class="muted">Empty</span>`;
  return html`<details class="answer"><summary>${of.answer.body.slice(0, 60)}${of.answer.body.length > 60 ? '…' : ''}</summary><pre class="json" tabindex="0">${of.answer.body}</pre>${of.answer.truncated && html`<p class="muted small">The first 4 kB.</p>`}</details>`;
}

/** @param {{parameters: {delivery_id: string}}} props */
export default function DeliveryPage({ parameters: { delivery_id: id } }) {
  const read = useRead((signal) => delivery(id, signal), [id]);
  const of = read.data;
  const webhook = useRead(of ? (signal) => one(of.webhook_id, signal) : null, [of?.webhook_id]);
  usePoll(read.reload, 2_000, of?.status === 'pending');
  const back = of ? { href: href(`webhooks/${of.webhook_id}`), label: webhook.data ? called(webhook.data) : 'Webhook' } : { href: href('webhooks'), label: 'Webhooks' };
  if (!of) {
    return html`<${Page} title="Delivery" back=${back}>${read.missing ? html`<${Empty} icon="hook" title="There is no such delivery here"><p>It belongs to the other mode, is no longer kept, or went with its webhook.</p><//>` : read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }
  const path = `/v1/deliveries/${id}`;
  const again = async () => {
    if (await done(() => retry(id), 'It is tried again now.')) read.reload();
  };
  // The test inbox is in this server and takes nothing from outside.
  const inbox = webhook.data?.url.endsWith('/v1/test/inbox');
  const enabled = webhook.data?.status === 'enabled';
  return html`<${Page} title=${of.event.type} name="Delivery" back=${back} badges=${html`<${DeliveryStatus} of=${of} /><${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${[{ path, title: 'Read the delivery' }, { method: 'POST', path: `${path}/retry`, title: 'Try it again' }]} /><${Button} kind=${of.status === 'delivered' ? 'plain' : 'primary'} icon="refresh" disabled=${!enabled} onClick=${again}>${of.status === 'delivered' ? 'Send again' : 'Try again now'}<//>`}>
    ${webhook.data && !enabled && html`<${Note} tone="warning"><p>The webhook is ${webhook.data.status}: nothing is sent to it.</p><//>`}
    <${Panel} title="Delivery"><${Facts} of=${[
      ['Event', html`<a href=${href(`events/${of.event.id}`)}><code class="wrap-anywhere">${of.event.id}</code></a>`],
      ['Webhook', html`<a class="wrap-anywhere" href=${href(`webhooks/${of.webhook_id}`)}>${webhook.data?.url ?? of.webhook_id}</a>`],
      ['Number', html`<span title="Its number among the webhook's own: a receiver that saw 7 and 9 has missed 8">${of.endpoint_sequence}</span>`],
      ['Sequence in the feed', String(of.event.sequence)],
      ['Tries', String(of.attempt_count)],
      ['Next try', html`<${NextTry} of=${of} webhook=${webhook.data} />`],
      ['Made', html`<${RelativeTime} at=${of.created_at} />`],
      ['Id', html`<${CopyText} text=${of.id} label="the delivery's id" />`],
    ]} /><//>
    <${Panel} title="Tries" intro=${of.attempt_count > of.attempts.length ? `The last ${of.attempts.length} of ${counted(of.attempt_count, 'try', 'tries')}.` : undefined} flush>
      <${DataTable} caption="Tries" rows=${of.attempts} rowKey=${(/** @type {Attempt} */ row) => String(row.number)} empty=${html`<${Empty} icon="clock" title="Not tried yet" />`}
        columns=${[
          { key: 'outcome', label: 'Outcome', main: true, render: (/** @type {Attempt} */ row) => html`<${Outcome} of=${row} />` },
          { key: 'number', label: 'Try', end: true, render: (/** @type {Attempt} */ row) => row.number },
          { key: 'at', label: 'When', render: (/** @type {Attempt} */ row) => html`<${RelativeTime} at=${row.at} />` },
          { key: 'took', label: 'Took', end: true, render: (/** @type {Attempt} */ row) => lasted(row.duration_ms) },
          { key: 'answer', label: 'Answer', render: (/** @type {Attempt} */ row) => html`<${Answer} of=${row} />` },
        ]} /><//>
    ${of.payload === null ? html`<p class="muted">The event is no longer kept, so what was sent cannot be shown.</p>` : html`
      <${CodeBlock} label="Headers" text=${headers(of)} />
      <${CodeBlock} label="Body, laid out: it is signed and sent in one line" text=${JSON.stringify(JSON.parse(of.payload), null, 2)} />
      ${!inbox && html`<${CodeBlock} label="As curl, signed anew" text=${curl(of, webhook.data?.url ?? '…')} />`}`}
  <//>`;
}

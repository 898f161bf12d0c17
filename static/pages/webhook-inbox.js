// The test inbox: a receiver that every test tenant has, what came to it, and what it is to answer.
import { html, useState } from '../html.js';
import { get, patch, remove, useList, useRead } from '../api.js';
import { href } from '../router.js';
import { mode } from '../store.js';
import { Badge, Button, Empty, Facts, Failure, Page, Panel, RelativeTime, Skeleton, TestData, counted } from '../ui/basics.js';
import { CodeBlock, CopyText } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Dialog } from '../ui/dialog.js';
import { Choice } from '../ui/field.js';
import { usePoll } from '../ui/poll.js';
import { DataTable } from '../ui/table.js';
import { done } from './webhooks/shared.js';

/**
 * @typedef {{url: string, answer: 'ok'|'error'|'slow'|'gone', count: number}} Inbox
 * @typedef {{id: string, webhook_id: string, event_id: string, event_type: string, headers: Record<string, string>, body: string|null, signature: 'valid'|'invalid', answered: number|null, created_at: string}} Message
 */

const path = '/v1/test/inbox';
const back = () => ({ href: href('webhooks'), label: 'Webhooks' });

const moods = [
  { value: 'ok', label: '200', hint: 'It takes everything.' },
  { value: 'error', label: '500', hint: 'Deliveries fail and are tried again.' },
  { value: 'slow', label: 'Too slowly', hint: 'Nothing within the 15 seconds that a delivery waits.' },
  { value: 'gone', label: '410', hint: 'Gone: the webhook is disabled at once.' },
];

/** @param {{of: Message}} props */
const Signature = ({ of }) => (of.signature === 'valid' ? html`<${Badge} tone="good" icon="check">Valid<//>` : html`<${Badge} tone="danger" icon="warning">Not valid<//>`);

/** @param {{of: Message, onClose: () => void}} props */
const Whole = ({ of, onClose }) => html`<${Dialog} title=${of.event_type} wide side onClose=${onClose}>
  <div class="stack">
    <${Facts} of=${[
      ['Signature', html`<${Signature} of=${of} />`],
      ['Answered', of.answered === null ? 'Nothing in time' : String(of.answered)],
      ['Came', html`<${RelativeTime} at=${of.created_at} />`],
      ['Event', html`<a href=${href(`events/${of.event_id}`)}><code class="wrap-anywhere">${of.event_id}</code></a>`],
      ['Webhook', html`<a href=${href(`webhooks/${of.webhook_id}`)}><code class="wrap-anywhere">${of.webhook_id}</code></a>`],
    ]} />
    <${CodeBlock} label="Headers" text=${Object.entries(of.headers).map(([name, value]) => `${name}: ${value}`).join('\n')} />
    ${of.body === null ? html`<p class="muted">You may not read events of this type.</p>` : html`<${CodeBlock} label="Body" text=${JSON.stringify(JSON.parse(of.body), null, 2)} />`}
  </div><//>`;

/** In live mode there is none: live webhooks go to real receivers. */
const OnlyTest = () => html`<${Page} title="Test inbox" back=${back()}>
  <${Empty} icon="mail" title="The inbox belongs to test mode" actions=${html`<${Button} kind="primary" href=${href('webhooks/inbox', {}, 'test')}>The inbox of test mode<//>`}><p>Live webhooks go to real receivers.</p><//><//>`;

export default function WebhookInbox() {
  return mode.value === 'live' ? html`<${OnlyTest} />` : html`<${Inside} />`;
}

function Inside() {
  const read = useRead((signal) => get(path, {}, { signal }), []);
  const list = useList(`${path}/messages`);
  const [shown, setShown] = useState(/** @type {Message|null} */ (null));
  const [emptying, setEmptying] = useState(false);
  const inbox = /** @type {Inbox|undefined} */ (read.data);
  const reload = () => {
    read.reload();
    list.reload();
  };
  usePoll(async () => {
    const now = await get(path).catch(() => null);
    if (now && (now.count !== inbox?.count || now.answer !== inbox?.answer)) reload();
    // A full inbox counts no further.
    else if (now?.count >= 500) list.reload();
  }, 2_000, Boolean(inbox) && list.rows.length <= 20 && !shown && !emptying);
  const answer = async (/** @type {string} */ to) => {
    const words = moods.find((mood) => mood.value === to);
    if (await done(async () => read.set(await patch(path, { answer: to })), `From now on it answers: ${words?.label.toLowerCase()}.`)) read.reload();
  };
  const empty = async () => {
    setEmptying(false);
    if (await done(() => remove(path), 'The inbox is empty.')) reload();
  };
  const register = html`<${Button} kind="primary" icon="plus" href=${href('webhooks/new', { to: 'inbox' })}>Register a webhook for it<//>`;
  return html`<${Page} title="Test inbox" back=${back()} badges=${html`<${TestData} />`} intro="A receiver of your own in this server. A test webhook with its address is sent here, and nothing leaves the machine."
    actions=${html`<${ViewAsCurl} calls=${[{ path }, { path: `${path}/messages`, title: 'What came' }, { method: 'PATCH', path, body: { answer: 'error' }, title: 'Have it answer 500' }]} />${list.rows.length > 0 && html`<${Button} icon="trash" onClick=${() => setEmptying(true)}>Empty<//>`}`}>
    ${!inbox && (read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${6} />`)}
    ${inbox && html`<${Panel} title="The receiver"><div class="stack">
      <${Facts} of=${[['Its address', html`<${CopyText} text=${inbox.url} label="the inbox's address" />`], ['Holds', `${counted(inbox.count, 'message')} of at most 500`]]} />
      <${Choice} legend="It answers" name="answer" cards value=${inbox.answer} onChange=${answer} choices=${moods} />
    </div><//>
    <${Panel} title="What came" flush>
    <${DataTable} caption="What came" rows=${list.rows} loading=${list.loading && list.rows.length === 0} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="mail" title="Nothing has come yet" actions=${register}><p>Register a webhook with its address and send it a ping.</p><//>`}
      columns=${[
        { key: 'type', label: 'Event', main: true, render: (/** @type {Message} */ row) => html`<button type="button" class="link" onClick=${() => setShown(row)}><code>${row.event_type}</code></button>` },
        { key: 'signature', label: 'Signature', render: (/** @type {Message} */ row) => html`<${Signature} of=${row} />` },
        { key: 'answered', label: 'Answered', render: (/** @type {Message} */ row) => html`<${Badge} tone=${row.answered === 200 ? 'good' : 'danger'}>${row.answered ?? 'Nothing'}<//>` },
        { key: 'webhook', label: 'Webhook', render: (/** @type {Message} */ row) => html`<a href=${href(`webhooks/${row.webhook_id}`)}><code class="wrap-anywhere">${row.webhook_id}</code></a>` },
        { key: 'at', label: 'Came', render: (/** @type {Message} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} /><//>`}
    ${shown && html`<${Whole} of=${shown} onClose=${() => setShown(null)} />`}
    ${emptying && html`<${Dialog} title="Empty the inbox" onClose=${() => setEmptying(false)} footer=${html`<${Button} onClick=${() => setEmptying(false)}>Cancel<//><${Button} kind="danger" onClick=${empty}>Empty it<//>`}><p>All that came is removed. The log of each webhook keeps its deliveries.</p><//>`}
  <//>`;
}

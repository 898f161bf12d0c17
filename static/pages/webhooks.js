// The list of webhooks: whom the workspace tells what happens.
import { html, useState } from '../html.js';
import { useList } from '../api.js';
import { go, href } from '../router.js';
import { mode } from '../store.js';
import { Button, Empty, Page, RelativeTime, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { usePoll } from '../ui/poll.js';
import { DataTable } from '../ui/table.js';
import { DeleteWebhook, Replay } from './webhooks/acts.js';
import { Standing, Success, WebhookStatus, called, change, done, p95, path, ping } from './webhooks/shared.js';

/** @typedef {import('./webhooks/shared.js').Webhook} Webhook */

/** @param {{events: string[]}} props */
export const Patterns = ({ events }) => html`<span class="scopes">${events.slice(0, 2).map((pattern) => html`<code key=${pattern}>${pattern}</code>`)}${events.length > 2 && html`<span class="muted nowrap">and ${events.length - 2} more</span>`}</span>`;

export default function Webhooks() {
  const list = useList(path(), { limit: 50 });
  const [act, setAct] = useState(/** @type {{kind: 'delete'|'replay', of: Webhook}|null} */ (null));
  const close = () => setAct(null);
  usePoll(list.reload, 15_000, list.rows.length > 0 && !act);
  const turn = async (/** @type {Webhook} */ of, /** @type {'paused'|'enabled'} */ status) => {
    const said = status === 'paused' ? `${called(of)} is paused: its deliveries wait.` : `${called(of)} is told again.`;
    if (await done(() => change(of.id, { status }), said)) list.reload();
  };
  const test = async (/** @type {Webhook} */ of) => {
    if (await done(() => ping(of.id), 'A ping is on its way.')) go(href(`webhooks/${of.id}`));
  };
  const menu = (/** @type {Webhook} */ of) => html`<${Menu} label=${`Actions for ${called(of)}`} items=${[
    { label: 'Details', icon: 'info', href: href(`webhooks/${of.id}`) },
    of.status === 'enabled' && { label: 'Send a ping', icon: 'pulse', onSelect: () => test(of) },
    of.status === 'enabled' && { label: 'Pause', icon: 'pause', onSelect: () => turn(of, 'paused') },
    of.status === 'paused' && { label: 'Resume', icon: 'play', onSelect: () => turn(of, 'enabled') },
    of.status !== 'disabled' && { label: 'Replay', icon: 'refresh', onSelect: () => setAct({ kind: 'replay', of }) },
    { label: 'Delete', icon: 'trash', danger: true, onSelect: () => setAct({ kind: 'delete', of }) },
  ]} />`;
  const test_ = mode.value === 'test';
  const register = html`<${Button} kind="primary" icon="plus" href=${href('webhooks/new')}>Register a webhook<//>`;
  const inbox = test_ && html`<${Button} icon="mail" href=${href('webhooks/inbox')}>Test inbox<//>`;
  return html`<${Page} title="Webhooks" badges=${html`<${TestData} />`} intro="What happens here, told to your own servers: each event is sent at least once, signed, and tried again for three days."
    actions=${html`<${ViewAsCurl} calls=${[list.call, { method: 'POST', path: path(), title: 'Register one', body: { url: 'https://app.example/webhooks', events: ['client.*'] } }]} />${list.rows.length > 0 && html`${inbox}${register}`}`}>
    <${DataTable} caption="Webhooks" rows=${list.rows} loading=${list.loading && list.rows.length === 0} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError} actions=${menu}
      rowClass=${(/** @type {Webhook} */ of) => of.status !== 'enabled' && 'faded'}
      empty=${html`<${Empty} icon="hook" title="Register your first webhook" actions=${html`${register}${inbox}`}>
        <p>Name an address of yours and what it is to be told. ${test_ ? 'Without a server of your own, use the test inbox: it shows what came, and whether the signature is right.' : 'Try it in test mode first: there an inbox shows what would come.'}</p>
        <p class="small"><a href="/docs/guides/webhooks">The guide to webhooks</a></p><//>`}
      columns=${[
        { key: 'url', label: 'Endpoint', main: true, render: (/** @type {Webhook} */ of) => html`<span class="key-name endpoint"><a class="wrap-anywhere" href=${href(`webhooks/${of.id}`)}>${called(of)}</a>${of.description && html`<span class="muted wrap-anywhere">${of.url}</span>`}</span>` },
        { key: 'events', label: 'Events', render: (/** @type {Webhook} */ of) => html`<${Patterns} events=${of.events} />` },
        { key: 'status', label: 'Status', render: (/** @type {Webhook} */ of) => html`<span><${WebhookStatus} of=${of} /><${Standing} of=${of} /></span>` },
        { key: 'success', label: 'Taken, 24 h', end: true, render: (/** @type {Webhook} */ of) => html`<${Success} of=${of.recent} />` },
        { key: 'p95', label: 'p95', end: true, render: (/** @type {Webhook} */ of) => html`<span class="nowrap" title="95 of 100 tries of the last 24 hours were no slower">${p95(of.recent)}</span>` },
        { key: 'last', label: 'Last tried', render: (/** @type {Webhook} */ of) => html`<${RelativeTime} at=${of.recent.last_try_at} />` },
      ]} />
    ${act?.kind === 'replay' && html`<${Replay} of=${act.of} onClose=${close} onBegun=${() => { close(); list.reload(); }} />`}
    ${act?.kind === 'delete' && html`<${DeleteWebhook} of=${act.of} onClose=${close} onDeleted=${() => { close(); list.reload(); }} />`}
  <//>`;
}

// The messages between a coach and a client.
import { html, useState } from '../../html.js';
import { ApiError, post, useList } from '../../api.js';
import { mode } from '../../store.js';
import { Badge, Button, Empty, Failure, RelativeTime, Skeleton } from '../../ui/basics.js';
import { Field, faults, useForm, FaultSummary } from '../../ui/field.js';

/** @typedef {{id: string, direction: 'to_client'|'to_coach', channel: string, body: string, status: string, reason: string|null, read_at: string|null, created_at: string}} Message */

const words = /** @type {Record<string, string>} */ ({ queued: 'Queued', sent: 'Sent', failed: 'Failed', held: 'Held', off: 'Not sent' });

/** @param {{client: import('./shape.js').Client}} props */
export function Thread({ client }) {
  const path = `/v1/clients/${client.id}/messages`;
  const list = useList(path);
  const [own, setOwn] = useState(/** @type {Message[]} */ ([]));
  const form = useForm({ body: '' }, async (values) => {
    if (!values.body.trim()) throw faults({ body: 'Write something first.' });
    const message = await post(path, { body: values.body });
    setOwn((old) => [message, ...old]);
    form.set({ body: '' });
  });
  const rows = /** @type {Message[]} */ ([...own.filter((one) => !list.rows.some((row) => row.id === one.id)), ...list.rows]);
  const first = client.name.split(' ')[0];
  return html`<div class="stack thread-frame">
    ${client.status !== 'archived' && html`<form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error instanceof ApiError && !form.error.fault('body') ? form.error : null} />
      <${Field} label=${`Message to ${first}`} as="textarea" rows="3" maxlength="10000" hint=${mode.value === 'test' ? 'Into the app inbox. Test mode tells nobody.' : 'Into the app inbox.'} ...${form.field('body')} />
      <div class="row"><${Button} kind="primary" type="submit" icon="message" busy=${form.busy}>Send<//></div>
    </form>`}
    ${list.error && rows.length === 0 && html`<${Failure} error=${list.error} onRetry=${list.reload} />`}
    ${list.loading && rows.length === 0 && html`<${Skeleton} lines=${4} />`}
    ${!list.loading && !list.error && rows.length === 0 && html`<${Empty} icon="message" title="No messages yet"><p>What you and ${first} write stands here, newest first.</p><//>`}
    <ol class="thread" aria-label=${`Messages with ${client.name}, newest first`}>
      ${rows.map((message) => html`<li key=${message.id} class=${message.direction === 'to_coach' ? 'from-client' : 'from-coach'}>
        <p class="muted small"><strong>${message.direction === 'to_coach' ? first : 'You'}</strong> · <${RelativeTime} at=${message.created_at} />
          ${message.status !== 'sent' && html` · <${Badge} tone=${message.status === 'failed' ? 'danger' : 'neutral'} title=${message.reason ?? undefined}>${words[message.status] ?? message.status}<//>`}
          ${message.direction === 'to_client' && message.read_at && html` · read <${RelativeTime} at=${message.read_at} />`}</p>
        <p class="pre bubble">${message.body}</p>
      </li>`)}
    </ol>
    ${list.hasMore && html`<div class="row"><${Button} busy=${list.loadingMore} onClick=${list.more}>Older messages<//></div>`}
  </div>`;
}

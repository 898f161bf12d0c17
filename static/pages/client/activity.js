// What happened to a client, out of the events.
import { html } from '../../html.js';
import { useList } from '../../api.js';
import { href } from '../../router.js';
import { Button, Empty, Failure, RelativeTime, Skeleton } from '../../ui/basics.js';

/** @param {import('../client.js').Part} props */
export function Activity({ client }) {
  const list = useList('/v1/events', { limit: 100 });
  const own = list.rows.filter((event) => JSON.stringify(event.data).includes(client.id));
  if (list.error && list.rows.length === 0) return html`<${Failure} error=${list.error} onRetry=${list.reload} />`;
  if (list.loading && list.rows.length === 0) return html`<${Skeleton} lines=${5} />`;
  return html`<div class="stack">
    ${own.length === 0 ? html`<${Empty} icon="pulse" title="Nothing among the last events"><p>Older ones may be on further pages.</p><//>`
    : html`<ol class="timeline">${own.map((event) => html`<li key=${event.id}><a href=${href(`events/${event.id}`)}><code>${event.type}</code></a> <${RelativeTime} at=${event.created_at} /></li>`)}</ol>`}
    ${list.hasMore && html`<div class="row"><${Button} busy=${list.loadingMore} onClick=${list.more}>Look further back<//></div>`}
  </div>`;
}

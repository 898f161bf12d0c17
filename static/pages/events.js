// What happened, in the order in which it was saved, and what happens now.
import { html, useState } from '../html.js';
import { get, useList, useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { Button, Empty, Page, RelativeTime, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Drawer, LiveBar, useFeed, useGrowing } from '../ui/live.js';
import { DataTable, Filters, Select } from '../ui/table.js';

/** @typedef {{id: string, type: string, created_at: string, sequence: number, data: any, request: {id: string, idempotency_key: string|null}}} Event */

/** What it happened to, in a few words. @param {Event} event */
export const about = (event) => event.data?.object?.name ?? event.data?.object?.email ?? event.data?.object?.id ?? '';

/** @param {Event} event */
const order = (event) => event.sequence;

export default function Events() {
  const type = query.value.get('type') ?? '';
  const list = useList('/v1/events', type ? { type } : {});
  const types = useRead((signal) => get('/v1/event-types', {}, { signal }), []);
  const [shown, setShown] = useState(/** @type {Event|null} */ (null));
  const growing = useGrowing(list, order);
  const names = types.data?.data.map((/** @type {any} */ one) => one.type) ?? null;
  const state = useFeed({
    types: names, type, after: /** @type {number|null} */ (growing.top), ready: !list.loading && !list.error, onEvents: growing.add, onMissed: list.reload,
  });
  const choices = [['', 'All types'], ...(names ?? []).map((/** @type {string} */ name) => [name, name])];
  return html`<${Page} title="Events" badges=${html`<${TestData} />`} intro="Each change leaves one event, saved together with it. The sequence has no holes: read on from the last one you have."
    actions=${html`<${ViewAsCurl} calls=${[list.call, { path: '/v1/events/stream', query: type ? { type } : {}, title: 'Follow them' }]} />`}>
    <div class="row between"><${Filters}><${Select} label="Type" value=${type} choices=${choices} onChange=${(/** @type {string} */ to) => setQuery({ type: to })} /><//>
      <${LiveBar} growing=${growing} state=${state} how="each event as it happens." what="event" /></div>
    <${DataTable} caption="Events" rows=${growing.rows} loading=${list.loading && growing.rows.length === 0} error=${list.error} onRetry=${list.reload} filtered=${Boolean(type)} onClear=${() => setQuery({ type: null })}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError} rowClass=${(/** @type {Event} */ row) => growing.fresh.has(row.id) && 'fresh'}
      actions=${(/** @type {Event} */ row) => html`<${Button} kind="icon" small icon="terminal" label=${`JSON of ${row.type} ${row.sequence}`} onClick=${() => setShown(row)} />`}
      empty=${html`<${Empty} icon="pulse" title="Nothing has happened yet"><p>Add a client, and its event stands here.</p><//>`}
      columns=${[
        { key: 'type', label: 'Event', main: true, render: (/** @type {Event} */ row) => html`<a href=${href(`events/${row.id}`)}><code>${row.type}</code></a>` },
        { key: 'about', label: 'About', render: (/** @type {Event} */ row) => html`<span class="wrap-anywhere">${about(row)}</span>` },
        { key: 'sequence', label: 'Sequence', end: true, render: (/** @type {Event} */ row) => row.sequence },
        { key: 'created_at', label: 'When', render: (/** @type {Event} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} />
    ${shown && html`<${Drawer} title=${shown.type} id=${shown.id} what="event" value=${shown} path=${`/v1/events/${shown.id}`} onClose=${() => setShown(null)}
      more=${shown.request.id && html`<a href=${href(`requests/${shown.request.id}`)}>The request that caused it</a>`} />`}
  <//>`;
}

// What happened, in the order in which it was saved.
import { html, useState } from '../html.js';
import { get, useList, useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { Button, Empty, Page, RelativeTime, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable, Filters, Select } from '../ui/table.js';

/** @typedef {{id: string, type: string, created_at: string, sequence: number, data: any, request: {id: string, idempotency_key: string|null}}} Event */

/** What it happened to, in a few words. @param {Event} event */
export const about = (event) => event.data?.object?.name ?? event.data?.object?.email ?? event.data?.object?.id ?? '';

export default function Events() {
  const type = query.value.get('type') ?? '';
  const list = useList('/v1/events', type ? { type } : {});
  const types = useRead((signal) => get('/v1/event-types', {}, { signal }), []);
  const [all] = useState([['', 'All types']]);
  const choices = [...all, ...(types.data?.data ?? []).map((/** @type {any} */ one) => [one.type ?? one.name, one.type ?? one.name])];
  return html`<${Page} title="Events" badges=${html`<${TestData} />`} intro="Each change leaves one event, saved together with it. The sequence has no holes: read on from the last one you have."
    actions=${html`<${ViewAsCurl} calls=${[list.call]} /><${Button} icon="refresh" onClick=${list.reload}>Refresh<//>`}>
    <${Filters}><${Select} label="Type" value=${type} choices=${choices} onChange=${(/** @type {string} */ to) => setQuery({ type: to })} /><//>
    <${DataTable} caption="Events" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} filtered=${Boolean(type)} onClear=${() => setQuery({ type: null })}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="pulse" title="Nothing has happened yet"><p>Add a client, and its event stands here.</p><//>`}
      columns=${[
        { key: 'type', label: 'Event', main: true, render: (/** @type {Event} */ row) => html`<a href=${href(`events/${row.id}`)}><code>${row.type}</code></a>` },
        { key: 'about', label: 'About', render: (/** @type {Event} */ row) => html`<span class="wrap-anywhere">${about(row)}</span>` },
        { key: 'sequence', label: 'Sequence', end: true, render: (/** @type {Event} */ row) => row.sequence },
        { key: 'created_at', label: 'When', render: (/** @type {Event} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} />
  <//>`;
}

// The request log: what programs asked, and what they were told.
import { html, useState } from '../html.js';
import { get, useList, useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { Badge, Button, Empty, Failure, Page, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Dialog } from '../ui/dialog.js';
import { Drawer, LiveBar, useGrowing, useNewest } from '../ui/live.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';
import { useDelayed } from './clients/shape.js';

/** @typedef {{id: string, created_at: string, method: string, path: string, route: string|null, status: number, duration_ms: number, code: string|null, caller: {kind: string, id: string, name: string}|null, address: string|null, replayed: boolean}} Request */

/** @param {number} status */
export const tone = (status) => (status < 300 ? 'good' : status < 400 ? 'info' : status < 500 ? 'warning' : 'danger');
/** @param {{status: number, code?: string|null}} props */
export const Status = ({ status, code }) => html`<${Badge} tone=${tone(status)}>${status}<//>${code && html` <code class="small">${code}</code>`}`;
/** @param {number} ms */
export const took = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** @param {Request} request */
const order = (request) => request.id;

export default function Requests() {
  const asked = query.value;
  const [typed, setTyped] = useState(asked.get('path') ?? '');
  const path = useDelayed(typed, (text) => setQuery(text.startsWith('req_') ? { request_id: text, path: null } : { path: text, request_id: null }));
  const status = asked.get('status') ?? '';
  const method = asked.get('method') ?? '';
  const key = asked.get('key') ?? '';
  const filters = Object.fromEntries(Object.entries({ status, method, key, ...(path.startsWith('req_') ? { request_id: path } : { path }) }).filter(([, value]) => value));
  const list = useList('/v1/requests', filters);
  const [shown, setShown] = useState(/** @type {Request|null} */ (null));
  const growing = useGrowing(list, order);
  // The log has no stream: it is gathered in memory and written every few seconds.
  const state = useNewest({ list, every: 3000, onRows: growing.add });
  const clear = () => {
    setTyped('');
    setQuery({ status: null, method: null, key: null, path: null, request_id: null });
  };
  return html`<${Page} title="Requests" badges=${html`<${TestData} />`} intro="Every call of the API in this mode, kept for some days. Secrets are never kept; in live mode only the bodies of failures are, with their values masked."
    actions=${html`<${ViewAsCurl} calls=${[list.call]} />`}>
    <${Filters}>
      <${Search} label="Path or request id" placeholder="/v1/clients or req_…" value=${typed} onChange=${setTyped} />
      <${Select} label="Status" value=${status} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} choices=${[['', 'Any status'], ['2xx', 'Succeeded'], ['4xx', 'Refused (4xx)'], ['5xx', 'Failed (5xx)'], ['401', '401'], ['403', '403'], ['404', '404'], ['409', '409'], ['429', '429']]} />
      <${Select} label="Method" value=${method} onChange=${(/** @type {string} */ to) => setQuery({ method: to })} choices=${[['', 'Any method'], ...['GET', 'POST', 'PATCH', 'DELETE'].map((one) => [one, one])]} />
      ${key && html`<${Button} small icon="close" onClick=${() => setQuery({ key: null })}>One key only<//>`}
    <//>
    <${LiveBar} growing=${growing} state=${state} how="asked every three seconds." what="request" />
    <${DataTable} caption="Requests" rows=${growing.rows} loading=${list.loading && growing.rows.length === 0} error=${list.error} onRetry=${list.reload} filtered=${Object.keys(filters).length > 0} onClear=${clear}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError} rowClass=${(/** @type {Request} */ row) => growing.fresh.has(row.id) && 'fresh'}
      actions=${(/** @type {Request} */ row) => html`<${Button} kind="icon" small icon="terminal" label=${`JSON of ${row.method} ${row.path}`} onClick=${() => setShown(row)} />`}
      empty=${html`<${Empty} icon="list" title="No requests yet" actions=${html`<${Button} href=${href('api-keys')} icon="key">API keys<//>`}><p>Paste a curl with one of your keys, and it stands here a second later.</p><//>`}
      columns=${[
        { key: 'path', label: 'Request', main: true, render: (/** @type {Request} */ row) => html`<a class="request-line" href=${href(`requests/${row.id}`)}><code><strong>${row.method}</strong> ${row.path}</code></a>${row.replayed && html` <${Badge}>Replayed<//>`}` },
        { key: 'status', label: 'Status', render: (/** @type {Request} */ row) => html`<${Status} status=${row.status} code=${row.code} />` },
        { key: 'caller', label: 'Caller', render: (/** @type {Request} */ row) => (row.caller ? row.caller.kind === 'session' ? 'Dashboard' : html`<span class="wrap-anywhere">${row.caller.name}</span>` : '–') },
        { key: 'duration', label: 'Took', end: true, render: (/** @type {Request} */ row) => took(row.duration_ms) },
        { key: 'created_at', label: 'When', render: (/** @type {Request} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} />
    ${shown && html`<${Behind} of=${shown} onClose=${() => setShown(null)} />`}
  <//>`;
}

/** The whole entry: the list has only its line. @param {{of: Request, onClose: () => void}} props */
function Behind({ of, onClose }) {
  const path = `/v1/requests/${of.id}`;
  const read = useRead((signal) => get(path, {}, { signal }), [of.id]);
  const title = `${of.method} ${of.path}`;
  if (!read.data) return html`<${Dialog} title=${title} wide side onClose=${onClose}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  return html`<${Drawer} title=${title} id=${of.id} what="request" value=${read.data} path=${path} onClose=${onClose} more=${html`<a href=${href(`requests/${of.id}`)}>Its page</a>`} />`;
}

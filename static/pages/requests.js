// The request log: what programs asked, and what they were told.
import { html, useEffect, useState } from '../html.js';
import { useList } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { Badge, Button, Empty, Page, RelativeTime, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';
import { useDelayed } from './clients/shape.js';

/** @typedef {{id: string, created_at: string, method: string, path: string, route: string|null, status: number, duration_ms: number, code: string|null, caller: {kind: string, id: string, name: string}|null, address: string|null, replayed: boolean}} Request */

/** @param {number} status */
export const tone = (status) => (status < 300 ? 'good' : status < 400 ? 'info' : status < 500 ? 'warning' : 'danger');
/** @param {{status: number, code?: string|null}} props */
export const Status = ({ status, code }) => html`<${Badge} tone=${tone(status)}>${status}<//>${code && html` <code class="small">${code}</code>`}`;
/** @param {number} ms */
export const took = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

export default function Requests() {
  const asked = query.value;
  const [typed, setTyped] = useState(asked.get('path') ?? '');
  const path = useDelayed(typed, (text) => setQuery(text.startsWith('req_') ? { request_id: text, path: null } : { path: text, request_id: null }));
  const [live, setLive] = useState(false);
  const status = asked.get('status') ?? '';
  const method = asked.get('method') ?? '';
  const key = asked.get('key') ?? '';
  const filters = Object.fromEntries(Object.entries({ status, method, key, ...(path.startsWith('req_') ? { request_id: path } : { path }) }).filter(([, value]) => value));
  const list = useList('/v1/requests', filters);
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => { if (!document.hidden) list.reload(); }, 2000);
    return () => clearInterval(timer);
  }, [live, list.reload]);
  const clear = () => {
    setTyped('');
    setQuery({ status: null, method: null, key: null, path: null, request_id: null });
  };
  return html`<${Page} title="Requests" badges=${html`<${TestData} />`} intro="Every call of the API in this mode, kept for some days. Secrets are never kept; in live mode only the bodies of failures are, with their values masked."
    actions=${html`<${ViewAsCurl} calls=${[list.call]} /><${Button} icon=${live ? 'pause' : 'play'} aria-pressed=${live ? 'true' : 'false'} onClick=${() => setLive(!live)}>Live<//>`}>
    <${Filters}>
      <${Search} label="Path or request id" placeholder="/v1/clients or req_…" value=${typed} onChange=${setTyped} />
      <${Select} label="Status" value=${status} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} choices=${[['', 'Any status'], ['2xx', 'Succeeded'], ['4xx', 'Refused (4xx)'], ['5xx', 'Failed (5xx)'], ['401', '401'], ['403', '403'], ['404', '404'], ['409', '409'], ['429', '429']]} />
      <${Select} label="Method" value=${method} onChange=${(/** @type {string} */ to) => setQuery({ method: to })} choices=${[['', 'Any method'], ...['GET', 'POST', 'PATCH', 'DELETE'].map((one) => [one, one])]} />
      ${key && html`<${Button} small icon="close" onClick=${() => setQuery({ key: null })}>One key only<//>`}
    <//>
    <${DataTable} caption="Requests" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} filtered=${Object.keys(filters).length > 0} onClear=${clear}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="list" title="No requests yet" actions=${html`<${Button} href=${href('api-keys')} icon="key">API keys<//>`}><p>Paste a curl with one of your keys, and it stands here a second later.</p><//>`}
      columns=${[
        { key: 'path', label: 'Request', main: true, render: (/** @type {Request} */ row) => html`<a class="request-line" href=${href(`requests/${row.id}`)}><code><strong>${row.method}</strong> ${row.path}</code></a>${row.replayed && html` <${Badge}>Replayed<//>`}` },
        { key: 'status', label: 'Status', render: (/** @type {Request} */ row) => html`<${Status} status=${row.status} code=${row.code} />` },
        { key: 'caller', label: 'Caller', render: (/** @type {Request} */ row) => (row.caller ? row.caller.kind === 'session' ? 'Dashboard' : html`<span class="wrap-anywhere">${row.caller.name}</span>` : '–') },
        { key: 'duration', label: 'Took', end: true, render: (/** @type {Request} */ row) => took(row.duration_ms) },
        { key: 'created_at', label: 'When', render: (/** @type {Request} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} />
  <//>`;
}

// How much of the limit is used, by whom, for what.
import { html } from '../html.js';
import { get, useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { mode } from '../store.js';
import { Button, Empty, Failure, Page, Panel, RelativeTime, Skeleton, TestData, counted } from '../ui/basics.js';
import { BarChart, Sparkline } from '../ui/chart.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable, Filters, Select } from '../ui/table.js';

const ranges = /** @type {Record<string, {hours: number, by: 'hour'|'day', label: string}>} */ ({
  day: { hours: 24, by: 'hour', label: 'Last 24 hours' }, week: { hours: 7 * 24, by: 'day', label: 'Last 7 days' }, month: { hours: 30 * 24, by: 'day', label: 'Last 30 days' },
});

/** @typedef {{start: string, requests: number, succeeded: number, client_errors: number, server_errors: number, rate_limited: number}} Bucket */
/** @typedef {{limit: {requests_per_hour: number, burst_percent: number, used: number, remaining: number, reset_at: string, warn_at: number}|null, total: Bucket, buckets: Bucket[], groups: (Bucket & {key?: string, route?: string, name: string, buckets: {start: string, requests: number}[]})[]}} Usage */

export default function UsagePage() {
  const chosen = query.value.get('range') ?? 'week';
  const range = ranges[chosen] ?? ranges.week;
  const hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const times = { from: new Date(hour - range.hours * 3_600_000).toISOString(), to: new Date(hour).toISOString(), by: range.by };
  const keys = useRead((signal) => get('/v1/usage', { ...times, group: 'key' }, { signal }), [chosen, mode.value, hour]);
  const routes = useRead((signal) => get('/v1/usage', { ...times, group: 'route' }, { signal }), [chosen, mode.value, hour]);
  const usage = /** @type {Usage|undefined} */ (keys.data);
  const label = (/** @type {string} */ start) => new Date(start).toLocaleString('en-GB', range.by === 'hour' ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short' });
  const failed = usage ? usage.total.client_errors + usage.total.server_errors : 0;
  return html`<${Page} title="Usage" badges=${html`<${TestData} />`} intro="The limit is one for the whole account: all its keys and workspaces together. Test and live count apart, and this dashboard does not count."
    actions=${html`<${ViewAsCurl} calls=${[{ path: '/v1/usage', query: { ...times, group: 'key' } }, { path: '/v1/rate-limit' }]} />`}>
    <${Filters}><${Select} label="Range" value=${chosen} choices=${Object.entries(ranges).map(([value, one]) => [value, one.label])} onChange=${(/** @type {string} */ to) => setQuery({ range: to === 'week' ? null : to })} />
      <${Button} icon="refresh" onClick=${() => { keys.reload(); routes.reload(); }}>Refresh<//><//>
    ${keys.error && !usage && html`<${Failure} error=${keys.error} onRetry=${keys.reload} />`}
    ${!usage && !keys.error && html`<${Skeleton} lines=${8} />`}
    ${usage?.limit && html`<${Panel} title="This hour"><${Meter} limit=${usage.limit} /><//>`}
    ${usage && usage.total.requests === 0 && html`<${Empty} icon="chart" title="No requests in this time" actions=${html`<${Button} href=${href('api-keys')} icon="key">API keys<//>`} />`}
    ${usage && usage.total.requests > 0 && html`
      <${Panel} title="Requests"><${BarChart} title=${`Requests, ${range.label.toLowerCase()}`}
        takeaway=${`${counted(usage.total.requests, 'request')}, ${failed === 0 ? 'none failed' : `${failed.toLocaleString('en')} failed`}${usage.total.rate_limited ? `, ${usage.total.rate_limited.toLocaleString('en')} over the limit` : ''}.`}
        labels=${usage.buckets.map((one) => label(one.start))}
        lines=${range.by === 'hour' && usage.limit ? [{ value: usage.limit.requests_per_hour, label: 'Limit' }, { value: usage.limit.warn_at, label: '80 %' }] : []}
        series=${[
          { label: 'Succeeded', values: usage.buckets.map((one) => one.succeeded) },
          { label: 'Refused', values: usage.buckets.map((one) => one.client_errors - one.rate_limited) },
          { label: 'Over the limit', values: usage.buckets.map((one) => one.rate_limited) },
          { label: 'Failed here', values: usage.buckets.map((one) => one.server_errors) },
        ]} /><//>
      <${Panel} title="By key" flush><${Groups} usage=${usage} caption="Usage by key" first="Key" link=${(/** @type {any} */ row) => (row.key ? href(`api-keys/${row.key}`) : null)} /><//>
      <${Panel} title="By route" flush>${routes.data ? html`<${Groups} usage=${routes.data} caption="Usage by route" first="Route" mono />` : html`<${Skeleton} />`}<//>`}
  <//>`;
}

/** @param {{limit: NonNullable<Usage['limit']>}} props */
function Meter({ limit }) {
  const part = Math.min(1, limit.used / Math.max(1, limit.requests_per_hour));
  const near = limit.used >= limit.warn_at;
  return html`<div class="stack tight">
    <p><strong class="numbers">${limit.used.toLocaleString('en')}</strong> of <span class="numbers">${limit.requests_per_hour.toLocaleString('en')}</span> requests${limit.reset_at && html`; the window ends <${RelativeTime} at=${limit.reset_at} />`}.${near && ' That is past 80 %.'}</p>
    <meter class="meter" min="0" max="1" high="0.8" value=${part} aria-label="Used of this hour's limit">${Math.round(part * 100)} %</meter>
    <p class="muted small">Past the limit a burst of ${limit.burst_percent} % is still served; then calls are answered 429 with the time to wait.</p>
  </div>`;
}

/** @param {{usage: Usage, caption: string, first: string, mono?: boolean, link?: (row: any) => string|null}} props */
const Groups = ({ usage, caption, first, mono, link }) => html`<${DataTable} caption=${caption} rows=${usage.groups} rowKey=${(/** @type {any} */ row) => row.key ?? row.route ?? row.name} sorted=${['requests', 'down']}
  columns=${[
    { key: 'name', label: first, main: true, sort: (/** @type {any} */ row) => row.name ?? row.route, render: (/** @type {any} */ row) => {
      const to = link?.(row);
      const text = mono ? html`<code class="wrap-anywhere">${row.route ?? row.name}</code>` : row.name;
      return to ? html`<a href=${to}>${text}</a>` : text;
    } },
    { key: 'spark', label: 'Course', render: (/** @type {any} */ row) => html`<${Sparkline} values=${row.buckets.map((/** @type {any} */ one) => one.requests)} label=${`Requests of ${row.name ?? row.route}`} />` },
    { key: 'requests', label: 'Requests', end: true, sort: (/** @type {any} */ row) => row.requests, render: (/** @type {any} */ row) => row.requests.toLocaleString('en') },
    { key: 'refused', label: 'Refused', end: true, sort: (/** @type {any} */ row) => row.client_errors, render: (/** @type {any} */ row) => row.client_errors.toLocaleString('en') },
    { key: 'failed', label: 'Failed here', end: true, sort: (/** @type {any} */ row) => row.server_errors, render: (/** @type {any} */ row) => row.server_errors.toLocaleString('en') },
    { key: 'limited', label: '429', end: true, sort: (/** @type {any} */ row) => row.rate_limited, render: (/** @type {any} */ row) => row.rate_limited.toLocaleString('en') },
  ]} />`;

// Who did what, when, from where.
import { html } from '../html.js';
import { useList } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { Badge, Empty, Page, RelativeTime, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';

/** @typedef {{id: string, created_at: string, action: string, actor: {type: string, id?: string, name?: string, account_id?: string}, target: string|null, detail: any, ip: string|null, request_id: string}} Entry */

const kinds = /** @type {Record<string, string>} */ ({ api_key: 'API key', access_token: 'Access token', session: 'Signed in', command_line: 'Command line', app: 'App', system: 'Cadence itself' });

/** What was done, as a sentence. @param {string} action */
export const actionWords = (action) => {
  const [noun, verb = ''] = action.split('.');
  const text = `${noun} ${verb}`.replaceAll('_', ' ');
  const sentence = text[0].toUpperCase() + text.slice(1);
  return sentence.replace(/\bapi\b/i, 'API').replace(/\boauth\b/i, 'OAuth');
};

/** @param {{actor: Entry['actor']}} props */
export const Actor = ({ actor }) => html`<span>${actor.name ?? kinds[actor.type] ?? actor.type}${actor.name && html`<span class="muted small under">${kinds[actor.type] ?? actor.type}</span>`}</span>`;

/** @param {{target: string}} props */
const Target = ({ target }) => (target.startsWith('key_') ? html`<a href=${href(`api-keys/${target}`)}><code class="wrap-anywhere">${target}</code></a>`
  : target.startsWith('cl_') ? html`<a href=${href(`clients/${target}`)}><code class="wrap-anywhere">${target}</code></a>` : html`<code class="wrap-anywhere">${target}</code>`);

export default function AuditLog() {
  const asked = query.value.get('q') ?? '';
  const of = query.value.get('of') === 'account' ? 'account' : 'workspace';
  const list = useList(of === 'account' ? '/v1/account/audit-log' : '/v1/audit-log');
  const rows = list.rows.filter((row) => !asked || JSON.stringify(row).toLowerCase().includes(asked.toLowerCase()));
  return html`<${Page} title="Audit log" badges=${html`<${TestData} />`} intro="Every act on keys, settings and sessions, with who did it and from where. It can only be added to."
    actions=${html`<${ViewAsCurl} calls=${[list.call]} />`}>
    <${Filters}><${Select} label="Of" value=${of} choices=${[['workspace', 'This workspace'], ['account', 'My account: sign-ins and changes']]} onChange=${(/** @type {string} */ to) => setQuery({ of: to === 'account' ? to : null })} /><${Search} label="Search what is loaded" value=${asked} onChange=${(/** @type {string} */ to) => setQuery({ q: to })} /><//>
    <${DataTable} caption="Audit log" rows=${rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} filtered=${Boolean(asked)} onClear=${() => setQuery({ q: null })}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="audit" title="Nothing has been done yet"><p>Creating a key is the first thing that would stand here.</p><//>`}
      columns=${[
        { key: 'action', label: 'What', main: true, render: (/** @type {Entry} */ row) => html`${actionWords(row.action)}${row.detail && html`<details class="detail"><summary class="small">Details</summary><pre class="json">${JSON.stringify(row.detail, null, 2)}</pre></details>`}` },
        { key: 'target', label: 'On', render: (/** @type {Entry} */ row) => (row.target ? html`<${Target} target=${row.target} />` : html`<span class="muted">–</span>`) },
        { key: 'actor', label: 'Who', render: (/** @type {Entry} */ row) => html`<${Actor} actor=${row.actor} />` },
        { key: 'address', label: 'From', render: (/** @type {Entry} */ row) => (row.ip ? html`<code>${row.ip}</code>` : html`<${Badge}>This machine<//>`) },
        { key: 'at', label: 'When', render: (/** @type {Entry} */ row) => html`<a class="plain-link" href=${href(`requests/${row.request_id}`)}><${RelativeTime} at=${row.created_at} /></a>` },
      ]} />
  <//>`;
}

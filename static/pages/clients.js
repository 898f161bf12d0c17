// The roster: every client, found by what is known of her.
import { html, useState } from '../html.js';
import { useList } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { Badge, Button, Empty, Page, RelativeTime, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';

/** @typedef {import('./clients/shape.js').Client & {standing: import('./clients/shape.js').Standing}} Client */
import { InviteBadge, StatusBadge, useDelayed } from './clients/shape.js';
import { lookOf, placeOf } from './today/reasons.js';

const statuses = /** @type {[string, string][]} */ ([
  ['', 'Roster'], ['invited', 'Invited'], ['active', 'Active'], ['paused', 'Paused'], ['archived', 'Archived'],
]);
const orders = /** @type {[string, string][]} */ ([
  ['-created_at', 'Newest first'], ['created_at', 'Oldest first'], ['name', 'Name, A to Z'], ['-name', 'Name, Z to A'],
  ['-updated_at', 'Changed last'],
]);

export default function Clients() {
  const asked = query.value;
  const [typed, setTyped] = useState(asked.get('q') ?? '');
  const q = useDelayed(typed, (text) => setQuery({ q: text }));
  const status = asked.get('status') ?? '';
  const tag = asked.get('tag') ?? '';
  const sort = asked.get('sort') ?? '-created_at';
  const list = useList('/v1/clients', clean({ status, tag, sort, q, expand: 'standing' }));
  const filtered = Boolean(q || status || tag);
  const clear = () => {
    setTyped('');
    setQuery({ q: null, status: null, tag: null });
  };
  return html`<${Page} title="Clients" badges=${html`<${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${[list.call]} />
      <${Button} icon="upload" href=${href('clients/import')}>Import<//>
      <${Button} kind="primary" icon="plus" href=${href('clients/new')}>Add client<//>`}>
    <${Filters}>
      <${Search} label="Search clients" placeholder="Name, email, phone or your own id" value=${typed} onChange=${setTyped} />
      <${Select} label="Status" value=${status} choices=${statuses} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} />
      <${Select} label="Order" value=${sort} choices=${orders} onChange=${(/** @type {string} */ to) => setQuery({ sort: to === '-created_at' ? null : to })} />
      ${tag && html`<${Button} small icon="close" onClick=${() => setQuery({ tag: null })}>Tag: ${tag}<//>`}
    <//>
    <${DataTable} caption="Clients" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload}
      filtered=${filtered} onClear=${clear} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="people" title="Add your first client"
        actions=${html`<${Button} kind="primary" icon="plus" href=${href('clients/new')}>Add client<//><${Button} icon="upload" href=${href('clients/import')}>Import a list<//>`}>
        <p>A client gets a link into the app. You can send it yourself, show it as a QR code, or let it go by mail.</p><//>`}
      columns=${[
        { key: 'name', label: 'Client', main: true, render: (/** @type {Client} */ row) => html`<a href=${href(`clients/${row.id}`)}>${row.name}</a><span class="muted small wrap-anywhere under roomy">${row.email}</span>` },
        { key: 'status', label: 'Status', render: (/** @type {Client} */ row) => html`<span class="row tight"><${StatusBadge} client=${row} />${row.status === 'invited' && row.invite && html`<${InviteBadge} invite=${row.invite} />`}</span>` },
        { key: 'reason', label: 'Needs you', render: (/** @type {Client} */ row) => html`<${Reason} of=${row} />` },
        { key: 'program', label: 'Program', render: (/** @type {Client} */ row) => html`<${Program} of=${row.standing.program} />` },
        { key: 'adherence', label: 'Done, 30 days', end: true, render: (/** @type {Client} */ row) => (row.standing.adherence_30 === null ? none : html`<span title="Sessions done of those that were due in the last 30 days">${row.standing.adherence_30} %</span>`) },
        { key: 'checkin', label: 'Last check-in', render: (/** @type {Client} */ row) => (row.standing.last_checkin_at ? html`<${RelativeTime} at=${row.standing.last_checkin_at} />` : none) },
        { key: 'tags', label: 'Tags', render: (/** @type {Client} */ row) => (row.tags.length === 0 ? none : html`<span class="row tight">${row.tags.map((one) => html`<button type="button" class="tag" key=${one} title=${`Show only ${one}`} onClick=${() => setQuery({ tag: one })}><${Badge}>${one}<//></button>`)}</span>`) },
      ]} />
  <//>`;
}

const none = html`<span class="muted none">–</span>`;

/** The first thing for which a client needs the coach. @param {{of: Client}} props */
function Reason({ of }) {
  if (!of.standing.reason) return none;
  const { icon, tone, words } = lookOf(of.standing.reason);
  return html`<a class="plain-link" href=${placeOf(of.id, { kind: of.standing.reason })}><${Badge} tone=${tone} icon=${icon}>${words}<//></a>`;
}

/** @param {{of: Client['standing']['program']}} props */
function Program({ of }) {
  if (!of) return none;
  return html`<span><a href=${href(`programs/${of.id}`)}>${of.week === null ? `${of.weeks} weeks` : `Week ${of.week} of ${of.weeks}`}</a><span class="muted small under">${of.name}</span></span>`;
}

/** Leaves out what is not set. @param {Record<string, string>} of */
const clean = (of) => Object.fromEntries(Object.entries(of).filter(([, value]) => value !== ''));

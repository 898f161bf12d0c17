// The list of OAuth apps: programs of others that act for coaches who let them in.
import { html, useState } from '../html.js';
import { useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { workspace } from '../store.js';
import { Badge, Button, Empty, ModeBadge, Page, RelativeTime } from '../ui/basics.js';
import { copy } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';
import { toast } from '../ui/toast.js';
import { side } from './keys/shared.js';
import { DeleteApp, RevealSecret, RotateSecret } from './oauth/acts.js';
import { Off, all, modeOf, modes, types } from './oauth/shared.js';

/** @typedef {import('./oauth/shared.js').App} App */

export default function Apps() {
  const read = useRead(all, [workspace.value?.id]);
  const [act, setAct] = useState(/** @type {{kind: 'rotate'|'delete'|'reveal', app: App}|null} */ (null));
  const text = (query.value.get('q') ?? '').toLowerCase();
  const mode = query.value.get('mode') ?? '';
  const every = read.data ?? [];
  const fits = (/** @type {App} */ app) => (!mode || modeOf(app) === mode) && (!text || [app.name, app.id, ...app.redirect_uris].some((part) => part.toLowerCase().includes(text)));
  const close = () => setAct(null);
  const done = () => { close(); read.reload(); };
  const menu = (/** @type {App} */ app) => html`<${Menu} label=${`Actions for ${app.name}`} items=${[
    { label: 'Copy client identifier', icon: 'copy', onSelect: async () => toast(await copy(app.client_id, null) ? 'Client identifier copied.' : `The client identifier is ${app.client_id}`) },
    { label: 'Details', icon: 'info', href: href(`apps/${app.id}`) },
    app.client_type === 'confidential' && { label: 'Rotate the secret', icon: 'rotate', onSelect: () => setAct({ kind: 'rotate', app }) },
    { label: 'Delete', icon: 'trash', danger: true, onSelect: () => setAct({ kind: 'delete', app }) },
  ]} />`;
  return html`<${Page} title="OAuth apps" intro="An app acts for coaches who let it in, each with the permissions that she ticked. For a program of your own an API key is enough."
    actions=${html`<${ViewAsCurl} calls=${[{ path: '/v1/oauth/apps', mode: side(), title: 'List the apps' }, { method: 'POST', path: '/v1/oauth/apps', mode: side(), title: 'Register one', body: { name: 'Runner’s diary', client_type: 'public', redirect_uris: ['http://127.0.0.1/callback'], scopes: ['clients:read'] } }]} /><${Button} icon="shield" href=${href('grants')}>Apps with access<//><${Button} kind="primary" icon="plus" href=${href('apps/new')}>Register an app<//>`}>
    <${Off} />
    ${every.length > 0 && html`<${Filters}>
      <${Search} label="Search apps" placeholder="Name, client identifier or address" value=${query.value.get('q') ?? ''} onChange=${(/** @type {string} */ q) => setQuery({ q })} />
      ${modes().length > 1 && html`<${Select} label="Mode" value=${mode} onChange=${(/** @type {string} */ value) => setQuery({ mode: value })} choices=${[['', 'Test and live'], ['test', 'Test apps'], ['live', 'Live apps']]} />`}
    <//>`}
    <${DataTable} caption="OAuth apps" rows=${every.filter(fits)} loading=${read.loading} error=${read.error} onRetry=${read.reload} sorted=${['created', 'down']}
      filtered=${Boolean(text || mode) && every.length > 0} onClear=${() => setQuery({ q: null, mode: null })} actions=${menu}
      empty=${html`<${Empty} icon="apps" title="Register your first app" actions=${html`<${Button} kind="primary" icon="plus" href=${href('apps/new')}>Register an app<//>`}>
        <p>A coach opens a link of the app, signs in here and ticks what it may do. The app never sees her password.</p>
        <p class="small"><a href="/docs/guides/oauth">The guide to apps and OAuth</a></p><//>`}
      columns=${[
        { key: 'name', label: 'Name', main: true, sort: (/** @type {App} */ app) => app.name, render: (/** @type {App} */ app) => html`<span class="key-name"><a href=${href(`apps/${app.id}`)}>${app.name}</a>${app.client_uri && html`<span class="muted wrap-anywhere">${app.client_uri}</span>`}</span>` },
        { key: 'mode', label: 'Mode', sort: modeOf, render: (/** @type {App} */ app) => html`<${ModeBadge} mode=${modeOf(app)} />` },
        { key: 'type', label: 'Type', sort: (/** @type {App} */ app) => app.client_type, render: (/** @type {App} */ app) => types[app.client_type] },
        { key: 'id', label: 'Client identifier', render: (/** @type {App} */ app) => html`<code class="wrap-anywhere">${app.client_id}</code>` },
        { key: 'secret', label: 'Secret', render: (/** @type {App} */ app) => html`${app.client_secret_hint ? html`<span class="masked">${app.client_secret_hint}</span>` : html`<span class="muted">None</span>`}${app.previous_secret_works_until && html` <${Badge} tone="info" icon="rotate">Rotating<//>`}` },
        { key: 'redirects', label: 'Redirect URIs', render: (/** @type {App} */ app) => html`<span class="wrap-anywhere">${app.redirect_uris[0]}${app.redirect_uris.length > 1 && html` <span class="muted nowrap">and ${app.redirect_uris.length - 1} more</span>`}</span>` },
        { key: 'created', label: 'Created', sort: (/** @type {App} */ app) => app.created_at, render: (/** @type {App} */ app) => html`<${RelativeTime} at=${app.created_at} date />` },
      ]} />
    ${act?.kind === 'rotate' && html`<${RotateSecret} of=${act.app} onClose=${close} onRotated=${(/** @type {App} */ app) => { setAct({ kind: 'reveal', app }); read.reload(); }} />`}
    ${act?.kind === 'reveal' && html`<${RevealSecret} made=${act.app} onDone=${close} />`}
    ${act?.kind === 'delete' && html`<${DeleteApp} of=${act.app} onClose=${close} onDeleted=${done} />`}
  <//>`;
}

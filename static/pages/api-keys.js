// The list of API keys.
import { html, useMemo, useState } from '../html.js';
import { get, useRead } from '../api.js';
import { go, href, query, setQuery } from '../router.js';
import { workspace } from '../store.js';
import { Badge, Button, Empty, ModeBadge, Page, RelativeTime } from '../ui/basics.js';
import { Sparkline } from '../ui/chart.js';
import { CodeBlock, copy } from '../ui/copy.js';
import { ViewAsCurl, baseUrl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';
import { Tabs } from '../ui/tabs.js';
import { toast } from '../ui/toast.js';
import { Find, Revoke, Rotate } from './keys/acts.js';
import { Reveal } from './keys/reveal.js';
import { DAY, KeyStatus, all, isCurrent, isUnused, masked, path, scopeWords, side, switchKey, works } from './keys/shared.js';

/** @typedef {import('./keys/shared.js').Key} Key */

const tabs = /** @type {[string, string, (key: Key) => boolean][]} */ ([
  ['current', 'Active', isCurrent],
  ['rotating', 'Rotating', (key) => key.status === 'rotating' && works(key)],
  ['ended', 'Revoked and ended', (key) => !isCurrent(key)],
  ['all', 'All', () => true],
]);

/** Requests of the last seven days by key: per day, oldest first. Null where the server keeps none. @param {AbortSignal} signal */
async function readUsage(signal) {
  const to = new Date();
  const from = new Date(to.getTime() - 7 * DAY);
  /** @type {Map<string, number[]>} */
  const byKey = new Map();
  for (const mode of /** @type {('test'|'live')[]} */ (side() === 'test' ? ['test'] : ['test', 'live'])) {
    const usage = await get('/v1/usage', { from: from.toISOString(), to: to.toISOString(), by: 'day', group: 'key' }, { mode, signal });
    for (const group of usage.groups ?? []) byKey.set(group.key, daily(group.buckets ?? [], to));
  }
  return byKey;
}

/** @param {{start: string, requests: number}[]} buckets @param {Date} to */
function daily(buckets, to) {
  const days = Array.from({ length: 7 }, (_, at) => new Date(to.getTime() - (6 - at) * DAY).toISOString().slice(0, 10));
  return days.map((day) => buckets.filter((bucket) => bucket.start.slice(0, 10) === day).reduce((sum, bucket) => sum + bucket.requests, 0));
}

export default function ApiKeys() {
  const keys = useRead(all, [workspace.value?.id]);
  const usage = useRead(readUsage, [workspace.value?.id]);
  const [act, setAct] = useState(/** @type {{kind: 'rotate'|'revoke'|'reveal', key: Key, made?: Key}|null} */ (null));
  const tab = query.value.get('show') ?? 'current';
  const text = query.value.get('q') ?? '';
  const mode = query.value.get('mode') ?? '';
  const finding = query.value.get('found') === 'key';
  const every = keys.data ?? [];
  const twins = useMemo(() => duplicates(every), [every]);
  const chosen = tabs.find(([name]) => name === tab) ?? tabs[0];
  const fits = (/** @type {Key} */ key) => (!mode || key.mode === mode) && (!text || [key.name, key.description, key.hint, key.id, ...key.scopes].some((part) => part?.toLowerCase().includes(text.toLowerCase())));
  const rows = every.filter(chosen[2]).filter(fits);
  const close = () => setAct(null);
  const done = () => { close(); keys.reload(); };

  const columns = [
    { key: 'name', label: 'Name', main: true, sort: (/** @type {Key} */ key) => key.name, render: (/** @type {Key} */ key) => html`<span class="key-name"><a href=${href(`api-keys/${key.id}`)}>${key.name}</a>${key.description && html`<span class="muted">${key.description}</span>`}${twins.has(key.id) && html`<${Badge} tone="warning" icon="warning" title="Another working key of this mode has the same name">Same name twice<//>`}</span>` },
    { key: 'mode', label: 'Mode', sort: (/** @type {Key} */ key) => key.mode, render: (/** @type {Key} */ key) => html`<${ModeBadge} mode=${key.mode} />` },
    { key: 'key', label: 'Key', render: (/** @type {Key} */ key) => html`<span class="masked">${masked(key)}</span>` },
    { key: 'scopes', label: 'Scopes', render: (/** @type {Key} */ key) => html`<span class="nowrap" title=${key.scopes.join(', ')}>${scopeWords(key.scopes)}</span>` },
    { key: 'status', label: 'Status', sort: (/** @type {Key} */ key) => `${key.status}${isUnused(key)}`, render: (/** @type {Key} */ key) => html`<${KeyStatus} of=${key} />` },
    { key: 'used', label: 'Last used', sort: (/** @type {Key} */ key) => key.last_used_at, render: (/** @type {Key} */ key) => html`<${RelativeTime} at=${key.last_used_at} />` },
    ...(usage.missing || usage.error ? [] : [{ key: 'requests', label: '7 days', sort: (/** @type {Key} */ key) => sum(usage.data?.get(key.id)), render: (/** @type {Key} */ key) => html`<${Week} values=${usage.data?.get(key.id)} known=${Boolean(usage.data)} />` }]),
    { key: 'created', label: 'Created', sort: (/** @type {Key} */ key) => key.created_at, render: (/** @type {Key} */ key) => html`<${RelativeTime} at=${key.created_at} date />` },
  ];
  const counts = (/** @type {string} */ name) => (keys.data ? every.filter(/** @type {any} */ (tabs.find(([one]) => one === name))[2]).length : null);

  return html`<${Page} title="API keys" intro="A key lets a program act in this workspace. Give each application a key of its own: then you can see what it does, and end it alone."
    actions=${html`<${ViewAsCurl} calls=${[{ path: path(), mode: side(), title: 'List the keys' }, { method: 'POST', path: path(), body: { name: 'Booking site', scopes: ['clients:read'] }, mode: side(), title: 'Create a key' }]} /><${Button} icon="search" onClick=${() => setQuery({ found: 'key' })}>Found a key? Paste it<//><${Button} kind="primary" icon="plus" href=${href('api-keys/new')}>Create API key<//>`}>
    <${Tabs} label="Keys by status" value=${chosen[0]} onChange=${(/** @type {string} */ show) => setQuery({ show: show === 'current' ? null : show })} tabs=${tabs.map(([value, label]) => ({ value, label, count: counts(value) }))}>
      <div class="stack">
        ${(every.length > 0 || keys.loading) && html`<${Filters}>
          <${Search} label="Search keys" placeholder="Name, note, scope or last four" value=${text} onChange=${(/** @type {string} */ q) => setQuery({ q })} />
          <${Select} label="Mode" value=${mode} onChange=${(/** @type {string} */ value) => setQuery({ mode: value })} choices=${[['', 'Test and live'], ['test', 'Test keys'], ['live', 'Live keys']]} />
        <//>`}
        <${DataTable} caption="API keys" columns=${columns} rows=${rows} loading=${keys.loading} error=${keys.error} onRetry=${keys.reload} sorted=${['created', 'down']}
          rowClass=${(/** @type {Key} */ key) => !isCurrent(key) && 'faded'}
          filtered=${Boolean(text || mode) && every.some(chosen[2])} onClear=${() => setQuery({ q: null, mode: null })}
          empty=${every.length ? html`<${Empty} icon="key" title=${chosen[0] === 'rotating' ? 'No key is being rotated' : chosen[0] === 'ended' ? 'No key has ended' : 'No key works at present'} />` : html`<${First} />`}
          actions=${(/** @type {Key} */ key) => html`<${Menu} label=${`Actions for ${key.name}`} items=${[
            { label: 'Copy identifier', icon: 'copy', onSelect: async () => toast(await copy(key.id, null) ? 'Identifier copied.' : `The identifier is ${key.id}`) },
            { label: 'Details', icon: 'info', href: href(`api-keys/${key.id}`) },
            key.status === 'active' && { label: 'Rotate', icon: 'rotate', onSelect: () => setAct({ kind: 'rotate', key }) },
            (key.status === 'active' || key.status === 'disabled') && { label: key.status === 'disabled' ? 'Enable' : 'Disable', icon: key.status === 'disabled' ? 'play' : 'pause', onSelect: () => switchKey(key, keys.reload) },
            key.status !== 'revoked' && { label: 'Revoke', icon: 'trash', danger: true, onSelect: () => setAct({ kind: 'revoke', key }) },
          ]} />`} />
      </div>
    <//>
    ${act?.kind === 'rotate' && html`<${Rotate} of=${act.key} onClose=${close} onRotated=${(/** @type {Key} */ made) => { setAct({ kind: 'reveal', key: act.key, made }); keys.reload(); }} />`}
    ${act?.kind === 'reveal' && act.made && html`<${Reveal} made=${act.made} replaced=${act.key} onDone=${() => { const id = act.made?.id; close(); go(href(`api-keys/${id}`)); }} />`}
    ${act?.kind === 'revoke' && html`<${Revoke} of=${act.key} onClose=${close} onRevoked=${done} onRotate=${() => setAct({ kind: 'rotate', key: act.key })} />`}
    ${finding && html`<${Find} onClose=${() => setQuery({ found: null })} onRevoke=${(/** @type {Key} */ key) => { setQuery({ found: null }); setAct({ kind: 'revoke', key }); }} />`}
  <//>`;
}

/** @param {number[]|undefined} values */
const sum = (values) => values?.reduce((total, value) => total + value, 0) ?? 0;

/** @param {{values: number[]|undefined, known: boolean}} props */
function Week({ values, known }) {
  if (!known) return html`<span class="muted">–</span>`;
  const total = sum(values);
  return html`<span class="week"><${Sparkline} values=${values ?? [0, 0, 0, 0, 0, 0, 0]} label=${`${total.toLocaleString('en')} requests in seven days`} /><span class="small muted numbers" aria-hidden="true">${total.toLocaleString('en')}</span></span>`;
}

/** Keys that share their name with another that works, in the same mode. @param {Key[]} keys */
function duplicates(keys) {
  /** @type {Map<string, string[]>} */
  const byName = new Map();
  for (const key of keys.filter((one) => one.status === 'active' || one.status === 'disabled')) {
    const name = `${key.mode} ${key.name.trim().toLowerCase()}`;
    byName.set(name, [...(byName.get(name) ?? []), key.id]);
  }
  return new Set([...byName.values()].filter((ids) => ids.length > 1).flat());
}

const First = () => html`<${Empty} icon="key" title="Create your first key" actions=${html`<${Button} kind="primary" icon="plus" href=${href('api-keys/new')}>Create API key<//>`}>
    <p>A test key is safe to try: it sees invented data, and no mail is sent.</p>
    <p class="small">Only clients to look after, no programs? Then you need none: everything is here in the dashboard.</p>
  <//>
  <${CodeBlock} label="What a program does with it" text=${`curl ${baseUrl()}/v1/clients \\\n  -H "Authorization: Bearer cdnsk_test_…"`} />`;

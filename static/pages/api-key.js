// One API key: its facts, how a program signs in with it, what it did, what was done to it.
import { html, useState } from '../html.js';
import { get, useList, useRead } from '../api.js';
import { go, href } from '../router.js';
import { routes } from '../routes.js';
import { workspace } from '../store.js';
import { Badge, Button, Empty, Facts, Failure, ModeBadge, Note, NotHere, Page, Panel, RelativeTime, Skeleton, counted, day } from '../ui/basics.js';
import { BarChart } from '../ui/chart.js';
import { CodeBlock, CopyText } from '../ui/copy.js';
import { ViewAsCurl, baseUrl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { DataTable } from '../ui/table.js';
import { Edit, Revoke, Rotate } from './keys/acts.js';
import { Reveal } from './keys/reveal.js';
import { DAY, KeyStatus, all, everyScope, isUnused, masked, one, path, reach, side, switchKey, works } from './keys/shared.js';
import { Trail } from './keys/trail.js';

/** @typedef {import('./keys/shared.js').Key} Key */

/** What was done to a key, in words. */
const done = { 'api_key.created': 'Created', 'api_key.rotated': 'Rotated', 'api_key.revoked': 'Revoked', 'api_key.updated': 'Changed', 'api_key.disabled': 'Disabled', 'api_key.enabled': 'Enabled' };

/** @param {{parameters: {key_id: string}}} props */
export default function ApiKey({ parameters }) {
  const id = parameters.key_id;
  const read = useRead((signal) => one(id, signal), [id, workspace.value?.id]);
  const others = useRead(all, [id, workspace.value?.id]);
  const [act, setAct] = useState(/** @type {{kind: 'rotate'|'revoke'|'edit'|'reveal', of?: Key, made?: Key}|null} */ (null));
  const back = { href: href('api-keys'), label: 'API keys' };
  const key = read.data;
  if (read.missing) {
    return html`<${Page} title="No such key" back=${back}><${Empty} icon="key" title="There is no such key in this workspace" actions=${html`<${Button} href=${href('api-keys')}>To the keys<//>`}><p><code>${id}</code></p><//><//>`;
  }
  if (!key) {
    return html`<${Page} title="API key" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${6} />`}<//>`;
  }
  const close = () => setAct(null);
  const reload = () => { read.reload(); others.reload(); };
  const before = others.data?.find((other) => other.id === key.rotated_from);
  const after = others.data?.find((other) => other.rotated_from === key.id);
  return html`<${Page} title=${key.name} back=${back} badges=${html`<${ModeBadge} mode=${key.mode} /><${KeyStatus} of=${key} />`} intro=${key.description}
    actions=${html`<${ViewAsCurl} calls=${[{ path: path(`/${key.id}`), mode: side(), title: 'Read the key' }, { method: 'POST', path: path(`/${key.id}/rotate`), body: { retire: 'on_first_use' }, mode: side(), title: 'Rotate it' }, { method: 'DELETE', path: path(`/${key.id}`), mode: side(), title: 'Revoke it' }]} />
      ${key.status === 'active' && html`<${Button} icon="rotate" onClick=${() => setAct({ kind: 'rotate' })}>Rotate<//>`}
      <${Menu} label=${`Actions for ${key.name}`} items=${[
        key.status === 'active' && { label: 'Change settings', icon: 'edit', onSelect: () => setAct({ kind: 'edit' }) },
        (key.status === 'active' || key.status === 'disabled') && { label: key.status === 'disabled' ? 'Enable' : 'Disable', icon: key.status === 'disabled' ? 'play' : 'pause', onSelect: () => switchKey(key, reload) },
        { label: 'Its entries in the list', icon: 'list', href: href('api-keys', { q: key.name, show: 'all' }) },
        key.status !== 'revoked' && { label: 'Revoke', icon: 'trash', danger: true, onSelect: () => setAct({ kind: 'revoke' }) },
      ]} />`}>
    ${isUnused(key) && html`<${Note} tone="warning" title="Unused for 30 days" actions=${html`<${Button} small onClick=${() => setAct({ kind: 'revoke' })}>Revoke it<//>`}><p>A key that nothing uses can only be lost.</p><//>`}
    ${(before || after) && html`<${Halves} old=${before && works(before) ? before : after ? key : before ?? key} fresh=${after ?? key} onEnd=${(/** @type {Key} */ of) => setAct({ kind: 'revoke', of })} />`}
    <${Panel} title="Facts"><${Facts} of=${[
      ['Key', html`<span class="masked">${masked(key)}</span>`],
      ['Access', key.scopes.length >= everyScope.length ? 'Everything' : `${counted(key.scopes.length, 'scope')}`],
      ['Expires', key.expires_at ? html`<${RelativeTime} at=${key.expires_at} />` : 'Never'],
      ['Allowed addresses', key.allowed_ips ? key.allowed_ips.map((ip) => html`<code key=${ip}>${ip}</code> `) : 'Any'],
      ['Last used', html`<${RelativeTime} at=${key.last_used_at} />`],
      ['Last used from', key.last_used_ip ?? '–'],
      ['Created', html`<${RelativeTime} at=${key.created_at} />`],
      key.revoked_at && ['Revoked', html`<${RelativeTime} at=${key.revoked_at} />`],
    ]} />
      ${key.scopes.length < everyScope.length && html`<div class="stack tight scopes-below"><p class="muted small">It ${reach(key.scopes)}.</p><p class="scopes">${key.scopes.map((scope) => html`<code key=${scope}>${scope}</code>`)}</p></div>`}
    <//>
    <${Panel} title="Signing in with it" intro="As it is, or for an access token of 12 hours (OAuth 2.0 client credentials).">
      <div class="stack">
        <${Facts} of=${[['Client identifier', html`<${CopyText} text=${key.id} label="the client identifier" />`], ['Secret', 'The key itself. It was shown once, when it was made.']]} />
        <${CodeBlock} label="For a token" text=${`curl -X POST ${baseUrl()}/oauth/token \\\n  -d grant_type=client_credentials \\\n  -d client_id=${key.id} \\\n  -d client_secret="$CADENCE_API_KEY" \\\n  -d scope=public`} />
      </div>
    <//>
    <${Requests} of=${key} />
    <${Trail} of=${key.id} mode=${key.mode} what="key" words=${done} />
    ${act?.kind === 'edit' && html`<${Edit} of=${key} onClose=${close} onChanged=${(/** @type {Key} */ changed) => { close(); read.set(changed); others.reload(); }} />`}
    ${act?.kind === 'rotate' && html`<${Rotate} of=${key} onClose=${close} onRotated=${(/** @type {Key} */ made) => { setAct({ kind: 'reveal', made }); reload(); }} />`}
    ${act?.kind === 'reveal' && act.made && html`<${Reveal} made=${act.made} replaced=${key} onDone=${() => { const next = act.made?.id; close(); go(href(`api-keys/${next}`)); }} />`}
    ${act?.kind === 'revoke' && html`<${Revoke} of=${act.of ?? key} onClose=${close} onRevoked=${() => { close(); reload(); }} onRotate=${() => setAct({ kind: 'rotate' })} />`}
  <//>`;
}

/** The old key and the new one, side by side, while both are around. @param {{old: Key, fresh: Key, onEnd: (key: Key) => void}} props */
function Halves({ old, fresh, onEnd }) {
  if (old.id === fresh.id) return null;
  const half = (/** @type {string} */ title, /** @type {Key} */ key, /** @type {any} */ extra) => html`<div class="half">
    <div class="row between"><h2 class="half-title">${title}</h2><${KeyStatus} of=${key} /></div>
    <p><a href=${href(`api-keys/${key.id}`)} class="masked">${masked(key)}</a></p>
    ${extra}</div>`;
  return html`<div class="halves">
    ${half('Old key', old, html`<p class="small">Last used <${RelativeTime} at=${old.last_used_at} />${old.last_used_ip && html` from <code>${old.last_used_ip}</code>`}</p>
      ${works(old) ? html`<div><${Button} small onClick=${() => onEnd(old)}>End the old key now<//></div>` : html`<p class="small muted">Calls with it are refused.</p>`}`)}
    ${half('New key', fresh, fresh.last_used_at
      ? html`<p class="small"><${Badge} tone="good" icon="check">In use<//> last <${RelativeTime} at=${fresh.last_used_at} />${fresh.last_used_ip && html` from <code>${fresh.last_used_ip}</code>`}</p>`
      : html`<p class="small"><${Badge} icon="clock">Waits for its first use<//></p>`)}
  </div>`;
}

/**
 * The programs that the last requests came from, by the first word of what they call themselves. A
 * browser is none: it is somebody who tries the key.
 * @param {{id: string}[]} rows @param {Key} key
 */
function useApplications(rows, key) {
  const ids = rows.slice(0, 10).map((row) => row.id);
  const read = useRead(ids.length > 1 ? async (signal) => {
    const all = await Promise.all(ids.map((id) => get(`/v1/requests/${id}`, {}, { mode: key.mode, signal })));
    return all.map((one) => String(one.request?.user_agent ?? '').split(/[/ ]/)[0]);
  } : null, [ids.join()]);
  return [...new Set(read.data ?? [])].filter((name) => name && name !== 'Mozilla');
}

/** @param {{of: Key}} props */
function Requests({ of: key }) {
  const list = useList('/v1/requests', { key: key.id, limit: 20 }, { mode: key.mode });
  const usage = useRead((signal) => {
    const to = new Date();
    return get('/v1/usage', { from: new Date(to.getTime() - 30 * DAY).toISOString(), to: to.toISOString(), by: 'day', group: 'key' }, { mode: key.mode, signal });
  }, [key.id, workspace.value?.id]);
  const own = usage.data?.groups?.find((/** @type {any} */ group) => group.key === key.id);
  const total = own?.requests ?? 0;
  const page = routes.some((route) => route.path === 'requests/:request_id');
  const apps = useApplications(list.rows, key);
  return html`<${Panel} title="Requests" flush intro=${list.missing ? undefined : 'The newest first. A request has a page of its own, with what was sent and answered.'}>
    ${apps.length > 1 && html`<div class="panel-pad"><${Note} tone="warning" title="Used by more than one application"><p>Its last requests came from ${new Intl.ListFormat('en').format(apps)}. With a key of its own, each could be seen and ended alone.</p><//></div>`}
    ${list.missing ? html`<div class="panel-pad"><${NotHere} what="The request log is" /></div>` : html`<div class="stack">
      ${own && html`<div class="panel-pad"><${BarChart} title="Requests with this key in the last 30 days" first="Day" takeaway=${html`<strong>${total.toLocaleString('en')}</strong> requests in 30 days${own.client_errors + own.server_errors > 0 && html`, <strong>${(own.client_errors + own.server_errors).toLocaleString('en')}</strong> of them failed`}`}
        labels=${own.buckets.map((/** @type {any} */ bucket) => String(new Date(bucket.start).getUTCDate()))} names=${own.buckets.map((/** @type {any} */ bucket) => day(bucket.start))} series=${[{ label: 'Requests', values: own.buckets.map((/** @type {any} */ bucket) => bucket.requests) }]} /></div>`}
      <${DataTable} caption="Requests with this key" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
        empty=${html`<${Empty} icon="list" title="Nothing yet"><p>What a program does with this key appears here.</p><//>`}
        columns=${[
          { key: 'status', label: 'Status', render: (/** @type {any} */ row) => html`<${Badge} tone=${row.status < 400 ? 'good' : row.status < 500 ? 'warning' : 'danger'}>${row.status}<//>` },
          { key: 'path', label: 'Request', main: true, render: (/** @type {any} */ row) => html`<span class="mono wrap-anywhere">${page ? html`<a href=${href(`requests/${row.id}`, {}, key.mode)}>${row.method} ${row.path}</a>` : `${row.method} ${row.path}`}</span>` },
          { key: 'code', label: 'Code', render: (/** @type {any} */ row) => (row.code ? html`<code>${row.code}</code>` : html`<span class="muted">–</span>`) },
          { key: 'ms', label: 'Time', end: true, render: (/** @type {any} */ row) => `${row.duration_ms} ms` },
          { key: 'at', label: 'When', render: (/** @type {any} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
        ]} /></div>`}
  <//>`;
}

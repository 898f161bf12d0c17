// Apps with access: what this coach let in, in all of her workspaces and both modes.
import { html, useState } from '../html.js';
import { ApiError, get, remove, useRead } from '../api.js';
import { session } from '../store.js';
import { Button, Empty, Failure, ModeBadge, Page, RelativeTime, counted } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Dialog } from '../ui/dialog.js';
import { DataTable } from '../ui/table.js';
import { toast } from '../ui/toast.js';
import { side } from './keys/shared.js';
import { Off, modeOf, modes } from './oauth/shared.js';

/** @typedef {{id: string, livemode: boolean, app: {id: string, name: string, client_type: string, client_uri: string|null}, scopes: string[], allows: string[], last_used_at: string|null, created_at: string, updated_at: string, workspace: import('../store.js').Workspace}} Grant */

/** @param {import('../store.js').Workspace} workspace */
const within = (workspace) => ({ 'Cadence-Workspace': workspace.id });

/** A coach looks for an app, not for the workspace that she chose then. @param {AbortSignal} signal @returns {Promise<Grant[]>} */
async function everywhere(signal) {
  /** @type {{workspace: import('../store.js').Workspace, mode: 'test'|'live'}[]} */
  const places = (session.peek()?.workspaces ?? []).flatMap((/** @type {import('../store.js').Workspace} */ workspace) => modes().map((mode) => ({ workspace, mode })));
  const lists = await Promise.all(places.map(async ({ workspace, mode }) => {
    const list = await get('/v1/oauth/grants', {}, { mode, signal, headers: within(workspace) });
    return list.data.map((/** @type {any} */ grant) => ({ ...grant, workspace }));
  }));
  return lists.flat();
}

export default function Grants() {
  const read = useRead(everywhere, []);
  const [ending, setEnding] = useState(/** @type {Grant|null} */ (null));
  return html`<${Page} title="Apps with access" intro="Programs that you let act for you. Each may do what stands here and no more, until you take it back."
    actions=${html`<${ViewAsCurl} calls=${[{ path: '/v1/oauth/grants', mode: side(), title: 'List them' }]} />`}>
    <${Off} />
    <${DataTable} caption="Apps with access" rows=${read.data ?? []} loading=${read.loading} error=${read.error} onRetry=${read.reload} sorted=${['granted', 'down']}
      empty=${html`<${Empty} icon="shield" title="No app acts for you"><p>When you let one in, it appears here, with what it may do and when it last did something.</p><//>`}
      actions=${(/** @type {Grant} */ grant) => html`<${Button} small icon="close" onClick=${() => setEnding(grant)}>Revoke<span class="unseen"> the access of ${grant.app.name}</span><//>`}
      columns=${[
        { key: 'app', label: 'App', main: true, sort: (/** @type {Grant} */ grant) => grant.app.name, render: (/** @type {Grant} */ grant) => html`<span class="key-name">${grant.app.name}${grant.app.client_uri && html`<span class="muted wrap-anywhere">${grant.app.client_uri}</span>`}</span>` },
        { key: 'workspace', label: 'Workspace', sort: (/** @type {Grant} */ grant) => grant.workspace.name, render: (/** @type {Grant} */ grant) => grant.workspace.name },
        { key: 'mode', label: 'Mode', sort: modeOf, render: (/** @type {Grant} */ grant) => html`<${ModeBadge} mode=${modeOf(grant)} />` },
        { key: 'allows', label: 'It may', render: (/** @type {Grant} */ grant) => html`<${Allows} of=${grant} />` },
        { key: 'granted', label: 'Allowed', sort: (/** @type {Grant} */ grant) => grant.updated_at, render: (/** @type {Grant} */ grant) => html`<${RelativeTime} at=${grant.updated_at} />` },
        { key: 'used', label: 'Last used', sort: (/** @type {Grant} */ grant) => grant.last_used_at, render: (/** @type {Grant} */ grant) => html`<${RelativeTime} at=${grant.last_used_at} />` },
      ]} />
    ${ending && html`<${End} of=${ending} onClose=${() => setEnding(null)} onEnded=${() => { setEnding(null); read.reload(); }} />`}
  <//>`;
}

/** A few permissions are read at once; of many, the number is. @param {{of: Grant}} props */
function Allows({ of: grant }) {
  const list = html`<ul class="plain-list small">${grant.allows.map((words) => html`<li key=${words}>${words}</li>`)}</ul>`;
  if (grant.allows.length === 0) return html`<span class="muted">Nothing any more</span>`;
  return grant.allows.length <= 4 ? list : html`<details><summary>${counted(grant.allows.length, 'permission')}</summary>${list}</details>`;
}

/** @param {{of: Grant, onClose: () => void, onEnded: () => void}} props */
function End({ of: grant, onClose, onEnded }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await remove(`/v1/oauth/grants/${grant.id}`, { mode: modeOf(grant), headers: within(grant.workspace) });
      toast(`“${grant.app.name}” no longer acts for you in ${grant.workspace.name}.`);
      onEnded();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${`Revoke the access of “${grant.app.name}”`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="danger" busy=${busy} onClick=${run}>Revoke access<//>`}>
    <div class="stack"><${Failure} error=${error} />
      <p>Its next request is refused: it no longer reaches the ${modeOf(grant)} data of ${grant.workspace.name}. To come back it has to ask you again.</p>
      <p class="muted small">What it has already read or changed stays as it is.</p>
    </div><//>`;
}

// One OAuth app: its facts, how a program uses it, what was done to it.
import { html, useState } from '../html.js';
import { useRead } from '../api.js';
import { go, href } from '../router.js';
import { workspace } from '../store.js';
import { Badge, Button, Empty, Facts, Failure, ModeBadge, Page, Panel, RelativeTime, Skeleton, counted, exact } from '../ui/basics.js';
import { CopyText } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { reach } from './keys/shared.js';
import { Trail } from './keys/trail.js';
import { DeleteApp, EditApp, RevealSecret, RotateSecret } from './oauth/acts.js';
import { Hint } from './oauth/hint.js';
import { Off, all, modeOf, types } from './oauth/shared.js';

/** @typedef {import('./oauth/shared.js').App} App */

/** What was done to an app, in words. */
const done = { 'oauth_app.created': 'Registered', 'oauth_app.updated': 'Changed', 'oauth_app.secret_rotated': 'Secret rotated' };

/** @param {{parameters: {app_id: string}}} props */
export default function OAuthApp({ parameters: { app_id: id } }) {
  const read = useRead(all, [id, workspace.value?.id]);
  const [act, setAct] = useState(/** @type {{kind: 'rotate'|'delete'|'edit'|'reveal', made?: App}|null} */ (null));
  const back = { href: href('apps'), label: 'OAuth apps' };
  const app = read.data?.find((one) => one.id === id);
  if (!app) {
    if (read.error || !read.data) return html`<${Page} title="OAuth app" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${6} />`}<//>`;
    return html`<${Page} title="No such app" back=${back}><${Empty} icon="apps" title="There is no such app in this workspace" actions=${html`<${Button} href=${href('apps')}>To the apps<//>`}><p><code class="wrap-anywhere">${id}</code></p><//><//>`;
  }
  const mode = modeOf(app);
  const close = () => setAct(null);
  const path = `/v1/oauth/apps/${app.id}`;
  return html`<${Page} title=${app.name} back=${back} badges=${html`<${ModeBadge} mode=${mode} /><${Badge}>${types[app.client_type]}<//>`}
    actions=${html`<${ViewAsCurl} calls=${[{ path, mode, title: 'Read the app' }, ...(app.client_type === 'confidential' ? [{ method: 'POST', path: `${path}/rotate-secret`, body: { grace_seconds: 86_400 }, mode, title: 'Rotate its secret' }] : []), { method: 'DELETE', path, mode, title: 'Delete it' }]} />
      <${Button} icon="edit" onClick=${() => setAct({ kind: 'edit' })}>Change<//>
      ${app.client_type === 'confidential' && html`<${Button} icon="rotate" onClick=${() => setAct({ kind: 'rotate' })}>Rotate the secret<//>`}
      <${Menu} label=${`Actions for ${app.name}`} items=${[{ label: 'Delete', icon: 'trash', danger: true, onSelect: () => setAct({ kind: 'delete' }) }]} />`}>
    <${Off} />
    <${Panel} title="Facts">
      <div class="stack">
      <${Facts} of=${[
        ['Client identifier', html`<${CopyText} text=${app.client_id} label="the client identifier" />`],
        ['Secret', app.client_secret_hint ? html`<span class="masked">${app.client_secret_hint}</span>` : 'None: a public app cannot keep one'],
        app.previous_secret_works_until && ['The secret before it', html`works until <time datetime=${app.previous_secret_works_until} title=${exact(app.previous_secret_works_until)}>${new Date(app.previous_secret_works_until).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}</time>`],
        ['Home page', app.client_uri ? html`<a href=${app.client_uri} rel="noopener noreferrer">${app.client_uri}</a>` : '–'],
        ['Created', html`<${RelativeTime} at=${app.created_at} />`],
        ['Changed', html`<${RelativeTime} at=${app.updated_at} />`],
      ]} />
      <div class="stack tight"><h3>Redirect URIs</h3><ul class="plain-list">${app.redirect_uris.map((uri) => html`<li key=${uri}><code class="wrap-anywhere">${uri}</code></li>`)}</ul></div>
      <div class="stack tight"><h3>${counted(app.scopes.length, 'scope')}</h3><p class="muted small">With a coach’s consent it ${reach(app.scopes)}.</p><p class="scopes">${app.scopes.map((scope) => html`<code key=${scope}>${scope}</code>`)}</p></div>
      </div>
    <//>
    <${Hint} of=${app} />
    <${Trail} key=${app.updated_at} of=${app.id} mode=${mode} what="app" words=${done} />
    ${act?.kind === 'edit' && html`<${EditApp} of=${app} onClose=${close} onChanged=${() => { close(); read.reload(); }} />`}
    ${act?.kind === 'rotate' && html`<${RotateSecret} of=${app} onClose=${close} onRotated=${(/** @type {App} */ made) => { setAct({ kind: 'reveal', made }); read.reload(); }} />`}
    ${act?.kind === 'reveal' && act.made && html`<${RevealSecret} made=${act.made} onDone=${close} />`}
    ${act?.kind === 'delete' && html`<${DeleteApp} of=${app} onClose=${close} onDeleted=${() => { close(); go(href('apps'), { replace: true }); }} />`}
  <//>`;
}

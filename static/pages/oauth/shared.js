// What the pages of OAuth apps share: the calls, and whether OAuth works here at all.
import { html } from '../../html.js';
import { get, patch, post, remove as end } from '../../api.js';
import { href } from '../../router.js';
import { session, status } from '../../store.js';
import { Button, Note } from '../../ui/basics.js';
import { baseUrl } from '../../ui/curl.js';
import { side } from '../keys/shared.js';

/**
 * @typedef {'test'|'live'} Mode
 * @typedef {{id: string, livemode: boolean, client_id: string, name: string, client_type: 'public'|'confidential', client_uri: string|null, redirect_uris: string[], scopes: string[], grant_types: string[], client_secret_hint: string|null, previous_secret_works_until: string|null, created_at: string, updated_at: string, client_secret?: string|null}} App
 */

/** The modes that this server has. @returns {Mode[]} */
export const modes = () => (side() === 'test' ? ['test'] : ['test', 'live']);
/** @param {{livemode: boolean}} of @returns {Mode} */
export const modeOf = (of) => (of.livemode ? 'live' : 'test');

const path = (rest = '') => `/v1/oauth/apps${rest}`;

/** The apps of both modes: a workspace has at most 100 of each. @param {AbortSignal} [signal] @returns {Promise<App[]>} */
export async function all(signal) {
  const lists = await Promise.all(modes().map((mode) => get(path(), {}, { mode, signal })));
  return lists.flatMap((list) => list.data);
}
/** @param {Mode} mode @param {any} body @returns {Promise<App>} */
export const create = (mode, body) => post(path(), body, { mode });
/** @param {App} app @param {any} body @returns {Promise<App>} */
export const change = (app, body) => patch(path(`/${app.id}`), body, { mode: modeOf(app) });
/** @param {App} app @param {number} grace seconds @returns {Promise<App>} */
export const rotate = (app, grace) => post(path(`/${app.id}/rotate-secret`), { grace_seconds: grace }, { mode: modeOf(app) });
/** @param {App} app */
export const remove = (app) => end(path(`/${app.id}`), { mode: modeOf(app) });

/** What the types are called. */
export const types = { public: 'Public', confidential: 'Confidential' };

/** Whether tokens could be read on the way: then the server issues none to apps. */
export function isOff() {
  const url = new URL(baseUrl());
  return url.protocol !== 'https:' && !/^(([^.]+\.)*localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

/** Why OAuth is off, where it is. */
export function Off() {
  if (!isOff()) return null;
  const owner = session.value?.account.role === 'owner' && status.value?.kind === 'serve';
  return html`<${Note} tone="warning" title="OAuth is off here" actions=${owner && html`<${Button} small href=${href('settings/server')}>Change the public address<//>`}>
    <p>The public address of this server is <code class="wrap-anywhere">${baseUrl()}</code>. Over plain http, tokens could be read on the way, so no app obtains any. It goes on once the public address begins with https; API keys are not affected.</p><//>`;
}

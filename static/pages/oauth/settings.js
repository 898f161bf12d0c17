// The settings of an app as fields, and what is sent of them.
import { html } from '../../html.js';
import { Choice, Field, faults } from '../../ui/field.js';
import { Matrix } from '../keys/settings.js';
import { everyScope, reach, readScopes } from '../keys/shared.js';

/**
 * @typedef {{name: string, mode: 'test'|'live', type: 'public'|'confidential', redirects: string, access: 'read'|'usual'|'custom', scopes: string[], home: string}} Values
 * @typedef {{values: Values, set: (changes: Partial<Values>) => void, error: import('../../api.js').ApiError|null}} Part
 */

/** The daily work: what the collective scope `public` holds. */
const usual = everyScope.filter((scope) => !/^(keys|workspace|outbox|logs):|:erase$/.test(scope));

/** @type {Values} */
export const blank = { name: '', mode: 'test', type: 'confidential', redirects: '', access: 'read', scopes: [], home: '' };
/** Under which names the values are sent. */
export const sentAs = { type: 'client_type', redirects: 'redirect_uris', access: 'scopes', home: 'client_uri' };
/** What the fields are called. */
export const labels = { name: 'Name', client_type: 'Type', redirect_uris: 'Redirect URIs', scopes: 'Access', client_uri: 'Home page' };

/** @param {string[]} one @param {string[]} other */
const same = (one, other) => one.length === other.length && one.every((scope) => other.includes(scope));

/** @param {import('./shared.js').App} app @returns {Values} */
export const fromApp = (app) => ({
  name: app.name, mode: app.livemode ? 'live' : 'test', type: app.client_type, redirects: app.redirect_uris.join('\n'),
  access: same(app.scopes, readScopes) ? 'read' : same(app.scopes, usual) ? 'usual' : 'custom', scopes: app.scopes, home: app.client_uri ?? '',
});

/** @param {Values} values */
const scopesOf = (values) => (values.access === 'read' ? readScopes : values.access === 'usual' ? usual : values.scopes);

/** What is sent. Throws what is wrong already here. @param {Values} values */
export function asBody(values) {
  /** @type {Record<string, string>} */
  const wrong = {};
  const redirects = values.redirects.split(/\s+/).filter(Boolean);
  if (!values.name.trim()) wrong.name = 'Give it the name that coaches read when they are asked.';
  if (redirects.length === 0) wrong.redirect_uris = 'Name at least one address.';
  if (scopesOf(values).length === 0) wrong.scopes = 'Choose at least one thing that it may ask for.';
  if (Object.keys(wrong).length) throw faults(wrong);
  return { name: values.name.trim(), redirect_uris: redirects, scopes: scopesOf(values), client_uri: values.home.trim() || null };
}

/** What is wrong with a redirect URI, and with which. @param {import('../../api.js').ApiError|null} error */
function redirectFault(error) {
  const text = error?.fault('redirect_uris') ?? null;
  const line = error?.faults.find((fault) => fault.place.startsWith('/redirect_uris/'))?.place.split('/')[2];
  return text && line !== undefined ? `Line ${Number(line) + 1}: ${text}` : text;
}

/** @param {Part & {field: (name: any) => any}} props */
export function Settings({ values, set, error, field }) {
  const access = [
    { value: 'read', label: 'Read-only', hint: 'Sees clients, check-ins, programs, payments.' },
    { value: 'usual', label: 'Daily work', hint: 'Reads and changes all of that. No keys, no settings.' },
    { value: 'custom', label: 'Custom', hint: 'You choose, subject by subject.' },
  ];
  const choose = (/** @type {string} */ to) => set({ access: /** @type {any} */ (to), scopes: to === 'custom' ? scopesOf(values) : values.scopes });
  return html`
    <${Field} as="textarea" label="Redirect URIs" name="redirect_uris" rows="3" mono spellcheck="false" autocapitalize="none" value=${values.redirects} error=${redirectFault(error)} onInput=${(/** @type {any} */ event) => set({ redirects: event.currentTarget.value })}
      hint=${html`Where coaches go back to, one a line, at most 20: <code>https://app.example/callback</code>, on the same computer <code>http://127.0.0.1/callback</code> with any port, or <code class="wrap-anywhere">com.example.app:/callback</code>.`} />
    <div class="stack">
      <${Choice} legend="Access" name="scopes" cards value=${values.access} onChange=${choose} choices=${access} error=${error?.fault('scopes')} />
      ${values.access === 'custom' && html`<${Matrix} scopes=${values.scopes} onChange=${(/** @type {string[]} */ scopes) => set({ scopes })} />`}
      <p class="summary">${values.name.trim() ? html`<strong>${values.name.trim()}</strong>` : 'This app'} may ask a coach for this and no more: it ${reach(scopesOf(values))}. The coach may allow less.</p>
    </div>
    <${Field} label="Home page" optional hint="Shown to coaches when they are asked." type="url" ...${field('home')} name="client_uri" error=${error?.fault('client_uri') ?? null} placeholder="https://app.example" />`;
}

// What the whole dashboard shares: who is signed in, which workspace and mode are shown, the theme.
import { computed, signal } from './html.js';

/**
 * @typedef {{set_up: boolean, signed_in: boolean, mail: boolean, encrypted: boolean, kind: 'serve'|'demo'|'dev', public_url: string, password_min_length: number}} Status
 * @typedef {{id: string, name: string, timezone: string, units: string}} Workspace
 * @typedef {{id: string, account: {id: string, name: string, email: string, role: 'owner'|'coach', plan: string}, workspaces: Workspace[], authenticated_at: string}} Session
 * @typedef {'test'|'live'} Mode
 * @typedef {{id: string, kind: string, severity: 'info'|'warning'|'critical', title: string, message: string, action: {label: string, href: string}|null, created_at: string}} Notice
 */

/** Reads what this browser keeps of the reader's taste. No secret is ever kept. @param {string} name */
export function kept(name) {
  try {
    return localStorage.getItem(`cadence.${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string|null} value */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`cadence.${name}`);
    else localStorage.setItem(`cadence.${name}`, value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** What the server says of itself before anybody signs in. */
export const status = signal(/** @type {Status|null} */ (null));
/** Who is signed in: not asked yet, nobody, or somebody. */
export const session = signal(/** @type {Session|null|undefined} */ (undefined));
/** The workspace that was chosen last. */
export const workspaceId = signal(kept('workspace'));
/** The mode of the page that is shown. */
export const mode = signal(/** @type {Mode} */ (kept('mode') === 'test' ? 'test' : 'live'));
/** Whether the reader has met modes: a coach who never opens Developers does not. */
export const knowsModes = signal(kept('modes') === 'yes' || kept('mode') === 'test');
/** Whether the server can be reached. */
export const online = signal(true);
/** What should be known, for the bell. */
export const notices = signal(/** @type {Notice[]} */ ([]));
/** `auto` follows the system. */
export const theme = signal(/** @type {'auto'|'light'|'dark'} */ (/** @type {any} */ (kept('theme')) ?? 'auto'));
/** Whether single keys do something: who speaks to the computer, or types with tremor, turns them off. */
export const singleKeys = signal(kept('single-keys') !== 'no');
/** The keys of the page that is shown, for the list of shortcuts. */
export const pageKeys = signal(/** @type {{key: string, words: string}[]} */ ([]));
/** The title of the page that is shown, set by it. */
export const heading = signal('');

export const workspace = computed(() => {
  const all = session.value?.workspaces ?? [];
  return all.find((one) => one.id === workspaceId.value) ?? all[0] ?? null;
});

/** @param {string} id */
export function chooseWorkspace(id) {
  workspaceId.value = id;
  keep('workspace', id);
}

/** @param {Mode} next */
export function chooseMode(next) {
  if (mode.peek() !== next) mode.value = next;
  keep('mode', next);
  if (next === 'test') meetModes();
}

export function meetModes() {
  if (knowsModes.peek()) return;
  knowsModes.value = true;
  keep('modes', 'yes');
}

/** @param {boolean} on */
export function chooseSingleKeys(on) {
  singleKeys.value = on;
  keep('single-keys', on ? null : 'no');
}

/** @param {'auto'|'light'|'dark'} next */
export function chooseTheme(next) {
  theme.value = next;
  keep('theme', next === 'auto' ? null : next);
  const root = document.documentElement;
  if (next === 'auto') delete root.dataset.theme;
  else root.dataset.theme = next;
}

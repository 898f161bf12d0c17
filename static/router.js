// Which page an address shows. Pages are loaded when they are first wanted.
import { batch, computed, signal } from './html.js';
import { chooseMode, mode } from './store.js';
import { home, routes } from './routes.js';

/**
 * @typedef {import('./routes.js').Route} Route
 * @typedef {{route: Route|null, parameters: Record<string, string>, path: string}} Found
 */

const base = '/dashboard';

/** Path, query and fragment as they are. A fragment may be a secret: pages take it by `takeFragment`. */
const place = signal({ path: location.pathname, search: location.search });

/** The query of the address. */
export const query = computed(() => new URLSearchParams(place.value.search));
/** The page that the address shows. */
export const found = computed(() => find(place.value.path));
/** Grows with every navigation, so that focus moves even where the page stays the same. */
export const visits = signal(0);

/** What asks before the page is left; null is nobody. It gives null for where nothing is lost by going: it goes on asking there. @type {{ask: ((to: URL) => Promise<boolean>|null)|null}} */
export const guard = { ask: null };

/** Whether the page may be left for an address. @param {string} to */
export async function mayLeave(to) {
  const asked = guard.ask?.(new URL(to, location.href));
  if (!asked) return true;
  if (!(await asked)) return false;
  guard.ask = null;
  return true;
}

/** @param {string} path @returns {Found} */
function find(path) {
  const parts = path.slice(base.length).split('/').filter(Boolean).map(decode);
  const moded = parts[0] === 'test' || parts[0] === 'live';
  const rest = moded ? parts.slice(1) : parts;
  for (const route of routes) {
    if (moded && route.mode !== 'path') continue;
    const parameters = match(route.path.split('/').filter(Boolean), rest);
    if (parameters) return { route, parameters: moded ? { ...parameters, mode: parts[0] } : parameters, path };
  }
  return { route: null, parameters: {}, path };
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string[]} pattern @param {string[]} parts */
function match(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  /** @type {Record<string, string>} */
  const parameters = {};
  for (const [at, name] of pattern.entries()) {
    if (name.startsWith(':')) parameters[name.slice(1)] = parts[at];
    else if (name !== parts[at]) return null;
  }
  return parameters;
}

/**
 * The address of a page: `href('clients/cl_1')`. The mode is put in where the page has one.
 * @param {string} path @param {Record<string, any>} [search] @param {import('./store.js').Mode} [shown]
 */
export function href(path, search = {}, shown = mode.value) {
  const plain = path.replace(/^\//, '');
  const { route } = find(`${base}/${plain}`);
  const parts = route?.mode === 'path' ? `${shown}/${plain}` : plain;
  const text = new URLSearchParams(Object.entries(search).filter(([, value]) => value)).toString();
  return `${base}/${parts}${text ? `?${text}` : ''}`;
}

/** Goes to an address of the dashboard. `still`: to another tab of the same page, so that neither focus nor scroll moves. @param {string} to @param {{replace?: boolean, still?: boolean}} [options] */
export async function go(to, options = {}) {
  if (!(await mayLeave(to))) return;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  arrive(options.still);
  if (!options.replace && !options.still) scrollTo(0, 0);
}

/** Changes the query of the address, as filters do. No new entry in the history. @param {Record<string, any>} changes */
export function setQuery(changes) {
  const next = new URLSearchParams(place.peek().search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') next.delete(name);
    else next.set(name, String(value));
  }
  const text = next.toString();
  history.replaceState(null, '', `${place.peek().path}${text ? `?${text}` : ''}`);
  place.value = { path: place.peek().path, search: text ? `?${text}` : '' };
}

/** Takes a secret out of the address: it is in no history entry and no copied link afterwards. */
export function takeFragment() {
  const text = decode(location.hash.slice(1));
  if (text) history.replaceState(null, '', location.pathname + location.search);
  return text;
}

/** Where sign-in leads to: a path of this origin and nothing else. @param {string|null} next */
export function safeNext(next) {
  if (!next || !/^\/(?![/\\])/.test(next) || /[\u0000-\u001f\\]/.test(next)) return null;
  try {
    const url = new URL(next, location.origin);
    // Dots in a path may leave two strokes behind: what comes out is looked at again.
    const inside = url.origin === location.origin && !url.pathname.startsWith('//');
    return inside ? url.pathname + url.search + url.hash : null;
  } catch {
    return null;
  }
}

/** @param {boolean} [still] */
function arrive(still) {
  let path = location.pathname;
  const { route, parameters } = find(path);
  // A page with a mode and an address without one: the mode of the last page is put in.
  if (route?.mode === 'path' && !parameters.mode) {
    path = `${base}/${mode.peek()}${path.slice(base.length)}`;
    history.replaceState(null, '', path + location.search + location.hash);
  }
  if (path === base || path === `${base}/`) {
    path = href(home, {}, mode.peek());
    history.replaceState(null, '', path + location.search);
  }
  batch(() => {
    const shown = find(path).parameters.mode;
    if (shown === 'test' || shown === 'live') chooseMode(shown);
    place.value = { path, search: location.search };
    if (!still) visits.value += 1;
  });
}

/** Follows links, the back button and the address. */
export function start() {
  let settled = location.href;
  addEventListener('popstate', async () => {
    const wanted = location.href;
    const asked = guard.ask?.(new URL(wanted));
    if (asked) {
      // The address has moved already: it is put back until the question is answered.
      history.pushState(null, '', settled);
      if (!(await asked)) return;
      guard.ask = null;
      history.replaceState(null, '', wanted);
    }
    arrive();
    settled = location.href;
  });
  addEventListener('beforeunload', (event) => {
    if (guard.ask) event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const inside = link.origin === location.origin && link.pathname.startsWith(`${base}/`);
    if (!plain || !inside || link.target || link.hasAttribute('download')) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash).then(() => { settled = location.href; });
  });
  place.subscribe(() => { settled = location.href; });
  arrive();
}

// Every page of the dashboard, one line each. A page is a module that exports a component as its
// default; it is given `parameters` (those of the path) and sets its own title by `<Page title=…>`.

/**
 * @typedef {object} Route
 * @property {string} path below `/dashboard/`; `:name` stands for one part
 * @property {string} title for the tab, until the page sets a better one
 * @property {() => Promise<{default: any}>} page
 * @property {'path'|'none'} [mode] `path`: it shows one mode, which stands in its address
 * @property {'open'} [access] open: for who is not signed in
 * @property {{group: 'Coaching'|'Developers'|'Account', icon: string, words?: string}} [nav] an entry of the navigation; `words`: what else people call it, for the palette
 * @property {string} [within] the path of the entry that is marked while this page is shown
 */

/** Where `/dashboard/` leads. */
export const home = 'api-keys';

/** @type {Route[]} */
export const routes = [
  { path: 'set-up', title: 'Set up', access: 'open', page: () => import('./pages/set-up.js') },
  { path: 'sign-in', title: 'Sign in', access: 'open', page: () => import('./pages/sign-in.js') },
  { path: 'reset', title: 'New password', access: 'open', page: () => import('./pages/reset.js') },

  { path: 'api-keys', title: 'API keys', page: () => import('./pages/api-keys.js'), nav: { group: 'Developers', icon: 'key', words: 'credentials secrets tokens client identifier' } },
  { path: 'api-keys/new', title: 'Create API key', page: () => import('./pages/api-key-new.js'), within: 'api-keys' },
  { path: 'api-keys/:key_id', title: 'API key', page: () => import('./pages/api-key.js'), within: 'api-keys' },
  { path: 'settings/api-keys', title: 'API keys', page: () => import('./pages/api-keys.js'), within: 'api-keys' },
  { path: 'settings/api-keys/new', title: 'Create API key', page: () => import('./pages/api-key-new.js'), within: 'api-keys' },
];

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
 * @property {string} [tab] the last parameter, where it says only which tab of the page is shown
 */

/** Where `/dashboard/` leads. */
export const home = 'today';

/** One page under two addresses: with and without its tab. */
const client = () => import('./pages/client.js');

/** @type {Route[]} */
export const routes = [
  { path: 'set-up', title: 'Set up', access: 'open', page: () => import('./pages/set-up.js') },
  { path: 'sign-in', title: 'Sign in', access: 'open', page: () => import('./pages/sign-in.js') },
  { path: 'reset', title: 'New password', access: 'open', page: () => import('./pages/reset.js') },

  { path: 'today', title: 'Today', mode: 'path', page: () => import('./pages/today.js'), nav: { group: 'Coaching', icon: 'today', words: 'home start dashboard attention who needs me' } },
  { path: 'clients', title: 'Clients', mode: 'path', page: () => import('./pages/clients.js'), nav: { group: 'Coaching', icon: 'people', words: 'roster people athletes members' } },
  { path: 'clients/new', title: 'Add client', mode: 'path', page: () => import('./pages/client-new.js'), within: 'clients' },
  { path: 'clients/import', title: 'Import clients', mode: 'path', page: () => import('./pages/clients-import.js'), within: 'clients' },
  { path: 'clients/:client_id', title: 'Client', mode: 'path', page: client, within: 'clients' },
  { path: 'clients/:client_id/:tab', title: 'Client', mode: 'path', page: client, within: 'clients', tab: 'tab' },
  { path: 'checkins', title: 'Check-ins', mode: 'path', page: () => import('./pages/checkins.js'), nav: { group: 'Coaching', icon: 'check', words: 'queue review reply waiting overdue' } },
  { path: 'checkin-forms', title: 'Check-in forms', mode: 'path', page: () => import('./pages/checkin-forms.js'), within: 'checkins' },
  { path: 'checkin-forms/new', title: 'New check-in form', mode: 'path', page: () => import('./pages/checkin-form.js'), within: 'checkins' },
  { path: 'checkin-forms/:form_id', title: 'Check-in form', mode: 'path', page: () => import('./pages/checkin-form.js'), within: 'checkins' },
  { path: 'programs', title: 'Programs', mode: 'path', page: () => import('./pages/programs.js'), nav: { group: 'Coaching', icon: 'dumbbell', words: 'training plans templates generator builder workouts' } },
  { path: 'programs/:program_id', title: 'Program', mode: 'path', page: () => import('./pages/program.js'), within: 'programs' },
  { path: 'programs/templates/:template_id', title: 'Template', mode: 'path', page: () => import('./pages/program-template.js'), within: 'programs' },
  { path: 'library', title: 'Library', mode: 'path', page: () => import('./pages/library.js'), nav: { group: 'Coaching', icon: 'list', words: 'exercises movements catalogue' } },
  { path: 'library/:exercise_id', title: 'Exercise', mode: 'path', page: () => import('./pages/exercise.js'), within: 'library' },
  { path: 'payments', title: 'Payments', mode: 'path', page: () => import('./pages/payments.js'), nav: { group: 'Coaching', icon: 'card', words: 'money refund invoice failed charge' } },

  { path: 'api-keys', title: 'API keys', page: () => import('./pages/api-keys.js'), nav: { group: 'Developers', icon: 'key', words: 'credentials secrets tokens client identifier' } },
  { path: 'api-keys/new', title: 'Create API key', page: () => import('./pages/api-key-new.js'), within: 'api-keys' },
  { path: 'api-keys/:key_id', title: 'API key', page: () => import('./pages/api-key.js'), within: 'api-keys' },
  { path: 'apps', title: 'OAuth apps', page: () => import('./pages/apps.js'), nav: { group: 'Developers', icon: 'apps', words: 'oauth clients integrations client id redirect uri secret' } },
  { path: 'apps/new', title: 'Register an app', page: () => import('./pages/app-new.js'), within: 'apps' },
  { path: 'apps/:app_id', title: 'OAuth app', page: () => import('./pages/app.js'), within: 'apps' },
  { path: 'requests', title: 'Requests', mode: 'path', page: () => import('./pages/requests.js'), nav: { group: 'Developers', icon: 'list', words: 'logs calls trace' } },
  { path: 'requests/:request_id', title: 'Request', mode: 'path', page: () => import('./pages/request.js'), within: 'requests' },
  { path: 'events', title: 'Events', mode: 'path', page: () => import('./pages/events.js'), nav: { group: 'Developers', icon: 'pulse', words: 'feed history' } },
  { path: 'events/:event_id', title: 'Event', mode: 'path', page: () => import('./pages/event.js'), within: 'events' },
  { path: 'webhooks', title: 'Webhooks', mode: 'path', page: () => import('./pages/webhooks.js'), nav: { group: 'Developers', icon: 'hook', words: 'endpoints deliveries callbacks integrations' } },
  { path: 'webhooks/new', title: 'Register a webhook', mode: 'path', page: () => import('./pages/webhook-new.js'), within: 'webhooks' },
  { path: 'webhooks/inbox', title: 'Test inbox', mode: 'path', page: () => import('./pages/webhook-inbox.js'), within: 'webhooks' },
  { path: 'webhooks/:webhook_id', title: 'Webhook', mode: 'path', page: () => import('./pages/webhook.js'), within: 'webhooks' },
  { path: 'deliveries/:delivery_id', title: 'Delivery', mode: 'path', page: () => import('./pages/delivery.js'), within: 'webhooks' },
  { path: 'usage', title: 'Usage', mode: 'path', page: () => import('./pages/usage.js'), nav: { group: 'Developers', icon: 'chart', words: 'rate limit quota' } },
  { path: 'outbox', title: 'Outbox', mode: 'path', page: () => import('./pages/outbox.js'), nav: { group: 'Developers', icon: 'mail', words: 'mail email sent' } },
  { path: 'outbox/:mail_id', title: 'Mail', mode: 'path', page: () => import('./pages/outbox-mail.js'), within: 'outbox' },
  { path: 'audit-log', title: 'Audit log', mode: 'path', page: () => import('./pages/audit-log.js'), nav: { group: 'Developers', icon: 'audit', words: 'security who' } },
  { path: 'notices', title: 'Notices', mode: 'path', page: () => import('./pages/notices.js') },
  { path: 'grants', title: 'Apps with access', page: () => import('./pages/grants.js'), nav: { group: 'Account', icon: 'shield', words: 'oauth grants permissions revoke connected consent' } },
  { path: 'settings', title: 'Settings', page: () => import('./pages/settings.js'), nav: { group: 'Account', icon: 'gear', words: 'profile password workspace public address sessions plan export' } },
  { path: 'settings/api-keys', title: 'API keys', page: () => import('./pages/api-keys.js'), within: 'api-keys' },
  { path: 'settings/api-keys/new', title: 'Create API key', page: () => import('./pages/api-key-new.js'), within: 'api-keys' },
  { path: 'settings/:section', title: 'Settings', page: () => import('./pages/settings.js'), within: 'settings' },
];

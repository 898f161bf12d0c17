// What the pages of API keys share: what a key is called, how it stands, where it is called.
import { html } from '../../html.js';
import { ApiError, get, patch, post, remove } from '../../api.js';
import { status, workspace } from '../../store.js';
import { Badge, exact } from '../../ui/basics.js';
import { toast } from '../../ui/toast.js';

/**
 * @typedef {object} Key
 * @property {string} id
 * @property {string} name
 * @property {string|null} description
 * @property {'test'|'live'} mode
 * @property {string} key_prefix
 * @property {string} hint
 * @property {string[]} scopes
 * @property {string[]|null} allowed_ips
 * @property {'active'|'rotating'|'disabled'|'expired'|'revoked'} status
 * @property {string|null} works_until
 * @property {string|null} rotated_from
 * @property {string|null} last_used_at
 * @property {string|null} last_used_ip
 * @property {string|null} expires_at
 * @property {string|null} revoked_at
 * @property {string} created_at
 * @property {string} [plaintext]
 * @property {string|null} [previous_works_until]
 */

export const DAY = 86_400_000;

/** Keys of both modes are managed from the live side; the sandbox has test keys only. @returns {'test'|'live'} */
export const side = () => (status.value?.kind === 'dev' ? 'test' : 'live');

/** @param {string} [rest] */
export const path = (rest = '') => `/v1/workspaces/${workspace.value?.id}/api-keys${rest}`;

/** @param {AbortSignal} [signal] @returns {Promise<Key[]>} */
export const all = async (signal) => (await get(path(), {}, { mode: side(), signal })).keys;
/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Key>} */
export const one = (id, signal) => get(path(`/${id}`), {}, { mode: side(), signal });
/** @param {any} body @returns {Promise<Key>} */
export const create = (body) => post(path(), body, { mode: side() });
/** @param {string} id @param {any} body @returns {Promise<Key>} */
export const change = (id, body) => patch(path(`/${id}`), body, { mode: side() });
/** @param {string} id @param {any} body @returns {Promise<Key>} */
export const rotate = (id, body) => post(path(`/${id}/rotate`), body, { mode: side() });
/** @param {string} id */
export const revoke = (id) => remove(path(`/${id}`), { mode: side() });
/** @param {string} plaintext @returns {Promise<Key>} */
export const identify = (plaintext) => post(path('/identify'), { plaintext }, { mode: side() });
/** @param {string} id @param {'disable'|'enable'} to @returns {Promise<Key>} */
export const turn = (id, to) => post(path(`/${id}/${to}`), undefined, { mode: side() });

/** Switches a key off or on, and offers to take that back. @param {Key} key @param {() => void} reload */
export async function switchKey(key, reload) {
  const off = key.status !== 'disabled';
  try {
    await turn(key.id, off ? 'disable' : 'enable');
    reload();
    toast(off ? `“${key.name}” is disabled: calls with it are refused.` : `“${key.name}” works again.`, {
      undo: async () => {
        try {
          await turn(key.id, off ? 'enable' : 'disable');
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          toast(error.message, { tone: 'danger' });
        }
        reload();
      },
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.message, { tone: 'danger' });
  }
}

/** What people see of a key. @param {Key} key */
export const masked = (key) => `${key.key_prefix}${key.hint}`;

/** Whether calls with it are answered now. @param {Key} key */
export const works = (key) => key.status === 'active' || (key.status === 'rotating' && key.works_until !== null);
/** Whether it can come to work again, or works. @param {Key} key */
export const isCurrent = (key) => works(key) || key.status === 'disabled';

/** @param {Key} key @param {number} [now] */
export const isUnused = (key, now = Date.now()) => key.status === 'active' && now - Date.parse(key.last_used_at ?? key.created_at) > 30 * DAY;
/** @param {Key} key @param {number} [now] */
export const usedLately = (key, now = Date.now()) => key.last_used_at !== null && now - Date.parse(key.last_used_at) < 30 * DAY;

/** How much is left of a time. @param {string} time */
export function left(time) {
  const hours = (Date.parse(time) - Date.now()) / 3_600_000;
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`;
  if (hours < 48) return `${Math.round(hours)} h`;
  return `${Math.round(hours / 24)} d`;
}

/** How a key stands, in a word. @param {{of: Key}} props */
export function KeyStatus({ of: key }) {
  if (key.status === 'revoked') return html`<${Badge} icon="close" title=${key.revoked_at ? exact(key.revoked_at) : undefined}>Revoked<//>`;
  if (key.status === 'expired') return html`<${Badge} tone="danger" icon="clock" title=${key.expires_at ? exact(key.expires_at) : undefined}>Expired<//>`;
  if (key.status === 'disabled') return html`<${Badge} tone="warning" icon="pause">Disabled<//>`;
  if (key.status === 'rotating') return key.works_until ? html`<${Badge} tone="info" icon="rotate" title=${exact(key.works_until)}>Rotating, ${left(key.works_until)} left<//>` : html`<${Badge} icon="rotate">Rotated<//>`;
  if (key.expires_at && Date.parse(key.expires_at) - Date.now() < 30 * DAY) return html`<${Badge} tone="warning" icon="clock" title=${exact(key.expires_at)}>Expires in ${left(key.expires_at)}<//>`;
  if (isUnused(key)) return html`<${Badge} tone="warning" icon="clock">Unused 30 d<//>`;
  return html`<${Badge} tone="good" icon="check">Active<//>`;
}

/** The nouns of the scopes, in the words of a coach. @type {[string, string, string[]][]} */
export const areas = [
  ['clients', 'Clients', ['read', 'write', 'erase']],
  ['checkins', 'Check-ins and measurements', ['read', 'write']],
  ['programs', 'Programs', ['read', 'write']],
  ['messages', 'Messages', ['read', 'write']],
  ['payments', 'Payments', ['read', 'write']],
  ['bookings', 'Bookings', ['read', 'write']],
  ['spaces', 'Spaces', ['read', 'write']],
  ['webhooks', 'Webhooks', ['read', 'write']],
  ['events', 'Events', ['read']],
  ['keys', 'API keys', ['read', 'write']],
  ['workspace', 'Workspace and audit log', ['read', 'write']],
  ['outbox', 'Outbox', ['read']],
  ['logs', 'Request log and usage', ['read']],
];

/** Every scope there is. */
export const everyScope = areas.flatMap(([name, , verbs]) => verbs.map((verb) => `${name}:${verb}`));
/** What may be read, of what is not about the keys and logs themselves. */
export const readScopes = areas.filter(([name]) => !['keys', 'workspace', 'outbox', 'logs'].includes(name)).map(([name]) => `${name}:read`);

/** What a key may do, in a sentence. @param {string[]} scopes */
export function reach(scopes) {
  const has = new Set(scopes);
  if (everyScope.every((scope) => has.has(scope))) return 'may do everything';
  const level = (/** @type {string} */ name) => (has.has(`${name}:write`) ? 'write' : has.has(`${name}:read`) ? 'read' : null);
  const written = areas.filter(([name]) => level(name) === 'write').map(([, label]) => label.toLowerCase());
  const read = areas.filter(([name]) => level(name) === 'read').map(([, label]) => label.toLowerCase());
  const list = new Intl.ListFormat('en', { type: 'conjunction' });
  const parts = [];
  if (written.length) parts.push(`may read and change ${list.format(written)}`);
  if (read.length) parts.push(`may read ${list.format(read)}`);
  if (has.has('clients:erase')) parts.push('may erase clients for good');
  return parts.length ? list.format(parts) : 'may do nothing yet';
}

/** @param {string[]} scopes */
export function scopeWords(scopes) {
  if (scopes.length >= everyScope.length) return 'All';
  if (scopes.every((scope) => scope.endsWith(':read'))) return `Read only · ${scopes.length}`;
  return `${scopes.length} of ${everyScope.length}`;
}

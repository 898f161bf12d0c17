// Where the account is signed in.
import { html } from '../../html.js';
import { ApiError, get, remove, useRead } from '../../api.js';
import { hooks } from '../../api.js';
import { session } from '../../store.js';
import { Badge, Button, Panel, RelativeTime } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

/** @typedef {{id: string, current: boolean, created_at: string, last_seen_at: string, authenticated_at: string, expires_at: string, address: string|null, user_agent: string|null}} Session */

/** A browser's own description, made short. @param {string|null} text */
export function program(text) {
  if (!text) return 'Unknown program';
  const browser = /Edg\//.test(text) ? 'Edge' : /OPR\//.test(text) ? 'Opera' : /Firefox\//.test(text) ? 'Firefox' : /Chrome\//.test(text) ? 'Chrome' : /Safari\//.test(text) ? 'Safari' : text.split('/')[0];
  const system = /Android/.test(text) ? 'Android' : /iPhone|iPad/.test(text) ? 'iOS' : /Windows/.test(text) ? 'Windows' : /Mac OS/.test(text) ? 'macOS' : /Linux/.test(text) ? 'Linux' : '';
  return system ? `${browser} on ${system}` : browser;
}

export function Security() {
  const read = useRead((signal) => get('/auth/sessions', {}, { signal }), []);
  const rows = /** @type {Session[]} */ (read.data?.data ?? []);
  const end = async (/** @type {Session} */ one) => {
    try {
      await remove(`/auth/sessions/${one.current ? 'current' : one.id}`);
      if (one.current) {
        session.value = null;
        hooks.signedOut();
        return;
      }
      toast('That session has ended');
      read.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  const others = rows.filter((one) => !one.current);
  const endOthers = async () => {
    for (const one of others) await end(one);
  };
  return html`<${Panel} title="Sessions" intro="Where you are signed in. A session ends after 7 days without use, and after 30 days in any case." flush
    actions=${others.length > 1 && html`<${Button} small onClick=${endOthers}>End all others<//>`}>
    <${DataTable} caption="Sessions" rows=${rows} loading=${read.loading} error=${read.error} onRetry=${read.reload}
      columns=${[
        { key: 'program', label: 'Program', main: true, render: (/** @type {Session} */ row) => html`<span title=${row.user_agent ?? undefined}>${program(row.user_agent)}</span> ${row.current && html`<${Badge} tone="good">This one<//>`}` },
        { key: 'address', label: 'From', render: (/** @type {Session} */ row) => (row.address ? html`<code>${row.address}</code>` : '–') },
        { key: 'seen', label: 'Last used', render: (/** @type {Session} */ row) => html`<${RelativeTime} at=${row.last_seen_at} />` },
        { key: 'created', label: 'Signed in', render: (/** @type {Session} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]}
      actions=${(/** @type {Session} */ row) => html`<${Button} small kind="quiet" onClick=${() => end(row)}>${row.current ? 'Sign out' : 'End'}<span class="unseen"> ${program(row.user_agent)}</span><//>`} />
  <//>`;
}

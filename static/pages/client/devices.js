// The phones that a client is signed in on, and what was consented to.
import { html } from '../../html.js';
import { ApiError, get, remove, useRead } from '../../api.js';
import { Badge, Button, Empty, Failure, Panel, RelativeTime, Skeleton } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

const kinds = /** @type {Record<string, string>} */ ({ terms: 'Terms of use', health_data: 'Health data', messages: 'Messages' });

/** What a browser calls itself, short. @param {string|null} agent */
export function deviceWords(agent) {
  if (!agent) return 'A device';
  const system = [['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Android', 'Android'], ['Mac OS', 'Mac'], ['Windows', 'Windows'], ['Linux', 'Linux']].find(([mark]) => agent.includes(mark))?.[1];
  const browser = [['Edg/', 'Edge'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']].find(([mark]) => agent.includes(mark))?.[1];
  return [browser, system].filter(Boolean).join(' on ') || 'A device';
}

/** @param {import('../client.js').Part} props */
export function Devices({ client, onInvite }) {
  const path = `/v1/clients/${client.id}`;
  const sessions = useRead((signal) => get(`${path}/sessions`, {}, { signal }), [client.id]);
  const consents = useRead((signal) => get(`${path}/consents`, {}, { signal }), [client.id]);
  const first = client.name.split(' ')[0];
  const end = async (/** @type {{id: string}} */ one) => {
    try {
      await remove(`${path}/sessions/${one.id}`);
      toast(`${first} is signed out there.`);
      sessions.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  const link = client.status !== 'archived' && html`<${Button} small icon="plus" onClick=${onInvite}>New link<//>`;
  return html`<div class="stack loose">
    <${Panel} title="Devices" intro="Up to three. Each can be signed out from here." actions=${link} flush>
      <${DataTable} caption="Devices" rows=${sessions.data?.data ?? []} loading=${sessions.loading} error=${sessions.error} onRetry=${sessions.reload}
        empty=${html`<${Empty} icon="screen" title="No device yet"><p>${first} joins by the install link, on the phone that comes along to training.</p><//>`}
        actions=${(/** @type {any} */ one) => html`<${Button} small onClick=${() => end(one)}>Sign out<span class="unseen"> ${deviceWords(one.user_agent)}</span><//>`}
        columns=${[
          { key: 'device', label: 'Device', main: true, render: (/** @type {any} */ one) => html`<span title=${one.user_agent}>${deviceWords(one.user_agent)}</span>` },
          { key: 'address', label: 'Joined from', render: (/** @type {any} */ one) => one.address ?? html`<span class="muted">–</span>` },
          { key: 'created_at', label: 'Joined', render: (/** @type {any} */ one) => html`<${RelativeTime} at=${one.created_at} />` },
          { key: 'last_seen_at', label: 'Last used', render: (/** @type {any} */ one) => html`<${RelativeTime} at=${one.last_seen_at} />` },
        ]} /><//>
    <${Panel} title="Consents">
      ${consents.error && html`<${Failure} error=${consents.error} onRetry=${consents.reload} />`}
      ${consents.loading && !consents.data && html`<${Skeleton} />`}
      ${consents.data && (consents.data.data.length === 0 ? html`<p class="muted">None yet. They are asked for when ${first} joins.</p>`
      : html`<ul class="plain-list">${consents.data.data.map((/** @type {any} */ one) => html`<li key=${one.kind + one.given_at} class="row tight"><span>${kinds[one.kind] ?? one.kind}</span>${one.withdrawn_at ? html`<${Badge} tone="warning">Withdrawn<//>` : html`<${Badge} tone="good" icon="check">Given<//>`}<span class="muted small">version ${one.text_version}, <${RelativeTime} at=${one.withdrawn_at ?? one.given_at} /></span></li>`)}</ul>`)}
    <//>
  </div>`;
}

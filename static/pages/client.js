// One client: what is known, her messages, what happened to her.
import { html, useState } from '../html.js';
import { ApiError, get, patch, post, useList, useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { workspace } from '../store.js';
import { Badge, Button, Empty, Facts, Failure, Note, Page, Panel, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { CopyText } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Dialog } from '../ui/dialog.js';
import { useForm } from '../ui/field.js';
import { Menu } from '../ui/menu.js';
import { Tabs } from '../ui/tabs.js';
import { toast } from '../ui/toast.js';
import { ClientForm, changed, filled } from './clients/form.js';
import { InstallLink } from './clients/link.js';
import { InviteBadge, StatusBadge, limits } from './clients/shape.js';
import { Thread } from './clients/thread.js';
import { Training } from './client/training.js';

/** @typedef {import('./clients/shape.js').Client} Client */

const tabs = [{ value: 'overview', label: 'Overview' }, { value: 'training', label: 'Training' }, { value: 'messages', label: 'Messages' }, { value: 'activity', label: 'Activity' }];
const back = { href: href('clients'), label: 'Clients' };

/** @param {{parameters: {client_id: string}}} props */
export default function ClientPage({ parameters: { client_id: id } }) {
  const path = `/v1/clients/${id}`;
  const read = useRead((signal) => get(path, {}, { signal }), [id]);
  const [link, setLink] = useState(/** @type {Client|null} */ (null));
  const [editing, setEditing] = useState(false);
  const client = /** @type {Client|undefined} */ (read.data);
  const asked = query.value.get('tab');
  const tab = tabs.some((one) => one.value === asked) ? asked : 'overview';

  if (!client) {
    if (read.error?.status === 404) {
      return html`<${Page} title="No such client" back=${back}><${Empty} icon="people" title="There is no such client here" actions=${html`<${Button} href=${href('clients')}>All clients<//>`}>
        <p>It may belong to the other mode, or to another workspace.</p><//><//>`;
    }
    return html`<${Page} title="Client" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }

  /** @param {string} verb @param {string} said @param {string} [undo] */
  const act = async (verb, said, undo) => {
    try {
      await post(`${path}/${verb}`);
      read.reload();
      toast(said, undo ? { undo: () => act(undo, 'Taken back') } : {});
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  const invite = async () => {
    try {
      const answer = await post(`${path}/invite`);
      read.reload();
      setLink(answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  const archived = client.status === 'archived';
  return html`<${Page} title=${client.name} back=${back} badges=${html`<${StatusBadge} client=${client} /><${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${[{ path }, { method: 'PATCH', path, body: { tags: ['example'] }, title: 'Change it' }]} />
      ${!archived && html`<${Button} icon="edit" onClick=${() => setEditing(true)}>Edit<//>`}
      <${Menu} label=${`Actions for ${client.name}`} items=${[
        !archived && { label: client.joined_at ? 'New link for another phone' : 'New install link', icon: 'rotate', onSelect: invite, hint: 'The old link ends' },
        client.status === 'active' && { label: 'Pause', icon: 'pause', onSelect: () => act('pause', `${client.name} is paused`, 'resume') },
        client.status === 'paused' && { label: 'Take off hold', icon: 'play', onSelect: () => act('resume', `${client.name} is back`, 'pause') },
        !archived && { label: 'Archive', icon: 'trash', onSelect: () => act('archive', `${client.name} is archived`, 'unarchive') },
        archived && { label: 'Take back from the archive', icon: 'play', onSelect: () => act('unarchive', `${client.name} is back`, 'archive') },
      ]} />`}>
    ${archived && html`<${Note} tone="warning" title="In the archive" actions=${html`<${Button} small onClick=${() => act('unarchive', `${client.name} is back`, 'archive')}>Take back<//>`}>
      <p>Nothing is lost, and nothing is sent. An archived client cannot sign in.</p><//>`}
    <${Tabs} label=${client.name} value=${tab} tabs=${tabs} onChange=${(/** @type {string} */ to) => setQuery({ tab: to === 'overview' ? null : to })}>
      ${tab === 'overview' && html`<${Overview} client=${client} onInvite=${invite} />`}
      ${tab === 'training' && html`<${Training} client=${client} />`}
      ${tab === 'messages' && html`<${Thread} client=${client} />`}
      ${tab === 'activity' && html`<${Activity} id=${id} />`}
    <//>
    ${link?.install_link && html`<${Dialog} title=${`A link for ${client.name}`} wide onClose=${() => setLink(null)}>
      <${InstallLink} client=${link} link=${link.install_link} coach=${workspace.value?.name ?? ''} /><//>`}
    ${editing && html`<${Edit} client=${client} path=${path} onClose=${() => setEditing(false)} onSaved=${() => { setEditing(false); read.reload(); toast('Saved'); }} />`}
  <//>`;
}

/** @param {{client: Client, onInvite: () => void}} props */
function Overview({ client, onInvite }) {
  const names = Object.fromEntries(limits);
  const none = html`<span class="muted">–</span>`;
  const words = (/** @type {string[]} */ all) => (all.length ? html`<span class="row tight">${all.map((one) => html`<${Badge} key=${one}>${names[one] ?? one}<//>`)}</span>` : none);
  return html`<div class="columns wide-gap">
    <div class="stack">
      <${Panel} title="Profile"><${Facts} of=${[
        ['Email', html`<a href=${`mailto:${client.email}`}>${client.email}</a>`],
        ['Phone', client.phone],
        ['Goal', client.goal],
        ['Experience', client.experience],
        ['Trains', client.days_per_week || client.session_minutes ? [client.days_per_week && `${client.days_per_week} days a week`, client.session_minutes && `${client.session_minutes} minutes`].filter(Boolean).join(', ') : null],
        ['Equipment', words(client.equipment)],
        ['Goes easy on', words(client.limitations)],
        ['Check-in day', client.check_in_day],
        ['Time zone', client.timezone],
        ['Units', client.units === 'imperial' ? 'Pounds and inches' : 'Kilograms and centimetres'],
        ['Tags', words(client.tags)],
      ]} /><//>
      ${client.coach_notes && html`<${Panel} title="Private notes" intro="Never shown to the client."><p class="pre">${client.coach_notes}</p><//>`}
    </div>
    <div class="stack">
      <${Panel} title="App access">
        ${client.joined_at
    ? html`<p>Joined <${RelativeTime} at=${client.joined_at} />.</p>`
    : client.invite
      ? html`<div class="stack tight"><p class="row tight"><${InviteBadge} invite=${client.invite} />${client.invite.expires_at && html`<span>The link ends <${RelativeTime} at=${client.invite.expires_at} /></span>`}</p>
          ${client.invite.reason && html`<p class="muted small">${client.invite.reason}</p>`}
          ${client.status !== 'archived' && html`<div class="row"><${Button} small icon="rotate" onClick=${onInvite}>New link<//></div>`}</div>`
      : html`<div class="stack tight"><p>No access to the app.</p>${client.status !== 'archived' && html`<div class="row"><${Button} small icon="plus" onClick=${onInvite}>Make a link<//></div>`}</div>`}
      <//>
      <${Panel} title="For programs"><${Facts} of=${[
        ['Client id', html`<${CopyText} text=${client.id} label="the client id" />`],
        ['Your own id', client.external_id && html`<${CopyText} text=${client.external_id} label="your own id" />`],
        ['Added', html`<${RelativeTime} at=${client.created_at} />`],
        ['Changed', html`<${RelativeTime} at=${client.updated_at} />`],
        ...Object.entries(client.metadata).map(([name, value]) => /** @type {[string, any]} */ ([name, html`<span class="wrap-anywhere">${value}</span>`])),
      ]} /><//>
    </div>
  </div>`;
}

/** @param {{client: Client, path: string, onClose: () => void, onSaved: () => void}} props */
function Edit({ client, path, onClose, onSaved }) {
  const before = filled(client);
  const form = useForm(before, async (values) => {
    const changes = changed(values, before);
    if (Object.keys(changes).length > 0) await patch(path, changes);
    onSaved();
  });
  return html`<${Dialog} title=${`Edit ${client.name}`} wide onClose=${onClose}>
    <${ClientForm} form=${form} submit="Save" cancel=${href(`clients/${client.id}`)} />
  <//>`;
}

/** What happened to her, out of the events. @param {{id: string}} props */
function Activity({ id }) {
  const list = useList('/v1/events', { limit: 100 });
  const own = list.rows.filter((event) => JSON.stringify(event.data).includes(id));
  if (list.error && list.rows.length === 0) return html`<${Failure} error=${list.error} onRetry=${list.reload} />`;
  if (list.loading && list.rows.length === 0) return html`<${Skeleton} lines=${5} />`;
  return html`<div class="stack">
    ${own.length === 0 ? html`<${Empty} icon="pulse" title="Nothing among the last events"><p>Older ones may be on further pages.</p><//>`
    : html`<ol class="timeline">${own.map((event) => html`<li key=${event.id}><a href=${href(`events/${event.id}`)}><code>${event.type}</code></a> <${RelativeTime} at=${event.created_at} /></li>`)}</ol>`}
    ${list.hasMore && html`<div class="row"><${Button} busy=${list.loadingMore} onClick=${list.more}>Look further back<//></div>`}
  </div>`;
}

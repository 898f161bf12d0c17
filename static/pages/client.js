// One client: everything that is known, a tab for each kind of work.
import { html, useState } from '../html.js';
import { ApiError, post, readWhole, useRead } from '../api.js';
import { go, href } from '../router.js';
import { mode, workspace } from '../store.js';
import { Button, Empty, Failure, Note, Page, Skeleton, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Dialog } from '../ui/dialog.js';
import { useForm } from '../ui/field.js';
import { Lazy } from '../ui/lazy.js';
import { Menu } from '../ui/menu.js';
import { useNewer } from '../ui/newer.js';
import { Tabs } from '../ui/tabs.js';
import { toast } from '../ui/toast.js';
import { ClientForm, changed, filled } from './clients/form.js';
import { StatusBadge } from './clients/shape.js';

/**
 * @typedef {import('./clients/shape.js').Client} Client
 * @typedef {Client & {current_program: {id: string, name: string, start_date: string|null, end_date: string|null, week: number|null, weeks: number}|null, recent_checkins: import('./checkins/shape.js').Checkin[], payment_history: import('./payments/shape.js').Payment[]}} Whole
 * @typedef {{client: Whole, mode: import('../store.js').Mode, reload: () => void, onInvite: () => void}} Part what every tab is given
 */

/** @param {() => Promise<any>} load @param {string} name */
const part = (load, name) => async () => (await load())[name];

const tabs = [
  { value: 'overview', label: 'Overview', load: part(() => import('./client/overview.js'), 'Overview'), calls: (/** @type {string} */ path) => [{ path }, { path: `${path}/adherence` }] },
  { value: 'training', label: 'Training', load: part(() => import('./client/training.js'), 'Training'), calls: (/** @type {string} */ path) => [{ path: `${path}/programs` }, { path: `${path}/adherence` }, { path: `${path}/workout-logs` }, { path: `${path}/personal-records` }, { method: 'POST', path: `${path}/programs`, body: { ai_generate: true, goal: 'strength' } }] },
  { value: 'checkins', label: 'Check-ins', load: part(() => import('./client/checkins.js'), 'ClientCheckins'), calls: (/** @type {string} */ path) => [{ path: `${path}/checkins` }, { path: `${path}/checkin-schedule` }] },
  { value: 'measurements', label: 'Measurements', load: part(() => import('./client/measurements.js'), 'Measurements'), calls: (/** @type {string} */ path) => [{ path: `${path}/measurements`, query: { metric: 'weight' } }] },
  { value: 'photos', label: 'Photos', load: part(() => import('./client/photos.js'), 'Photos'), calls: (/** @type {string} */ path) => [{ path: `${path}/photos` }] },
  { value: 'messages', label: 'Messages', load: part(() => import('./clients/thread.js'), 'Thread'), calls: (/** @type {string} */ path) => [{ path: `${path}/messages` }] },
  { value: 'payments', label: 'Payments', load: part(() => import('./client/payments.js'), 'ClientPayments'), calls: (/** @type {string} */ path) => [{ path: `${path}/payments` }] },
  { value: 'notes', label: 'Notes', load: part(() => import('./client/notes.js'), 'Notes'), calls: (/** @type {string} */ path) => [{ method: 'PATCH', path, body: { coach_notes: 'Left shoulder clicks overhead; no pain.' } }] },
  { value: 'devices', label: 'Devices', load: part(() => import('./client/devices.js'), 'Devices'), calls: (/** @type {string} */ path) => [{ path: `${path}/sessions` }, { path: `${path}/consents` }] },
  { value: 'activity', label: 'Activity', load: part(() => import('./client/activity.js'), 'Activity'), calls: () => [{ path: '/v1/events' }] },
];
const acts = { link: part(() => import('./client/acts.js'), 'NewLink'), erase: part(() => import('./client/acts.js'), 'Erase') };

/** @param {{parameters: {client_id: string, tab?: string}}} props */
export default function ClientPage({ parameters: { client_id: id, tab: asked = 'overview' } }) {
  const path = `/v1/clients/${id}`;
  const read = useRead((signal) => readWhole(path, signal), [id]);
  const [link, setLink] = useState(/** @type {Client|null} */ (null));
  const [open, setOpen] = useState(/** @type {'edit'|'erase'|null} */ (null));
  const client = /** @type {Whole|undefined} */ (read.data?.data);
  const tab = tabs.find((one) => one.value === asked) ?? tabs[0];
  const back = { href: href('clients'), label: 'Clients' };

  if (!client || !read.data) {
    if (read.error?.status === 404) {
      return html`<${Page} title="No such client" back=${back}><${Empty} icon="people" title="There is no such client here" actions=${html`<${Button} href=${href('clients')}>All clients<//>`}>
        <p>It may belong to the other mode, or to another workspace.</p><//><//>`;
    }
    return html`<${Page} title="Client" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }

  /** Does it, or says why not. @param {() => Promise<void>} run */
  const attempt = async (run) => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  /** @param {string} verb @param {string} said @param {string} [undo] @returns {Promise<void>} */
  const act = (verb, said, undo) => attempt(async () => {
    await post(`${path}/${verb}`);
    read.reload();
    toast(said, undo ? { undo: () => act(undo, 'Taken back') } : {});
  });
  const invite = () => attempt(async () => {
    const answer = await post(`${path}/invite`);
    read.reload();
    setLink(answer);
  });
  const exported = () => attempt(async () => {
    const { download } = await import('./client/acts.js');
    await download(client);
  });
  const archived = client.status === 'archived';
  return html`<${Page} title=${client.name} name=${tab.value === 'overview' ? client.name : `${tab.label} · ${client.name}`} back=${back} badges=${html`<${StatusBadge} client=${client} /><${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${tab.calls(path)} />
      ${!archived && html`<${Button} icon="edit" onClick=${() => setOpen('edit')}>Edit<//>`}
      <${Menu} label=${`Actions for ${client.name}`} items=${[
        !archived && { label: client.joined_at ? 'New link for another phone' : 'New install link', icon: 'rotate', onSelect: invite, hint: 'The old link ends' },
        client.status === 'active' && { label: 'Pause', icon: 'pause', onSelect: () => act('pause', `${client.name} is paused`, 'resume') },
        client.status === 'paused' && { label: 'Take off hold', icon: 'play', onSelect: () => act('resume', `${client.name} is back`, 'pause') },
        { label: 'Download everything', icon: 'download', onSelect: exported, hint: 'A ZIP of JSON, CSV and photos' },
        !archived && { label: 'Archive', icon: 'lock', onSelect: () => act('archive', `${client.name} is archived`, 'unarchive') },
        archived && { label: 'Take back from the archive', icon: 'play', onSelect: () => act('unarchive', `${client.name} is back`, 'archive') },
        { label: 'Erase', icon: 'trash', danger: true, onSelect: () => setOpen('erase'), hint: 'For good, everywhere' },
      ]} />`}>
    ${archived && html`<${Note} tone="warning" title="In the archive" actions=${html`<${Button} small onClick=${() => act('unarchive', `${client.name} is back`, 'archive')}>Take back<//>`}>
      <p>Nothing is lost, and nothing is sent. An archived client cannot sign in.</p><//>`}
    <${Tabs} label=${client.name} value=${tab.value} tabs=${tabs} onChange=${(/** @type {string} */ to) => go(href(to === 'overview' ? `clients/${id}` : `clients/${id}/${to}`), { still: true })}>
      <${Lazy} key=${tab.value} load=${tab.load} client=${client} mode=${mode.value} reload=${read.reload} onInvite=${invite} />
    <//>
    ${link?.install_link && html`<${Dialog} title=${`A link for ${client.name}`} wide onClose=${() => setLink(null)}>
      <${Lazy} load=${acts.link} client=${client} link=${link.install_link} coach=${workspace.value?.name ?? ''} /><//>`}
    ${open === 'edit' && html`<${Edit} read=${read.data} path=${path} onClose=${() => setOpen(null)} onSaved=${() => { setOpen(null); read.reload(); toast('Saved'); }} />`}
    ${open === 'erase' && html`<${Lazy} load=${acts.erase} client=${client} onClose=${() => setOpen(null)} />`}
  <//>`;
}

/** @param {{read: import('../api.js').Read, path: string, onClose: () => void, onSaved: () => void}} props */
function Edit({ read, path, onClose, onSaved }) {
  const form = useForm(filled(read.data), (values) => newer.save(changed(values, filled(newer.held.data))));
  const newer = useNewer(path, read, { name: (/** @type {Client} */ client) => client.name, onSaved, onTheirs: (theirs) => form.set(filled(theirs.data)), onError: form.setError });
  return html`<${Dialog} title=${`Edit ${newer.held.data.name}`} wide onClose=${onClose}>
    <${ClientForm} form=${form} submit="Save" cancel=${href(`clients/${newer.held.data.id}`)} />
    ${newer.window}
  <//>`;
}

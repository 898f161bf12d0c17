// The workspace: its name, its time, its units; and one more of them.
import { html, useState } from '../../html.js';
import { ApiError, get, patch, post, remove, send } from '../../api.js';
import { go, href } from '../../router.js';
import { chooseMode, chooseWorkspace, session, workspace } from '../../store.js';
import { Button, Failure, Panel } from '../../ui/basics.js';
import { CopyText } from '../../ui/copy.js';
import { FaultSummary, Field, useForm } from '../../ui/field.js';
import { toast } from '../../ui/toast.js';
import { timezones } from '../clients/shape.js';
import { inner } from './inner.js';

/** @typedef {import('../settings.js').Settings} Settings */

/** @param {{settings: Settings, onChanged: (settings: Settings) => void}} props */
export function WorkspaceSettings({ settings, onChanged }) {
  const { id, name, timezone, units } = settings.workspace;
  const refresh = async () => { session.value = await get('/auth/sessions/current'); };
  const form = useForm({ name, timezone, units }, async (values) => {
    onChanged(await patch('/v1/settings', { workspace: values }).catch(inner('workspace')));
    await refresh();
    toast('Saved');
  });
  const another = useForm({ name: '' }, async (values) => {
    const made = await post('/v1/workspaces', values);
    await refresh();
    chooseWorkspace(made.id);
    toast(`You are now in ${made.name}`);
    another.set({ name: '' });
  });
  return html`<div class="stack narrow-stack">
    <${Panel} title="This workspace"><form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ name: 'Name', timezone: 'Time zone', units: 'Units' }} />
      <${Field} label="Name" hint="Your clients read it in mails and in the app" ...${form.field('name')} />
      <${Field} label="Time zone" as="select" ...${form.field('timezone')}>${[...new Set([timezone, ...timezones()])].map((one) => html`<option key=${one} value=${one}>${one.replaceAll('_', ' ')}</option>`)}<//>
      <${Field} label="Units" as="select" hint="What new clients begin with" ...${form.field('units')}><option value="metric">Kilograms and centimetres</option><option value="imperial">Pounds and inches</option><//>
      <p class="small muted">Its id, for programs: <${CopyText} text=${id} label="the workspace id" /></p>
      <div class="row"><${Button} type="submit" busy=${form.busy}>Save workspace<//></div>
    </form><//>
    <${Samples} />
    <${Panel} title="Another workspace" intro="For another business: with its own clients, keys and events. It shares the limit of your account."><form class="stack" ...${another.form}>
      <${FaultSummary} error=${another.error} labels=${{ name: 'Name' }} />
      <${Field} label="Name of the new workspace" ...${another.field('name')} />
      <div class="row"><${Button} type="submit" busy=${another.busy}>Create workspace<//></div>
    </form><//>
  </div>`;
}

/** Sample clients are put into test mode, and go without a trace. */
function Samples() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  /** @param {() => Promise<any>} act @param {string} said */
  const run = async (act, said) => {
    setBusy(true);
    setError(null);
    try {
      await act();
      chooseMode('test');
      toast(said);
      go(href('clients', {}, 'test'));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const path = '/v1/sample-data';
  return html`<${Panel} title="Sample clients" intro=${`Fourteen made-up clients to look around with. They go into the test mode of ${workspace.value?.name ?? 'this workspace'}, never among your own.`}>
    <div class="stack"><${Failure} error=${error} />
      <div class="row"><${Button} busy=${busy} onClick=${() => run(() => send({ method: 'POST', path, mode: 'test' }), 'The sample clients are here')}>Add sample clients<//>
        <${Button} kind="quiet" busy=${busy} onClick=${() => run(() => remove(path, { mode: 'test' }), 'The sample clients are gone')}>Remove them<//></div></div>
  <//>`;
}

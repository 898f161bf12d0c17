// A template: a program that is nobody's yet, in the same grid.
import { html, useState } from '../html.js';
import { readWhole, remove, useRead } from '../api.js';
import { go, guard, href } from '../router.js';
import { workspace } from '../store.js';
import { Button, Empty, Facts, Failure, Page, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { toast } from '../ui/toast.js';
import { Assign, Confirm } from './programs/acts.js';
import { Builder } from './programs/builder.js';
import { Details } from './programs/details.js';
import { EditingBar, Faults, useEditing } from './programs/editing.js';
import { called, goals } from './programs/words.js';

/** @param {{parameters: {template_id: string}}} props */
export default function TemplatePage({ parameters: { template_id: id } }) {
  const path = `/v1/program-templates/${id}`;
  const back = { href: href('programs'), label: 'Programs' };
  const read = useRead((signal) => readWhole(path, signal), [id]);
  if (!read.data) {
    if (read.error?.status === 404) {
      return html`<${Page} title="No such template" back=${back}><${Empty} icon="list" title="There is no such template here" actions=${html`<${Button} href=${href('programs')}>All programs<//>`} /><//>`;
    }
    return html`<${Page} title="Template" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }
  return html`<${Loaded} key=${id} path=${path} initial=${read.data} back=${back} />`;
}

/** @param {{path: string, initial: import('../api.js').Read, back: {href: string, label: string}}} props */
function Loaded({ path, initial, back }) {
  const editing = useEditing(path, initial);
  const { history, save, whole } = editing;
  const [act, setAct] = useState(/** @type {string|null} */ (null));
  const [show, setShow] = useState(/** @type {import('./programs/grid.js').Cell|null} */ (null));
  const close = () => setAct(null);
  const doc = /** @type {import('./programs/editing.js').Doc} */ (history.doc);
  const assign = async () => { if (await save()) setAct('assign'); };
  return html`<${Page} title=${doc.name} back=${back} badges=${html`<${TestData} />`} intro="A template: whoever it is given to gets a copy."
    actions=${html`<${ViewAsCurl} calls=${[{ path }, { method: 'PATCH', path, body: { name: `${doc.name}, four weeks` }, title: 'Change it' }, { method: 'POST', path: '/v1/clients/CLIENT_ID/programs', body: { template_id: whole.id }, title: 'Make a draft of it for a client' }]} />
      <${Button} icon="edit" onClick=${() => setAct('details')}>Details<//>
      <${Button} kind="primary" icon="people" onClick=${assign}>Assign to a client<//>
      <${Menu} label=${`Actions for ${whole.name}`} items=${[{ label: 'Remove', icon: 'trash', danger: true, onSelect: () => setAct('remove') }]} />`}>
    <${Facts} of=${[['Length', `${whole.weeks} ${whole.weeks === 1 ? 'week' : 'weeks'}`], ['Goal', whole.goal && called(goals, whole.goal)], ['Changed', html`<${RelativeTime} at=${whole.updated_at} />`]]} />
    ${doc.notes && html`<p class="pre muted small measure">${doc.notes}</p>`}
    <${Faults} error=${editing.error} doc=${doc} onShow=${(/** @type {any} */ cell) => setShow(cell)} />
    <${EditingBar} editing=${editing} />
    <${Builder} history=${history} locked=${false} start=${null} today=${null} unit=${workspace.value?.units === 'imperial' ? 'lb' : 'kg'} generation=${null} onHarder=${null} show=${show} onShown=${() => setShow(null)} />
    ${editing.windows}
    ${act === 'details' && html`<${Details} history=${history} onClose=${close} />`}
    ${act === 'assign' && html`<${Assign} of=${whole} kind="template" onClose=${close} />`}
    ${act === 'remove' && html`<${Confirm} title="Remove the template?" danger text="Programs that were made of it stay. The template itself cannot be brought back." act="Remove" onClose=${close}
      run=${async () => { await remove(path); guard.ask = null; toast('The template is removed.'); go(href('programs')); }} />`}
  <//>`;
}

// One program: its grid, what it was made from, and what can be done with it.
import { html, useState } from '../html.js';
import { get, readWhole, send, useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { workspace } from '../store.js';
import { Button, Empty, Facts, Failure, Note, Page, Skeleton, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { Tabs } from '../ui/tabs.js';
import { toast } from '../ui/toast.js';
import { Activate, Assign, Confirm, Duplicate, SaveAsTemplate } from './programs/acts.js';
import { Builder } from './programs/builder.js';
import { Details } from './programs/details.js';
import { EditingBar, Faults, useEditing } from './programs/editing.js';
import { GeneratorDrawer } from './programs/generator.js';
import { Reasons, SourceBadge } from './programs/reasons.js';
import { ProgramStatus, called, dateText, goals, plain, todayIn } from './programs/words.js';

/** @typedef {import('./programs/words.js').Program} Program */

/** @param {{parameters: {program_id: string}}} props */
export default function ProgramPage({ parameters: { program_id: id } }) {
  const path = `/v1/programs/${id}`;
  const back = { href: href('programs'), label: 'Programs' };
  const read = useRead((signal) => readWhole(path, signal), [id]);
  if (!read.data) {
    if (read.error?.status === 404) {
      return html`<${Page} title="No such program" back=${back}><${Empty} icon="list" title="There is no such program here" actions=${html`<${Button} href=${href('programs')}>All programs<//>`}>
        <p>It may belong to the other mode, or to another workspace.</p><//><//>`;
    }
    return html`<${Page} title="Program" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }
  return html`<${Loaded} key=${id} path=${path} initial=${read.data} back=${back} />`;
}

/** @param {{path: string, initial: import('../api.js').Read, back: {href: string, label: string}}} props */
function Loaded({ path, initial, back }) {
  const editing = useEditing(path, initial);
  const { history, save, take } = editing;
  const program = /** @type {Program} */ (editing.whole);
  const client = useRead((signal) => get(`/v1/clients/${program.client_id}`, {}, { signal }), [program.client_id]);
  const [act, setAct] = useState(/** @type {{kind: string, block?: number, week?: number}|null} */ (null));
  const [show, setShow] = useState(/** @type {import('./programs/grid.js').Cell|null} */ (null));
  const close = () => setAct(null);
  const locked = program.status === 'completed' || program.status === 'archived';
  const zone = client.data?.timezone ?? workspace.value?.timezone;
  const today = todayIn(zone);
  const unit = (client.data?.units ?? workspace.value?.units) === 'imperial' ? 'lb' : 'kg';
  const doc = /** @type {import('./programs/editing.js').Doc} */ (history.doc);
  const tab = program.generation && query.value.get('tab') === 'reasons' ? 'reasons' : 'plan';
  const week = client.data?.current_program?.id === program.id ? client.data.current_program.week : null;

  /** A step of its life, with what was changed saved before. @param {string} verb @param {string} said */
  const step = (verb, said) => async () => {
    if (!(await save())) return close();
    const { data, headers } = await send({ method: 'POST', path: `${path}/${verb}` });
    take({ data, etag: headers.get('etag') });
    client.reload();
    close();
    toast(said);
  };
  const harder = async (/** @type {number} */ times, /** @type {boolean} */ progress) => {
    const [block, number] = [act?.block ?? 0, act?.week ?? 1];
    if (!(await save())) return close();
    const { data, headers } = await send({ method: 'POST', path: `${path}/duplicate-week`, body: { block: block + 1, week: number, times, progress } });
    take({ data, etag: headers.get('etag') }, `duplicate week ${number}${progress ? ', a step harder' : ''}`);
    close();
    toast(`Week ${number} is duplicated${times > 1 ? ` ${times} times` : ''}.`);
  };
  const calls = [{ path }, { method: 'PATCH', path, body: { notes: 'Third week: film the last set.' }, title: 'Change it' }, { method: 'POST', path: `${path}/activate`, body: { start_date: today }, title: 'Activate it' }, { method: 'POST', path: `${path}/duplicate-week`, body: { block: 1, week: 1, times: 1, progress: true }, title: 'Duplicate a week' }];
  const grid = html`<${Builder} history=${history} locked=${locked} start=${doc.start_date ?? null} today=${program.status === 'active' ? today : null} unit=${unit} generation=${program.generation} onHarder=${(/** @type {number} */ block, /** @type {number} */ number) => setAct({ kind: 'duplicate', block, week: number })} show=${show} onShown=${() => setShow(null)} />`;
  return html`<${Page} title=${doc.name} back=${back} badges=${html`<${ProgramStatus} program=${program} />${program.generation && html`<${SourceBadge} of=${program.generation} draft=${program.status === 'draft'} />`}<${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${calls} />
      ${!locked && html`<${Button} icon="edit" onClick=${() => setAct({ kind: 'details' })}>Details<//>`}
      ${program.status === 'draft' && html`<${Button} kind="primary" icon="play" onClick=${() => setAct({ kind: 'activate' })}>Activate<//>`}
      <${Menu} label=${`Actions for ${program.name}`} items=${[
    program.status === 'active' && { label: 'Complete', icon: 'check', hint: 'The client follows nothing then', onSelect: () => setAct({ kind: 'complete' }) },
    { label: 'Save as a template', icon: 'plus', onSelect: () => setAct({ kind: 'template' }) },
    { label: 'Copy for a client', icon: 'copy', hint: 'A new draft', onSelect: () => setAct({ kind: 'assign' }) },
    client.data && { label: 'Generate another', icon: 'refresh', onSelect: () => setAct({ kind: 'generate' }) },
    program.status !== 'archived' && { label: 'Archive', icon: 'trash', danger: true, onSelect: () => setAct({ kind: 'archive' }) },
  ]} />`}>
    <${Facts} of=${[
    ['Client', html`<a href=${href(`clients/${program.client_id}`)}>${client.data?.name ?? program.client_id}</a>`],
    ['Length', `${program.weeks} ${program.weeks === 1 ? 'week' : 'weeks'}${week ? `, now in week ${week}` : ''}`],
    ['First day', doc.start_date ? dateText(doc.start_date) : 'Not set'],
    ['Last day', program.end_date && dateText(program.end_date)],
    ['Goal', program.goal && called(goals, program.goal)],
  ]} />
    ${doc.notes && html`<p class="pre muted small measure">${doc.notes}</p>`}
    ${locked && html`<${Note} title=${`This program is ${plain(program.status).toLowerCase()}`} actions=${html`<${Button} small onClick=${() => setAct({ kind: 'assign' })}>Copy it into a new draft<//>`}>Its plan stays as it was followed.<//>`}
    <${Faults} error=${editing.error} doc=${doc} onShow=${(/** @type {any} */ cell) => setShow(cell)} />
    ${!locked && html`<${EditingBar} editing=${editing} />`}
    ${program.generation
    ? html`<${Tabs} label=${program.name} value=${tab} tabs=${[{ value: 'plan', label: 'Plan' }, { value: 'reasons', label: 'Reasons', count: program.generation.warnings.length + program.generation.gaps.length || null }]} onChange=${(/** @type {string} */ to) => setQuery({ tab: to === 'plan' ? null : to })}>
        ${tab === 'reasons' ? html`<${Reasons} of=${program.generation} />` : grid}<//>`
    : grid}
    ${editing.windows}
    ${act?.kind === 'details' && html`<${Details} history=${history} dated onClose=${close} />`}
    ${act?.kind === 'activate' && html`<${Activate} program=${{ ...program, start_date: doc.start_date ?? null }} before=${save} onClose=${close} onDone=${async () => { close(); take(await readWhole(path)); client.reload(); }} />`}
    ${act?.kind === 'complete' && html`<${Confirm} title="Complete the program?" text=${html`“${program.name}” ends today: ${client.data?.name ?? 'the client'} follows no program until you activate another.`} act="Complete" onClose=${close} run=${step('complete', 'The program is completed.')} />`}
    ${act?.kind === 'archive' && html`<${Confirm} title="Archive the program?" danger text=${program.status === 'active' ? html`${client.data?.name ?? 'The client'} follows it now: nothing is planned then. What was logged stays.` : 'It stays readable, and can be copied into a new draft. It cannot be changed any more.'} act="Archive" onClose=${close} run=${step('archive', 'The program is in the archive.')} />`}
    ${act?.kind === 'template' && html`<${SaveAsTemplate} program=${program} onClose=${close} />`}
    ${act?.kind === 'assign' && html`<${Assign} of=${program} kind="program" onClose=${close} />`}
    ${act?.kind === 'generate' && html`<${GeneratorDrawer} client=${client.data} onClose=${close} />`}
    ${act?.kind === 'duplicate' && html`<${Duplicate} week=${act.week ?? 1} onClose=${close} run=${harder} />`}
  <//>`;
}

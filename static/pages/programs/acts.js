// What is done with a program as a whole: activate, end, put away, keep as a template, give to a client.
import { html, useState } from '../../html.js';
import { ApiError, get, post, useRead } from '../../api.js';
import { go, href } from '../../router.js';
import { workspace } from '../../store.js';
import { Button, Failure, Note } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Checkbox, FaultSummary, Field, useForm } from '../../ui/field.js';
import { toast } from '../../ui/toast.js';
import { ClientPicker } from './client-picker.js';
import { dateText, todayIn } from './words.js';

/** @typedef {import('./words.js').Program} Program */
/** @typedef {import('./words.js').Summary} Summary */

/**
 * Activating asks for the first day, and for what blocks it.
 * @param {{program: Program, onClose: () => void, onDone: (program: Program, etag: string|null) => void, before?: () => Promise<boolean>}} props
 *   `before`: what has to be done first, such as saving; false where that failed
 */
export function Activate({ program, onClose, onDone, before }) {
  const client = useRead((signal) => get(`/v1/clients/${program.client_id}`, {}, { signal }), [program.client_id]);
  const whole = /** @type {any} */ (client.data);
  const name = whole?.name ?? 'the client';
  const other = whole?.current_program;
  const blocking = program.generation?.warnings.filter((warning) => warning.blocking) ?? [];
  const [agreed, setAgreed] = useState(false);
  const form = useForm({ start_date: program.start_date ?? '' }, async (values) => {
    if (before && !(await before())) return onClose();
    const active = await post(`/v1/programs/${program.id}/activate`, { ...(values.start_date && { start_date: values.start_date }), ...(blocking.length > 0 && agreed && { acknowledge_warnings: true }) });
    toast(`“${active.name}” is what ${name} follows now.`);
    onDone(active, null);
  });
  const weekdays = (program.generation?.inputs.preferred_days ?? []).length > 0;
  return html`<${Dialog} title="Activate the program" intro=${`From the first day on it is what ${name} follows.`} onClose=${onClose}>
    <form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ start_date: 'First day' }} />
      ${blocking.map((warning) => html`<${Note} key=${warning.code} tone="danger" title="Settle this first">${warning.message}<//>`)}
      ${blocking.length > 0 && html`<${Checkbox} label="A physician has agreed" hint="Without it the program stays a draft." checked=${agreed} onChange=${() => setAgreed(!agreed)} />`}
      <${Field} label="First day" optional type="date" data-first="" hint=${`Left empty: ${weekdays ? 'the next Monday, since days of the week were asked for' : `today, ${dateText(todayIn(whole?.timezone ?? workspace.value?.timezone))}`}`} ...${form.field('start_date')} />
      ${other && other.id !== program.id && html`<${Note} title="Another program ends">“${other.name}”${other.week ? `, in week ${other.week} of ${other.weeks},` : ''} is completed at the same moment.<//>`}
      <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy} disabled=${blocking.length > 0 && !agreed}>Activate<//><${Button} kind="quiet" onClick=${onClose}>Cancel<//></div>
    </form><//>`;
}

/** Asks before something that cannot be taken back. @param {{title: string, text: any, act: string, danger?: boolean, onClose: () => void, run: () => Promise<void>}} props */
export function Confirm({ title, text, act, danger, onClose, run }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const yes = async () => {
    setBusy(true);
    setError(null);
    try {
      await run();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose} footer=${html`<${Button} kind="quiet" onClick=${onClose}>Cancel<//><${Button} kind=${danger ? 'danger' : 'primary'} busy=${busy} onClick=${yes}>${act}<//>`}>
    <div class="stack"><${Failure} error=${error} /><p>${text}</p></div><//>`;
}

/** Keeps what a program is made of as a template. @param {{program: Summary, onClose: () => void}} props */
export function SaveAsTemplate({ program, onClose }) {
  const form = useForm({ name: program.name, notes: '' }, async (values) => {
    const template = await post('/v1/program-templates', { program_id: program.id, name: values.name, ...(values.notes.trim() && { notes: values.notes }) });
    onClose();
    toast(`“${template.name}” is among the templates.`);
  });
  return html`<${Dialog} title="Save as a template" intro="A copy: what is changed later in one leaves the other alone." onClose=${onClose}>
    <form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ name: 'Name', notes: 'Notes' }} />
      <${Field} label="Name" required data-first="" ...${form.field('name')} />
      <${Field} label="Notes" optional as="textarea" ...${form.field('notes')} />
      <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>Save the template<//><${Button} kind="quiet" onClick=${onClose}>Cancel<//></div>
    </form><//>`;
}

/**
 * Makes a draft of a template, or of another program, for a client.
 * @param {{of: {id: string, name: string}, kind: 'template'|'program', client?: {id: string, name: string}, onClose: () => void}} props
 */
export function Assign({ of, kind, client, onClose }) {
  const [chosen, setChosen] = useState(client ?? null);
  const form = useForm({ start_date: '' }, async (values) => {
    const own = kind === 'template' ? { template_id: of.id } : await copied(of);
    const draft = await post(`/v1/clients/${chosen?.id}/programs`, { ...own, ...(values.start_date && { start_date: values.start_date }) });
    onClose();
    toast(`A draft for ${chosen?.name}`);
    go(href(`programs/${draft.id}`));
  });
  if (!chosen) return html`<${ClientPicker} title=${`“${of.name}” for which client?`} intro="The client gets a draft of their own: a copy." onClose=${onClose} onChoose=${setChosen} />`;
  return html`<${Dialog} title=${`“${of.name}” for ${chosen.name}`} intro="It becomes a draft: look through it, then activate it." onClose=${onClose}>
    <form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ start_date: 'First day' }} />
      <${Field} label="First day" optional type="date" data-first="" hint="Can wait until you activate it" ...${form.field('start_date')} />
      <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>Make the draft<//><${Button} kind="quiet" onClick=${onClose}>Cancel<//></div>
    </form><//>`;
}

/** What another program is made of. @param {{id: string}} of */
async function copied(of) {
  const whole = await get(`/v1/programs/${of.id}`);
  return { name: whole.name, ...(whole.notes && { notes: whole.notes }), blocks: whole.blocks };
}

/** Choosing one of the templates, for a client. @param {{client: {id: string, name: string}, onClose: () => void}} props */
export function ChooseTemplate({ client, onClose }) {
  const read = useRead((signal) => get('/v1/program-templates', { limit: 100 }, { signal }), []);
  const [of, setOf] = useState(/** @type {{id: string, name: string}|null} */ (null));
  if (of) return html`<${Assign} of=${of} kind="template" client=${client} onClose=${onClose} />`;
  const rows = read.data?.data ?? [];
  return html`<${Dialog} title=${`A template for ${client.name}`} onClose=${onClose} class="picker">
    <div class="stack"><${Failure} error=${read.error} onRetry=${read.reload} />
      ${read.data && rows.length === 0 && html`<${Note} title="No templates yet">Save a program as a template, or make one on the page of programs.<//>`}
      <ul class="pick-list">${rows.map((/** @type {any} */ row) => html`<li key=${row.id}><button type="button" class="pick" onClick=${() => setOf(row)}><span class="pick-name">${row.name}</span><span class="muted small">${[`${row.weeks} weeks`, row.notes].filter(Boolean).join(' · ')}</span></button></li>`)}</ul>
    </div><//>`;
}

/** A program or a template by hand: a name, and how long it is. @param {{client?: {id: string, name: string}, onClose: () => void}} props without a client it is a template */
export function ByHand({ client, onClose }) {
  const form = useForm({ name: '', weeks: '4' }, async (values) => {
    const body = { name: values.name, blocks: [{ name: 'Block 1', weeks: /^\d+$/.test(values.weeks) ? Number(values.weeks) : 4, sessions: [] }] };
    const made = await post(client ? `/v1/clients/${client.id}/programs` : '/v1/program-templates', body);
    onClose();
    go(href(client ? `programs/${made.id}` : `programs/templates/${made.id}`));
  }, { weeks: 'blocks' });
  return html`<${Dialog} title=${client ? `A program for ${client.name}` : 'A new template'} intro="By hand: an empty grid, to be filled day by day." onClose=${onClose}>
    <form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ name: 'Name', blocks: 'Weeks' }} />
      <${Field} label="Name" required data-first="" autocomplete="off" ...${form.field('name')} />
      <${Field} label="Weeks" type="number" min="1" max="52" inputmode="numeric" ...${form.field('weeks')} />
      <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>Open the grid<//><${Button} kind="quiet" onClick=${onClose}>Cancel<//></div>
    </form><//>`;
}

/** How a week is duplicated by the server. @param {{week: number, onClose: () => void, run: (times: number, progress: boolean) => Promise<void>}} props */
export function Duplicate({ week, onClose, run }) {
  const [harder, setHarder] = useState(true);
  const form = useForm({ times: '1' }, async (values) => run(Number(values.times) || 1, harder));
  return html`<${Dialog} title=${`Duplicate week ${week}`} intro="The copies stand behind the week, later weeks after them. What you have changed is saved first." onClose=${onClose}>
    <form class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ times: 'How often', week: 'Week', block: 'Block' }} />
      <${Field} as="select" label="How often" data-first="" ...${form.field('times')}>${Array.from({ length: 12 }, (_, at) => html`<option key=${at} value=${String(at + 1)}>${at + 1}</option>`)}<//>
      <${Checkbox} label="Each a step harder" hint="A weight grows by the increment of its progression; without a weight one repetition less stays in reserve, half a point of RPE or 2.5 % of the maximum is added." checked=${harder} onChange=${() => setHarder(!harder)} />
      <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>Duplicate<//><${Button} kind="quiet" onClick=${onClose}>Cancel<//></div>
    </form><//>`;
}

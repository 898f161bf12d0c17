// A form of check-ins: its questions in their order, and beside them what the client will see.
import { html, useEffect, useRef, useState } from '../html.js';
import { post, readWhole, useRead } from '../api.js';
import { go, guard, href } from '../router.js';
import { mode } from '../store.js';
import { Badge, Button, Empty, Failure, Page, Skeleton, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Checkbox, FaultSummary, Field, faults, useForm } from '../ui/field.js';
import { useLeaving } from '../ui/leaving.js';
import { useNewer } from '../ui/newer.js';
import { toast } from '../ui/toast.js';
import { Preview } from './checkins/preview.js';
import { poses } from './checkins/shape.js';

/** @typedef {import('./checkins/shape.js').Form} Form @typedef {import('./checkins/shape.js').Question} Question */
/** @typedef {{key: number, id: string|null, type: Question['type'], question: string, help: string, required: boolean, choices: string, min: string, max: string, unit: string, pose: string}} Draft what the editor holds of a question: text, as it is typed */

const types = /** @type {[Question['type'], string][]} */ ([['scale', 'Scale'], ['number', 'Number'], ['text', 'Text'], ['choice', 'Choice'], ['photo', 'Photo']]);
const MOST = 50;
let last = 0;

/** @param {Partial<Question>} [of] @returns {Draft} */
const draft = (of = {}) => {
  last += 1;
  return { key: last, id: of.id ?? null, type: of.type ?? 'scale', question: of.question ?? '', help: of.help ?? '', required: of.required ?? false, choices: (of.choices ?? []).join('\n'), min: String(of.min ?? (of.type === 'scale' || !of.type ? 1 : '')), max: String(of.max ?? (of.type === 'scale' || !of.type ? 5 : '')), unit: of.unit ?? '', pose: of.pose ?? 'front' };
};

/** A short name out of a question, unlike those that are taken. @param {string} question @param {Set<string>} taken */
function idFrom(question, taken) {
  const base = question.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').split('_').slice(0, 5).join('_').slice(0, 40) || 'question';
  let id = base;
  for (let at = 2; taken.has(id); at += 1) id = `${base}_${at}`;
  taken.add(id);
  return id;
}

/** The questions as they are sent. @param {Draft[]} drafts @returns {Question[]} */
export function asQuestions(drafts) {
  const taken = new Set(drafts.flatMap((one) => one.id ?? []));
  const number = (/** @type {string} */ text) => (text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text));
  return drafts.map((one) => ({
    id: one.id ?? idFrom(one.question, taken),
    type: one.type,
    question: one.question.trim(),
    required: one.required,
    ...(one.help.trim() && { help: one.help.trim() }),
    ...(one.type === 'choice' && { choices: one.choices.split('\n').map((line) => line.trim()).filter(Boolean) }),
    ...((one.type === 'scale' || one.type === 'number') && number(one.min) !== null && { min: number(one.min) }),
    ...((one.type === 'scale' || one.type === 'number') && number(one.max) !== null && { max: number(one.max) }),
    ...(one.type === 'number' && one.unit.trim() && { unit: one.unit.trim() }),
    ...(one.type === 'photo' && { pose: one.pose }),
  }));
}

/** @param {{parameters: {form_id?: string}}} props */
export default function CheckinForm({ parameters: { form_id: id } }) {
  const read = useRead(id ? (signal) => readWhole(`/v1/checkin-forms/${id}`, signal) : null, [id, mode.value]);
  const back = { href: href('checkin-forms'), label: 'Check-in forms' };
  if (!id) return html`<${Editor} key="new" />`;
  if (read.data) return html`<${Editor} key=${read.data.data.version} initial=${read.data} onRead=${read.set} />`;
  if (read.error?.status === 404) return html`<${Page} title="No such form" back=${back}><${Empty} icon="list" title="There is no such form here" actions=${html`<${Button} href=${back.href}>All forms<//>`} /><//>`;
  return html`<${Page} title="Check-in form" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
}

/** @typedef {import('../api.js').Read} Read */

/** @param {{initial?: Read, onRead?: (read: Read) => void}} props `initial`: none, and a new form is made; `onRead`: another version is shown from now on */
function Editor({ initial, onRead }) {
  const of = /** @type {Form|undefined} */ (initial?.data);
  const [drafts, setDrafts] = useState(() => (of ? of.questions.map(draft) : [draft({ type: 'scale', question: 'How was your energy this week?', required: true }), draft({ type: 'text', question: 'What should I know?' })]));
  const [dirty, setDirty] = useState(false);
  const list = useRef(/** @type {HTMLElement|null} */ (null));
  const toFocus = useRef(/** @type {string|null} */ (null));
  const form = useForm({ name: of?.name ?? '' }, async (values) => {
    const wrong = drafts.find((one) => !one.question.trim() || (one.type === 'choice' && one.choices.split('\n').filter((line) => line.trim()).length < 2));
    if (!values.name.trim()) throw faults({ name: 'Give the form a name.' });
    if (wrong) throw faults({ questions: wrong.question.trim() ? `“${wrong.question.trim()}” needs at least two choices.` : 'A question has no words yet.' });
    const body = { name: values.name.trim(), questions: asQuestions(drafts) };
    // Questions that were not touched are left out of it: somebody else may change them.
    if (of) return newer.save(JSON.stringify(body.questions) === JSON.stringify(asQuestions(of.questions.map(draft))) ? { name: body.name } : body);
    const made = await post('/v1/checkin-forms', body);
    guard.ask = null;
    setDirty(false);
    toast('The form is made.');
    return go(href(`checkin-forms/${made.id}`), { replace: true });
  });
  const newer = useNewer(`/v1/checkin-forms/${of?.id}`, initial ?? { data: {}, etag: null }, {
    name: (/** @type {Form} */ form_) => form_.name,
    onSaved: (read) => {
      setDirty(false);
      toast(`Saved as version ${read.data.version}. Check-ins from now on are asked by it.`);
      onRead?.(read);
    },
    onTheirs: (read) => {
      setDirty(false);
      toast(`This is version ${read.data.version}.`);
      onRead?.(read);
    },
    onError: form.setError,
  });
  const leaving = useLeaving(dirty, { words: 'What you changed on this form is lost.' });
  useEffect(() => {
    // A button that moved keeps the focus; a new question takes it.
    if (!toFocus.current) return;
    const found = list.current?.querySelector(toFocus.current);
    toFocus.current = null;
    if (found instanceof HTMLElement) found.focus();
  }, [drafts]);

  const change = (/** @type {Draft[]} */ next) => { setDrafts(next); setDirty(true); form.setError(null); };
  const set = (/** @type {number} */ key, /** @type {Partial<Draft>} */ changes) => change(drafts.map((one) => (one.key === key ? { ...one, ...changes } : one)));
  const move = (/** @type {number} */ at, /** @type {number} */ by) => {
    const next = [...drafts];
    [next[at], next[at + by]] = [next[at + by], next[at]];
    const end = at + by === 0 || at + by === drafts.length - 1;
    toFocus.current = `[data-question="${drafts[at].key}"] [data-move="${end ? -by : by}"]`;
    change(next);
  };
  const drop = (/** @type {number} */ at) => {
    const before = drafts;
    toFocus.current = '[data-add]';
    change(drafts.filter((_, number) => number !== at));
    toast('The question is taken out.', { undo: () => setDrafts(before) });
  };
  const add = () => {
    const one = draft({ type: 'scale' });
    toFocus.current = `[data-question="${one.key}"] input`;
    change([...drafts, one]);
  };
  return html`<${Page} title=${of?.name ?? 'New check-in form'} badges=${html`${of?.default && html`<${Badge} tone="info">The usual one<//>`}<${TestData} />`} back=${{ href: href('checkin-forms'), label: 'Check-in forms' }} intro=${of ? `Version ${of.version}. Saving makes version ${of.version + 1}; check-ins that were sent keep the one that they were asked by.` : undefined}
    actions=${html`<${ViewAsCurl} calls=${[{ method: of ? 'PATCH' : 'POST', path: of ? `/v1/checkin-forms/${of.id}` : '/v1/checkin-forms', body: { name: form.values.name, questions: asQuestions(drafts) } }]} />`}>
    <div class="form-editor">
      <form class="stack" ...${form.form}>
        <${FaultSummary} error=${form.error} labels=${{ name: 'Name', questions: 'Questions' }} />
        <${Field} label="Name" maxlength="200" autocomplete="off" ...${form.field('name')} onInput=${(/** @type {any} */ event) => { form.set({ name: event.currentTarget.value }); setDirty(true); }} />
        <ol class="questions" aria-label="Questions" ref=${list}>${drafts.map((one, at) => html`<li key=${one.key}><div class="question" data-question=${one.key} role="group" aria-label=${`Question ${at + 1}`}>
          <div class="row between"><h2>Question ${at + 1}</h2><div class="row tight">
            <${Button} kind="icon" small icon="up" label=${`Move question ${at + 1} up`} data-move="-1" disabled=${at === 0} onClick=${() => move(at, -1)} />
            <${Button} kind="icon" small icon="down" label=${`Move question ${at + 1} down`} data-move="1" disabled=${at === drafts.length - 1} onClick=${() => move(at, 1)} />
            <${Button} kind="icon" small icon="trash" label=${`Take question ${at + 1} out`} disabled=${drafts.length === 1} onClick=${() => drop(at)} /></div></div>
          <${OneQuestion} of=${one} onChange=${(/** @type {Partial<Draft>} */ changes) => set(one.key, changes)} />
        </div></li>`)}</ol>
        <div class="row"><${Button} icon="plus" data-add disabled=${drafts.length >= MOST} onClick=${add}>Add a question<//>${drafts.length > 12 && html`<span class="muted small">Clients answer short forms. Over twelve questions many stop half-way.</span>`}</div>
        <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>${of ? `Save as version ${of.version + 1}` : 'Make the form'}<//>${dirty && html`<span class="muted small">Not saved yet</span>`}</div>
      </form>
      <section aria-label="As the client sees it" class="stack tight"><h2>As the client sees it</h2><${Preview} name=${form.values.name} questions=${asQuestions(drafts)} /></section>
    </div>
    ${newer.window}
    ${leaving}
  <//>`;
}

/** @param {{of: Draft, onChange: (changes: Partial<Draft>) => void}} props */
function OneQuestion({ of, onChange }) {
  const typed = (/** @type {keyof Draft} */ name) => ({ value: of[name], onInput: (/** @type {any} */ event) => onChange({ [name]: event.currentTarget.value }) });
  const kind = (/** @type {any} */ event) => {
    const type = /** @type {Question['type']} */ (event.currentTarget.value);
    onChange({ type, ...(type === 'scale' && { min: of.min || '1', max: of.max || '5' }), ...(type === 'number' && of.type === 'scale' && { min: '', max: '' }) });
  };
  return html`
    <${Field} label="Question" maxlength="300" autocomplete="off" ...${typed('question')} />
    <div class="two">
      <${Field} label="Answered by" as="select" value=${of.type} onInput=${kind}>${types.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}<//>
      ${of.type === 'photo' && html`<${Field} label="Pose" as="select" ...${typed('pose')}>${poses.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}<//>`}
      ${of.type === 'number' && html`<${Field} label="Unit" optional maxlength="20" autocomplete="off" ...${typed('unit')} />`}
      ${(of.type === 'scale' || of.type === 'number') && html`<${Field} label="From" optional=${of.type === 'number'} inputmode="decimal" autocomplete="off" ...${typed('min')} /><${Field} label="To" optional=${of.type === 'number'} inputmode="decimal" autocomplete="off" ...${typed('max')} />`}
    </div>
    ${of.type === 'choice' && html`<${Field} label="Choices" as="textarea" rows="4" hint="One on each line." ...${typed('choices')} />`}
    <${Field} label="Explanation" optional maxlength="500" autocomplete="off" ...${typed('help')} />
    <${Checkbox} label="Must be answered" checked=${of.required} onChange=${() => onChange({ required: !of.required })} />`;
}

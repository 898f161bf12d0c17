// One session of a program, in a window at the side: what is changed is in the program at once, and can
// be taken back; it is on the server when the program is saved.
import { html, useState } from '../../html.js';
import { Badge, Button, Empty, Note } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Menu } from '../../ui/menu.js';
import { ExercisePicker } from '../library/picker.js';
import { useExercises } from '../library/shape.js';
import { having, inserted, limits, put, shifted, without } from './blocks.js';
import { ChoiceEntry, NotesEntry, TextEntry, WholeEntry } from './entry.js';
import { sessionName } from './grid.js';
import { PrescriptionEditor, fresh } from './prescription.js';
import { called, groupKinds } from './words.js';

/** @typedef {import('./words.js').Group} Group */
/** @typedef {import('./words.js').Prescription} Prescription */
/** @typedef {import('./words.js').Session} Session */

/** The letter of a group. @param {number} at */
const letter = (at) => (at < 26 ? String.fromCharCode(65 + at) : String(at + 1));

/**
 * @param {object} props
 * @param {Session} props.session
 * @param {number} props.week
 * @param {number} props.day
 * @param {number} props.weeks how many the block has
 * @param {number} props.days how many days a week of it has
 * @param {string} props.unit
 * @param {boolean} props.locked
 * @param {import('./words.js').Generation|null} props.generation
 * @param {any} props.history of `useHistory`, for going back from here
 * @param {(what: string, change: (session: Session) => Session, key?: string) => void} props.onChange
 * @param {(day: number) => void} props.onDay
 * @param {() => void} props.onSplit
 * @param {() => void} props.onClose
 */
export function SessionEditor({ session, week, day, weeks, days, unit, locked, generation, history, onChange, onDay, onSplit, onClose }) {
  const { find, name } = useExercises();
  /** Where an exercise is added: a group, or behind all of them. */
  const [adding, setAdding] = useState(/** @type {number|'new'|null} */ (null));
  const title = sessionName(session, day);
  const every = session.week === undefined && weeks > 1;
  const edit = (/** @type {string} */ field) => (/** @type {any} */ value) => onChange(`${field} of ${title}`, (old) => having(old, field, value), `session.${field}`);
  const setGroups = (/** @type {string} */ what, /** @type {(groups: Group[]) => Group[]} */ change, /** @type {string|undefined} */ key = undefined) => onChange(what, (old) => ({ ...old, groups: change(old.groups) }), key);
  const choose = (/** @type {string} */ slug) => {
    const one = fresh(slug, find(slug));
    const to = adding;
    setAdding(null);
    setGroups(`add ${name(slug)}`, (groups) => (typeof to === 'number' ? put(groups, to, { ...groups[to], prescriptions: [...groups[to].prescriptions, one] }) : [...groups, { prescriptions: [one] }]));
  };
  const why = (/** @type {string} */ slug) => generation?.reasons.find((reason) => reason.exercise === slug && (!session.name || reason.session === session.name)) ?? null;

  return html`<${Dialog} title=${title} side class="editor" onClose=${onClose}
    intro=${`${every ? 'Every week' : `Week ${week}`}, day ${day}${locked ? '. This program is over: nothing in it can be changed.' : ''}`}
    footer=${html`${!locked && html`<${Button} kind="quiet" icon="undo" disabled=${!history.undoable} onClick=${history.undo} title=${history.undoable ? `Undo: ${history.undoable}` : 'Nothing to undo'}>Undo<//>
      <${Button} kind="quiet" icon="redo" disabled=${!history.redoable} onClick=${history.redo} title=${history.redoable ? `Redo: ${history.redoable}` : 'Nothing to redo'}>Redo<//>`}
      <${Button} kind="primary" class="push" onClick=${onClose}>Done<//>`}>
    <div class="stack">
      ${every && !locked && html`<${Note} title="In every week of the block" actions=${html`<${Button} small onClick=${onSplit}>Make one for each week<//>`}>What you change here changes in all ${weeks} weeks.<//>`}
      <div class="set-row">
        <${TextEntry} class="grow-cell" label="Name" value=${session.name} disabled=${locked} data-first=${session.groups.length === 0 ? '' : undefined} onValue=${edit('name')} />
        <${ChoiceEntry} class="cell-unit" label="Day" value=${String(day)} choices=${Array.from({ length: days }, (_, at) => [String(at + 1), String(at + 1)])} disabled=${locked} onValue=${(/** @type {string} */ to) => onDay(Number(to))} />
        <${WholeEntry} class="cell-count" label="Minutes" value=${session.minutes} most=${600} disabled=${locked} onValue=${edit('minutes')} />
      </div>
      <${NotesEntry} label="Notes of the session" value=${session.notes} most=${4000} disabled=${locked} onValue=${edit('notes')} />
      ${session.groups.length === 0 && html`<${Empty} icon="list" title="Nothing in it yet"><p>${locked ? 'A day without exercises.' : 'Search the library for the first exercise.'}</p><//>`}
      ${session.groups.map((group, at) => html`<${GroupEditor} key=${at} group=${group} at=${at} count=${session.groups.length} unit=${unit} locked=${locked}
        why=${(/** @type {string} */ slug) => { const found = why(slug); return found && generation ? { reason: found.reason.replaceAll('`', '“').replace(/“([^“]*)“/g, '“$1”'), by: `Policy ${generation.policy.id} ${generation.policy.version}, catalogue ${generation.catalogue_version}` } : null; }}
        setGroups=${setGroups} onAdd=${() => setAdding(at)} />`)}
      ${!locked && session.groups.length < limits.groups && html`<div><${Button} icon="plus" onClick=${() => setAdding('new')}>Add exercise<//></div>`}
    </div>
    ${adding !== null && html`<${ExercisePicker} title=${adding === 'new' ? 'Add an exercise' : `Add an exercise to group ${letter(adding)}`} onClose=${() => setAdding(null)} onChoose=${choose} />`}
  <//>`;
}

/**
 * @param {{group: Group, at: number, count: number, unit: string, locked: boolean, why: (slug: string) => {reason: string, by: string}|null, setGroups: (what: string, change: (groups: Group[]) => Group[], key?: string) => void, onAdd: () => void}} props
 */
function GroupEditor({ group, at, count, unit, locked, why, setGroups, onAdd }) {
  const { name } = useExercises();
  const label = `group ${letter(at)}`;
  const change = (/** @type {string} */ what, /** @type {(group: Group) => Group} */ by, /** @type {string|undefined} */ key = undefined) => setGroups(what, (groups) => put(groups, at, by(groups[at])), key && `group.${at}.${key}`);
  const edit = (/** @type {string} */ field) => (/** @type {any} */ value) => change(`${field.replace('_s', '').replaceAll('_', ' ')} of ${label}`, (old) => having(old, field, value), field);
  const kind = group.kind ?? 'straight';
  const rounds = kind !== 'straight';
  /** To the group before or behind. @param {number} place @param {number} by */
  const carry = (place, by) => setGroups(`move ${name(group.prescriptions[place].exercise)}`, (groups) => {
    const one = groups[at].prescriptions[place];
    const left = groups.map((other, index) => (index === at ? { ...other, prescriptions: without(other.prescriptions, place) } : index === at + by ? { ...other, prescriptions: by < 0 ? [...other.prescriptions, one] : [one, ...other.prescriptions] } : other));
    return left.filter((other, index) => index !== at || other.prescriptions.length > 0);
  });
  /** Into a group of its own, behind this one. @param {number} place */
  const alone = (place) => setGroups(`move ${name(group.prescriptions[place].exercise)}`, (groups) => inserted(put(groups, at, { ...groups[at], prescriptions: without(groups[at].prescriptions, place) }), at + 1, { prescriptions: [groups[at].prescriptions[place]] }));
  const remove = (/** @type {number} */ place) => setGroups(`remove ${name(group.prescriptions[place].exercise)}`, (groups) => {
    const rest = without(groups[at].prescriptions, place);
    return rest.length === 0 ? without(groups, at) : put(groups, at, { ...groups[at], prescriptions: rest });
  });
  return html`<section class="group" aria-label=${`Group ${letter(at)}`}>
    <div class="row between tight group-head">
      <h3 class="row tight"><${Badge}>${letter(at)}<//><span class="unseen">Group ${letter(at)}, </span>${called(groupKinds, kind)}</h3>
      ${!locked && html`<${Menu} small label=${`Actions for ${label}`} items=${[
    at > 0 && { label: 'Move up', icon: 'up', onSelect: () => setGroups(`move ${label}`, (groups) => shifted(groups, at, -1)) },
    at < count - 1 && { label: 'Move down', icon: 'down', onSelect: () => setGroups(`move ${label}`, (groups) => shifted(groups, at, 1)) },
    { label: 'Copy below', icon: 'copy', onSelect: () => setGroups(`copy ${label}`, (groups) => inserted(groups, at + 1, groups[at])) },
    group.notes === undefined && { label: 'Add notes', icon: 'edit', onSelect: () => change(`notes of ${label}`, (old) => ({ ...old, notes: 'Notes' })) },
    { label: 'Remove the group', icon: 'trash', danger: true, onSelect: () => setGroups(`remove ${label}`, (groups) => without(groups, at)) },
  ]} />`}
    </div>
    <div class="set-row">
      <${ChoiceEntry} class="cell-load" label="How" value=${kind} choices=${groupKinds} disabled=${locked} onValue=${(/** @type {string} */ to) => edit('kind')(to === 'straight' && group.kind === undefined ? undefined : to)} />
      ${(rounds || group.rounds !== undefined) && html`<${WholeEntry} class="cell-count" label="Rounds" value=${group.rounds} most=${100} disabled=${locked} onValue=${edit('rounds')} />`}
      ${(kind === 'emom' || group.interval_s !== undefined) && html`<${WholeEntry} class="cell-rest" label="Every" suffix="s" value=${group.interval_s} most=${3600} disabled=${locked} onValue=${edit('interval_s')} />`}
      ${(kind === 'amrap' || group.time_cap_s !== undefined) && html`<${WholeEntry} class="cell-rest" label="Time" suffix="s" value=${group.time_cap_s} most=${14400} disabled=${locked} onValue=${edit('time_cap_s')} />`}
      ${(rounds || group.rest_s !== undefined) && html`<${WholeEntry} class="cell-rest" label="Rest after a round" suffix="s" value=${group.rest_s} least=${0} most=${3600} disabled=${locked} onValue=${edit('rest_s')} />`}
    </div>
    ${group.notes !== undefined && html`<${NotesEntry} label=${`Notes of ${label}`} value=${group.notes} most=${4000} disabled=${locked} onValue=${edit('notes')} />`}
    ${group.prescriptions.map((one, place) => html`<${PrescriptionEditor} key=${`${place}.${one.exercise}`} of=${one} unit=${unit} locked=${locked} why=${why(one.exercise)}
      onChange=${(/** @type {string} */ what, /** @type {Prescription} */ next, /** @type {string|undefined} */ key) => change(what, (old) => ({ ...old, prescriptions: put(old.prescriptions, place, next) }), key && `${place}.${key}`)}
      items=${[
    place > 0 && { label: 'Move up', icon: 'up', onSelect: () => change(`move ${name(one.exercise)}`, (old) => ({ ...old, prescriptions: shifted(old.prescriptions, place, -1) })) },
    place < group.prescriptions.length - 1 && { label: 'Move down', icon: 'down', onSelect: () => change(`move ${name(one.exercise)}`, (old) => ({ ...old, prescriptions: shifted(old.prescriptions, place, 1) })) },
    at > 0 && { label: `Into group ${letter(at - 1)}`, icon: 'up', onSelect: () => carry(place, -1) },
    at < count - 1 && { label: `Into group ${letter(at + 1)}`, icon: 'down', onSelect: () => carry(place, 1) },
    group.prescriptions.length > 1 && { label: 'Into a group of its own', icon: 'right', onSelect: () => alone(place) },
    { label: 'Copy below', icon: 'copy', onSelect: () => change(`copy ${name(one.exercise)}`, (old) => ({ ...old, prescriptions: inserted(old.prescriptions, place + 1, one) })) },
    { label: 'Remove', icon: 'trash', danger: true, onSelect: () => remove(place) },
  ]} />`)}
    ${!locked && group.prescriptions.length < limits.prescriptions && html`<div><${Button} small kind="quiet" icon="plus" onClick=${onAdd}>Add to ${label}<//></div>`}
  </section>`;
}

// The builder: the blocks of a program or a template, changed here and saved as a whole.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../../html.js';
import { Badge, Button, Empty, Note, Panel } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Menu } from '../../ui/menu.js';
import { toast } from '../../ui/toast.js';
import { addSession, addWeek, changeBlock, changeSession, copyWeek, daysBefore, daysOf, inserted, limits, moveSession, removeSession, removeWeek, settled, shifted, split, swapWeek, weeksOf, without } from './blocks.js';
import { having } from './blocks.js';
import { ChoiceEntry, NotesEntry, TextEntry, WholeEntry } from './entry.js';
import { BlockGrid, clipboard, sessionName } from './grid.js';
import { SessionEditor } from './session.js';
import { blockKinds, called, dayAfter } from './words.js';

/** @typedef {import('./words.js').Block} Block */
/** @typedef {import('./words.js').Session} Session */
/** @typedef {import('./grid.js').Cell} Cell */
/** @typedef {{name: string, notes: string|null, blocks: Block[]}} Doc what is changed here */

/**
 * @param {object} props
 * @param {any} props.history of `useHistory` over a `Doc`
 * @param {boolean} props.locked
 * @param {string|null} props.start day 1
 * @param {string|null} props.today the day that it is for the client
 * @param {string} props.unit
 * @param {import('./words.js').Generation|null} props.generation
 * @param {((block: number, week: number) => void)|null} props.onHarder duplicates a week a step harder; null where that cannot be
 * @param {Cell|null} props.show a session that is to be opened
 * @param {() => void} props.onShown
 */
export function Builder({ history, locked, start, today, unit, generation, onHarder, show, onShown }) {
  const doc = /** @type {Doc} */ (history.doc);
  const { blocks } = doc;
  const [open, setOpen] = useState(/** @type {Cell|null} */ (null));
  const [block, setBlock] = useState(/** @type {number|null} */ (null));
  const [focus, setFocus] = useState(/** @type {Cell|null} */ (null));
  const [said, setSaid] = useState('');
  const frame = useRef(/** @type {HTMLElement|null} */ (null));
  const change = (/** @type {string} */ what, /** @type {(blocks: Block[]) => Block[]} */ by, /** @type {string|undefined} */ key = undefined) => history.change(what, (/** @type {Doc} */ old) => ({ ...old, blocks: by(old.blocks) }), key ?? null);

  useEffect(() => {
    if (!show) return;
    setOpen(show);
    onShown();
  }, [show]);
  // A step back may have taken away what had the focus: it goes to the same day then.
  const last = useRef(/** @type {[string, string]|null} */ (null));
  const onFocusIn = (/** @type {any} */ event) => {
    const stop = event.target.dataset?.stop;
    last.current = stop ? [event.target.closest('[data-block]').dataset.block, stop] : null;
  };
  useLayoutEffect(() => {
    if (document.activeElement !== document.body || !last.current) return;
    const [place, stop] = last.current;
    const grid = frame.current?.querySelector(`[data-block="${place}"]`);
    const target = grid?.querySelector(`[data-stop="${stop}"]`) ?? grid?.querySelector('[data-stop][tabindex="0"]');
    if (target instanceof HTMLElement) target.focus();
  }, [doc]);
  // A step back may have taken away what is open.
  const opened = open && open.index !== null ? blocks[open.block]?.sessions[open.index] : null;
  useEffect(() => {
    if (open && !opened) setOpen(null);
  }, [open, opened]);
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      const back = key === 'z' && !event.shiftKey;
      if (!back && key !== 'y' && !(key === 'z' && event.shiftKey)) return;
      // In a field the browser's own history is meant.
      if (/** @type {Element} */ (event.target).closest?.('input, textarea, select')) return;
      if (document.querySelector('dialog[open]:not(.editor)')) return;
      event.preventDefault();
      const what = back ? history.undo() : history.redo();
      setSaid(what ? `${back ? 'Undone' : 'Redone'}: ${what}` : `Nothing to ${back ? 'undo' : 'redo'}`);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [history.undo, history.redo]);

  const at = (/** @type {Cell} */ cell) => sessionName(blocks[cell.block].sessions[cell.index ?? 0], cell.day);
  const full = (/** @type {number} */ place) => {
    if (blocks[place].sessions.length < limits.sessions) return false;
    toast(`A block has ${limits.sessions} sessions at most.`, { tone: 'danger' });
    return true;
  };
  const onAdd = (/** @type {Cell} */ cell) => {
    if (full(cell.block)) return;
    const index = settled(blocks[cell.block]).sessions.length;
    change('add a session', (all) => changeBlock(all, cell.block, (old) => addSession(settled(old), { groups: [] }, cell.week, cell.day)));
    setOpen({ ...cell, index });
  };
  const onMove = (/** @type {Cell} */ cell, /** @type {number} */ byWeeks, /** @type {number} */ byDays) => {
    const name = at(cell);
    const moved = moveSession(blocks[cell.block], cell.index ?? 0, cell.week, byWeeks, byDays);
    if (!moved) {
      const every = blocks[cell.block].sessions[cell.index ?? 0].week === undefined && byWeeks !== 0;
      setSaid(every ? `${name} is in every week: make one for each week first.` : `${name} cannot go further.`);
      return;
    }
    change(`move ${name}`, (all) => changeBlock(all, cell.block, () => moved.block));
    setFocus({ ...cell, week: moved.week, day: moved.day });
    setSaid(`${name}: week ${moved.week}, day ${moved.day}`);
  };
  const onCopy = (/** @type {Cell} */ cell) => {
    clipboard.value = blocks[cell.block].sessions[cell.index ?? 0];
    setSaid(`Copied: ${at(cell)}`);
    toast(`“${at(cell)}” is copied. Paste it on a day with Ctrl+V, or from a day's menu.`);
  };
  const onPaste = (/** @type {Cell} */ cell) => {
    const session = clipboard.value;
    if (!session || full(cell.block)) return;
    const index = settled(blocks[cell.block]).sessions.length;
    change(`paste ${sessionName(session, cell.day)}`, (all) => changeBlock(all, cell.block, (old) => addSession(settled(old), session, cell.week, cell.day)));
    setFocus({ ...cell, index });
    setSaid(`Pasted in week ${cell.week}, day ${cell.day}: ${sessionName(session, cell.day)}`);
  };
  const onRemove = (/** @type {Cell} */ cell) => {
    const name = at(cell);
    change(`remove ${name}`, (all) => changeBlock(all, cell.block, (old) => removeSession(old, cell.index ?? 0)));
    setFocus({ ...cell, index: null });
    setSaid(`Removed: ${name}`);
    toast(`“${name}” is removed.`, { undo: () => { history.undo(); } });
  };
  const onSplit = (/** @type {Cell} */ cell) => {
    const name = at(cell);
    const sure = split(blocks[cell.block], cell.index ?? 0);
    change(`make ${name} one for each week`, (all) => changeBlock(all, cell.block, () => sure));
    const own = sure.sessions.findIndex((one) => one.week === cell.week && one.groups === blocks[cell.block].sessions[cell.index ?? 0].groups);
    if (open) setOpen({ ...cell, index: own });
    else setFocus({ ...cell, index: own });
    setSaid(`${name} is one for each week now.`);
  };
  const onWeek = (/** @type {number} */ place, /** @type {number} */ week, /** @type {string} */ way) => {
    if (way === 'harder') return onHarder?.(place, week);
    const name = `week ${week}`;
    if (way === 'copy') {
      if (weeksOf(blocks[place]) >= limits.weeks) return toast(`A block has ${limits.weeks} weeks at most.`, { tone: 'danger' });
      change(`duplicate ${name}`, (all) => changeBlock(all, place, (old) => copyWeek(old, week)));
      setFocus({ block: place, week: week + 1, day: 1, index: null });
    } else if (way === 'remove') {
      change(`remove ${name}`, (all) => changeBlock(all, place, (old) => removeWeek(old, week)));
      setFocus({ block: place, week: Math.max(1, week - 1), day: 1, index: null });
      toast(`Week ${week} is removed.`, { undo: () => { history.undo(); } });
    } else {
      const by = way === 'up' ? -1 : 1;
      change(`move ${name}`, (all) => changeBlock(all, place, (old) => swapWeek(old, week, by) ?? old));
      setFocus({ block: place, week: week + by, day: 1, index: null });
    }
    setSaid(`${way === 'copy' ? 'Duplicated' : way === 'remove' ? 'Removed' : 'Moved'}: ${name}`);
    return undefined;
  };
  const onBlock = (/** @type {number} */ place, /** @type {'up'|'down'|'copy'|'remove'} */ way) => {
    const name = blocks[place].name ?? `block ${place + 1}`;
    if (way === 'copy') change(`duplicate ${name}`, (all) => inserted(all, place + 1, all[place]));
    else if (way === 'remove') {
      change(`remove ${name}`, (all) => without(all, place));
      toast(`“${name}” is removed.`, { undo: () => { history.undo(); } });
    } else change(`move ${name}`, (all) => shifted(all, place, way === 'up' ? -1 : 1));
    setSaid(`${way === 'copy' ? 'Duplicated' : way === 'remove' ? 'Removed' : 'Moved'}: ${name}`);
  };
  const addBlock = () => {
    change('add a block', (all) => [...all, { name: `Block ${all.length + 1}`, weeks: 4, sessions: [] }]);
  };
  const days = start && today ? Math.round((Date.parse(today) - Date.parse(start)) / 86_400_000) : null;
  const week = (/** @type {number} */ place) => {
    if (days === null) return null;
    const left = days - daysBefore(blocks, place);
    const own = Math.floor(left / daysOf(blocks[place])) + 1;
    return left >= 0 && own <= weeksOf(blocks[place]) ? own : null;
  };

  return html`<div class="stack loose builder" ref=${frame} onFocusIn=${onFocusIn}>
    <p class="unseen" role="status">${said}</p>
    ${blocks.length === 0 && html`<${Empty} icon="list" title="No blocks yet" actions=${!locked && html`<${Button} kind="primary" icon="plus" onClick=${addBlock}>Add a block<//>`}>
      <p>A block is some weeks for one purpose: sessions stand in it by week and day.</p><//>`}
    ${blocks.map((one, place) => html`<${Panel} key=${place} flush title=${one.name ?? `Block ${place + 1}`} intro=${[one.kind && called(blockKinds, one.kind), `${weeksOf(one)} ${weeksOf(one) === 1 ? 'week' : 'weeks'}`, daysOf(one) !== 7 && `of ${daysOf(one)} days`].filter(Boolean).join(' · ')}
      actions=${html`${one.kind === 'deload' && html`<${Badge} tone="info">Deload<//>`}${!locked && html`<${Button} small icon="plus" onClick=${() => { if (weeksOf(one) < limits.weeks) change('add a week', (all) => changeBlock(all, place, addWeek)); }}>Week<span class="unseen"> at the end of ${one.name ?? `block ${place + 1}`}</span><//>
        <${Menu} small label=${`Actions for ${one.name ?? `block ${place + 1}`}`} items=${[
    { label: 'Edit the block', icon: 'edit', onSelect: () => setBlock(place) },
    place > 0 && { label: 'Move up', icon: 'up', onSelect: () => onBlock(place, 'up') },
    place < blocks.length - 1 && { label: 'Move down', icon: 'down', onSelect: () => onBlock(place, 'down') },
    blocks.length < limits.blocks && { label: 'Duplicate', icon: 'copy', onSelect: () => onBlock(place, 'copy') },
    { label: 'Remove', icon: 'trash', danger: true, onSelect: () => onBlock(place, 'remove') },
  ]} />`}`}>
      ${one.notes && html`<p class="panel-pad pre muted">${one.notes}</p>`}
      <${BlockGrid} block=${one} at=${place} among=${blocks.length > 1} start=${start ? dayAfter(start, daysBefore(blocks, place)) : null} locked=${locked} current=${week(place)} focus=${focus} onFocused=${() => setFocus(null)}
        onOpen=${setOpen} onAdd=${onAdd} onMove=${onMove} onCopy=${onCopy} onPaste=${onPaste} onRemove=${onRemove} onSplit=${onSplit} onWeek=${(/** @type {number} */ which, /** @type {string} */ way) => onWeek(place, which, way)} harder=${Boolean(onHarder) && one.sessions.length > 0} />
    <//>`)}
    ${!locked && blocks.length > 0 && blocks.length < limits.blocks && html`<div><${Button} icon="plus" onClick=${addBlock}>Add a block<//></div>`}
    ${open && opened && html`<${SessionEditor} session=${opened} week=${open.week} day=${open.day} weeks=${weeksOf(blocks[open.block])} days=${daysOf(blocks[open.block])} unit=${unit} locked=${locked} generation=${generation} history=${history}
      onChange=${(/** @type {string} */ what, /** @type {(session: Session) => Session} */ by, /** @type {string|undefined} */ key) => change(what, (all) => changeSession(all, { block: open.block, index: open.index ?? 0 }, by), key && `${open.block}.${open.index}.${key}`)}
      onDay=${(/** @type {number} */ day) => {
    const moved = moveSession(blocks[open.block], open.index ?? 0, open.week, 0, day - open.day);
    if (!moved) return;
    change(`move ${at(open)}`, (all) => changeBlock(all, open.block, () => moved.block));
    setOpen({ ...open, day });
  }}
      onSplit=${() => onSplit(open)} onClose=${() => { setFocus(open); setOpen(null); }} />`}
    ${block !== null && blocks[block] && html`<${BlockEditor} block=${blocks[block]} at=${block} onClose=${() => setBlock(null)} onChange=${(/** @type {string} */ field, /** @type {any} */ value) => change(`${field.replaceAll('_', ' ')} of the block`, (all) => changeBlock(all, block, (old) => having(old, field, value)), `${block}.${field}`)} />`}
  </div>`;
}

/** @param {{block: Block, at: number, onChange: (field: string, value: any) => void, onClose: () => void}} props */
function BlockEditor({ block, at, onChange, onClose }) {
  const last = Math.max(1, ...block.sessions.map((session) => session.week ?? 1));
  const furthest = Math.max(1, ...settled(block).sessions.map((session) => session.day ?? 1));
  return html`<${Dialog} title=${`Block ${at + 1}`} onClose=${onClose} footer=${html`<${Button} kind="primary" onClick=${onClose}>Done<//>`}>
    <div class="stack">
      <${TextEntry} label="Name" value=${block.name} data-first="" onValue=${(/** @type {any} */ value) => onChange('name', value)} />
      <${ChoiceEntry} label="What it is for" value=${block.kind ?? ''} choices=${blockKinds} onValue=${(/** @type {string} */ value) => onChange('kind', value)} />
      <div class="set-row">
        <${WholeEntry} class="grow-cell" label="Weeks" value=${block.weeks ?? 1} least=${last} most=${limits.weeks} required onValue=${(/** @type {number} */ value) => onChange('weeks', value)} />
        <${WholeEntry} class="grow-cell" label="Days of a week" value=${block.cycle_days ?? 7} least=${furthest} most=${limits.days} required onValue=${(/** @type {number} */ value) => onChange('cycle_days', value === 7 && block.cycle_days === undefined ? undefined : value)} />
      </div>
      ${block.kind === 'deload' && html`<${Note}>Deload sessions do not count towards adherence.<//>`}
      <${NotesEntry} label="Notes of the block" value=${block.notes} most=${4000} onValue=${(/** @type {any} */ value) => onChange('notes', value)} />
    </div><//>`;
}

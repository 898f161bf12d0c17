// The sessions of a block as a grid, weeks by days; on a narrow screen as a list of days. One stop of
// the Tab key: inside, arrows go from day to day and from week to week.
import { classes, html, signal, useEffect, useId, useLayoutEffect, useRef, useState } from '../../html.js';
import { Badge, Button } from '../../ui/basics.js';
import { Icon } from '../../ui/icons.js';
import { Menu } from '../../ui/menu.js';
import { useExercises } from '../library/shape.js';
import { daysOf, weekOf, weeksOf } from './blocks.js';
import { called, dateText, dayAfter, groupKinds, setText } from './words.js';

/** @typedef {import('./words.js').Block} Block */
/** @typedef {import('./words.js').Session} Session */
/** @typedef {{block: number, week: number, day: number, index: number|null}} Cell `index`: the place of a session in its block; null where there is none */

/** The session that was copied: it lasts from program to program. */
export const clipboard = signal(/** @type {Session|null} */ (null));

/** Whether the screen is as narrow as a phone. */
export function useNarrow() {
  const [narrow, setNarrow] = useState(() => matchMedia('(max-width: 40rem)').matches);
  useEffect(() => {
    const query = matchMedia('(max-width: 40rem)');
    const onChange = () => setNarrow(query.matches);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, []);
  return narrow;
}

/** What a session is called where it has no name. @param {Session} session @param {number} day */
export const sessionName = (session, day) => session.name ?? `Session of day ${day}`;

/** @param {{session: Session}} props */
function Content({ session }) {
  const { name } = useExercises();
  if (session.groups.length === 0) return html`<span class="muted small">Nothing in it yet</span>`;
  return html`<span class="card-groups">${session.groups.map((group, at) => {
    const kind = group.kind && group.kind !== 'straight' ? called(groupKinds, group.kind) : null;
    return html`<span class=${classes('card-group', kind && 'joined')} key=${at}>
      ${kind && html`<span class="card-kind">${kind}${group.rounds ? ` × ${group.rounds}` : ''}</span>`}
      ${group.prescriptions.map((one, place) => html`<span class="card-line" key=${place}><span class="card-exercise">${name(one.exercise)}</span> <span class="muted">${one.sets.length === 0 ? 'no sets' : one.sets.map((set, index) => html`${index > 0 && ' · '}<span class="set-text" key=${index}>${setText(set)}</span>`)}</span></span>`)}
    </span>`;
  })}</span>`;
}

/**
 * @param {object} props
 * @param {Block} props.block
 * @param {number} props.at its place among the blocks
 * @param {string|null} props.start the date of its first day
 * @param {boolean} props.among whether there are other blocks: its name is then a part of the names of days
 * @param {boolean} props.locked nothing can be changed
 * @param {number|null} props.current the week that it is today
 * @param {Cell|null} props.focus where the focus should be after a change; its `index` may be null
 * @param {() => void} props.onFocused
 * @param {(cell: Cell) => void} props.onOpen
 * @param {(cell: Cell) => void} props.onAdd
 * @param {(cell: Cell, byWeeks: number, byDays: number) => void} props.onMove
 * @param {(cell: Cell) => void} props.onCopy
 * @param {(cell: Cell) => void} props.onPaste
 * @param {(cell: Cell) => void} props.onRemove
 * @param {(cell: Cell) => void} props.onSplit
 * @param {(week: number, way: 'harder'|'copy'|'up'|'down'|'remove') => void} props.onWeek
 * @param {boolean} props.harder whether a week can be duplicated one step harder
 */
export function BlockGrid({ block, at, among, start, locked, current, focus, onFocused, onOpen, onAdd, onMove, onCopy, onPaste, onRemove, onSplit, onWeek, harder }) {
  const narrow = useNarrow();
  const id = useId();
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  const [stop, setStop] = useState('1.1');
  const of = among ? ` of ${block.name ?? `block ${at + 1}`}` : '';
  const weeks = Array.from({ length: weeksOf(block) }, (_, place) => place + 1);
  const days = Array.from({ length: daysOf(block) }, (_, place) => place + 1);
  const placed = weeks.map((week) => weekOf(block, week));
  const used = new Set(placed.flatMap((sessions) => sessions.map(({ day }) => day)));
  // A stop that is gone gives way to the first session.
  const stops = placed.flatMap((sessions, place) => days.flatMap((day) => {
    const here = sessions.filter((one) => one.day === day);
    return here.length ? here.map((_, order) => name(place + 1, day, order)) : [name(place + 1, day, 0)];
  }));
  const first = placed.flatMap((sessions) => sessions.map(({ week, day }) => name(week, day, 0)))[0] ?? stops[0];
  const held = stops.includes(stop) ? stop : first;

  // At once: the next key must not go to a place that is gone.
  useLayoutEffect(() => {
    if (!focus || focus.block !== at) return;
    const order = focus.index === null ? 0 : Math.max(0, placed[focus.week - 1]?.filter(({ day }) => day === focus.day).findIndex(({ index }) => index === focus.index) ?? 0);
    setStop(name(focus.week, focus.day, order));
    const target = box.current?.querySelector(`[data-stop="${name(focus.week, focus.day, order)}"]`);
    if (target instanceof HTMLElement) target.focus();
    onFocused();
  }, [focus]);

  /** @param {number} week @param {number} day @param {number} order */
  function name(week, day, order) {
    return order === 0 ? `${week}.${day}` : `${week}.${day}.${order}`;
  }
  /** @param {number} week @param {number} day @param {number} order */
  const go = (week, day, order = 0) => {
    const target = box.current?.querySelector(`[data-stop="${name(week, day, order)}"]`) ?? box.current?.querySelector(`[data-stop="${name(week, day, 0)}"]`);
    if (!(target instanceof HTMLElement)) return false;
    setStop(target.dataset.stop ?? '');
    target.focus();
    return true;
  };

  /** @param {KeyboardEvent} event @param {Cell} cell @param {number} order @param {number} count how many sessions there are on the day */
  const onKey = (event, cell, order, count) => {
    const { key } = event;
    const command = event.ctrlKey || event.metaKey;
    const steps = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] });
    const step = steps[key];
    let done = true;
    if (step && event.altKey && !command) {
      if (!locked && cell.index !== null) onMove(cell, step[0], step[1]);
    } else if (step && !command && !event.shiftKey) {
      if (narrow) walk(key === 'ArrowUp' || key === 'ArrowLeft' ? -1 : 1);
      else if (key === 'ArrowDown' && order + 1 < count) go(cell.week, cell.day, order + 1);
      else if (key === 'ArrowUp' && order > 0) go(cell.week, cell.day, order - 1);
      else go(cell.week + step[0], cell.day + step[1]);
    } else if (key === 'Home' && !narrow) go(command ? 1 : cell.week, 1);
    else if (key === 'End' && !narrow) go(command ? weeks.length : cell.week, days.length);
    else if (command && key.toLowerCase() === 'c' && cell.index !== null) onCopy(cell);
    else if (command && key.toLowerCase() === 'x' && cell.index !== null && !locked) { onCopy(cell); onRemove(cell); }
    else if (command && key.toLowerCase() === 'v' && !locked) onPaste(cell);
    else if ((key === 'Delete' || key === 'Backspace') && cell.index !== null && !locked) onRemove(cell);
    else done = false;
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  /** In the list: to the next session or the one before. @param {number} by */
  const walk = (by) => {
    const all = /** @type {HTMLElement[]} */ ([...(box.current?.querySelectorAll('[data-stop]') ?? [])]);
    const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const target = all[here + by];
    if (!target) return;
    setStop(target.dataset.stop ?? '');
    target.focus();
  };

  /** @param {import('./blocks.js').Placed} one @param {number} order @param {number} count */
  const card = (one, order, count) => {
    const { session, week, day, index } = one;
    const cell = { block: at, week, day, index };
    const key = name(week, day, order);
    const called = sessionName(session, day);
    const tab = narrow || key === held ? 0 : -1;
    const every = session.week === undefined && weeks.length > 1;
    const about = `${id}-${key}`;
    return html`<div class="session-card" key=${`${index}`}>
      <button type="button" class="session-open" data-stop=${key} tabindex=${tab} aria-describedby=${about} aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight Alt+ArrowUp Alt+ArrowDown Control+C Control+V Delete"
        aria-label=${`${called}, week ${week}, day ${day}${of}${every ? ', every week' : ''}`}
        onFocus=${() => setStop(key)} onClick=${() => onOpen(cell)} onKeyDown=${(/** @type {KeyboardEvent} */ event) => onKey(event, cell, order, count)}>${called}</button>
      <div class="session-content" id=${about}>
        ${(every || session.minutes) && html`<span class="row tight">${every && html`<${Badge} icon="rotate">Every week<//>`}${session.minutes && html`<span class="muted small">${session.minutes} min</span>`}</span>`}
        <${Content} session=${session} />
      </div>
      <${Menu} small label=${`Actions for ${called}, week ${week}, day ${day}${of}`} tabindex=${tab} items=${[
        { label: locked ? 'Look at it' : 'Edit', icon: 'edit', onSelect: () => onOpen(cell) },
        { label: 'Copy', icon: 'copy', hint: 'Ctrl C', onSelect: () => onCopy(cell) },
        ...(locked ? [] : [
          clipboard.value && { label: `Paste “${sessionName(clipboard.value, day)}” on this day`, icon: 'plus', hint: 'Ctrl V', onSelect: () => onPaste(cell) },
          day > 1 && { label: 'A day earlier', icon: 'left', hint: 'Alt ←', onSelect: () => onMove(cell, 0, -1) },
          day < days.length && { label: 'A day later', icon: 'right', hint: 'Alt →', onSelect: () => onMove(cell, 0, 1) },
          !every && week > 1 && { label: 'A week earlier', icon: 'up', hint: 'Alt ↑', onSelect: () => onMove(cell, -1, 0) },
          !every && week < weeks.length && { label: 'A week later', icon: 'down', hint: 'Alt ↓', onSelect: () => onMove(cell, 1, 0) },
          every && { label: 'Make one for each week', icon: 'apps', hint: 'To change a week alone', onSelect: () => onSplit(cell) },
          { label: every ? 'Remove from every week' : 'Remove', icon: 'trash', danger: true, hint: 'Delete', onSelect: () => onRemove(cell) },
        ]),
      ]} />
    </div>`;
  };
  /** @param {number} week @param {number} day */
  const empty = (week, day) => {
    const cell = { block: at, week, day, index: null };
    const key = name(week, day, 0);
    const paste = clipboard.value && !locked;
    return html`<div class="free-day"><button type="button" class="free" data-stop=${key} tabindex=${key === held ? 0 : -1} aria-disabled=${locked ? 'true' : undefined}
      aria-label=${locked ? `Week ${week}, day ${day}${of}: rest` : `Add a session: week ${week}, day ${day}${of}`} onFocus=${() => setStop(key)}
      onClick=${() => { if (!locked) onAdd(cell); }} onKeyDown=${(/** @type {KeyboardEvent} */ event) => onKey(event, cell, 0, 0)}>${!locked && html`<${Icon} name="plus" size=${16} />`}</button>
      ${paste && html`<button type="button" class="free paste" tabindex="-1" title=${`Paste “${sessionName(clipboard.value ?? { groups: [] }, day)}”`} aria-label=${`Paste in week ${week}, day ${day}${of}`} onClick=${() => onPaste(cell)}><${Icon} name="copy" size=${16} /></button>`}</div>`;
  };
  /** @param {number} week */
  const menu = (week) => (locked ? null : html`<${Menu} small start label=${`Actions for week ${week}${of}`} items=${[
    narrow && { label: 'Add a session', icon: 'plus', onSelect: () => onAdd({ block: at, week, day: freeDay(placed[week - 1].map(({ day }) => day), days.length), index: null }) },
    narrow && clipboard.value && { label: `Paste “${sessionName(clipboard.value, 1)}”`, icon: 'copy', onSelect: () => onPaste({ block: at, week, day: freeDay(placed[week - 1].map(({ day }) => day), days.length), index: null }) },
    harder && { label: 'Duplicate, a step harder', icon: 'chart', hint: 'By the progressions', onSelect: () => onWeek(week, 'harder') },
    { label: 'Duplicate as it is', icon: 'copy', onSelect: () => onWeek(week, 'copy') },
    week > 1 && { label: 'Move up', icon: 'up', onSelect: () => onWeek(week, 'up') },
    week < weeks.length && { label: 'Move down', icon: 'down', onSelect: () => onWeek(week, 'down') },
    weeks.length > 1 && { label: 'Remove the week', icon: 'trash', danger: true, onSelect: () => onWeek(week, 'remove') },
  ]} />`);
  const dates = (/** @type {number} */ week) => (start ? dateText(dayAfter(start, (week - 1) * days.length), { day: 'numeric', month: 'short' }) : null);
  const weekHead = (/** @type {number} */ week) => html`<span class="week-head"><span class="week-name">Week ${week}</span>${dates(week) && html`<span class="muted small nowrap">from ${dates(week)}</span>`}${current === week && html`<${Badge} tone="good">This week<//>`}</span>`;

  if (narrow) {
    return html`<div class="day-list" data-block=${at} ref=${box}>${weeks.map((week) => html`<section class="week-part" key=${week} aria-label=${`Week ${week}`}>
      <div class="row between"><h3>${weekHead(week)}</h3>${menu(week)}</div>
      ${placed[week - 1].length === 0 ? html`<p class="muted small">No session in this week.</p>`
    : html`<ol class="days">${placed[week - 1].map((one) => html`<li key=${one.index}><p class="muted small">Day ${one.day}${start ? `, ${dateText(dayAfter(start, (week - 1) * days.length + one.day - 1), { weekday: 'short', day: 'numeric', month: 'short' })}` : ''}</p>
        ${card(one, placed[week - 1].filter(({ day, index }) => day === one.day && index < one.index).length, 1)}</li>`)}</ol>`}
      ${!locked && html`<div><${Button} small icon="plus" onClick=${() => onAdd({ block: at, week, day: freeDay(placed[week - 1].map(({ day }) => day), days.length), index: null })}>Add a session<span class="unseen"> to week ${week}${of}</span><//></div>`}
    </section>`)}</div>`;
  }
  return html`<div class="grid-scroll"><table class="grid" role="grid" data-block=${at} ref=${box} aria-label=${`${block.name ?? `Block ${at + 1}`}: weeks by days`}>
    <colgroup><col class="col-week" />${days.map((day) => html`<col key=${day} class=${used.has(day) ? 'col-used' : 'col-free'} />`)}</colgroup>
    <thead role="rowgroup"><tr role="row"><td role="columnheader"><span class="unseen">Week</span></td>${days.map((day) => html`<th key=${day} scope="col" role="columnheader">${used.has(day) ? `Day ${day}` : html`<span class="unseen">Day </span>${day}`}</th>`)}</tr></thead>
    <tbody role="rowgroup">${weeks.map((week) => html`<tr role="row" key=${week} class=${current === week ? 'current' : undefined}>
      <th scope="row" role="rowheader"><div class="week-cell">${weekHead(week)}${menu(week)}</div></th>
      ${days.map((day) => {
        const here = placed[week - 1].filter((one) => one.day === day);
        return html`<td role="gridcell" key=${day}>${here.length ? html`<div class="day-cell">${here.map((one, order) => card(one, order, here.length))}</div>` : empty(week, day)}</td>`;
      })}
    </tr>`)}</tbody>
  </table></div>`;
}

/** The first day without a session; the last where all have one. @param {number[]} taken @param {number} days */
function freeDay(taken, days) {
  const most = Math.max(0, ...taken);
  if (most + 2 <= days && taken.length) return most + 2;
  for (let day = 1; day <= days; day += 1) if (!taken.includes(day)) return day;
  return days;
}

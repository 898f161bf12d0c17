// What can be done with the blocks of a program: pure, each gives new blocks and leaves the old alone.
// What is not understood here is carried along: reading a program back gives what was written.

/**
 * @typedef {import('./words.js').Block} Block
 * @typedef {import('./words.js').Session} Session
 * @typedef {{index: number, day: number, week: number, session: Session}} Placed a session as it stands in a week
 * @typedef {{block: number, index: number}} Where
 */

/** @param {Block} block */
export const weeksOf = (block) => block.weeks ?? 1;
/** @param {Block} block */
export const daysOf = (block) => block.cycle_days ?? 7;

export const limits = { blocks: 24, weeks: 52, days: 28, sessions: 400, groups: 40, prescriptions: 20, sets: 30, alternates: 10 };

/**
 * The sessions of a week of a block, in the order of the days: as the server counts them.
 * @param {Block} block @param {number} week @returns {Placed[]}
 */
export function weekOf(block, week) {
  let place = 0;
  /** @type {Placed[]} */
  const found = [];
  block.sessions.forEach((session, index) => {
    if (session.week !== undefined && session.week !== week) return;
    place += 1;
    found.push({ index, week, day: session.day ?? place, session });
  });
  return found.sort((a, b) => a.day - b.day);
}

/** Puts another value in the place of one. @template T @param {T[]} list @param {number} at @param {T} value */
export const put = (list, at, value) => list.map((old, place) => (place === at ? value : old));
/** @template T @param {T[]} list @param {number} at */
export const without = (list, at) => list.filter((_, place) => place !== at);
/** @template T @param {T[]} list @param {number} at @param {T[]} values */
export const inserted = (list, at, ...values) => [...list.slice(0, at), ...values, ...list.slice(at)];
/** Moves an entry by some places; the same list where it cannot go. @template T @param {T[]} list @param {number} at @param {number} by */
export function shifted(list, at, by) {
  const to = at + by;
  if (to < 0 || to >= list.length) return list;
  return inserted(without(list, at), to, list[at]);
}

/**
 * An object with a value under a name, or without it: what is not said is not sent.
 * @template {object} T @param {T} of @param {string} name @param {any} value @returns {T}
 */
export function having(of, name, value) {
  if (value === undefined || value === null || value === '') {
    const { [name]: _, ...rest } = /** @type {any} */ (of);
    return rest;
  }
  return { ...of, [name]: value };
}

/** @param {Block[]} blocks @param {number} at @param {(block: Block) => Block} change */
export const changeBlock = (blocks, at, change) => put(blocks, at, change(blocks[at]));

/** @param {Block[]} blocks @param {Where} where @param {(session: Session) => Session} change */
export const changeSession = (blocks, { block, index }, change) => changeBlock(blocks, block, (old) => ({ ...old, sessions: put(old.sessions, index, change(old.sessions[index])) }));

/**
 * The sessions of a block, each saying its day, with the place where each came from. A day that is only
 * told by the place in the list would change when another session goes or comes. Where a session of every
 * week stands on another day each week, it becomes one of each.
 * @param {Block} block @returns {{from: number, session: Session}[]}
 */
function settling(block) {
  const days = /** @type {Map<number, Set<number>>} */ (new Map());
  for (let week = 1; week <= weeksOf(block); week += 1) {
    for (const { index, day } of weekOf(block, week)) days.set(index, (days.get(index) ?? new Set()).add(day));
  }
  return block.sessions.flatMap((session, from) => {
    if (session.day !== undefined) return [{ from, session }];
    const own = [...days.get(from) ?? [1]];
    if (own.length === 1 || session.week !== undefined) return [{ from, session: { ...session, day: own[0] } }];
    return inEachWeek(block, from).map((each) => ({ from, session: each }));
  });
}

/** A session of every week as one of each. @param {Block} block @param {number} index @returns {Session[]} */
const inEachWeek = (block, index) => Array.from({ length: weeksOf(block) }, (_, at) => {
  const placed = weekOf(block, at + 1).find((one) => one.index === index);
  return { ...block.sessions[index], week: at + 1, day: placed?.day ?? 1 };
});

/** A block whose sessions all say their day. @param {Block} block @returns {Block} */
export const settled = (block) => (block.sessions.every((session) => session.day !== undefined) ? block : { ...block, sessions: settling(block).map(({ session }) => session) });

/** A block in which each session belongs to one week, and says its day. @param {Block} block @returns {Block} */
export function apart(block) {
  const sure = settled(block);
  if (sure.sessions.every((session) => session.week !== undefined)) return sure;
  return { ...sure, sessions: sure.sessions.flatMap((session, index) => (session.week === undefined ? inEachWeek(sure, index) : [session])) };
}

/** Makes of a session of every week one for each week. @param {Block} block @param {number} index @returns {Block} */
export function split(block, index) {
  if (block.sessions[index].week !== undefined) return block;
  return { ...block, sessions: settling(block).flatMap(({ from, session }) => (from === index && session.week === undefined ? inEachWeek(block, index) : [session])) };
}

/** @param {Block} block @param {number} index @returns {Block} */
export const removeSession = (block, index) => ({ ...block, sessions: settling(block).filter(({ from }) => from !== index).map(({ session }) => session) });

/** Adds a session to a week and day, behind those that are there. @param {Block} block @param {Session} session @param {number} week @param {number} day @returns {Block} */
export const addSession = (block, session, week, day) => ({ ...block, sessions: [...block.sessions, { ...session, week, day }] });

/**
 * Moves a session by weeks and days; null where it cannot go.
 * @param {Block} block @param {number} index @param {number} week where it is now @param {number} byWeeks @param {number} byDays
 * @returns {{block: Block, week: number, day: number}|null}
 */
export function moveSession(block, index, week, byWeeks, byDays) {
  const sure = settled(block);
  if (sure.sessions.length !== block.sessions.length) return null;
  const session = sure.sessions[index];
  if (byWeeks !== 0 && session.week === undefined) return null;
  const [toWeek, toDay] = [week + byWeeks, (session.day ?? 1) + byDays];
  if (toWeek < 1 || toWeek > weeksOf(block) || toDay < 1 || toDay > daysOf(block)) return null;
  const moved = session.week === undefined ? { ...session, day: toDay } : { ...session, week: toWeek, day: toDay };
  return { block: { ...sure, sessions: put(sure.sessions, index, moved) }, week: toWeek, day: toDay };
}

/** Adds an empty week at the end. Sessions of every week are in it too. @param {Block} block @returns {Block} */
export const addWeek = (block) => ({ ...block, weeks: weeksOf(block) + 1 });

/** Takes a week out; the later ones move up. @param {Block} block @param {number} week @returns {Block} */
export function removeWeek(block, week) {
  const sure = settled(block);
  const sessions = sure.sessions
    .filter((session) => session.week !== week)
    .map((session) => (session.week !== undefined && session.week > week ? { ...session, week: session.week - 1 } : session));
  return { ...sure, weeks: weeksOf(block) - 1, sessions };
}

/** Puts a copy of a week behind it, as it is. @param {Block} block @param {number} week @returns {Block} */
export function copyWeek(block, week) {
  const sure = apart(block);
  /** @type {Session[]} */
  const sessions = [];
  for (const session of sure.sessions) {
    const own = session.week ?? 1;
    sessions.push(own > week ? { ...session, week: own + 1 } : session);
  }
  for (const { session } of weekOf(sure, week)) sessions.push({ ...session, week: week + 1 });
  sessions.sort((a, b) => (a.week ?? 1) - (b.week ?? 1));
  return { ...sure, weeks: weeksOf(block) + 1, sessions };
}

/** Changes a week with the one before or behind it; null where there is none. @param {Block} block @param {number} week @param {number} by @returns {Block|null} */
export function swapWeek(block, week, by) {
  const other = week + by;
  if (other < 1 || other > weeksOf(block)) return null;
  const sure = settled(block);
  const sessions = sure.sessions.map((session) => (session.week === week ? { ...session, week: other } : session.week === other ? { ...session, week } : session));
  return { ...sure, sessions };
}

/** The first day of a block, counted from 0 on day 1 of the program. @param {Block[]} blocks @param {number} at */
export const daysBefore = (blocks, at) => blocks.slice(0, at).reduce((sum, block) => sum + weeksOf(block) * daysOf(block), 0);

/** Whether two documents say the same. @param {any} one @param {any} other */
export const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);

/**
 * Where a fault is that the server found, by its JSON pointer.
 * @param {Block[]} blocks @param {string} pointer such as `/blocks/0/sessions/2/groups/1/prescriptions/0/sets/0/reps`
 * @returns {{words: string, where: Where|null, group: number|null}}
 */
export function placeOf(blocks, pointer) {
  const parts = pointer.split('/').slice(1);
  /** @type {Where|null} */
  let where = null;
  let group = null;
  const words = [];
  /** @type {any} */
  let here = { blocks };
  for (let at = 0; at < parts.length; at += 1) {
    const name = parts[at];
    const number = Number(name);
    here = here?.[name];
    if (!/^\d+$/.test(name)) {
      if (!['blocks', 'sessions', 'groups', 'prescriptions', 'sets'].includes(name)) words.push(name.replaceAll('_', ' '));
      continue;
    }
    const of = parts[at - 1];
    if (of === 'blocks') { where = { block: number, index: -1 }; words.push(here?.name ? `block “${here.name}”` : `block ${number + 1}`); }
    if (of === 'sessions' && where) { where = { ...where, index: number }; words.push([here?.name ? `“${here.name}”` : 'session', here?.week && `week ${here.week}`, here?.day && `day ${here.day}`].filter(Boolean).join(', ')); }
    if (of === 'groups') { group = number; words.push(`group ${number + 1}`); }
    if (of === 'prescriptions') words.push(here?.exercise ?? `exercise ${number + 1}`);
    if (of === 'sets') words.push(`set ${number + 1}`);
    if (of === 'alternates') words.push(String(number + 1));
  }
  return { words: words.join(', ') || pointer, where: where && where.index >= 0 ? where : null, group };
}

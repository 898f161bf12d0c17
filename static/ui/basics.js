// The small parts: buttons, badges, notes, times, titles, empty states.
import { classes, html, useEffect, useState } from '../html.js';
import { heading, mode } from '../store.js';
import { Icon } from './icons.js';

/**
 * A button; with `href` a link that looks like one. While `busy` it keeps its size and does nothing.
 * @param {{kind?: 'plain'|'primary'|'danger'|'quiet'|'icon', icon?: string, label?: string, busy?: boolean, small?: boolean, href?: string, children?: any, [more: string]: any}} props
 *   `label`: what it is called where only an icon is shown
 */
export function Button({ kind = 'plain', icon, label, busy, small, href, children, class: more, ...rest }) {
  const name = classes('button', kind, small && 'small-button', busy && 'busy', more);
  const inside = html`${icon && html`<${Icon} name=${icon} size=${small ? 16 : 18} />`}${children !== undefined && html`<span>${children}</span>`}`;
  if (href) return html`<a class=${name} href=${href} aria-label=${label} title=${label} ...${rest}>${inside}</a>`;
  const onClick = busy ? (/** @type {Event} */ event) => event.preventDefault() : rest.onClick;
  return html`<button type="button" class=${name} aria-label=${label} title=${label} aria-busy=${busy ? 'true' : undefined} ...${rest} onClick=${onClick}>${inside}</button>`;
}

/** A word with a colour. The colour never says anything that the word does not. @param {{tone?: 'neutral'|'good'|'warning'|'danger'|'info', icon?: string, title?: string, children?: any}} props */
export const Badge = ({ tone = 'neutral', icon, title, children }) => html`
  <span class=${classes('badge', tone)} title=${title}>${icon && html`<${Icon} name=${icon} size=${14} />`}${children}</span>`;

/** Which world something is in. @param {{mode: string}} props */
export const ModeBadge = ({ mode: shown }) => (shown === 'test'
  ? html`<span class="badge mode-test">TEST</span>`
  : html`<span class="badge mode-live">LIVE</span>`);

/** Said on pages whose data is not real. */
export const TestData = () => (mode.value === 'test' ? html`<span class="badge mode-test">TEST DATA</span>` : null);

/** A remark beside the content. @param {{tone?: 'info'|'warning'|'danger'|'good', title?: string, actions?: any, role?: string, children?: any}} props */
export const Note = ({ tone = 'info', title, actions, role, children }) => html`
  <div class=${classes('note', tone)} role=${role}>
    <${Icon} name=${{ info: 'info', warning: 'warning', danger: 'warning', good: 'check' }[tone]} />
    <div class="note-body">${title && html`<p class="note-title">${title}</p>`}${children && html`<div>${children}</div>`}${actions && html`<div class="row tight">${actions}</div>`}</div>
  </div>`;

/** What a failed call says, with a way to try again. @param {{error: import('../api.js').ApiError|null, onRetry?: () => void}} props */
export const Failure = ({ error, onRetry }) => error && html`
  <${Note} tone="danger" role="alert" title=${error.code === 'unreachable' ? 'The server cannot be reached' : 'That did not work'}
    actions=${onRetry && html`<${Button} small icon="refresh" onClick=${onRetry}>Try again<//>`}>
    ${error.message}${error.requestId && html` <span class="muted small nowrap">Request <code>${error.requestId}</code></span>`}
  <//>`;

/** A place where nothing is yet: what it is for, and the first step. @param {{icon?: string, title: string, children?: any, actions?: any}} props */
export const Empty = ({ icon, title, children, actions }) => html`
  <div class="empty">
    ${icon && html`<span class="empty-icon"><${Icon} name=${icon} size=${24} /></span>`}
    <h2>${title}</h2>
    ${children && html`<div class="empty-text">${children}</div>`}
    ${actions && html`<div class="row tight">${actions}</div>`}
  </div>`;

/** Where the server has no such call yet. @param {{what: string}} props */
export const NotHere = ({ what }) => html`<p class="muted">${what} not available on this server.</p>`;

/** Grey bars while something is loaded. @param {{lines?: number}} props */
export const Skeleton = ({ lines = 3 }) => html`
  <div class="skeleton" aria-hidden="true">${Array.from({ length: lines }, (_, at) => html`<span style=${{ width: `${90 - ((at * 17) % 40)}%` }}></span>`)}</div>`;

/**
 * A page: its title, what can be done, what it shows. Sets the title of the tab.
 * @param {{title: string, name?: string, intro?: any, back?: {href: string, label: string}, badges?: any, actions?: any, narrow?: boolean, children?: any}} props
 *   `name`: for the tab, where the title on the page is too general
 */
export function Page({ title, name, intro, back, badges, actions, narrow, children }) {
  useEffect(() => { heading.value = name ?? title; }, [title, name]);
  return html`<div class=${classes('page', narrow && 'narrow')}>
    <header class="page-head">
      ${back && html`<a class="back" href=${back.href}><${Icon} name="left" size=${16} />${back.label}</a>`}
      <div class="page-title">
        <div class="row tight"><h1 tabindex="-1">${title}</h1>${badges}</div>
        ${actions && html`<div class="row tight page-actions">${actions}</div>`}
      </div>
      ${intro && html`<p class="muted measure">${intro}</p>`}
    </header>
    ${children}
  </div>`;
}

/** A part of a page with a frame. @param {{title?: string, intro?: any, actions?: any, flush?: boolean, id?: string, danger?: boolean, children?: any}} props `flush`: what is inside brings its own distances */
export const Panel = ({ title, intro, actions, flush, id, danger, children }) => html`
  <section class=${classes('panel', flush && 'flush', danger && 'danger')} aria-label=${title} id=${id}>
    ${title && html`<div class="panel-head"><div><h2>${title}</h2>${intro && html`<p class="muted small">${intro}</p>`}</div>${actions && html`<div class="row tight">${actions}</div>`}</div>`}
    <div class="panel-body">${children}</div>
  </section>`;

/** Names and values. @param {{of: ([string, any]|null|false|undefined)[]}} props */
export const Facts = ({ of }) => html`
  <dl class="facts">${of.map((fact) => fact && html`<div key=${fact[0]}><dt>${fact[0]}</dt><dd>${fact[1] ?? '–'}</dd></div>`)}</dl>`;

const steps = /** @type {[number, Intl.RelativeTimeFormatUnit][]} */ ([[60, 'second'], [60, 'minute'], [24, 'hour'], [7, 'day'], [4.35, 'week'], [12, 'month'], [Infinity, 'year']]);
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' });

/** How long ago or until. @param {string|number|Date} time @param {number} [now] */
export function ago(time, now = Date.now()) {
  let amount = (new Date(time).getTime() - now) / 1000;
  if (Math.abs(amount) < 10) return 'just now';
  for (const [size, unit] of steps) {
    if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return '';
}

/** A whole date and time, in the reader's zone and in UTC. @param {string|number|Date} time */
export function exact(time) {
  const date = new Date(time);
  const here = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
  return `${here} here · ${date.toISOString().replace('T', ' ').replace(/\.\d+Z/, ' UTC')}`;
}

/** @param {string|number|Date} time */
export const day = (time) => new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** A time as people say it, with the exact one in its title. @param {{at: string|null|undefined, none?: string, date?: boolean}} props */
export function RelativeTime({ at, none = 'Never', date }) {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((turn) => turn + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return html`<span class="muted">${none}</span>`;
  return html`<time datetime=${at} title=${exact(at)}>${date ? day(at) : ago(at)}</time>`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

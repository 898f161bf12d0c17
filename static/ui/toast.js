// Short messages at the edge of the page, and taking back what was just done.
import { html, signal, useEffect, useRef } from '../html.js';
import { Button } from './basics.js';
import { Icon } from './icons.js';

/** @typedef {{id: number, text: string, tone: 'good'|'danger', undo?: () => void|Promise<void>}} Toast */

const toasts = signal(/** @type {Toast[]} */ ([]));
let last = 0;

/** Says that something was done. With `undo` it can be taken back. @param {string} text @param {{tone?: 'good'|'danger', undo?: () => void|Promise<void>}} [options] */
export function toast(text, { tone = 'good', undo } = {}) {
  last += 1;
  toasts.value = [...toasts.value.slice(-2), { id: last, text, tone, undo }];
}

/** @param {number} id */
function dismiss(id) {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** @param {{one: Toast}} props */
function One({ one }) {
  const box = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => {
    // It stays while somebody reads it by pointer or keyboard.
    let left = one.undo ? 12 : 6;
    const timer = setInterval(() => {
      if (box.current?.matches(':hover, :focus-within')) return;
      left -= 1;
      if (left <= 0) dismiss(one.id);
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<div class=${`toast ${one.tone}`} ref=${box}>
    <${Icon} name=${one.tone === 'good' ? 'check' : 'warning'} />
    <span>${one.text}</span>
    ${one.undo && html`<${Button} small kind="quiet" onClick=${() => { dismiss(one.id); one.undo?.(); }}>Undo<//>`}
    <${Button} small kind="icon" icon="close" label="Dismiss" onClick=${() => dismiss(one.id)} />
  </div>`;
}

/** Where the messages are. */
export const Toasts = () => html`<div class="toasts" role="status" aria-live="polite">${toasts.value.map((one) => html`<${One} key=${one.id} one=${one} />`)}</div>`;

// Tabs: one of several views of the same thing.
import { html, useEffect, useId, useRef } from '../html.js';

/**
 * @param {{label: string, value: string, tabs: {value: string, label: string, count?: number|null}[], onChange: (value: string) => void, children?: any}} props
 */
export function Tabs({ label, value, tabs, onChange, children }) {
  const id = useId();
  const list = useRef(/** @type {HTMLElement|null} */ (null));
  useEffect(() => {
    // On a phone not all of them fit: the chosen one is brought into sight.
    const chosen = list.current?.querySelector('[aria-selected=true]');
    if (!list.current || !(chosen instanceof HTMLElement)) return;
    const over = chosen.offsetLeft + chosen.offsetWidth - list.current.clientWidth;
    if (over > list.current.scrollLeft) list.current.scrollLeft = over + 24;
    else if (chosen.offsetLeft < list.current.scrollLeft) list.current.scrollLeft = Math.max(0, chosen.offsetLeft - 24);
  }, [value]);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const at = tabs.findIndex((tab) => tab.value === value);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    onChange(next.value);
    requestAnimationFrame(() => /** @type {HTMLElement|null} */ (list.current?.querySelector('[aria-selected=true]'))?.focus());
  };
  return html`<div class="tabs">
    <div class="tab-list" role="tablist" aria-label=${label} ref=${list} onKeyDown=${onKey}>
      ${tabs.map((tab) => html`<button key=${tab.value} type="button" role="tab" id=${`${id}-${tab.value}`} aria-controls=${`${id}-panel`} aria-selected=${tab.value === value ? 'true' : 'false'} tabindex=${tab.value === value ? 0 : -1} onClick=${() => onChange(tab.value)}>${tab.label}${tab.count !== undefined && tab.count !== null && html` <span class="tab-count numbers">${tab.count}</span>`}</button>`)}
    </div>
    <div role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${value}`} class="tab-panel">${children}</div>
  </div>`;
}

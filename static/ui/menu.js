// A menu behind a button, by the keyboard as well as by the pointer.
import { classes, html, useId, useLayoutEffect, useRef, useState } from '../html.js';
import { Button } from './basics.js';
import { Icon } from './icons.js';

/**
 * @typedef {{label: string, icon?: string, onSelect?: () => void, href?: string, danger?: boolean, checked?: boolean, hint?: string}|null|false|undefined} Item
 * @param {{label: string, items: Item[], icon?: string, trigger?: any, start?: boolean, small?: boolean, tabindex?: number, class?: string}} props
 *   `label`: what the menu is called, such as "Actions for Booking site"; `trigger`: what the button shows;
 *   `tabindex`: of the button, where it is part of a grid that has one stop
 */
export function Menu({ label, items, icon = 'more', trigger, start, small, tabindex, class: more }) {
  const [open, setOpen] = useState(false);
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  const id = useId();
  const shown = /** @type {Exclude<Item, null|false|undefined>[]} */ (items.filter(Boolean));
  const entries = () => /** @type {HTMLElement[]} */ ([...(box.current?.querySelectorAll('[role^=menuitem]') ?? [])]);
  const button = () => /** @type {HTMLElement|null} */ (box.current?.querySelector('[aria-haspopup]') ?? null);

  /** Beside its button and within the window, whatever scrolls or clips around it. */
  const place = () => {
    const list = box.current?.querySelector('[role=menu]');
    const at = button()?.getBoundingClientRect();
    if (!(list instanceof HTMLElement) || !at) return;
    const { offsetWidth: wide, offsetHeight: tall } = list;
    const below = at.bottom + 4;
    const left = start ? at.left : at.right - wide;
    list.style.left = `${Math.max(8, Math.min(left, innerWidth - wide - 8))}px`;
    list.style.top = `${below + tall > innerHeight - 8 && at.top > tall + 8 ? at.top - tall - 4 : below}px`;
  };
  const close = (back = true) => {
    setOpen(false);
    if (back) button()?.focus();
  };
  useLayoutEffect(() => {
    if (!open) return undefined;
    place();
    entries()[0]?.focus();
    const outside = (/** @type {Event} */ event) => {
      if (!box.current?.contains(/** @type {Node} */ (event.target))) close(false);
    };
    const away = (/** @type {Event} */ event) => {
      if (!box.current?.contains(/** @type {Node} */ (event.target))) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('scroll', away, true);
    addEventListener('resize', place);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('scroll', away, true);
      removeEventListener('resize', place);
    };
  }, [open]);

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (!open) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); setOpen(true); }
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') {
      close(false);
    } else if (to !== undefined) {
      event.preventDefault();
      all[to]?.focus();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const from = all.slice(at + 1).concat(all.slice(0, at + 1));
      from.find((entry) => entry.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    }
  };
  const choose = (/** @type {Exclude<Item, null|false|undefined>} */ item) => {
    close();
    item.onSelect?.();
  };
  const open_ = { tabindex, 'aria-haspopup': 'menu', 'aria-expanded': open ? 'true' : 'false', 'aria-controls': open ? id : undefined, onClick: () => setOpen(!open) };
  return html`<div class=${classes('menu', more)} ref=${box} onKeyDown=${onKey}>
    ${trigger ? html`<button type="button" class="menu-trigger" aria-label=${label} ...${open_}>${trigger}</button>` : html`<${Button} kind="icon" icon=${icon} small=${small} label=${label} ...${open_} />`}
    ${open && html`<div class="menu-list" role="menu" id=${id} aria-label=${label}>
      ${shown.map((item) => {
        const role = item.checked === undefined ? 'menuitem' : 'menuitemradio';
        const inside = html`${item.icon && html`<${Icon} name=${item.icon} size=${16} />`}<span class="menu-label">${item.label}${item.hint && html`<span class="muted small">${item.hint}</span>`}</span>${item.checked && html`<${Icon} name="check" size=${16} />`}`;
        const shared = { role, tabindex: -1, class: classes('menu-item', item.danger && 'danger'), 'aria-checked': item.checked === undefined ? undefined : String(item.checked) };
        return item.href
          ? html`<a key=${item.label} href=${item.href} ...${shared} onClick=${() => setOpen(false)}>${inside}</a>`
          : html`<button key=${item.label} type="button" ...${shared} onClick=${() => choose(item)}>${inside}</button>`;
      })}
    </div>`}
  </div>`;
}

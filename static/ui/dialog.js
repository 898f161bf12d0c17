// Windows above the page: the browser's own `<dialog>`, which keeps the focus inside.
import { classes, html, useEffect, useId, useRef } from '../html.js';
import { Button } from './basics.js';

/** Where the focus goes if what opened the window is gone. */
function fallback() {
  const heading = document.querySelector('main h1');
  if (heading instanceof HTMLElement) heading.focus();
}

/**
 * A window. It is open as long as it is drawn: whoever draws it takes it away on `onClose`.
 * @param {{title: string, onClose: () => void, intro?: any, wide?: boolean, side?: boolean, footer?: any, reads?: boolean, class?: string, opener?: Element|null, children?: any}} props
 *   `reads`: there may be nothing in it but text, which the keyboard has to scroll;
 *   `onClose` is also called by Esc; a window that must be answered asks there.
 */
export function Dialog({ title, onClose, intro, wide, side, footer, reads, class: more, opener, children }) {
  const box = useRef(/** @type {HTMLDialogElement|null} */ (null));
  const id = useId();
  useEffect(() => {
    const dialog = /** @type {HTMLDialogElement} */ (box.current);
    const before = opener ?? document.activeElement;
    if (!dialog.open) dialog.showModal();
    const first = dialog.querySelector('[data-first]');
    if (first instanceof HTMLElement) first.focus();
    return () => {
      dialog.close();
      requestAnimationFrame(() => {
        if (document.querySelector('dialog[open]')) return;
        // Whoever closed it may have put the focus where it belongs now.
        const now = document.activeElement;
        if (now && now !== document.body && now !== before) return;
        if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
        else fallback();
      });
    };
  }, []);
  const onCancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${box} class=${classes('dialog', wide && 'wide', side && 'side', more)} aria-labelledby=${`${id}-title`} onCancel=${onCancel}>
    <div class="dialog-head"><div><h2 id=${`${id}-title`}>${title}</h2>${intro && html`<p class="muted small">${intro}</p>`}</div><${Button} kind="icon" icon="close" label="Close" onClick=${onClose} /></div>
    <div class="dialog-body" tabindex=${reads ? 0 : undefined}>${children}</div>
    ${footer && html`<div class="dialog-foot">${footer}</div>`}
  </dialog>`;
}

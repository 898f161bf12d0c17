// Copying, also where the browser has no clipboard to offer (plain http on a local network).
import { classes, html, useEffect, useId, useRef, useState } from '../html.js';
import { Button } from './basics.js';

/**
 * Copies what a field holds. Where nothing helps, the text is left selected.
 * @param {string} text @param {HTMLElement|null} holder the field that shows the text
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copy(text, holder) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Forbidden here: the old way remains.
    }
  }
  if (!holder) return copyUnseen(text);
  select(holder);
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  }
}

/** Where nothing on the page shows the text, a field that is there for a moment does. @param {string} text */
function copyUnseen(text) {
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  field.setAttribute('aria-hidden', 'true');
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    // Said by the result.
  }
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

/** @param {HTMLElement} holder */
function select(holder) {
  if (holder instanceof HTMLInputElement || holder instanceof HTMLTextAreaElement) {
    holder.focus();
    holder.select();
    return;
  }
  const range = document.createRange();
  range.selectNodeContents(holder);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** @param {string} text @param {{current: HTMLElement|null}} holder */
function useCopy(text, holder) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(''), 4000);
    return () => clearTimeout(timer);
  }, [said]);
  const run = async () => {
    const done = await copy(text, holder.current);
    if (!done && holder.current) select(holder.current);
    setSaid(done ? 'Copied' : `Selected: press ${/Mac/.test(navigator.platform) ? '⌘C' : 'Ctrl+C'}`);
    return done;
  };
  return { said, run };
}

/**
 * A text to copy, in a field of its own.
 * @param {{label: string, value: string, hint?: any, mono?: boolean, hideLabel?: boolean, onCopied?: () => void}} props
 */
export function CopyField({ label, value, hint, mono = true, hideLabel, onCopied }) {
  const holder = useRef(/** @type {HTMLInputElement|null} */ (null));
  const id = useId();
  const { said, run } = useCopy(value, holder);
  const click = async () => { if (await run()) onCopied?.(); };
  return html`<div class="field copy-field">
    <label for=${id} class=${hideLabel ? 'unseen' : undefined}>${label}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    <div class="control-row">
      <input ref=${holder} id=${id} class=${classes('control', mono && 'mono')} type="text" readonly value=${value} spellcheck="false" autocomplete="off" aria-describedby=${hint ? `${id}-hint` : undefined} onFocus=${(/** @type {any} */ event) => event.currentTarget.select()} />
      <${Button} icon=${said === 'Copied' ? 'check' : 'copy'} onClick=${click}>Copy<span class="unseen"> ${label}</span><//>
    </div>
    <p class="copy-said small" role="status">${said}</p>
  </div>`;
}

/** A block of text to copy: a command, a file. @param {{label: string, text: string, language?: string}} props */
export function CodeBlock({ label, text }) {
  const holder = useRef(/** @type {HTMLElement|null} */ (null));
  const { said, run } = useCopy(text, holder);
  return html`<figure class="code">
    <figcaption><span>${label}</span><span class="small" role="status">${said}</span><${Button} small kind="quiet" icon=${said === 'Copied' ? 'check' : 'copy'} onClick=${run}>Copy<span class="unseen"> ${label}</span><//></figcaption>
    <pre tabindex="0" role="group" aria-label=${label}><code ref=${holder}>${text}</code></pre>
  </figure>`;
}

/** A short text that is copied by pressing it, such as an id. @param {{text: string, label: string}} props */
export function CopyText({ text, label }) {
  const holder = useRef(/** @type {HTMLElement|null} */ (null));
  const { said, run } = useCopy(text, holder);
  return html`<span class="copy-text"><code ref=${holder} class="wrap-anywhere">${text}</code><${Button} kind="icon" small icon=${said === 'Copied' ? 'check' : 'copy'} label=${said || `Copy ${label}`} onClick=${run} /><span class="unseen" role="status">${said}</span></span>`;
}

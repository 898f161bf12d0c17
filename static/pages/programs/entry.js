// Small fields of the editor: what is typed is taken over as soon as it can be read, and goes back to
// what was last read if it cannot.
import { html, useId, useState } from '../../html.js';
import { readAmount, readNumber } from './words.js';

/**
 * @param {{label: string, value: string, read: (text: string) => any, onValue: (value: any) => void, wrong: string, class?: string, suffix?: string, disabled?: boolean, [more: string]: any}} props
 *   `read` gives undefined where the text says nothing that can be taken; `wrong`: said then
 */
export function Entry({ label, value, read, onValue, wrong, class: more, suffix, disabled, ...rest }) {
  const [text, setText] = useState(/** @type {string|null} */ (null));
  const [bad, setBad] = useState(false);
  const id = useId();
  const onInput = (/** @type {any} */ event) => {
    const typed = event.currentTarget.value;
    setText(typed);
    const found = read(typed);
    setBad(found === undefined);
    if (found !== undefined) onValue(found);
  };
  const onBlur = () => {
    setText(null);
    setBad(false);
  };
  return html`<div class=${`cell ${more ?? ''}`}>
    <label for=${id}>${label}</label>
    <span class="cell-row"><input id=${id} type="text" class="control" autocomplete="off" spellcheck=${false} disabled=${disabled} aria-invalid=${bad ? 'true' : undefined} aria-describedby=${bad ? `${id}-wrong` : undefined} value=${text ?? value} onInput=${onInput} onBlur=${onBlur} ...${rest} />${suffix && html`<span class="muted small">${suffix}</span>`}</span>
    ${bad && html`<p class="fault" id=${`${id}-wrong`}>${wrong}</p>`}
  </div>`;
}

/** Text; none where it is empty. @param {{label: string, value: string|undefined, onValue: (value: string|undefined) => void, most?: number, [more: string]: any}} props */
export const TextEntry = ({ value, most = 200, ...rest }) => html`<${Entry} ...${rest} value=${value ?? ''} wrong=${`At most ${most} characters.`} read=${(/** @type {string} */ text) => (text.length > most ? undefined : text.trim() === '' ? null : text)} />`;

/** A whole number; none where it is empty and need not be there. @param {{label: string, value: number|undefined, onValue: (value: number|null) => void, least?: number, most: number, required?: boolean, [more: string]: any}} props */
export const WholeEntry = ({ value, least = 1, most, required, ...rest }) => html`<${Entry} inputmode="numeric" ...${rest} value=${value === undefined ? '' : String(value)} wrong=${`A number from ${least} to ${most}.`}
  read=${(/** @type {string} */ text) => {
    if (text.trim() === '') return required ? undefined : null;
    const found = /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : NaN;
    return found >= least && found <= most ? found : undefined;
  }} />`;

/** A number with decimals. @param {{label: string, value: number|undefined, onValue: (value: number|null) => void, least: number, most: number, halves?: boolean, required?: boolean, [more: string]: any}} props */
export const NumberEntry = ({ value, least, most, halves, required, ...rest }) => html`<${Entry} inputmode="decimal" ...${rest} value=${value === undefined ? '' : String(value)} wrong=${`${least} to ${most}${halves ? ', in halves' : ''}.`}
  read=${(/** @type {string} */ text) => {
    if (text.trim() === '') return required ? undefined : null;
    const found = readNumber(text);
    if (found === null || found < least || found > most) return undefined;
    return halves && !Number.isInteger(found * 2) ? undefined : found;
  }} />`;

/** A number, or from one to another. @param {{label: string, value: import('./words.js').Amount|undefined, onValue: (value: any) => void, most: number, [more: string]: any}} props */
export const AmountEntry = ({ value, most, ...rest }) => html`<${Entry} inputmode="text" ...${rest} value=${value === undefined ? '' : typeof value === 'number' ? String(value) : `${value.min}-${value.max}`} wrong=${`Such as 8 or 6-10, at most ${most}.`}
  read=${(/** @type {string} */ text) => {
    const found = readAmount(text);
    if (found === null) return undefined;
    return (typeof found === 'number' ? found : found.max) <= most ? found : undefined;
  }} />`;

/** @param {{label: string, value: string, choices: [string, string][], onValue: (value: string) => void, class?: string, disabled?: boolean}} props */
export function ChoiceEntry({ label, value, choices, onValue, class: more, disabled }) {
  const id = useId();
  return html`<div class=${`cell ${more ?? ''}`}><label for=${id}>${label}</label>
    <select id=${id} class="control" value=${value} disabled=${disabled} onChange=${(/** @type {any} */ event) => onValue(event.currentTarget.value)}>${choices.map(([name, text]) => html`<option key=${name} value=${name}>${text}</option>`)}</select></div>`;
}

/** Text of several lines. @param {{label: string, value: string|undefined, onValue: (value: string|null) => void, most: number, disabled?: boolean, rows?: number}} props */
export function NotesEntry({ label, value, onValue, most, disabled, rows = 2 }) {
  const id = useId();
  return html`<div class="cell wide-cell"><label for=${id}>${label}</label>
    <textarea id=${id} class="control" rows=${rows} maxlength=${most} disabled=${disabled} value=${value ?? ''} onInput=${(/** @type {any} */ event) => onValue(event.currentTarget.value.trim() === '' ? null : event.currentTarget.value)}></textarea></div>`;
}

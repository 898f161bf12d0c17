// Forms: a field with its label, hint and fault; a form's values and what the server said of them.
import { classes, html, useCallback, useEffect, useId, useRef, useState } from '../html.js';
import { ApiError } from '../api.js';
import { Icon } from './icons.js';

/**
 * A field. `as` is `input`, `select` or `textarea`; what else is given goes to that element.
 * @param {{label: string, hint?: any, error?: string|null, optional?: boolean, as?: 'input'|'select'|'textarea', prefix?: any, after?: any, name?: string, children?: any, class?: string, hideLabel?: boolean, mono?: boolean, [more: string]: any}} props
 */
export function Field({ label, hint, error, optional, as = 'input', after, children, class: more, hideLabel, mono, ...rest }) {
  const own = useId();
  const id = rest.id ?? own;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const control = { id, class: classes('control', mono && 'mono'), 'aria-invalid': error ? 'true' : undefined, 'aria-describedby': described, ...rest };
  return html`<div class=${classes('field', error && 'wrong', more)}>
    <label for=${id} class=${hideLabel ? 'unseen' : undefined}>${label}${optional && html` <span class="muted optional">optional</span>`}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    <div class="control-row">${as === 'select' ? html`<select ...${control}>${children}</select>` : as === 'textarea' ? html`<textarea rows="3" ...${control}></textarea>` : html`<input type="text" ...${control} />`}${after}</div>
    ${error && html`<p class="fault" id=${`${id}-error`}><${Icon} name="warning" size=${15} />${error}</p>`}
  </div>`;
}

/**
 * A password, which can be shown while it is typed.
 * @param {{label: string, [more: string]: any}} props
 */
export function PasswordField(props) {
  const [seen, setSeen] = useState(false);
  return html`<${Field} ...${props} type=${seen ? 'text' : 'password'} spellcheck="false" autocapitalize="none"
    after=${html`<button type="button" class="button plain in-row" aria-pressed=${seen} onClick=${() => setSeen(!seen)}>${seen ? 'Hide' : 'Show'}<span class="unseen"> ${props.label.toLowerCase()}</span></button>`} />`;
}

/**
 * One of a few, as buttons of a group.
 * @param {{legend: string, name: string, value: string, choices: {value: string, label: string, hint?: any}[], onChange: (value: string) => void, hint?: any, error?: string|null, cards?: boolean}} props
 */
export function Choice({ legend, name, value, choices, onChange, hint, error, cards }) {
  const id = useId();
  return html`<fieldset class=${classes('choice', cards && 'cards', error && 'wrong')} aria-describedby=${error ? `${id}-error` : undefined}>
    <legend>${legend}</legend>
    ${hint && html`<p class="hint">${hint}</p>`}
    <div class="choices">${choices.map((one) => html`<label key=${one.value} class="option">
      <input type="radio" name=${name} value=${one.value} checked=${value === one.value} onChange=${() => onChange(one.value)} />
      <span class="option-text"><span class="option-label">${one.label}</span>${one.hint && html`<span class="muted small">${one.hint}</span>`}</span>
    </label>`)}</div>
    ${error && html`<p class="fault" id=${`${id}-error`}><${Icon} name="warning" size=${15} />${error}</p>`}
  </fieldset>`;
}

/** @param {{label: any, hint?: any, [more: string]: any}} props */
export const Checkbox = ({ label, hint, ...rest }) => html`
  <label class="option check"><input type="checkbox" ...${rest} /><span class="option-text"><span class="option-label">${label}</span>${hint && html`<span class="muted small">${hint}</span>`}</span></label>`;

/**
 * A form's values, its sending, and the faults that the server found, by field.
 * @template {Record<string, any>} T
 * @param {T} initial
 * @param {(values: T) => Promise<void>} submit throws an `ApiError`; `faults` makes one of what is wrong already here
 * @param {Record<string, string>} [sentAs] names under which values are sent, where they differ
 */
export function useForm(initial, submit, sentAs = {}) {
  const [values, setValues] = useState(initial);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [busy, setBusy] = useState(false);
  const box = useRef(/** @type {HTMLFormElement|null} */ (null));
  const failed = useRef(false);
  const set = useCallback((/** @type {Partial<T>} */ changes) => {
    setValues((old) => ({ ...old, ...changes }));
    // What was wrong with a field is no longer so once it is changed.
    setError((old) => old?.without(Object.keys(changes).map((name) => sentAs[name] ?? name)) ?? null);
  }, []);

  const onSubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await submit(values);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      failed.current = true;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    // After sending, not while somebody mends what was wrong.
    if (!error || !failed.current) return;
    failed.current = false;
    // To the summary if there is one, else to the first field that is wrong.
    const first = box.current?.querySelector('.faults, [aria-invalid="true"]');
    if (first instanceof HTMLElement) first.focus();
  }, [error]);

  /** What a field needs. @param {keyof T & string} name */
  const field = (name) => ({
    name,
    value: values[name],
    error: error?.fault(name) ?? null,
    onInput: (/** @type {Event} */ event) => set(/** @type {any} */ ({ [name]: /** @type {HTMLInputElement} */ (event.currentTarget).value })),
  });
  return { values, set, error, setError, busy, field, form: { ref: box, onSubmit, noValidate: true } };
}

/** A fault that is found here, in the form in which the server tells its own. @param {Record<string, string>} byField */
export function faults(byField) {
  const errors = Object.entries(byField).map(([name, message]) => ({ pointer: `/${name}`, code: 'required', message }));
  return new ApiError(400, { code: 'validation_failed', message: errors.length === 1 ? 'One field is not right.' : `${errors.length} fields are not right.`, errors });
}

/**
 * What is wrong, above the form, with links to the fields.
 * @param {{error: ApiError|null, labels?: Record<string, string>}} props `labels`: the fields' names by their pointers
 */
export function FaultSummary({ error, labels = {} }) {
  if (!error) return null;
  const wait = error.retryAfter ? ` Try again in ${error.retryAfter > 90 ? `${Math.ceil(error.retryAfter / 60)} minutes` : `${error.retryAfter} seconds`}.` : '';
  const jump = (/** @type {Event} */ event, /** @type {string} */ name) => {
    event.preventDefault();
    const form = /** @type {Element} */ (event.target).closest('form');
    const field = form?.querySelector(`[name="${CSS.escape(name)}"]`);
    if (field instanceof HTMLElement) field.focus();
  };
  return html`<div class="note danger faults" role="alert" tabindex="-1">
    <${Icon} name="warning" />
    <div class="note-body"><p class="note-title">${error.message}${wait}</p>
      ${error.faults.length > 0 && html`<ul>${error.faults.map((fault) => {
        const name = fault.place.replace(/^\//, '').split('/')[0];
        return html`<li><a href=${`#${name}`} onClick=${(/** @type {Event} */ event) => jump(event, name)}>${labels[name] ?? name}</a>: ${fault.message}</li>`;
      })}</ul>`}
      ${error.requestId && error.faults.length === 0 && error.status >= 500 && html`<p class="small">Request <code>${error.requestId}</code></p>`}
    </div>
  </div>`;
}

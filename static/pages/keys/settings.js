// The settings of a key as fields: what it may do, how long, from where; and the sentence that says it.
import { html } from '../../html.js';
import { session } from '../../store.js';
import { Button, day } from '../../ui/basics.js';
import { Choice, Field, faults } from '../../ui/field.js';
import { DAY, areas, everyScope, reach, readScopes } from './shared.js';

/**
 * @typedef {{name: string, description: string, mode: 'test'|'live', access: 'read'|'full'|'custom', scopes: string[], expiry: string, date: string, ips: string}} Values
 * @typedef {{values: Values, set: (changes: Partial<Values>) => void, error?: string|null}} Part
 */

/** @type {Values} */
export const blank = { name: '', description: '', mode: 'test', access: 'full', scopes: [], expiry: 'never', date: '', ips: '' };

/** Under which names the values are sent. */
export const sentAs = { access: 'scopes', expiry: 'expires_at', date: 'expires_at', ips: 'allowed_ips' };

/** @param {import('./shared.js').Key} key @returns {Values} */
export function fromKey(key) {
  const full = everyScope.every((scope) => key.scopes.includes(scope));
  const read = key.scopes.length === readScopes.length && readScopes.every((scope) => key.scopes.includes(scope));
  return { name: key.name, description: key.description ?? '', mode: key.mode, access: full ? 'full' : read ? 'read' : 'custom', scopes: key.scopes, expiry: key.expires_at ? 'keep' : 'never', date: key.expires_at ?? '', ips: (key.allowed_ips ?? []).join('\n') };
}

/** @param {Values} values */
export const scopesOf = (values) => (values.access === 'full' ? everyScope : values.access === 'read' ? readScopes : values.scopes);

/** When the key ends; none is never. @param {Values} values */
export function endOf(values) {
  if (values.expiry === 'never') return null;
  if (values.expiry === 'keep') return new Date(values.date);
  if (values.expiry === 'date') return values.date ? new Date(`${values.date}T23:59:59`) : null;
  return new Date(Date.now() + Number(values.expiry) * DAY);
}

/** What is sent. Throws what is wrong already here. @param {Values} values */
export function asBody(values) {
  /** @type {Record<string, string>} */
  const wrong = {};
  if (!values.name.trim()) wrong.name = 'Give it a name that says which application uses it.';
  if (values.access === 'custom' && values.scopes.length === 0) wrong.scopes = 'Choose at least one thing that it may do.';
  if (values.expiry === 'date' && !values.date) wrong.expires_at = 'Choose a date.';
  if (Object.keys(wrong).length) throw faults(wrong);
  const end = endOf(values);
  const ips = values.ips.split(/[\s,]+/).filter(Boolean);
  return {
    name: values.name.trim(),
    mode: values.mode,
    ...(values.description.trim() && { description: values.description.trim() }),
    ...(values.access !== 'full' && { scopes: scopesOf(values) }),
    ...(end && { expires_at: end.toISOString() }),
    ...(ips.length && { allowed_ips: ips }),
  };
}

/** @param {Part} props */
export function Access({ values, set, error }) {
  const choices = [
    { value: 'read', label: 'Read-only', hint: 'Sees clients, check-ins, programs, payments. Changes nothing.' },
    { value: 'full', label: 'Full', hint: 'Everything, also what is added later.' },
    { value: 'custom', label: 'Custom', hint: 'You choose, subject by subject.' },
  ];
  const choose = (/** @type {string} */ access) => set({ access: /** @type {any} */ (access), scopes: access === 'custom' ? scopesOf(values) : values.scopes });
  return html`<div class="stack">
    <${Choice} legend="Access" name="scopes" cards value=${values.access} onChange=${choose} choices=${choices} error=${error} />
    ${values.access === 'custom' && html`<${Matrix} scopes=${values.scopes} onChange=${(/** @type {string[]} */ scopes) => set({ scopes })} />`}
  </div>`;
}

/** @param {{scopes: string[], onChange: (scopes: string[]) => void}} props */
export function Matrix({ scopes, onChange }) {
  const has = new Set(scopes);
  const level = (/** @type {string} */ name) => ['erase', 'write', 'read'].find((verb) => has.has(`${name}:${verb}`)) ?? 'none';
  const choose = (/** @type {string} */ name, /** @type {string} */ verb) => {
    const others = scopes.filter((scope) => !scope.startsWith(`${name}:`));
    const own = { none: [], read: ['read'], write: ['read', 'write'], erase: ['read', 'write', 'erase'] }[verb] ?? [];
    onChange(everyScope.filter((scope) => others.includes(scope) || own.some((one) => scope === `${name}:${one}`)));
  };
  const words = { none: 'None', read: 'Read', write: 'Read and change', erase: 'Read, change, erase' };
  return html`<table class="matrix"><caption class="unseen">What the key may do, by subject</caption>
    <thead class="unseen"><tr><th scope="col">Subject</th><th scope="col">Access</th></tr></thead>
    <tbody>${areas.map(([name, label, verbs]) => html`<tr key=${name}><th scope="row">${label}</th><td>
      <select class="control" aria-label=${`Access to ${label.toLowerCase()}`} value=${level(name)} onChange=${(/** @type {any} */ event) => choose(name, event.currentTarget.value)}>
        ${['none', ...verbs].map((verb) => html`<option key=${verb} value=${verb}>${words[/** @type {keyof typeof words} */ (verb)]}</option>`)}
      </select></td></tr>`)}</tbody></table>`;
}

/** @param {Part & {keep?: string|null}} props `keep`: when it ends at present */
export function Expiry({ values, set, error, keep }) {
  const choices = [...(keep ? [['keep', `As it is: ${day(keep)}`]] : []), ['30', 'In 30 days'], ['90', 'In 90 days'], ['365', 'In a year'], ['date', 'On a date'], ['never', 'Never']];
  const tomorrow = new Date(Date.now() + DAY).toISOString().slice(0, 10);
  const hint = values.mode === 'live' && values.expiry === 'never' ? 'A key that never ends is found by somebody one day. A year is a good habit.' : 'A notice tells you 30, 7 and 1 day before.';
  return html`<div class="two">
    <${Field} as="select" label="Expires" name="expires_at" hint=${hint} error=${values.expiry === 'date' ? null : error} value=${values.expiry} onChange=${(/** @type {any} */ event) => set({ expiry: event.currentTarget.value, date: event.currentTarget.value === 'date' ? '' : values.date })}>
      ${choices.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}<//>
    ${values.expiry === 'date' && html`<${Field} label="Last day" type="date" name="expires_at" hint="It works until the end of that day." min=${tomorrow} value=${values.date} error=${error} onInput=${(/** @type {any} */ event) => set({ date: event.currentTarget.value })} />`}
  </div>`;
}

/** @param {Part} props */
export function Addresses({ values, set, error }) {
  const own = /** @type {any} */ (session.value)?.address;
  const add = () => set({ ips: [...values.ips.split(/[\s,]+/).filter(Boolean), own].join('\n') });
  return html`<div class="stack tight">
    <${Field} as="textarea" label="Allowed addresses" optional name="allowed_ips" hint="One address or block a line, such as 203.0.113.7 or 203.0.113.0/24. Empty: from anywhere." rows="2" mono spellcheck="false" value=${values.ips} error=${error} onInput=${(/** @type {any} */ event) => set({ ips: event.currentTarget.value })} />
    ${own && !values.ips.split(/[\s,]+/).includes(own) && html`<div><${Button} small onClick=${add}>Add my address, ${own}<//></div>`}
  </div>`;
}

/** The key in a sentence, before it is made. @param {{values: Values}} props */
export function Summary({ values }) {
  const end = endOf(values);
  const ips = values.ips.split(/[\s,]+/).filter(Boolean);
  return html`<p class="summary">${values.name.trim() ? html`<strong>${values.name.trim()}</strong>` : 'This key'} ${reach(scopesOf(values))}, in <strong>${values.mode === 'test' ? 'test data' : 'live data'}</strong>, ${ips.length === 0 ? 'from anywhere' : ips.length === 1 ? html`from <code>${ips[0]}</code> only` : `from ${ips.length} addresses only`}, ${end && !Number.isNaN(end.getTime()) ? `until ${day(end)}` : 'for good'}.</p>`;
}

// The settings of a webhook as fields: where it is told, and what.
import { html } from '../../html.js';
import { get, useRead } from '../../api.js';
import { mode } from '../../store.js';
import { Button, Failure, Skeleton, counted } from '../../ui/basics.js';
import { Checkbox, Choice, Field, faults } from '../../ui/field.js';
import { done, eventTypes } from './shared.js';

/**
 * @typedef {import('./shared.js').EventType} EventType
 * @typedef {{url: string, all: boolean, events: string[], description: string}} Values
 */

/** @type {Values} */
export const blank = { url: '', all: true, events: [], description: '' };
/** Under which names the values are sent. */
export const sentAs = { all: 'events' };
/** What the fields are called. */
export const labels = { url: 'Endpoint', events: 'Events', description: 'Description' };

/** @param {import('./shared.js').Webhook} of @returns {Values} */
export const fromWebhook = (of) => ({ url: of.url, all: of.events.includes('*'), events: of.events.filter((pattern) => pattern !== '*'), description: of.description ?? '' });

/** What is sent. Throws what is wrong already here. @param {Values} values */
export function asBody(values) {
  /** @type {Record<string, string>} */
  const wrong = {};
  if (!values.url.trim()) wrong.url = 'Give the address that is to be told.';
  if (!values.all && values.events.length === 0) wrong.events = 'Choose at least one type of event.';
  if (Object.keys(wrong).length) throw faults(wrong);
  return { url: values.url.trim(), events: values.all ? ['*'] : values.events, description: values.description.trim() || null };
}

/** The types by what they begin with. @param {EventType[]} types @returns {[string, EventType[]][]} */
function groups(types) {
  /** @type {Map<string, EventType[]>} */
  const all = new Map();
  for (const type of types) {
    const name = type.type.split('.')[0];
    all.set(name, [...(all.get(name) ?? []), type]);
  }
  return [...all];
}

/** Types that patterns mean. @param {string[]} patterns @param {EventType[]} types */
const meant = (patterns, types) => types.filter(({ type }) => patterns.includes('*') || patterns.includes(type) || patterns.includes(`${type.split('.')[0]}.*`));

/** @param {{values: Values, set: (changes: Partial<Values>) => void, error: string|null}} props */
function Picker({ values, set, error }) {
  const read = useRead(eventTypes, [mode.value]);
  const types = read.data ?? [];
  const turn = (/** @type {string} */ pattern, /** @type {boolean} */ on) => {
    // A star says all that its types would.
    const rest = values.events.filter((one) => one !== pattern && !(on && pattern.endsWith('.*') && one.startsWith(pattern.slice(0, -1))));
    set({ events: on ? [...rest, pattern] : rest });
  };
  const cards = [
    { value: 'all', label: 'Everything', hint: html`<code>*</code>: all that you may read, types of later versions too.` },
    { value: 'some', label: 'Chosen types', hint: html`One by one, or a whole kind as <code>client.*</code>.` },
  ];
  return html`<div class="stack">
    <${Choice} legend="Events" name="events" cards value=${values.all ? 'all' : 'some'} onChange=${(/** @type {string} */ to) => set({ all: to === 'all' })} choices=${cards} error=${error} />
    ${!values.all && read.error && html`<${Failure} error=${read.error} onRetry=${read.reload} />`}
    ${!values.all && !read.data && !read.error && html`<${Skeleton} lines=${5} />`}
    ${!values.all && groups(types).map(([name, own]) => {
      const star = `${name}.*`;
      const whole = values.events.includes(star);
      return html`<fieldset class="choice event-kind" key=${name}><legend><code>${name}</code></legend>
        <${Checkbox} label=${html`<code>${star}</code>`} hint=${`All ${own.length === 1 ? 'of this kind' : own.length}, and what is added to the kind later`} checked=${whole} onChange=${(/** @type {any} */ event) => turn(star, event.currentTarget.checked)} />
        <div class="choices checks">${own.map(({ type, description }) => html`<${Checkbox} key=${type} label=${html`<code>${type}</code>`} hint=${description} checked=${whole || values.events.includes(type)} disabled=${whole} onChange=${(/** @type {any} */ event) => turn(type, event.currentTarget.checked)} />`)}</div>
      </fieldset>`;
    })}
    ${read.data && html`<p class="summary">It is told of ${values.all ? html`all <strong>${counted(types.length, 'type')}</strong> of events` : html`<strong>${counted(meant(values.events, types).length, 'type')}</strong> of ${types.length}`}. Everything is sent whole, and signed.</p>`}
  </div>`;
}

/** @param {{values: Values, set: (changes: Partial<Values>) => void, error: import('../../api.js').ApiError|null, field: (name: any) => any}} props */
export function Settings({ values, set, error, field }) {
  const test = mode.value === 'test';
  const useInbox = () => done(async () => set({ url: (await get('/v1/test/inbox')).url }));
  const hint = test ? html`https, or on a server that only this computer reaches <code>http://127.0.0.1:3000/hooks</code>.` : 'https and public. Nothing is sent until something happens.';
  return html`
    <${Field} label="Endpoint" hint=${hint} type="url" mono spellcheck="false" autocapitalize="none" autocomplete="off" placeholder="https://app.example/webhooks" ...${field('url')} maxlength="2048" data-first />
    ${test && html`<div><${Button} small icon="mail" onClick=${useInbox}>Use the test inbox<//></div>`}
    <${Picker} values=${values} set=${set} error=${error?.fault('events') ?? null} />
    <${Field} label="Description" optional hint="What listens there." ...${field('description')} maxlength="500" autocomplete="off" />`;
}

// The profile of a client as a form; adding and changing share it.
import { html } from '../../html.js';
import { Button, Panel } from '../../ui/basics.js';
import { Checkbox, FaultSummary, Field } from '../../ui/field.js';
import { levels, limits, split, timezones, weekdays } from './shape.js';

/** @typedef {import('./shape.js').Client} Client */

const labels = {
  name: 'Name', email: 'Email', phone: 'Phone', timezone: 'Time zone', units: 'Units', goal: 'Goal', experience: 'Experience',
  days_per_week: 'Days a week', session_minutes: 'Minutes a session', equipment: 'Equipment', limitations: 'Go easy on', tags: 'Tags',
  check_in_day: 'Check-in day', coach_notes: 'Private notes', external_id: 'Your own id',
};

/** What the form holds: text, as it is typed. @param {Partial<Client>} [client] */
export const filled = (client = {}) => ({
  name: client.name ?? '', email: client.email ?? '', phone: client.phone ?? '', timezone: client.timezone ?? '', units: client.units ?? '',
  goal: client.goal ?? '', experience: client.experience ?? '', days_per_week: client.days_per_week?.toString() ?? '',
  session_minutes: client.session_minutes?.toString() ?? '', equipment: (client.equipment ?? []).join(', '),
  limitations: client.limitations ?? [], tags: (client.tags ?? []).join(', '), check_in_day: client.check_in_day ?? '',
  coach_notes: client.coach_notes ?? '', external_id: client.external_id ?? '',
});

/** @typedef {ReturnType<typeof filled>} Values */

/** Text as the API takes it; what is empty is null. @param {Values} values @returns {Record<string, any>} */
export function sent(values) {
  const number = (/** @type {string} */ text) => (text.trim() === '' ? null : Number.isFinite(Number(text)) ? Number(text) : text);
  /** @type {Record<string, any>} */
  const body = { ...values, days_per_week: number(values.days_per_week), session_minutes: number(values.session_minutes), equipment: split(values.equipment), tags: split(values.tags) };
  for (const [name, value] of Object.entries(body)) if (value === '') body[name] = null;
  return body;
}

/** What differs from what was there. @param {Values} values @param {Values} before */
export function changed(values, before) {
  const [now, then] = [sent(values), sent(before)];
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(then[name])));
}

/**
 * @param {{form: any, submit: string, cancel: string, isNew?: boolean, children?: any}} props
 *   `form`: of `useForm`; `children`: what stands before the button
 */
export function ClientForm({ form, submit, cancel, isNew, children }) {
  const { field, values, set } = form;
  const toggle = (/** @type {string} */ name) => set({ limitations: values.limitations.includes(name) ? values.limitations.filter((/** @type {string} */ one) => one !== name) : [...values.limitations, name] });
  return html`<form class="stack loose" ...${form.form}>
    <${FaultSummary} error=${form.error} labels=${labels} />
    <${Panel} title="Who">
      <div class="stack">
        <${Field} label="Name" required autocomplete="off" ...${field('name')} />
        <${Field} label="Email" required type="email" inputmode="email" autocomplete="off" spellcheck="false" ...${field('email')} />
        <div class="columns">
          <${Field} label="Phone" optional type="tel" hint="With the country: +44 20 7946 0018" autocomplete="off" ...${field('phone')} />
          <${Field} label="Your own id" optional hint="What your other systems call this client" autocomplete="off" ...${field('external_id')} />
        </div>
        <${Field} label="Tags" optional hint="Words with commas between them" autocomplete="off" ...${field('tags')} />
      </div>
    <//>
    <${Panel} title="Training" intro="What programs are built from. All of it can wait.">
      <div class="stack">
        <${Field} label="Goal" optional hint="In the client's words" autocomplete="off" ...${field('goal')} />
        <div class="columns">
          <${Field} label="Experience" as="select" ...${field('experience')}>${levels.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
          <${Field} label="Check-in day" as="select" ...${field('check_in_day')}>${weekdays.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}<//>
          <${Field} label="Days a week" optional type="number" min="1" max="6" inputmode="numeric" ...${field('days_per_week')} />
          <${Field} label="Minutes a session" optional type="number" min="20" max="120" inputmode="numeric" ...${field('session_minutes')} />
        </div>
        <${Field} label="Equipment" optional hint="Such as dumbbells, bench, pull-up bar" autocomplete="off" ...${field('equipment')} />
        <fieldset class="choice"><legend>Go easy on</legend>
          <div class="choices checks">${limits.map(([name, text]) => html`<${Checkbox} key=${name} label=${text} checked=${values.limitations.includes(name)} onChange=${() => toggle(name)} />`)}</div>
        </fieldset>
      </div>
    <//>
    <${Panel} title="Where and how">
      <div class="stack">
        <div class="columns">
          <${Field} label="Time zone" as="select" hint="Check-ins are due by it" ...${field('timezone')}>
            <option value="">The workspace's own</option>${timezones().map((name) => html`<option key=${name} value=${name}>${name.replaceAll('_', ' ')}</option>`)}<//>
          <${Field} label="Units" as="select" ...${field('units')}>${isNew && html`<option value="">The workspace's own</option>`}<option value="metric">Kilograms and centimetres</option><option value="imperial">Pounds and inches</option><//>
        </div>
        <${Field} label="Private notes" optional as="textarea" rows="4" hint="Never shown to the client" ...${field('coach_notes')} />
      </div>
    <//>
    ${children}
    <div class="row"><${Button} kind="primary" type="submit" busy=${form.busy}>${submit}<//><${Button} href=${cancel} kind="quiet">Cancel<//></div>
  </form>`;
}

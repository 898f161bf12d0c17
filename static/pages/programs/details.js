// What a program or a template is called, and what there is to know of it.
import { html } from '../../html.js';
import { Button } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { having } from './blocks.js';

/** @param {{history: any, dated?: boolean, onClose: () => void}} props `dated`: it has a first day */
export function Details({ history, dated, onClose }) {
  const { doc, change } = history;
  const edit = (/** @type {string} */ field) => (/** @type {any} */ event) => {
    const value = event.currentTarget.value;
    change(`change the ${field.replace('_', ' ')}`, (/** @type {any} */ old) => ({ ...old, [field]: value === '' ? null : value }), field);
  };
  const rename = (/** @type {any} */ event) => {
    const value = event.currentTarget.value;
    if (value.trim()) change('change the name', (/** @type {any} */ old) => having(old, 'name', value), 'name');
  };
  return html`<${Dialog} title="Details" onClose=${onClose} footer=${html`<${Button} kind="primary" onClick=${onClose}>Done<//>`}>
    <div class="stack">
      <${Field} label="Name" required maxlength="200" data-first="" value=${doc.name} onInput=${rename} />
      ${dated && html`<${Field} label="First day" optional type="date" hint="In the client's calendar" value=${doc.start_date ?? ''} onInput=${edit('start_date')} />`}
      <${Field} label="Notes for the client" optional as="textarea" rows="5" maxlength="10000" value=${doc.notes ?? ''} onInput=${edit('notes')} />
    </div><//>`;
}

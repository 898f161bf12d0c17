// Recording a payment and giving one back.
import { html } from '../../html.js';
import { post } from '../../api.js';
import { keep, kept, mode } from '../../store.js';
import { Button, Note } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Choice, FaultSummary, Field, faults, useForm } from '../../ui/field.js';
import { left, minor, money, typed } from './shape.js';

/** @typedef {import('./shape.js').Payment} Payment */

const currencies = ['EUR', 'USD', 'GBP', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CAD', 'AUD', 'NZD', 'JPY'];

/** @param {{client: {id: string, name: string}, currency?: string, onClose: () => void, onMade: (payment: Payment) => void}} props `currency`: what this client paid in before */
export function RecordPayment({ client, currency, onClose, onMade }) {
  const test = mode.value === 'test';
  const usual = (currency ?? kept('currency') ?? 'EUR').toUpperCase();
  const form = useForm({ amount: '', currency: usual, method: test ? 'simulated' : 'manual', description: '' }, async (values) => {
    const amount = minor(values.amount, values.currency);
    if (amount === null || amount === 0) throw faults({ amount: `Write an amount such as ${typed(12000, values.currency)}.` });
    keep('currency', values.currency);
    onMade(await post(`/v1/clients/${client.id}/payments`, {
      amount, currency: values.currency.toLowerCase(), method: values.method, ...(values.description.trim() && { description: values.description.trim() }),
    }));
  });
  const { field, values, set } = form;
  return html`<${Dialog} title=${`Record a payment of ${client.name}`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="record-payment" busy=${form.busy}>Record it<//>`}>
    <form id="record-payment" class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ amount: 'Amount', currency: 'Currency', description: 'For what' }} />
      <div class="two">
        <${Field} label="Amount" inputmode="decimal" autocomplete="off" data-first ...${field('amount')} />
        <${Field} label="Currency" as="select" ...${field('currency')}>${[...new Set([usual, ...currencies])].map((one) => html`<option key=${one} value=${one}>${one}</option>`)}<//>
      </div>
      <${Field} label="For what" optional maxlength="500" autocomplete="off" ...${field('description')} />
      ${test && html`<${Choice} legend="How" name="method" value=${values.method} onChange=${(/** @type {string} */ method) => set({ method })} choices=${[
        { value: 'simulated', label: 'Simulated', hint: 'Amounts that end in .01, .02 or .03 fail, each in its own way.' },
        { value: 'manual', label: 'By hand', hint: 'As cash or a bank transfer is recorded.' },
      ]} />`}
      ${!test && html`<p class="muted small">For cash or a bank transfer that you have received. No card is charged.</p>`}
    </form><//>`;
}

/** @param {{payment: Payment, name: string, onClose: () => void, onDone: (payment: Payment) => void}} props */
export function RefundPayment({ payment, name, onClose, onDone }) {
  const rest = left(payment);
  const all = money(rest, payment.currency);
  const form = useForm({ how: 'full', amount: '', reason: '' }, async (values) => {
    const part = values.how === 'part';
    const amount = part ? minor(values.amount, payment.currency) : rest;
    if (part && (amount === null || amount === 0)) throw faults({ amount: `Write an amount up to ${typed(rest, payment.currency)}.` });
    if (part && /** @type {number} */ (amount) > rest) throw faults({ amount: `That is more than what is left of it, ${all}.` });
    onDone(await post(`/v1/payments/${payment.id}/refund`, { ...(part && { amount }), ...(values.reason.trim() && { reason: values.reason.trim() }) }));
  });
  const { field, values, set } = form;
  const given = values.how === 'full' ? rest : minor(values.amount, payment.currency) ?? 0;
  return html`<${Dialog} title="Give a payment back" intro=${`${money(payment.amount, payment.currency)} of ${name}${payment.description ? `, ${payment.description}` : ''}`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="refund" busy=${form.busy}>${given > 0 && given <= rest ? `Refund ${money(given, payment.currency)}` : 'Refund'}<//>`}>
    <form id="refund" class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ amount: 'Amount', reason: 'Reason' }} />
      ${payment.amount_refunded > 0 && html`<${Note} tone="info"><p>${money(payment.amount_refunded, payment.currency)} went back already; ${all} is left.</p><//>`}
      <${Choice} legend="How much" name="how" value=${values.how} onChange=${(/** @type {string} */ how) => set({ how })} choices=${[{ value: 'full', label: `All of it, ${all}` }, { value: 'part', label: 'A part' }]} />
      ${values.how === 'part' && html`<${Field} label="Amount" inputmode="decimal" autocomplete="off" hint=${given > 0 && given <= rest ? `${money(rest - given, payment.currency)} remain.` : `Up to ${all}, in ${payment.currency.toUpperCase()}.`} ...${field('amount')} />`}
      <${Field} label="Reason" optional maxlength="500" autocomplete="off" hint="For your own books." ...${field('reason')} />
      ${payment.method === 'manual' && html`<p class="muted small">It was recorded by hand, so the money does not move by itself: this keeps the books right.</p>`}
    </form><//>`;
}

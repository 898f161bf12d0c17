// All payments, the failed ones within reach.
import { html, useState } from '../html.js';
import { get, useList, useRead } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { mode } from '../store.js';
import { Button, Empty, Note, Page, TestData, counted } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Filters, Select } from '../ui/table.js';
import { useNames } from './clients/names.js';
import { PaymentList } from './payments/list.js';
import { money, statusWords, totals } from './payments/shape.js';

/** @typedef {import('./payments/shape.js').Payment} Payment */

const statuses = /** @type {[string, string][]} */ ([['', 'All'], ...['failed', 'succeeded', 'partially_refunded', 'refunded', 'pending'].map((one) => [one, statusWords[/** @type {keyof typeof statusWords} */ (one)]])]);
/** So many failed ones are named before the list. */
const NAMED = 3;

export default function Payments() {
  const status = query.value.get('status') ?? '';
  const client = query.value.get('client') ?? '';
  const list = useList('/v1/payments', { status, client_id: client });
  const [changed, setChanged] = useState(/** @type {Record<string, Payment>} */ ({}));
  const rows = /** @type {Payment[]} */ (list.rows.map((one) => changed[one.id] ?? one));
  const failed = useRead(status === '' && client === '' ? (signal) => get('/v1/payments', { status: 'failed', limit: NAMED }, { signal }) : null, [mode.value, status, client]);
  const first = /** @type {Payment[]} */ (failed.data?.data ?? []);
  const name = useNames([...rows, ...first].map((one) => one.client_id).concat(client || []));
  const sums = totals(rows);
  const clear = () => setQuery({ status: null, client: null });
  return html`<${Page} title="Payments" badges=${html`<${TestData} />`} actions=${html`<${ViewAsCurl} calls=${[list.call]} />`}>
    ${first.length > 0 && html`<${Note} tone="danger" title=${failed.data.has_more ? `More than ${NAMED} payments failed` : `${counted(first.length, 'payment')} failed`}
      actions=${html`<${Button} small onClick=${() => setQuery({ status: 'failed' })}>Show the failed ones<//>`}>
      <ul>${first.map((one) => html`<li key=${one.id}><a href=${href(`clients/${one.client_id}/payments`, { payment: one.id })}>${name(one.client_id)}</a>, ${money(one.amount, one.currency)}: ${one.failure_message ?? 'no reason was given'}</li>`)}</ul><//>`}
    <${Filters}>
      <${Select} label="Status" value=${status} choices=${statuses} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} />
      ${client && html`<${Button} small icon="close" onClick=${() => setQuery({ client: null })}>Of ${name(client)}<//>`}
    <//>
    ${sums.length > 0 && html`<section class="totals" aria-label="Totals of what is shown">
      <p class="muted small">Of the ${counted(rows.length, 'payment')} shown${list.hasMore ? '; there are more' : ''}:</p>
      <ul>${sums.map(([currency, sum]) => html`<li key=${currency}><strong class="numbers">${money(sum.received - sum.refunded, currency)}</strong> <span class="muted small">${currency.toUpperCase()} kept${sum.refunded > 0 ? ` of ${money(sum.received, currency)} received` : ''}${sum.failed > 0 ? `; ${money(sum.failed, currency)} failed` : ''}</span></li>`)}</ul></section>`}
    <${PaymentList} list=${list} rows=${rows} name=${name} withClient filtered=${Boolean(status || client)} onClear=${clear} onChanged=${(/** @type {Payment} */ one) => setChanged((old) => ({ ...old, [one.id]: one }))}
      empty=${html`<${Empty} icon="card" title="No payments yet" actions=${html`<${Button} href=${href('clients')}>Clients<//>`}><p>A payment is recorded on the page of the client who made it.</p><//>`} />
  <//>`;
}

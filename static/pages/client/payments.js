// What a client has paid, what failed, what went back.
import { html, useState } from '../../html.js';
import { useList } from '../../api.js';
import { query } from '../../router.js';
import { Button, Empty } from '../../ui/basics.js';
import { toast } from '../../ui/toast.js';
import { RecordPayment } from '../payments/acts.js';
import { PaymentList } from '../payments/list.js';
import { money } from '../payments/shape.js';

/** @typedef {import('../payments/shape.js').Payment} Payment */

/** @param {import('../client.js').Part} props */
export function ClientPayments({ client, reload }) {
  const list = useList(`/v1/clients/${client.id}/payments`);
  const [own, setOwn] = useState(/** @type {Payment[]} */ ([]));
  const [open, setOpen] = useState(false);
  const seen = new Map(own.map((one) => [one.id, one]));
  const rows = /** @type {Payment[]} */ ([...own.filter((one) => !list.rows.some((row) => row.id === one.id)), ...list.rows.map((row) => seen.get(row.id) ?? row)]);
  const put = (/** @type {Payment} */ one) => setOwn((old) => [one, ...old.filter((other) => other.id !== one.id)]);
  const onMade = (/** @type {Payment} */ one) => {
    setOpen(false);
    put(one);
    reload();
    if (one.status === 'failed') toast(`It failed: ${one.failure_message ?? one.failure_code ?? 'no reason was given'}`, { tone: 'danger' });
    else toast(one.status === 'pending' ? `${money(one.amount, one.currency)} is on its way.` : `${money(one.amount, one.currency)} recorded.`);
  };
  const record = html`<${Button} kind="primary" icon="plus" onClick=${() => setOpen(true)}>Record a payment<//>`;
  return html`<div class="stack">
    ${rows.length > 0 && html`<div class="row">${record}</div>`}
    <${PaymentList} list=${list} rows=${rows} name=${() => client.name} marked=${query.value.get('payment')} onChanged=${(/** @type {Payment} */ one) => { put(one); reload(); }}
      empty=${html`<${Empty} icon="card" title="No payments yet" actions=${record}><p>Cash and transfers are recorded here by hand.</p><//>`} />
    ${open && html`<${RecordPayment} client=${client} currency=${rows[0]?.currency} onClose=${() => setOpen(false)} onMade=${onMade} />`}
  </div>`;
}

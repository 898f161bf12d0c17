// Payments as a table, with what can be done to each: on the page of all, and on that of a client.
import { html, useState } from '../../html.js';
import { href } from '../../router.js';
import { Button, RelativeTime } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { RefundPayment } from './acts.js';
import { Outcome, PaymentStatus, left, methodWords, money } from './shape.js';

/** @typedef {import('./shape.js').Payment} Payment */

/**
 * @param {{list: any, rows: Payment[], name: (id: string) => string, empty: any, withClient?: boolean, marked?: string|null, filtered?: boolean, onClear?: () => void, onChanged: (payment: Payment) => void}} props
 *   `list`: of `useList`; `marked`: the payment that the address names
 */
export function PaymentList({ list, rows, name, empty, withClient, marked, filtered, onClear, onChanged }) {
  const [refunding, setRefunding] = useState(/** @type {Payment|null} */ (null));
  const what = (/** @type {Payment} */ one) => one.description ?? methodWords[one.method];
  return html`<${DataTable} caption="Payments" rows=${rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${empty} filtered=${filtered} onClear=${onClear} rowClass=${(/** @type {Payment} */ one) => one.id === marked && 'marked'}
      actions=${(/** @type {Payment} */ one) => left(one) > 0 && html`<${Button} small onClick=${() => setRefunding(one)}>Refund<span class="unseen"> ${money(one.amount, one.currency)} of ${name(one.client_id)}, ${what(one)}</span><//>`}
      columns=${[
        { key: 'what', label: withClient ? 'Client' : 'For', main: true, render: (/** @type {Payment} */ one) => (withClient ? html`<a href=${href(`clients/${one.client_id}/payments`)}>${name(one.client_id)}</a><span class="muted small under">${what(one)}</span>` : what(one)) },
        { key: 'amount', label: 'Amount', end: true, render: (/** @type {Payment} */ one) => html`<span class="nowrap">${money(one.amount, one.currency)}</span>` },
        { key: 'status', label: 'Status', render: (/** @type {Payment} */ one) => html`<span class="outcome"><${PaymentStatus} of=${one} /><${Outcome} of=${one} /></span>` },
        { key: 'created_at', label: 'When', render: (/** @type {Payment} */ one) => html`<${RelativeTime} at=${one.succeeded_at ?? one.failed_at ?? one.created_at} />` },
      ]} />
    ${refunding && html`<${RefundPayment} payment=${refunding} name=${name(refunding.client_id)} onClose=${() => setRefunding(null)} onDone=${(/** @type {Payment} */ one) => {
      setRefunding(null);
      onChanged(one);
      toast(`Refunded. ${one.amount_refunded === one.amount ? 'Nothing is left of it.' : `${money(one.amount - one.amount_refunded, one.currency)} remain.`}`);
    }} />`}`;
}

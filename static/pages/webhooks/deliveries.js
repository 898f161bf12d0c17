// What one webhook was sent, and what waits for it.
import { html } from '../../html.js';
import { useList } from '../../api.js';
import { href, query, setQuery } from '../../router.js';
import { Button, Empty, RelativeTime } from '../../ui/basics.js';
import { Menu } from '../../ui/menu.js';
import { usePoll } from '../../ui/poll.js';
import { DataTable, Filters, Select } from '../../ui/table.js';
import { DeliveryStatus, NextTry, done, path, retry } from './shared.js';

/** @typedef {import('./shared.js').Delivery} Delivery */

const standings = [['', 'Any status'], ['pending', 'Pending'], ['delivered', 'Delivered'], ['failed', 'Failed'], ['cancelled', 'Cancelled']];

/** @param {{of: import('./shared.js').Webhook, onChanged: () => void}} props */
export function Deliveries({ of, onChanged }) {
  const status = query.value.get('status') ?? '';
  const list = useList(path(`/${of.id}/deliveries`), status ? { status } : {});
  // Pages that were opened further down would be closed by it.
  usePoll(list.reload, 5_000, list.rows.length <= 20);
  const again = async (/** @type {Delivery} */ one) => {
    if (!(await done(() => retry(one.id), 'It is tried again now.'))) return;
    list.reload();
    onChanged();
  };
  const menu = (/** @type {Delivery} */ one) => html`<${Menu} label=${`Actions for delivery ${one.endpoint_sequence}`} items=${[
    { label: 'Details and tries', icon: 'info', href: href(`deliveries/${one.id}`) },
    of.status === 'enabled' && { label: one.status === 'delivered' ? 'Send again' : 'Try again now', icon: 'refresh', onSelect: () => again(one) },
    { label: 'The event', icon: 'pulse', href: href(`events/${one.event.id}`) },
  ]} />`;
  return html`<div class="stack">
    <${Filters}><${Select} label="Status" value=${status} choices=${standings} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} /><${Button} icon="refresh" onClick=${list.reload}>Refresh<//><//>
    <${DataTable} caption="Deliveries" rows=${list.rows} loading=${list.loading && list.rows.length === 0} error=${list.error} onRetry=${list.reload} filtered=${Boolean(status)} onClear=${() => setQuery({ status: null })}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError} actions=${menu}
      empty=${html`<${Empty} icon="hook" title="Nothing was sent yet" actions=${html`<${Button} onClick=${() => setQuery({ tab: 'test' })}>Try it out<//>`}><p>What happens from now on, and is asked for, stands here.</p><//>`}
      columns=${[
        { key: 'event', label: 'Event', main: true, render: (/** @type {Delivery} */ one) => html`<a href=${href(`deliveries/${one.id}`)}><code>${one.event.type}</code></a>` },
        { key: 'status', label: 'Status', render: (/** @type {Delivery} */ one) => html`<${DeliveryStatus} of=${one} />` },
        { key: 'tries', label: 'Tries', end: true, render: (/** @type {Delivery} */ one) => one.attempt_count },
        { key: 'next', label: 'Next try', render: (/** @type {Delivery} */ one) => html`<${NextTry} of=${one} webhook=${of} />` },
        { key: 'number', label: 'Number', end: true, render: (/** @type {Delivery} */ one) => one.endpoint_sequence },
        { key: 'created', label: 'Happened', render: (/** @type {Delivery} */ one) => html`<${RelativeTime} at=${one.created_at} />` },
      ]} />
  </div>`;
}

// Choosing a client, by name, email or the coach's own id.
import { html, useState } from '../../html.js';
import { useList } from '../../api.js';
import { Button, Empty, Failure, Skeleton } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Search } from '../../ui/table.js';
import { StatusBadge, useDelayed } from '../clients/shape.js';

/** @typedef {import('../clients/shape.js').Client} Client */

/** @param {{title: string, intro?: any, onChoose: (client: Client) => void, onClose: () => void}} props */
export function ClientPicker({ title, intro, onChoose, onClose }) {
  const [typed, setTyped] = useState('');
  const q = useDelayed(typed, () => {});
  const list = useList('/v1/clients', { q, sort: 'name', limit: 50 });
  const rows = list.rows.filter((row) => row.status !== 'archived');
  return html`<${Dialog} title=${title} intro=${intro} onClose=${onClose} class="picker">
    <div class="stack">
      <${Search} label="Search clients" placeholder="Name, email or your own id" first value=${typed} onChange=${setTyped} />
      ${list.error ? html`<${Failure} error=${list.error} onRetry=${list.reload} />` : list.loading && rows.length === 0 ? html`<${Skeleton} lines=${5} />`
    : rows.length === 0 ? html`<${Empty} icon="people" title=${q ? 'No client fits' : 'No clients yet'} />`
    : html`<ul class="pick-list">${rows.map((row) => html`<li key=${row.id}><button type="button" class="pick" onClick=${() => onChoose(row)}>
        <span class="pick-name">${row.name} <${StatusBadge} client=${row} /></span><span class="muted small">${[row.email, row.goal].filter(Boolean).join(' · ')}</span></button></li>`)}</ul>`}
      ${list.hasMore && html`<div class="row"><${Button} busy=${list.loadingMore} onClick=${list.more}>Load more<//></div>`}
    </div><//>`;
}

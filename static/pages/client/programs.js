// The programs of a client, as a list.
import { html } from '../../html.js';
import { useList } from '../../api.js';
import { Badge, Empty } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';

const words = /** @type {Record<string, string>} */ ({ draft: 'Draft', active: 'Active', completed: 'Completed', archived: 'Archived' });

/** @param {import('../client.js').Part} props */
export function Programs({ client }) {
  const list = useList(`/v1/clients/${client.id}/programs`);
  return html`<${DataTable} caption="Programs" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
    empty=${html`<${Empty} icon="dumbbell" title="No program yet"><p>A program is built through the API, with the generator or by hand.</p><//>`}
    columns=${[
      { key: 'name', label: 'Program', main: true, render: (/** @type {any} */ row) => row.name },
      { key: 'status', label: 'Status', render: (/** @type {any} */ row) => html`<${Badge} tone=${row.status === 'active' ? 'good' : 'neutral'}>${words[row.status] ?? row.status}<//>` },
      { key: 'start', label: 'From', render: (/** @type {any} */ row) => row.start_date ?? html`<span class="muted">–</span>` },
    ]} />`;
}

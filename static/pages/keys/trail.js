// What was done to a key or an app, by whom, from where.
import { html } from '../../html.js';
import { useList } from '../../api.js';
import { Empty, Panel, RelativeTime } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { Actor, actionWords } from '../audit-log.js';

/** @param {{of: string, mode: 'test'|'live', what: string, words: Record<string, string>}} props `of`: the id; `words`: the actions by their names */
export function Trail({ of, mode, what, words }) {
  const list = useList('/v1/audit-log', { target: of, limit: 20 }, { mode });
  return html`<${Panel} title="Audit trail" flush>
    <${DataTable} caption=${`What was done to this ${what}`} rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="audit" title="Nothing recorded" />`}
      columns=${[
        { key: 'action', label: 'What', main: true, render: (/** @type {any} */ row) => words[row.action] ?? actionWords(row.action) },
        { key: 'actor', label: 'Who', render: (/** @type {any} */ row) => html`<${Actor} actor=${row.actor} />` },
        { key: 'ip', label: 'From', render: (/** @type {any} */ row) => row.ip ?? html`<span class="muted">–</span>` },
        { key: 'at', label: 'When', render: (/** @type {any} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} /><//>`;
}

// Copies of everything, each opened and checked after it was written.
import { html, useEffect, useState } from '../../html.js';
import { ApiError, post, useList } from '../../api.js';
import { Badge, Button, Empty, Note, RelativeTime } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

/** @typedef {{id: string, file?: string, path?: string, status: string, size_bytes: number|null, created_at: string, error?: string|null}} Backup */

/** @param {number|null} bytes */
const size = (bytes) => (bytes === null || bytes === undefined ? '–' : bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export function Backups() {
  const list = useList('/v1/backups');
  const [busy, setBusy] = useState(false);
  const waiting = list.rows.some((one) => one.status === 'running' || one.status === 'queued');
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(list.reload, 1500);
    return () => clearInterval(timer);
  }, [waiting, list.reload]);
  const make = async () => {
    setBusy(true);
    try {
      await post('/v1/backups');
      toast('A backup is being made');
      list.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  return html`<div class="stack">
    <${Note}><p>A backup holds the database and the key that its secrets are sealed with: whoever has it can read everything. Keep a copy on another machine.</p><//>
    <div class="row"><${Button} kind="primary" icon="shield" busy=${busy} onClick=${make}>Back up now<//></div>
    <${DataTable} caption="Backups" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} rowKey=${(/** @type {Backup} */ row) => row.id ?? row.file ?? row.path ?? ''}
      empty=${html`<${Empty} icon="shield" title="No backup yet"><p>One is made every night. You can make one now.</p><//>`}
      columns=${[
        { key: 'file', label: 'File', main: true, render: (/** @type {Backup} */ row) => html`<code class="wrap-anywhere">${row.file ?? row.path ?? row.id}</code>${row.error && html`<span class="small under">${row.error}</span>`}` },
        { key: 'status', label: 'Status', render: (/** @type {Backup} */ row) => html`<${Badge} tone=${row.status === 'failed' ? 'danger' : row.status === 'running' || row.status === 'queued' ? 'info' : 'good'}>${row.status.replaceAll('_', ' ')}<//>` },
        { key: 'size', label: 'Size', end: true, render: (/** @type {Backup} */ row) => size(row.size_bytes) },
        { key: 'created', label: 'Made', render: (/** @type {Backup} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} />
  </div>`;
}

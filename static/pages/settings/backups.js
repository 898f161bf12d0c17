// Copies of everything, each opened and checked after it was written.
import { html, useState } from '../../html.js';
import { ApiError, get, post, useList } from '../../api.js';
import { Button, Empty, Note, RelativeTime } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

/** @typedef {{name: string, origin: string, bytes: number, created_at: string}} Backup */

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export function Backups() {
  const list = useList('/v1/backups');
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const make = async () => {
    setBusy(true);
    try {
      const job = await post('/v1/backups');
      for (let at = 0; at < 240; at += 1) {
        const now = await get(`/v1/jobs/${job.id}`);
        setSaid(now.progress ?? 'It is being made');
        if (now.status === 'succeeded') { toast('The backup is made and checked'); break; }
        if (now.status === 'failed') { toast(now.error ?? 'The backup failed', { tone: 'danger' }); break; }
        await new Promise((done) => { setTimeout(done, 500); });
      }
      setSaid('');
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
    <div class="row"><${Button} kind="primary" icon="shield" busy=${busy} onClick=${make}>Back up now<//><span role="status" class="muted">${said}</span></div>
    <${DataTable} caption="Backups" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} rowKey=${(/** @type {Backup} */ row) => row.name}
      empty=${html`<${Empty} icon="shield" title="No backup yet"><p>One is made every night. You can make one now.</p><//>`}
      columns=${[
        { key: 'name', label: 'File', main: true, render: (/** @type {Backup} */ row) => html`<code class="wrap-anywhere">${row.name}</code>` },
        { key: 'origin', label: 'Made by', render: (/** @type {Backup} */ row) => row.origin.replaceAll('_', ' ') },
        { key: 'size', label: 'Size', end: true, render: (/** @type {Backup} */ row) => size(row.bytes) },
        { key: 'created', label: 'Made', render: (/** @type {Backup} */ row) => html`<${RelativeTime} at=${row.created_at} />` },
      ]} />
  </div>`;
}

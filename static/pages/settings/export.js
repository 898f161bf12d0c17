// Everything of the workspace as one file, to take along.
import { html, useEffect, useState } from '../../html.js';
import { ApiError, post, remove, target, useList } from '../../api.js';
import { mode, workspace } from '../../store.js';
import { Badge, Button, Empty, ModeBadge, Note, RelativeTime, counted } from '../../ui/basics.js';
import { DataTable } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

/** @typedef {{id: string, status: 'queued'|'running'|'ready'|'failed'|'expired', progress: string|null, clients: number|null, bytes: number|null, error: string|null, created_at: string, expires_at: string|null}} Export */

const words = /** @type {Record<Export['status'], [string, 'good'|'info'|'warning'|'danger'|'neutral']>} */ ({
  queued: ['Waiting', 'neutral'], running: ['Being made', 'info'], ready: ['Ready', 'good'], failed: ['Failed', 'danger'], expired: ['Removed', 'neutral'],
});

/** @param {number} bytes */
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
/** A link for the browser itself, which writes to the disk what is too large for a page. @param {Export} one */
const file = (one) => target(`/v1/exports/${one.id}/file`, { workspace: workspace.value?.id, mode: mode.value });

export function Export() {
  const list = useList('/v1/exports');
  const [busy, setBusy] = useState(false);
  const open = /** @type {Export|undefined} */ (list.rows.find((one) => one.status === 'queued' || one.status === 'running'));
  useEffect(() => {
    if (!open || list.loading) return undefined;
    const later = setTimeout(list.reload, 1000);
    return () => clearTimeout(later);
  }, [open, list.loading]);
  const act = async (/** @type {() => Promise<any>} */ run, /** @type {string} */ done) => {
    setBusy(true);
    try {
      await run();
      toast(done);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    } finally {
      setBusy(false);
      list.reload();
    }
  };
  const make = () => act(() => post('/v1/exports'), 'The export is being made');
  const drop = (/** @type {Export} */ one) => act(() => remove(`/v1/exports/${one.id}`), 'The export is deleted');
  return html`<div class="stack">
    <${Note} title="All that you keep, yours to take along"><p>A ZIP file with every client, archived ones too: profiles, messages, programs, workout logs, records, check-ins with your private notes, measurements, payments, consents and photos; and your own exercises, program templates, check-in forms and metrics. JSON Lines for programs, CSV for spreadsheets; <code>README.txt</code> explains them.</p>
      <p>It holds health data: keep it as safe as you keep this server. The file stays here for 24 hours, and goes at once when a client is erased.</p><//>
    <div class="row"><${Button} kind="primary" icon="download" busy=${busy} disabled=${Boolean(open)} onClick=${make}>Export everything<//><${ModeBadge} mode=${mode.value} /><span role="status" class="muted">${open ? open.progress ?? 'It waits for its turn' : ''}</span></div>
    <${DataTable} caption="Exports" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="download" title="No export yet"><p>Make one whenever you like; it takes seconds to minutes, and you can leave this page meanwhile.</p><//>`}
      columns=${[
        { key: 'created', label: 'Asked for', main: true, render: (/** @type {Export} */ one) => html`<${RelativeTime} at=${one.created_at} />${one.error && html`<span class="muted small under wrap-anywhere">${one.error}</span>`}` },
        { key: 'status', label: 'Status', render: (/** @type {Export} */ one) => html`<${Badge} tone=${words[one.status][1]}>${words[one.status][0]}<//>` },
        { key: 'clients', label: 'Holds', render: (/** @type {Export} */ one) => (one.clients === null ? '' : counted(one.clients, 'client')) },
        { key: 'size', label: 'Size', end: true, render: (/** @type {Export} */ one) => (one.bytes === null ? '' : size(one.bytes)) },
        { key: 'expires', label: 'Removed', render: (/** @type {Export} */ one) => (one.status === 'ready' ? html`<${RelativeTime} at=${one.expires_at} />` : '') },
      ]}
      actions=${(/** @type {Export} */ one) => html`<div class="row end">
        ${one.status === 'ready' && html`<${Button} small icon="download" href=${file(one)} download=${true}>Download<span class="unseen"> ${one.id}</span><//>`}
        <${Button} small busy=${busy} onClick=${() => drop(one)}>Delete<span class="unseen"> ${one.id}</span><//></div>`} />
  </div>`;
}

// What runs behind the server, and what did not run well.
import { html } from '../../html.js';
import { ApiError, post, useList } from '../../api.js';
import { query, setQuery } from '../../router.js';
import { Badge, Button, Empty, RelativeTime } from '../../ui/basics.js';
import { DataTable, Filters, Select } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';

/** @typedef {{id: string, kind: string, status: string, attempts: number, due_at: string, created_at: string, ended_at: string|null, error: string|null}} Job */

const words = /** @type {Record<string, [string, 'good'|'info'|'warning'|'danger'|'neutral']>} */ ({
  queued: ['Waiting', 'neutral'], scheduled: ['Waiting', 'neutral'], running: ['Running', 'info'], retrying: ['Tries again', 'warning'], succeeded: ['Done', 'good'], done: ['Done', 'good'], failed: ['Failed', 'danger'], interrupted: ['Cut off', 'danger'],
});

export function Jobs() {
  const status = query.value.get('status') ?? '';
  const list = useList('/v1/jobs', status ? { status } : {});
  const run = async (/** @type {Job} */ job) => {
    try {
      await post(`/v1/jobs/${job.id}/run`);
      toast('It runs now');
      list.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  return html`<div class="stack">
    <${Filters}><${Select} label="Status" value=${status} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} choices=${[['', 'All'], ['queued', 'Waiting'], ['running', 'Running'], ['failed', 'Failed'], ['succeeded', 'Done']]} /><${Button} icon="refresh" onClick=${list.reload}>Refresh<//><//>
    <${DataTable} caption="Jobs" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} filtered=${Boolean(status)} onClear=${() => setQuery({ status: null })}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="clock" title="Nothing waits"><p>Mails, backups and clean-up are jobs. What has ended is kept for some days.</p><//>`}
      columns=${[
        { key: 'kind', label: 'Job', main: true, render: (/** @type {Job} */ job) => html`${job.kind.replaceAll(/[._]/g, ' ')}${job.error && html`<span class="muted small under wrap-anywhere">${job.error}</span>`}` },
        { key: 'status', label: 'Status', render: (/** @type {Job} */ job) => html`<${Badge} tone=${words[job.status]?.[1] ?? 'neutral'}>${words[job.status]?.[0] ?? job.status}<//>` },
        { key: 'attempts', label: 'Tries', end: true, render: (/** @type {Job} */ job) => job.attempts },
        { key: 'due', label: 'Due', render: (/** @type {Job} */ job) => html`<${RelativeTime} at=${job.due_at} />` },
      ]}
      actions=${(/** @type {Job} */ job) => !['running', 'succeeded', 'done'].includes(job.status) && html`<${Button} small onClick=${() => run(job)}>Run now<span class="unseen"> ${job.kind}</span><//>`} />
  </div>`;
}

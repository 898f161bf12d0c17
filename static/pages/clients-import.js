// Many clients at once, out of a file: first looked at, then taken.
import { html, useRef, useState } from '../html.js';
import { ApiError, send } from '../api.js';
import { href } from '../router.js';
import { Badge, Button, Failure, Note, Page, Panel, TestData, counted } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Checkbox } from '../ui/field.js';
import { DataTable, Filters, Select } from '../ui/table.js';

const limitBytes = 5 * 1000 * 1000;
const types = /** @type {Record<string, string>} */ ({ csv: 'text/csv', tsv: 'text/csv', txt: 'text/csv', json: 'application/json', jsonl: 'application/x-ndjson', ndjson: 'application/x-ndjson' });

/** @typedef {{row: number, line?: number, status: string, client_id?: string, name?: string, email?: string, errors: {pointer?: string, message: string, fix?: string}[]}} Row */
/** @typedef {{dry_run: boolean, total: number, created: number, duplicates: number, invalid: number, columns: {column: string, field: string|null}[], rows: Row[], rows_truncated: boolean}} Result */

const fields = /** @type {Record<string, string>} */ ({ name: 'Name', first_name: 'First name', last_name: 'Last name', email: 'Email', phone: 'Phone', timezone: 'Time zone', units: 'Units', goal: 'Goal', tags: 'Tags', coach_notes: 'Private notes', external_id: 'Your own id' });
const words = /** @type {Record<string, [string, 'good'|'info'|'warning'|'danger']>} */ ({ created: ['Added', 'good'], would_create: ['Will be added', 'info'], duplicate: ['Is here already', 'warning'], invalid: ['Left out', 'danger'] });

export default function ClientsImport() {
  const [file, setFile] = useState(/** @type {File|null} */ (null));
  const [invite, setInvite] = useState(false);
  const [result, setResult] = useState(/** @type {Result|null} */ (null));
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [busy, setBusy] = useState(/** @type {'look'|'take'|null} */ (null));
  const input = useRef(/** @type {HTMLInputElement|null} */ (null));

  /** @param {File} chosen @param {boolean} dry @param {boolean} invited */
  const run = async (chosen, dry, invited) => {
    setBusy(dry ? 'look' : 'take');
    setError(null);
    try {
      const ending = chosen.name.split('.').pop()?.toLowerCase() ?? '';
      const answer = await send({
        method: 'POST', path: '/v1/clients/import', query: { dry_run: dry ? 'true' : undefined, send_invite: invited ? 'true' : undefined },
        body: chosen, raw: true, headers: { 'Content-Type': types[ending] ?? 'text/csv' },
      });
      setResult(answer.data);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setBusy(null);
    }
  };
  const choose = (/** @type {File|undefined} */ chosen) => {
    setResult(null);
    setError(null);
    setFile(chosen ?? null);
    if (!chosen) return;
    if (chosen.size > limitBytes) {
      setError(new ApiError(413, { code: 'body_too_large', message: `The file has ${(chosen.size / 1e6).toFixed(1)} MB; 5 MB is the most. Split it in two.` }));
      return;
    }
    run(chosen, true, invite);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    choose(event.dataTransfer?.files[0]);
  };
  const taken = result && !result.dry_run;
  const ready = result?.dry_run ? result.rows_truncated ? result.created : result.rows.filter((row) => row.status === 'would_create').length : 0;
  return html`<${Page} title="Import clients" back=${{ href: href('clients'), label: 'Clients' }} badges=${html`<${TestData} />`}
    intro="A CSV out of another program or a spreadsheet, a JSON array, or JSON Lines. Up to 5 MB and 50,000 rows. The file is looked at first: nothing is added before you say so."
    actions=${html`<${ViewAsCurl} calls=${[{ method: 'POST', path: '/v1/clients/import', query: { dry_run: 'true' }, title: 'Look at a file (add -H "Content-Type: text/csv" --data-binary @clients.csv)' }]} />`}>
    ${!taken && html`<${Panel} title="The file">
      <div class="drop" onDragOver=${(/** @type {Event} */ event) => event.preventDefault()} onDrop=${drop}>
        <label class="button plain" for="import-file">Choose a file</label>
        <input class="unseen" id="import-file" ref=${input} type="file" accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,text/csv,application/json" onChange=${(/** @type {any} */ event) => choose(event.currentTarget.files?.[0])} />
        <span class="muted">${file ? `${file.name}, ${Math.max(1, Math.round(file.size / 1000)).toLocaleString('en')} kB` : 'or drop it here'}</span>
      </div>
      <p class="muted small">The first row names the columns. “Name” and “Email” are needed; “First name” and “Last name” do as well.</p>
    <//>`}
    <div role="status" class="stack">
      ${busy === 'look' && html`<p>Looking at the file …</p>`}
      ${busy === 'take' && html`<p>Adding clients …</p>`}
    </div>
    <${Failure} error=${error} onRetry=${file && file.size <= limitBytes ? () => run(file, true, invite) : undefined} />
    ${result && html`<${Outcome} result=${result} />`}
    ${result?.dry_run && html`<${Panel} title="Add them">
      <div class="stack">
        <${Checkbox} label="Invite each of them" hint="Each gets an install link by mail, where mail is set up. You can also invite one at a time later." checked=${invite} onChange=${() => setInvite(!invite)} />
        <div class="row"><${Button} kind="primary" busy=${busy === 'take'} disabled=${ready === 0} onClick=${() => file && run(file, false, invite)}>Add ${counted(ready, 'client')}<//>
        <${Button} kind="quiet" onClick=${() => { choose(undefined); if (input.current) input.current.value = ''; }}>Start over<//></div>
      </div><//>`}
    ${taken && html`<div class="row"><${Button} kind="primary" href=${href('clients')}>Go to the clients<//><${Button} onClick=${() => choose(undefined)}>Import another file<//></div>`}
  <//>`;
}

/** @param {{result: Result}} props */
function Outcome({ result }) {
  const [shown, setShown] = useState('');
  const unknown = result.columns.filter((column) => column.field === null);
  const rows = result.rows.filter((row) => !shown || row.status === shown);
  const created = result.dry_run ? 'would_create' : 'created';
  const bad = () => {
    const cell = (/** @type {string} */ text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
    const lines = result.rows.filter((row) => row.status !== created).map((row) => [row.line ?? row.row, words[row.status]?.[0] ?? row.status, row.name ?? '', row.email ?? '', row.errors.map((one) => one.message).join(' ')].map((value) => cell(String(value))).join(','));
    const url = URL.createObjectURL(new Blob([['line,outcome,name,email,why', ...lines].join('\r\n')], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'left-out.csv';
    link.click();
    URL.revokeObjectURL(url);
  };
  return html`<div class="stack">
    <${Note} tone=${result.invalid ? 'warning' : 'good'} role="status" title=${result.dry_run ? `${counted(result.total, 'row')} looked at` : `${counted(result.created, 'client')} added`}>
      <p>${result.dry_run ? 'Nothing is added yet.' : ''} ${counted(result.duplicates, 'row is', 'rows are')} here already, ${counted(result.invalid, 'row')} cannot be taken as ${result.invalid === 1 ? 'it is' : 'they are'}.</p>
      ${unknown.length > 0 && html`<p class="small">Columns that are not used: ${unknown.map((column) => column.column).join(', ')}.</p>`}<//>
    ${result.columns.length > 0 && html`<${Panel} title="Columns"><ul class="row tight">${result.columns.map((column) => html`<li key=${column.column}><${Badge} tone=${column.field ? 'info' : 'neutral'}>${column.column} → ${column.field ? fields[column.field] ?? column.field : 'not used'}<//></li>`)}</ul><//>`}
    <${Filters}>
      <${Select} label="Outcome" value=${shown} onChange=${setShown} choices=${[['', 'All rows'], [created, words[created][0]], ['duplicate', words.duplicate[0]], ['invalid', words.invalid[0]]]} />
      ${(result.invalid > 0 || result.duplicates > 0) && html`<${Button} icon="download" onClick=${bad}>Save what was left out<//>`}
    <//>
    <${DataTable} caption="Rows of the file" rows=${rows.slice(0, 500)} rowKey=${(/** @type {Row} */ row) => String(row.row)} filtered=${Boolean(shown)} onClear=${() => setShown('')}
      columns=${[
        { key: 'row', label: 'Line', render: (/** @type {Row} */ row) => row.line ?? row.row, end: true },
        { key: 'name', label: 'Name', main: true, render: (/** @type {Row} */ row) => (row.client_id ? html`<a href=${href(`clients/${row.client_id}`)}>${row.name}</a>` : row.name || '–') },
        { key: 'email', label: 'Email', render: (/** @type {Row} */ row) => html`<span class="wrap-anywhere">${row.email || '–'}</span>` },
        { key: 'status', label: 'Outcome', render: (/** @type {Row} */ row) => html`<${Badge} tone=${words[row.status]?.[1] ?? 'neutral'}>${words[row.status]?.[0] ?? row.status}<//>` },
        { key: 'why', label: 'Why', render: (/** @type {Row} */ row) => (row.errors.length ? html`<ul>${row.errors.map((one) => html`<li>${one.message} ${one.fix ?? ''}</li>`)}</ul>` : html`<span class="muted">–</span>`) },
      ]} />
    ${(rows.length > 500 || result.rows_truncated) && html`<p class="muted small">Shown are the first ${Math.min(500, rows.length)} of ${counted(result.total, 'row')}.</p>`}
  </div>`;
}

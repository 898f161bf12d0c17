// Programs: the templates, and the programs of all clients, the newest first.
import { html, useState } from '../html.js';
import { useList } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { Button, Empty, Page, Panel, RelativeTime, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';
import { useDelayed } from './clients/shape.js';
import { Assign, ByHand } from './programs/acts.js';
import { ClientPicker } from './programs/client-picker.js';
import { GeneratorDrawer } from './programs/generator.js';
import { ProgramStatus, called, dateText, goals } from './programs/words.js';

/** @typedef {import('./programs/words.js').Summary} Summary */

const statuses = /** @type {[string, string][]} */ ([['', 'Any status'], ['draft', 'Drafts'], ['active', 'Active'], ['completed', 'Completed'], ['archived', 'Archived']]);

export default function Programs() {
  const asked = query.value;
  const status = asked.get('status') ?? '';
  const [typed, setTyped] = useState(asked.get('q') ?? '');
  const q = useDelayed(typed, (text) => setQuery({ q: text }));
  const programs = useList('/v1/programs', status ? { status } : {});
  const templates = useList('/v1/program-templates', q ? { q } : {});
  const [act, setAct] = useState(/** @type {{kind: string, of?: any}|null} */ (null));
  const close = () => setAct(null);
  const nothing = !programs.loading && !templates.loading && !programs.error && !templates.error && programs.rows.length === 0 && templates.rows.length === 0 && !status && !q;
  const starts = html`<${Button} kind="primary" icon="play" onClick=${() => setAct({ kind: 'generate' })}>Generate for a client<//>
    <${Button} icon="plus" onClick=${() => setAct({ kind: 'template' })}>New template<//>`;
  return html`<${Page} title="Programs" badges=${html`<${TestData} />`} actions=${html`<${ViewAsCurl} calls=${[programs.call, templates.call]} />
      ${!nothing && starts}
      <${Menu} label="More ways to a program" items=${[{ label: 'Build by hand for a client', icon: 'edit', onSelect: () => setAct({ kind: 'hand' }) }]} />`}>
    ${nothing ? html`<${Empty} icon="list" title="Make your first program" actions=${starts}>
        <p>Let the rules draft one out of a client's profile, and change what you like in the grid. Or keep templates, and give them to whom they fit.</p><//>`
    : html`<${Panel} title="Of clients" flush actions=${html`<${Select} label="Status" value=${status} choices=${statuses} onChange=${(/** @type {string} */ to) => setQuery({ status: to })} />`}>
        <${DataTable} caption="Programs of clients" rows=${programs.rows} loading=${programs.loading} error=${programs.error} onRetry=${programs.reload} filtered=${Boolean(status)} onClear=${() => setQuery({ status: null })}
          hasMore=${programs.hasMore} onMore=${programs.more} loadingMore=${programs.loadingMore} moreError=${programs.moreError}
          empty=${html`<${Empty} icon="list" title="No client has a program yet" actions=${html`<${Button} kind="primary" icon="play" onClick=${() => setAct({ kind: 'generate' })}>Generate for a client<//>`} />`}
          columns=${[
    { key: 'name', label: 'Program', main: true, render: (/** @type {Summary} */ row) => html`<a href=${href(`programs/${row.id}`)}>${row.name}</a>` },
    { key: 'client', label: 'Client', render: (/** @type {Summary} */ row) => html`<a href=${href(`clients/${row.client_id}`)}>${row.client?.name}</a>` },
    { key: 'status', label: 'Status', render: (/** @type {Summary} */ row) => html`<${ProgramStatus} program=${row} />` },
    { key: 'weeks', label: 'Weeks', end: true, render: (/** @type {Summary} */ row) => row.weeks },
    { key: 'start', label: 'First day', render: (/** @type {Summary} */ row) => (row.start_date ? html`<span class="nowrap">${dateText(row.start_date)}</span>` : html`<span class="muted">–</span>`) },
    { key: 'updated', label: 'Changed', render: (/** @type {Summary} */ row) => html`<${RelativeTime} at=${row.updated_at} />` },
  ]} /><//>
      <${Panel} title="Templates" intro="Programs that are nobody's yet. Who gets one gets a copy." flush>
        ${(templates.rows.length > 5 || q || typed) && html`<div class="panel-pad"><${Filters}><${Search} label="Search templates" placeholder="Name" value=${typed} onChange=${setTyped} /><//></div>`}
        <${DataTable} caption="Templates" rows=${templates.rows} loading=${templates.loading} error=${templates.error} onRetry=${templates.reload} filtered=${Boolean(q)} onClear=${() => { setTyped(''); setQuery({ q: null }); }}
          hasMore=${templates.hasMore} onMore=${templates.more} loadingMore=${templates.loadingMore} moreError=${templates.moreError}
          empty=${html`<${Empty} icon="copy" title="No templates yet" actions=${html`<${Button} icon="plus" onClick=${() => setAct({ kind: 'template' })}>New template<//>`}><p>Any program can be kept as a template, from its own menu.</p><//>`}
          actions=${(/** @type {any} */ row) => html`<${Button} small onClick=${() => setAct({ kind: 'assign', of: row })}>Assign<span class="unseen"> ${row.name}</span><//>`}
          columns=${[
    { key: 'name', label: 'Template', main: true, render: (/** @type {any} */ row) => html`<a href=${href(`programs/templates/${row.id}`)}>${row.name}</a>` },
    { key: 'goal', label: 'Goal', render: (/** @type {any} */ row) => (row.goal ? called(goals, row.goal) : html`<span class="muted">–</span>`) },
    { key: 'weeks', label: 'Weeks', end: true, render: (/** @type {any} */ row) => row.weeks },
    { key: 'updated', label: 'Changed', render: (/** @type {any} */ row) => html`<${RelativeTime} at=${row.updated_at} />` },
  ]} /><//>`}
    ${(act?.kind === 'generate' || act?.kind === 'hand') && !act.of && html`<${ClientPicker} title=${act.kind === 'generate' ? 'Generate for which client?' : 'A program for which client?'} onClose=${close} onChoose=${(/** @type {any} */ client) => setAct({ ...act, of: client })} />`}
    ${act?.kind === 'generate' && act.of && html`<${GeneratorDrawer} client=${act.of} onClose=${close} onMade=${() => programs.reload()} />`}
    ${act?.kind === 'hand' && act.of && html`<${ByHand} client=${act.of} onClose=${close} />`}
    ${act?.kind === 'template' && html`<${ByHand} onClose=${close} />`}
    ${act?.kind === 'assign' && html`<${Assign} of=${act.of} kind="template" onClose=${close} />`}
  <//>`;
}

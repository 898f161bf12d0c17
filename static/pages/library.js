// The library: the catalogue and the coach's own exercises, found by what is known of them.
import { html, useState } from '../html.js';
import { useList } from '../api.js';
import { go, href, query, setQuery } from '../router.js';
import { Button, Empty, Page, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable, Filters, Search, Select } from '../ui/table.js';
import { toast } from '../ui/toast.js';
import { useDelayed } from './clients/shape.js';
import { ExerciseForm } from './library/form.js';
import { Source, items, levels, listed, muscles, patterns } from './library/shape.js';
import { plain } from './programs/words.js';

/** @typedef {import('./library/shape.js').Exercise} Exercise */

export default function Library() {
  const asked = query.value;
  const [typed, setTyped] = useState(asked.get('q') ?? '');
  const [adding, setAdding] = useState(false);
  const q = useDelayed(typed, (text) => setQuery({ q: text }));
  const names = ['muscle', 'equipment', 'pattern', 'level', 'source'];
  const set = Object.fromEntries(names.map((name) => [name, asked.get(name) ?? '']).filter(([, value]) => value));
  const list = useList('/v1/exercises', { ...(q && { q }), ...set, limit: 50 });
  const filtered = Boolean(q) || Object.keys(set).length > 0;
  const clear = () => {
    setTyped('');
    setQuery(Object.fromEntries(['q', ...names].map((name) => [name, null])));
  };
  const choose = (/** @type {string} */ name) => (/** @type {string} */ to) => setQuery({ [name]: to });
  const filter = (/** @type {string} */ name, /** @type {string} */ label, /** @type {[string, string][]} */ choices) => html`<${Select} label=${label} value=${asked.get(name) ?? ''} choices=${choices} onChange=${choose(name)} />`;
  return html`<${Page} title="Library" badges=${html`<${TestData} />`} intro="The exercises that programs are made of: the catalogue, and your own beside it."
    actions=${html`<${ViewAsCurl} calls=${[list.call]} /><${Button} kind="primary" icon="plus" onClick=${() => setAdding(true)}>Add exercise<//>`}>
    <${Filters}>
      <${Search} label="Search exercises" placeholder="Name or alias" value=${typed} onChange=${setTyped} />
      ${filter('muscle', 'Muscle', [['', 'Any muscle'], ...muscles])}
      ${filter('equipment', 'Equipment', [['', 'Any equipment'], ['none', 'Without equipment'], ...items.map(([value, text]) => /** @type {[string, string]} */ ([value, `With ${text.toLowerCase()} alone`]))])}
      ${filter('pattern', 'Pattern', [['', 'Any pattern'], ...patterns])}
      ${filter('level', 'Level', [['', 'Any level'], ...levels.map(([value, text]) => /** @type {[string, string]} */ ([value, `Suits ${text.toLowerCase()}`]))])}
      ${filter('source', 'Source', [['', 'Catalogue and own'], ['catalogue', 'Catalogue'], ['own', 'Your own']])}
    <//>
    <${DataTable} caption="Exercises" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} filtered=${filtered} onClear=${clear}
      hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError} rowKey=${(/** @type {Exercise} */ row) => row.slug}
      empty=${html`<${Empty} icon="dumbbell" title="No exercises" />`}
      columns=${[
    { key: 'name', label: 'Exercise', main: true, render: (/** @type {Exercise} */ row) => html`<a href=${href(`library/${row.slug}`)}>${row.name}</a>${row.aliases.length > 0 && html`<span class="muted small under">${row.aliases.join(', ')}</span>`}` },
    { key: 'pattern', label: 'Pattern', render: (/** @type {Exercise} */ row) => plain(row.pattern) },
    { key: 'muscles', label: 'Trains first', render: (/** @type {Exercise} */ row) => (row.primary.length ? listed(row.primary) : html`<span class="muted">–</span>`) },
    { key: 'equipment', label: 'Equipment', render: (/** @type {Exercise} */ row) => (row.equipment.length ? listed(row.equipment) : html`<span class="muted">None</span>`) },
    { key: 'level', label: 'Level', render: (/** @type {Exercise} */ row) => plain(row.level) },
    { key: 'source', label: 'From', render: (/** @type {Exercise} */ row) => html`<${Source} of=${row} />` },
  ]} />
    ${adding && html`<${ExerciseForm} onClose=${() => setAdding(false)} onSaved=${(/** @type {Exercise} */ made) => { setAdding(false); toast(`“${made.name}” is in the library.`); go(href(`library/${made.slug}`)); }} />`}
  <//>`;
}

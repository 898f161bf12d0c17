// Choosing an exercise out of the library: by name, alias, muscle, equipment and pattern.
import { html, useState } from '../../html.js';
import { Badge, Button, Empty, Skeleton, counted } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Search, Select } from '../../ui/table.js';
import { plain } from '../programs/words.js';
import { isCalled, items, listed, muscles, patterns, useExercises } from './shape.js';

/** As many as are drawn: who wants more types more. */
const SHOWN = 60;

/**
 * @param {{title: string, intro?: any, onChoose: (slug: string) => void, onClose: () => void, without?: string[]}} props
 *   `without`: slugs that are there already
 */
export function ExercisePicker({ title, intro, onChoose, onClose, without = [] }) {
  const { rows, ready } = useExercises();
  const [q, setQ] = useState('');
  const [muscle, setMuscle] = useState('');
  const [item, setItem] = useState('');
  const [pattern, setPattern] = useState('');
  const found = rows.filter((row) => isCalled(row, q)
    && (!muscle || row.primary.includes(muscle) || row.secondary.includes(muscle))
    && (!item || (item === 'none' ? row.equipment.length === 0 : row.equipment.includes(item)))
    && (!pattern || row.pattern === pattern)
    && !without.includes(row.slug));
  // What begins with the text comes first, then what trains the muscle first of all.
  const rank = (/** @type {import('./shape.js').Exercise} */ row) => (q && row.name.toLowerCase().startsWith(q.trim().toLowerCase()) ? 0 : 1) + (muscle && !row.primary.includes(muscle) ? 2 : 0);
  found.sort((a, b) => rank(a) - rank(b));
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement) || found.length === 0) return;
    event.preventDefault();
    onChoose(found[0].slug);
  };
  return html`<${Dialog} title=${title} wide intro=${intro} onClose=${onClose} class="picker">
    <div class="stack" onKeyDown=${onKey}>
      <div class="filters" role="search">
        <${Search} label="Search exercises" placeholder="Name or alias" first value=${q} onChange=${setQ} />
        <${Select} label="Muscle" value=${muscle} choices=${[['', 'Any muscle'], ...muscles]} onChange=${setMuscle} />
        <${Select} label="Equipment" value=${item} choices=${[['', 'Any equipment'], ['none', 'No equipment'], ...items]} onChange=${setItem} />
        <${Select} label="Pattern" value=${pattern} choices=${[['', 'Any pattern'], ...patterns]} onChange=${setPattern} />
      </div>
      <p class="muted small" role="status">${ready ? `${counted(found.length, 'exercise')}${found.length > SHOWN ? `, the first ${SHOWN} shown` : ''}. Enter takes the first.` : 'Loading the library'}</p>
      ${!ready ? html`<${Skeleton} lines=${6} />` : found.length === 0
    ? html`<${Empty} icon="filter" title="No exercise fits" actions=${html`<${Button} onClick=${() => { setQ(''); setMuscle(''); setItem(''); setPattern(''); }}>Clear the filters<//>`} />`
    : html`<ul class="pick-list">${found.slice(0, SHOWN).map((row) => html`<li key=${row.slug}><button type="button" class="pick" onClick=${() => onChoose(row.slug)}>
        <span class="pick-name">${row.name}${row.source === 'own' && html` <${Badge} tone="info">Your own<//>`}</span>
        <span class="muted small">${[plain(row.pattern), listed(row.primary), row.equipment.length ? listed(row.equipment) : 'no equipment'].join(' · ')}</span>
      </button></li>`)}</ul>`}
    </div><//>`;
}

/**
 * Some exercises, with a way to add one and to take each away.
 * @param {{label: string, slugs: string[], onChange: (slugs: string[]) => void, most?: number, hint?: any, error?: string|null, title?: string, disabled?: boolean}} props
 */
export function ExerciseChips({ label, slugs, onChange, most = 100, hint, error, title = 'Choose an exercise', disabled }) {
  const { name } = useExercises();
  const [open, setOpen] = useState(false);
  return html`<div class="field chips" role="group" aria-label=${label}>
    <span class="field-label">${label}</span>
    ${hint && html`<p class="hint">${hint}</p>`}
    <div class="row tight">
      ${slugs.map((slug) => html`<span class="chip" key=${slug}>${name(slug)}${!disabled && html`<${Button} small kind="icon" icon="close" label=${`Remove ${name(slug)}`} onClick=${() => onChange(slugs.filter((one) => one !== slug))} />`}</span>`)}
      ${!disabled && slugs.length < most && html`<${Button} small icon="plus" onClick=${() => setOpen(true)}>Add<span class="unseen"> to ${label.toLowerCase()}</span><//>`}
      ${disabled && slugs.length === 0 && html`<span class="muted">None</span>`}
    </div>
    ${error && html`<p class="fault">${error}</p>`}
    ${open && html`<${ExercisePicker} title=${title} without=${slugs} onClose=${() => setOpen(false)} onChoose=${(/** @type {string} */ slug) => { setOpen(false); onChange([...slugs, slug]); }} />`}
  </div>`;
}

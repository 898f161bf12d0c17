// A list as a table, which on a narrow screen is a list of cards.
import { classes, html, useState } from '../html.js';
import { Button, Empty, Failure } from './basics.js';
import { Icon } from './icons.js';

/**
 * @template T
 * @typedef {{key: string, label: string, render: (row: T) => any, sort?: (row: T) => string|number|null, end?: boolean, main?: boolean, narrow?: boolean, hideLabel?: boolean}} Column
 *   `sort`: what the column is sorted by, where all rows are here; `main`: the title of the card; `end`: numbers
 */

/**
 * @template T
 * @param {object} props
 * @param {string} props.caption what the table holds, for who cannot see it
 * @param {Column<T>[]} props.columns
 * @param {T[]} props.rows
 * @param {(row: T) => string} [props.rowKey]
 * @param {boolean} [props.loading]
 * @param {import('../api.js').ApiError|null} [props.error]
 * @param {() => void} [props.onRetry]
 * @param {any} [props.empty] what is shown where there is nothing at all
 * @param {boolean} [props.filtered] whether a filter is set: then nothing means "nothing fits"
 * @param {() => void} [props.onClear] takes the filters away
 * @param {boolean} [props.hasMore]
 * @param {() => void} [props.onMore]
 * @param {boolean} [props.loadingMore]
 * @param {import('../api.js').ApiError|null} [props.moreError]
 * @param {(row: T) => any} [props.actions] the last cell
 * @param {[string, 'up'|'down']} [props.sorted] what it is sorted by at first
 * @param {(row: T) => string|false|undefined} [props.rowClass]
 */
export function DataTable({ caption, columns, rows, rowKey = (row) => /** @type {any} */ (row).id, loading, error, onRetry, empty, filtered, onClear, hasMore, onMore, loadingMore, moreError, actions, sorted, rowClass }) {
  const [order, setOrder] = useState(/** @type {[string, 'up'|'down']|null} */ (sorted ?? null));
  if (error && rows.length === 0) return html`<${Failure} error=${error} onRetry=${onRetry} />`;
  const nothing = !loading && rows.length === 0;
  if (nothing && filtered) {
    return html`<${Empty} icon="filter" title="Nothing fits" actions=${onClear && html`<${Button} onClick=${onClear}>Clear the filters<//>`}><p>There are entries, but none that the filters let through.</p><//>`;
  }
  if (nothing) return empty ?? html`<${Empty} title="Nothing here yet" />`;
  const by = order && columns.find((column) => column.key === order[0])?.sort;
  const shown = by ? [...rows].sort((a, b) => compare(by(a), by(b)) * (order?.[1] === 'down' ? -1 : 1)) : rows;
  const turn = (/** @type {string} */ key) => setOrder((old) => [key, old?.[0] === key && old[1] === 'up' ? 'down' : 'up']);
  const waiting = loading && rows.length === 0;
  return html`<div class="table-frame" aria-busy=${loading ? 'true' : undefined}>
    ${error && html`<${Failure} error=${error} onRetry=${onRetry} />`}
    <div class="table-scroll">
    <table class="table" role="table">
      <caption class="unseen">${caption}</caption>
      <thead role="rowgroup"><tr role="row">${columns.map((column) => {
        const is = order?.[0] === column.key ? order[1] : null;
        return html`<th key=${column.key} scope="col" role="columnheader" class=${classes(column.end && 'end')} aria-sort=${is ? (is === 'up' ? 'ascending' : 'descending') : undefined}>
          ${column.sort ? html`<button type="button" class="sort" onClick=${() => turn(column.key)}>${column.label}<${Icon} name=${is === 'up' ? 'up' : 'down'} size=${14} /></button>` : column.hideLabel ? html`<span class="unseen">${column.label}</span>` : column.label}
        </th>`;
      })}${actions && html`<th scope="col" role="columnheader"><span class="unseen">Actions</span></th>`}</tr></thead>
      <tbody role="rowgroup">
        ${waiting ? Array.from({ length: 5 }, (_, row) => html`<tr role="row" class="ghost" aria-hidden="true" key=${row}>${columns.map((column, at) => html`<td role="cell" key=${column.key}><span class="ghost-bar" style=${{ width: `${40 + ((row * 31 + at * 17) % 45)}%` }}></span></td>`)}${actions && html`<td role="cell"></td>`}</tr>`)
        : shown.map((row) => html`<tr role="row" key=${rowKey(row)} class=${rowClass?.(row) || undefined}>
          ${columns.map((column) => (column.main
            ? html`<th key=${column.key} scope="row" role="rowheader" class="main-cell">${column.render(row)}</th>`
            : html`<td key=${column.key} role="cell" data-label=${column.label} class=${classes(column.end && 'end')}>${column.render(row)}</td>`))}
          ${actions && html`<td role="cell" class="actions-cell">${actions(row)}</td>`}
        </tr>`)}
      </tbody>
    </table></div>
    ${waiting && html`<span class="unseen" role="status">Loading ${caption}</span>`}
    ${moreError && html`<${Failure} error=${moreError} />`}
    ${hasMore && html`<div class="table-more"><${Button} busy=${loadingMore} onClick=${onMore}>Load more<//></div>`}
  </div>`;
}

/** Nothing comes last. @param {string|number|null} a @param {string|number|null} b */
function compare(a, b) {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a < b ? -1 : 1;
}

/** What stands above a table: search and filters. @param {{children?: any}} props */
export const Filters = ({ children }) => html`<div class="filters" role="search">${children}</div>`;

/** @param {{label: string, value: string, onChange: (value: string) => void, placeholder?: string, first?: boolean}} props `first`: it has the focus when its window opens */
export const Search = ({ label, value, onChange, placeholder, first }) => html`<div class="search"><${Icon} name="search" size=${16} />
  <input type="search" class="control" data-first=${first ? '' : undefined} aria-label=${label} placeholder=${placeholder ?? label} value=${value} spellcheck="false" autocomplete="off" onInput=${(/** @type {any} */ event) => onChange(event.currentTarget.value)} /></div>`;

/** @param {{label: string, value: string, choices: [string, string][], onChange: (value: string) => void}} props */
export const Select = ({ label, value, choices, onChange }) => html`<select class="control filter" aria-label=${label} value=${value} onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.value)}>
  ${choices.map(([name, text]) => html`<option key=${name} value=${name}>${text}</option>`)}</select>`;

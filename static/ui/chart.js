// Small charts as SVG, each with the table of its numbers beside it.
import { html } from '../html.js';

/**
 * @typedef {{label: string, values: number[]}} Series
 * @typedef {{value: number, label: string}} Line
 */

const width = 640;
const height = 200;
const edge = { top: 12, right: 8, bottom: 24, left: 44 };

/** A round number at or above another. @param {number} most */
function ceiling(most) {
  if (most <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * size >= most) ?? 10;
  return step * size;
}

/** @param {number} value */
const short = (value) => (value >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : value >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : `${+value.toFixed(value < 10 ? 1 : 0)}`);

/** @param {{top: number, labels: string[], lines: Line[]}} props */
function Scale({ top, labels, lines }) {
  const inner = height - edge.top - edge.bottom;
  const y = (/** @type {number} */ value) => edge.top + inner * (1 - value / top);
  const step = Math.ceil(labels.length / 7) || 1;
  const across = width - edge.left - edge.right;
  return html`<g>
    ${[0, 0.5, 1].map((part) => html`<line class="axis" x1=${edge.left} x2=${width - edge.right} y1=${y(top * part)} y2=${y(top * part)} /><text class="tick" x=${edge.left - 8} y=${y(top * part) + 4} text-anchor="end">${short(top * part)}</text>`)}
    ${labels.map((label, at) => (at % step ? null : html`<text class="tick day" x=${edge.left + (across * (at + 0.5)) / labels.length} y=${height - 6} text-anchor="middle">${label}</text>`))}
    ${lines.map((line) => line.value <= top && html`<line class="limit" x1=${edge.left} x2=${width - edge.right} y1=${y(line.value)} y2=${y(line.value)} /><text class="limit-label" x=${width - edge.right} y=${y(line.value) - 5} text-anchor="end">${line.label}</text>`)}
  </g>`;
}

/** The numbers themselves. @param {{title: string, first: string, labels: string[], series: Series[]}} props */
const Numbers = ({ title, first, labels, series }) => html`<details><summary>As a table</summary>
  <div class="table-scroll"><table class="table"><caption class="unseen">${title}</caption>
    <thead><tr><th scope="col">${first}</th>${series.map((one) => html`<th scope="col" class="end" key=${one.label}>${one.label}</th>`)}</tr></thead>
    <tbody>${labels.map((label, at) => html`<tr key=${label + at}><th scope="row">${label}</th>${series.map((one) => html`<td class="end" data-label=${one.label} key=${one.label}>${one.values[at]?.toLocaleString('en') ?? '–'}</td>`)}</tr>`)}</tbody>
  </table></div></details>`;

/** @param {{series: {label: string}[]}} props */
const Legend = ({ series }) => (series.length > 1 ? html`<div class="legend">${series.map((one, at) => html`<span key=${one.label}><svg viewBox="0 0 10 10" aria-hidden="true"><rect class=${`series-${at + 1}`} width="10" height="10" rx="2" /></svg>${one.label}</span>`)}</div>` : null);

/**
 * Bars, the series upon each other.
 * @param {{title: string, takeaway?: any, first?: string, labels: string[], series: Series[], lines?: Line[], names?: string[]}} props
 *   `takeaway`: the sentence that the chart shows; `names`: long names of the labels, for the table
 */
export function BarChart({ title, takeaway, first = 'Time', labels, series, lines = [], names = labels }) {
  const totals = labels.map((_, at) => series.reduce((sum, one) => sum + (one.values[at] ?? 0), 0));
  const near = lines.filter((line) => line.value <= Math.max(...totals, 1) * 3).map((line) => line.value);
  const top = ceiling(Math.max(...totals, ...near, 1));
  const across = (width - edge.left - edge.right) / Math.max(labels.length, 1);
  const inner = height - edge.top - edge.bottom;
  return html`<figure class="chart">
    <figcaption>${takeaway ?? title}</figcaption>
    <svg viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${title}>
      <${Scale} top=${top} labels=${labels} lines=${lines} />
      ${labels.map((label, at) => {
        let base = 0;
        return series.map((one, number) => {
          const value = one.values[at] ?? 0;
          if (value <= 0) return null;
          const tall = (inner * value) / top;
          base += tall;
          return html`<rect key=${`${label}${number}`} class=${`series-${number + 1}`} x=${edge.left + across * at + across * 0.12} width=${across * 0.76} y=${edge.top + inner - base} height=${Math.max(tall, 0.5)} rx=${Math.min(2, across / 4)}><title>${`${names[at]} · ${one.label}: ${value.toLocaleString('en')}`}</title></rect>`;
        });
      })}
    </svg>
    <${Legend} series=${series} />
    <${Numbers} title=${title} first=${first} labels=${names} series=${series} />
  </figure>`;
}

/** @param {{title: string, takeaway?: any, first?: string, labels: string[], series: Series[], lines?: Line[], names?: string[]}} props */
export function LineChart({ title, takeaway, first = 'Time', labels, series, lines = [], names = labels }) {
  const all = series.flatMap((one) => one.values).filter(Number.isFinite);
  const top = ceiling(Math.max(...all, 1));
  const across = width - edge.left - edge.right;
  const inner = height - edge.top - edge.bottom;
  const x = (/** @type {number} */ at) => edge.left + (across * (at + 0.5)) / labels.length;
  const y = (/** @type {number} */ value) => edge.top + inner * (1 - value / top);
  return html`<figure class="chart">
    <figcaption>${takeaway ?? title}</figcaption>
    <svg viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${title}>
      <${Scale} top=${top} labels=${labels} lines=${lines} />
      ${series.map((one, number) => html`<path key=${one.label} class=${`line series-${number + 1}`} d=${path(one.values.map((value, at) => [x(at), y(value)]))} />`)}
    </svg>
    <${Legend} series=${series} />
    <${Numbers} title=${title} first=${first} labels=${names} series=${series} />
  </figure>`;
}

/** A gap where there is no number. @param {number[][]} points */
function path(points) {
  let pen = 'M';
  return points.map(([x, y]) => {
    if (!Number.isFinite(y)) { pen = 'M'; return ''; }
    const step = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
    return step;
  }).join('');
}

/** A line beside a number, in a table. @param {{values: number[], label: string}} props `label` says what the line says */
export function Sparkline({ values, label }) {
  const most = Math.max(...values, 1);
  const still = values.every((value) => value === 0);
  const points = values.map((value, at) => [1 + (86 * at) / Math.max(values.length - 1, 1), 21 - (18 * value) / most]);
  return html`<svg class="sparkline" viewBox="0 0 88 24" role="img" aria-label=${label}><title>${label}</title><path class=${still ? 'rest' : undefined} d=${path(points)} /></svg>`;
}

/**
 * @typedef {{at: number, value: number}} Point `at`: milliseconds
 * @typedef {{label: string, points: Point[]}} Course
 */

/** Round numbers between which others lie, and the step from one to the next. @param {number} least @param {number} most */
export function span(least, most) {
  const room = most - least || Math.abs(most) * 0.02 || 1;
  const raw = room / 3;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * size >= raw) ?? 10) * size;
  return { from: Math.floor((least - room * 0.05) / step) * step, to: Math.ceil((most + room * 0.05) / step) * step, step };
}

/** @param {number} at */
const date = (at) => new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });

/**
 * What was measured over time: a point where there is one, by its date, on a scale that fits. The table of the numbers
 * stands beside it and is given by the page.
 * @param {{title: string, takeaway: any, courses: Course[], format: (value: number) => string}} props
 */
export function CourseChart({ title, takeaway, courses, format }) {
  const all = courses.flatMap((one) => one.points);
  const [first, last] = [Math.min(...all.map((one) => one.at)), Math.max(...all.map((one) => one.at))];
  const { from, to, step } = span(Math.min(...all.map((one) => one.value)), Math.max(...all.map((one) => one.value)));
  const across = width - edge.left - edge.right;
  const inner = height - edge.top - edge.bottom;
  const x = (/** @type {number} */ at) => edge.left + across * (last === first ? 0.5 : 0.02 + 0.96 * ((at - first) / (last - first)));
  const y = (/** @type {number} */ value) => edge.top + inner * (1 - (value - from) / (to - from));
  const lines = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, at) => from + at * step);
  const days = last === first ? [first] : [0, 1 / 3, 2 / 3, 1].map((part) => first + part * (last - first));
  return html`<figure class="chart">
    <figcaption>${takeaway}</figcaption>
    <svg viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${title}>
      ${lines.map((value) => html`<g key=${value}><line class="axis" x1=${edge.left} x2=${width - edge.right} y1=${y(value)} y2=${y(value)} /><text class="tick" x=${edge.left - 8} y=${y(value) + 4} text-anchor="end">${+value.toFixed(2)}</text></g>`)}
      ${days.map((at, number) => html`<text key=${at} class="tick day" x=${x(at)} y=${height - 6} text-anchor=${days.length === 1 ? 'middle' : number === 0 ? 'start' : number === 3 ? 'end' : 'middle'}>${date(at)}</text>`)}
      ${courses.map((one, number) => html`<g key=${one.label}><path class=${`line course-${number + 1} series-${number + 1}`} d=${path([...one.points].sort((a, b) => a.at - b.at).map((point) => [x(point.at), y(point.value)]))} />
        ${one.points.map((point) => html`<circle key=${point.at} class=${`dot series-${number + 1}`} cx=${x(point.at)} cy=${y(point.value)} r="3"><title>${`${date(point.at)} · ${courses.length > 1 ? `${one.label}: ` : ''}${format(point.value)}`}</title></circle>`)}</g>`)}
    </svg>
    ${courses.length > 1 && html`<div class="legend">${courses.map((one, number) => html`<span key=${one.label}><svg class="legend-line" viewBox="0 0 24 10" aria-hidden="true"><path class=${`line course-${number + 1} series-${number + 1}`} d="M0 5H24" /></svg>${one.label}</span>`)}</div>`}
  </figure>`;
}

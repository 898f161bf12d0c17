// What was measured of a client, each metric as a course with its numbers beside it.
import { html, useState } from '../../html.js';
import { get, post, useList, useRead } from '../../api.js';
import { query, setQuery } from '../../router.js';
import { Button, Empty, Failure, Panel, Skeleton, day } from '../../ui/basics.js';
import { CourseChart } from '../../ui/chart.js';
import { Dialog } from '../../ui/dialog.js';
import { FaultSummary, Field, faults, useForm } from '../../ui/field.js';
import { Filters, Select } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { change, plain, spoken, unitWords } from '../checkins/shape.js';
import { courseWords, pointsOf, wearableKinds } from '../measurements/shape.js';

/** @typedef {import('../measurements/shape.js').Measurement} Measurement @typedef {import('../measurements/shape.js').Metric} Metric */

/** The most that a course shows at first. */
const SHOWN = 100;

/** @param {import('../client.js').Part} props */
export function Measurements({ client }) {
  const metrics = useRead((signal) => get('/v1/metrics', { limit: 100 }, { signal }), [client.id]);
  const chosen = query.value.get('metric') ?? 'weight';
  const [open, setOpen] = useState(false);
  const [turn, setTurn] = useState(0);
  const all = /** @type {Metric[]} */ (metrics.data?.data ?? []);
  const worn = wearableKinds.find((one) => one.value === chosen);
  const metric = all.find((one) => one.name === chosen);
  const choices = /** @type {[string, string][]} */ ([...all.map((one) => [one.name, one.title || spoken(one.name)]), ...wearableKinds.map((one) => [one.value, `${one.title} (wearable)`])]);
  if (metrics.error && !metrics.data) return html`<${Failure} error=${metrics.error} onRetry=${metrics.reload} />`;
  if (!metrics.data) return html`<${Skeleton} lines=${6} />`;
  return html`<div class="stack">
    <${Filters}><${Select} label="Metric" value=${chosen} choices=${choices} onChange=${(/** @type {string} */ to) => setQuery({ metric: to === 'weight' ? null : to })} />
      <${Button} kind="primary" icon="plus" onClick=${() => setOpen(true)}>Add a measurement<//><//>
    ${worn ? html`<${Worn} key=${chosen} client=${client} kind=${worn} />` : metric ? html`<${Measured} key=${`${chosen} ${turn}`} client=${client} metric=${metric} onAdd=${() => setOpen(true)} />`
    : html`<${Empty} icon="search" title="There is no such metric" actions=${html`<${Button} onClick=${() => setQuery({ metric: null })}>Show the weight<//>`} />`}
    ${open && html`<${Add} client=${client} metrics=${all} chosen=${metric ?? all[0]} onClose=${() => setOpen(false)} onAdded=${(/** @type {Measurement} */ one) => {
      setOpen(false);
      setTurn(turn + 1);
      setQuery({ metric: one.metric === 'weight' ? null : one.metric });
      toast('Added.');
    }} />`}
  </div>`;
}

/** @param {{client: import('../clients/shape.js').Client, metric: Metric, onAdd: () => void}} props */
function Measured({ client, metric, onAdd }) {
  const list = useList(`/v1/clients/${client.id}/measurements`, { metric: metric.name, limit: SHOWN });
  const rows = /** @type {Measurement[]} */ (list.rows);
  const title = metric.title || spoken(metric.name);
  // A left and a right arm are two courses.
  const sites = [...new Set(rows.map((one) => one.site))];
  const courses = sites.map((site) => ({ label: site ? spoken(site) : sites.length > 1 ? 'No side given' : title, points: pointsOf(rows.filter((one) => one.site === site)) }));
  return html`<${Course} title=${title} courses=${courses} list=${list}
    empty=${html`<${Empty} icon="chart" title=${`${title} was not measured yet`} actions=${html`<${Button} icon="plus" onClick=${onAdd}>Add a measurement<//>`}><p>What comes with check-ins stands here too.</p><//>`} />
    ${list.hasMore && html`<div class="row"><${Button} busy=${list.loadingMore} onClick=${list.more}>Older ones<//></div>`}`;
}

/** @param {{client: import('../clients/shape.js').Client, kind: typeof wearableKinds[number]}} props */
function Worn({ client, kind }) {
  const list = useList(`/v1/clients/${client.id}/wearables`, { limit: SHOWN });
  const days = list.rows.map((/** @type {any} */ one) => ({ at: Date.parse(`${one.date}T12:00:00Z`), summary: one.summary })).filter((one) => kind.of(one.summary) !== null);
  // Numbers of two methods are never one line.
  const series = [...new Set(days.map((one) => kind.series?.(one.summary) ?? kind.title))];
  const courses = series.map((label) => ({
    label,
    points: days.filter((one) => (kind.series?.(one.summary) ?? kind.title) === label).map((one) => ({ at: one.at, value: /** @type {number} */ (kind.of(one.summary)), unit: kind.unit })).sort((a, b) => a.at - b.at),
  }));
  return html`<${Course} title=${kind.title} courses=${courses} list=${list} note=${kind.series && series.length > 1 ? 'Two methods were used. They measure on different scales, so each is a line of its own, and nothing is compared across them.' : null}
    empty=${html`<${Empty} icon="chart" title=${`No ${kind.title.toLowerCase()} from a wearable yet`}><p>It comes with check-ins that a watch or a ring has filled in.</p><//>`} />`;
}

/** @param {{title: string, courses: {label: string, points: {at: number, value: number, unit: string}[]}[], list: any, note?: string|null, empty: any}} props */
function Course({ title, courses, list, note, empty }) {
  const some = courses.filter((one) => one.points.length > 0);
  if (list.error && some.length === 0) return html`<${Failure} error=${list.error} onRetry=${list.reload} />`;
  if (list.loading && some.length === 0) return html`<${Skeleton} lines=${6} />`;
  if (some.length === 0) return empty;
  const several = some.length > 1;
  const unit = some[0].points[0].unit;
  const written = (/** @type {number} */ value) => `${plain(value)}${unit ? ` ${unit}` : ''}`;
  const rows = some.flatMap((one) => one.points.map((point, at) => ({ ...point, label: one.label, by: at > 0 ? point.value - one.points[at - 1].value : null }))).sort((a, b) => b.at - a.at);
  return html`<${Panel} title=${title}>
    <div class="course">
      <div class="stack tight"><${CourseChart} title=${`${title} over time`} takeaway=${some.map((one) => courseWords(several ? `${title}, ${one.label}` : title, one.points, unit)).join(' ')} courses=${some} format=${written} />
        ${note && html`<p class="muted small">${note}</p>`}</div>
      <div class="table-scroll" tabindex="0" role="region" aria-label=${`${title} in numbers`}><table class="table compact" role="table"><caption class="unseen">${title}, the newest first</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Day</th>${several && html`<th role="columnheader" scope="col">Which</th>`}<th role="columnheader" scope="col" class="end">Value</th><th role="columnheader" scope="col" class="end">Change</th></tr></thead>
        <tbody role="rowgroup">${rows.map((row) => html`<tr role="row" key=${`${row.label} ${row.at} ${row.value}`}><th role="rowheader" scope="row" class="main-cell nowrap">${day(row.at)}</th>${several && html`<td role="cell" data-label="Which">${row.label}</td>`}
          <td role="cell" class="end" data-label="Value">${written(row.value)}</td><td role="cell" class="end muted" data-label="Change">${row.by === null ? '–' : change(row.by, '')}</td></tr>`)}</tbody></table></div>
    </div><//>`;
}

/** @param {{client: import('../clients/shape.js').Client, metrics: Metric[], chosen: Metric, onClose: () => void, onAdded: (one: Measurement) => void}} props */
function Add({ client, metrics, chosen, onClose, onAdded }) {
  const unitOf = (/** @type {Metric} */ metric) => (client.units === 'imperial' ? metric.units.find((one) => ['lb', 'in'].includes(one)) : null) ?? metric.units[0] ?? '';
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  const form = useForm({ metric: chosen.name, value: '', unit: unitOf(chosen), day: today }, async (values) => {
    const value = Number(values.value.replace(',', '.'));
    if (!values.value.trim() || !Number.isFinite(value)) throw faults({ value: 'Write a number.' });
    onAdded(await post(`/v1/clients/${client.id}/measurements`, {
      metric: values.metric, value, ...(values.unit && { unit: values.unit }),
      ...(values.day && values.day !== today && { measured_at: `${values.day}T12:00:00Z` }),
    }));
  }, { day: 'measured_at' });
  const { field, values, set, error } = form;
  const metric = metrics.find((one) => one.name === values.metric) ?? chosen;
  return html`<${Dialog} title=${`A measurement of ${client.name}`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="add-measurement" busy=${form.busy}>Add it<//>`}>
    <form id="add-measurement" class="stack" ...${form.form}>
      <${FaultSummary} error=${error} labels=${{ metric: 'Metric', value: 'Value', unit: 'Unit', measured_at: 'Day' }} />
      <${Field} label="Metric" as="select" ...${field('metric')} onInput=${(/** @type {any} */ event) => {
        const next = metrics.find((one) => one.name === event.currentTarget.value);
        if (next) set({ metric: next.name, unit: unitOf(next) });
      }}>${metrics.map((one) => html`<option key=${one.name} value=${one.name}>${one.title || spoken(one.name)}</option>`)}<//>
      <div class="two">
        <${Field} label="Value" inputmode="decimal" autocomplete="off" data-first ...${field('value')} />
        ${metric.units.length > 1 ? html`<${Field} label="Unit" as="select" ...${field('unit')}>${metric.units.map((one) => html`<option key=${one} value=${one}>${unitWords(one) || one}</option>`)}<//>` : html`<${Field} label="Unit" readonly ...${field('unit')} />`}
      </div>
      <${Field} label="Day" type="date" max=${today} ...${field('day')} error=${error?.fault('measured_at') ?? null} />
    </form><//>`;
}

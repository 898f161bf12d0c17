// One event, whole.
import { html } from '../html.js';
import { get, useRead } from '../api.js';
import { href } from '../router.js';
import { Empty, Facts, Failure, Page, Panel, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { CodeBlock, CopyText } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';

/** @param {{parameters: {event_id: string}}} props */
export default function EventPage({ parameters: { event_id: id } }) {
  const path = `/v1/events/${id}`;
  const read = useRead((signal) => get(path, {}, { signal }), [id]);
  const event = /** @type {import('./events.js').Event|undefined} */ (read.data);
  const back = { href: href('events'), label: 'Events' };
  if (!event) {
    return html`<${Page} title="Event" back=${back}>${read.missing ? html`<${Empty} icon="pulse" title="There is no such event here" />` : read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }
  return html`<${Page} title=${event.type} back=${back} badges=${html`<${TestData} />`} actions=${html`<${ViewAsCurl} calls=${[{ path }]} />`}>
    <${Panel} title="Event"><${Facts} of=${[
      ['Id', html`<${CopyText} text=${event.id} label="the event's id" />`],
      ['Sequence', String(event.sequence)],
      ['When', html`<${RelativeTime} at=${event.created_at} />`],
      ['Caused by', event.request.id ? html`<a href=${href(`requests/${event.request.id}`)}><code class="wrap-anywhere">${event.request.id}</code></a>` : 'Cadence itself'],
      event.request.idempotency_key && ['Idempotency key', html`<code class="wrap-anywhere">${event.request.idempotency_key}</code>`],
    ]} /><//>
    <${CodeBlock} label="As it is delivered" text=${JSON.stringify(event, null, 2)} />
  <//>`;
}

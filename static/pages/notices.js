// What needs attention, on a page of its own: the bell opens the same.
import { html, useState } from '../html.js';
import { ApiError, post, useList } from '../api.js';
import { Button, Empty, Failure, Note, Page, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { toast } from '../ui/toast.js';

/** @typedef {import('../store.js').Notice} Notice */

const tones = /** @type {const} */ ({ info: 'info', warning: 'warning', critical: 'danger' });

export default function Notices() {
  const list = useList('/v1/notices');
  const [gone, setGone] = useState(/** @type {string[]} */ ([]));
  const rows = /** @type {Notice[]} */ (list.rows.filter((one) => !gone.includes(one.id)));
  const dismiss = async (/** @type {string} */ id) => {
    try {
      await post(`/v1/notices/${id}/dismiss`);
      setGone((old) => [...old, id]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  return html`<${Page} title="Notices" badges=${html`<${TestData} />`} intro="What needs you, and what to do about it." actions=${html`<${ViewAsCurl} calls=${[list.call]} />`}>
    ${list.error && rows.length === 0 && html`<${Failure} error=${list.error} onRetry=${list.reload} />`}
    ${list.loading && rows.length === 0 && html`<${Skeleton} />`}
    ${!list.loading && !list.error && rows.length === 0 && html`<${Empty} icon="bell" title="Nothing to see to"><p>Limits, mail that waits, backups and keys that expire are told of here.</p><//>`}
    <div class="stack">${rows.map((one) => html`<${Note} key=${one.id} tone=${tones[one.severity]} title=${one.title}
      actions=${html`${one.action && html`<${Button} small href=${one.action.href}>${one.action.label}<//>`}<${Button} small kind="quiet" onClick=${() => dismiss(one.id)}>Dismiss<//>`}>
      <p>${one.message}</p><p class="muted small"><${RelativeTime} at=${one.created_at} /></p><//>`)}</div>
  <//>`;
}

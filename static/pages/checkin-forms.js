// The forms that clients are asked by.
import { html } from '../html.js';
import { useList } from '../api.js';
import { href } from '../router.js';
import { Badge, Button, Empty, Page, RelativeTime, TestData, counted } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable } from '../ui/table.js';

/** @typedef {import('./checkins/shape.js').Form} Form */

export default function CheckinForms() {
  const list = useList('/v1/checkin-forms');
  return html`<${Page} title="Check-in forms" badges=${html`<${TestData} />`} back=${{ href: href('checkins'), label: 'Check-ins' }} intro="What clients are asked. A change makes a new version; what was answered before keeps its own."
    actions=${html`<${ViewAsCurl} calls=${[list.call]} /><${Button} kind="primary" icon="plus" href=${href('checkin-forms/new')}>New form<//>`}>
    <${DataTable} caption="Check-in forms" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="list" title="No forms yet" actions=${html`<${Button} kind="primary" icon="plus" href=${href('checkin-forms/new')}>New form<//>`}><p>Few questions are answered; many are skipped.</p><//>`}
      columns=${[
        { key: 'name', label: 'Form', main: true, render: (/** @type {Form} */ one) => html`<a href=${href(`checkin-forms/${one.id}`)}>${one.name}</a>${one.default && html` <${Badge} tone="info">The usual one<//>`}` },
        { key: 'questions', label: 'Questions', render: (/** @type {Form} */ one) => counted(one.questions.length, 'question') },
        { key: 'version', label: 'Version', end: true, render: (/** @type {Form} */ one) => one.version },
        { key: 'updated_at', label: 'Changed', render: (/** @type {Form} */ one) => html`<${RelativeTime} at=${one.updated_at ?? one.created_at} none="Built in" />` },
      ]} />
  <//>`;
}

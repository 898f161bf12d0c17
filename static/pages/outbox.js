// Every mail: what went, what waits, what would have gone.
import { html, useState } from '../html.js';
import { ApiError, post, useList } from '../api.js';
import { href, query, setQuery } from '../router.js';
import { mode } from '../store.js';
import { Badge, Button, Empty, Note, Page, RelativeTime, TestData, counted } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { DataTable, Filters, Select } from '../ui/table.js';
import { toast } from '../ui/toast.js';

/** @typedef {{id: string, template: string, to: string, subject: string, status: string, reason: string|null, client_id: string|null, text: string, html: string, expires_at: string|null, created_at: string, updated_at: string}} Mail */

export const mailWords = /** @type {Record<string, [string, 'good'|'info'|'warning'|'danger'|'neutral']>} */ ({
  queued: ['Queued', 'info'], sent: ['Sent', 'good'], held: ['Held', 'warning'], off: ['Kept here', 'neutral'], bounced: ['Bounced', 'danger'], dropped: ['Dropped', 'neutral'],
});
export const templateWords = /** @type {Record<string, string>} */ ({ invite: 'Invite', client_code: 'Sign-in code', rate_limit: 'Limit at 80 %', key_expiring: 'Key expires', backup_failed: 'Backup failed' });

/** @param {{status: string, reason?: string|null}} props */
export const MailBadge = ({ status, reason }) => html`<${Badge} tone=${mailWords[status]?.[1] ?? 'neutral'} title=${reason ?? undefined}>${mailWords[status]?.[0] ?? status}<//>`;

export default function Outbox() {
  const status = query.value.get('status') ?? '';
  const list = useList('/v1/outbox', status ? { status } : {});
  const [busy, setBusy] = useState(false);
  const held = list.rows.filter((mail) => mail.status === 'held');
  /** @param {'send'|'drop'} verb */
  const all = async (verb) => {
    setBusy(true);
    try {
      for (const mail of held) await post(`/v1/outbox/${mail.id}/${verb}`);
      toast(`${counted(held.length, 'mail')} ${verb === 'send' ? 'on the way' : 'dropped'}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    } finally {
      setBusy(false);
      list.reload();
    }
  };
  return html`<${Page} title="Outbox" badges=${html`<${TestData} />`}
    intro=${mode.value === 'test' ? 'What would have been sent. Nothing leaves test mode: read it here.' : 'Every mail to your clients: sent, waiting, or held back.'}
    actions=${html`<${ViewAsCurl} calls=${[list.call]} /><${Button} icon="refresh" onClick=${list.reload}>Refresh<//>`}>
    ${held.length > 0 && html`<${Note} tone="warning" title=${`${counted(held.length, 'mail')} held`}
      actions=${html`<${Button} small busy=${busy} onClick=${() => all('send')}>Send them<//><${Button} small kind="quiet" busy=${busy} onClick=${() => all('drop')}>Drop them<//>`}>
      <p>${held[0].reason ?? 'They do not leave by themselves.'}</p><//>`}
    <${Filters}><${Select} label="Status" value=${status} onChange=${(/** @type {string} */ to) => setQuery({ status: to })}
      choices=${[['', 'All'], ...Object.entries(mailWords).map(([value, [text]]) => [value, text])]} /><//>
    <${DataTable} caption="Mails" rows=${list.rows} loading=${list.loading} error=${list.error} onRetry=${list.reload}
      filtered=${Boolean(status)} onClear=${() => setQuery({ status: null })} hasMore=${list.hasMore} onMore=${list.more} loadingMore=${list.loadingMore} moreError=${list.moreError}
      empty=${html`<${Empty} icon="mail" title="No mail yet"><p>Inviting a client writes the first one.</p><//>`}
      columns=${[
        { key: 'subject', label: 'Subject', main: true, render: (/** @type {Mail} */ mail) => html`<a href=${href(`outbox/${mail.id}`)}>${mail.subject}</a>` },
        { key: 'to', label: 'To', render: (/** @type {Mail} */ mail) => html`<span class="wrap-anywhere">${mail.to}</span>` },
        { key: 'template', label: 'Kind', render: (/** @type {Mail} */ mail) => templateWords[mail.template] ?? mail.template.replaceAll('_', ' ') },
        { key: 'status', label: 'Status', render: (/** @type {Mail} */ mail) => html`<${MailBadge} status=${mail.status} reason=${mail.reason} />` },
        { key: 'created_at', label: 'Written', render: (/** @type {Mail} */ mail) => html`<${RelativeTime} at=${mail.created_at} />` },
      ]} />
  <//>`;
}

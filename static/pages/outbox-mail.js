// One mail as it was or would have been sent.
import { html, useState } from '../html.js';
import { ApiError, get, post, useRead } from '../api.js';
import { href } from '../router.js';
import { mode, workspace } from '../store.js';
import { Button, Empty, Facts, Failure, Note, Page, Panel, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { CopyText } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Tabs } from '../ui/tabs.js';
import { toast } from '../ui/toast.js';
import { MailBadge, templateWords } from './outbox.js';

const back = () => ({ href: href('outbox'), label: 'Outbox' });

/** @param {{parameters: {mail_id: string}}} props */
export default function OutboxMail({ parameters: { mail_id: id } }) {
  const path = `/v1/outbox/${id}`;
  const read = useRead((signal) => get(path, {}, { signal }), [id]);
  const [form, setForm] = useState('html');
  const [busy, setBusy] = useState(false);
  const mail = /** @type {import('./outbox.js').Mail|undefined} */ (read.data);
  if (!mail) {
    return html`<${Page} title="Mail" back=${back()}>${read.missing ? html`<${Empty} icon="mail" title="There is no such mail here" />` : read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }
  /** @param {'send'|'drop'} verb @param {string} said */
  const act = async (verb, said) => {
    setBusy(true);
    try {
      await post(`${path}/${verb}`);
      toast(said);
      read.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    } finally {
      setBusy(false);
    }
  };
  const waits = mail.status === 'held' || mail.status === 'bounced';
  const preview = `${path}/preview?${new URLSearchParams({ workspace: workspace.value?.id ?? '', mode: mode.value })}`;
  return html`<${Page} title=${mail.subject} name="Mail" back=${back()} badges=${html`<${MailBadge} status=${mail.status} reason=${mail.reason} /><${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${[{ path }]} />
      ${waits && html`<${Button} kind="primary" icon="mail" busy=${busy} onClick=${() => act('send', 'On the way')}>${mail.status === 'held' ? 'Send' : 'Send again'}<//>`}
      ${(waits || mail.status === 'queued') && html`<${Button} icon="trash" busy=${busy} onClick=${() => act('drop', 'Dropped')}>Drop<//>`}`}>
    ${mail.reason && html`<${Note} tone=${mail.status === 'bounced' ? 'danger' : mail.status === 'held' ? 'warning' : 'info'}><p>${mail.reason}</p><//>`}
    <${Panel} title="Mail"><${Facts} of=${[
      ['To', html`<span class="wrap-anywhere">${mail.to}</span>`],
      ['Kind', templateWords[mail.template] ?? mail.template.replaceAll('_', ' ')],
      mail.client_id && ['Client', html`<a href=${href(`clients/${mail.client_id}`)}>Open the client</a>`],
      ['Written', html`<${RelativeTime} at=${mail.created_at} />`],
      mail.expires_at && ['Pointless after', html`<${RelativeTime} at=${mail.expires_at} />`],
      ['Id', html`<${CopyText} text=${mail.id} label="the mail's id" />`],
    ]} /><//>
    <${Tabs} label="Form" value=${form} onChange=${setForm} tabs=${[{ value: 'html', label: 'As it looks' }, { value: 'text', label: 'Plain text' }]}>
      ${form === 'html' ? html`<iframe class="mail-frame" title=${`The mail “${mail.subject}”`} src=${preview} sandbox="" loading="lazy"></iframe>` : html`<pre class="mail-text" tabindex="0">${mail.text}</pre>`}
    <//>
  <//>`;
}

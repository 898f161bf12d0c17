// An install link in every form in which it reaches a client: mail, chat, camera, paper.
import { html } from '../../html.js';
import { status } from '../../store.js';
import { Button, Note, Panel, day } from '../../ui/basics.js';
import { CodeBlock, CopyField } from '../../ui/copy.js';
import { QrCode } from '../../ui/qr.js';

/** @typedef {import('./shape.js').Client} Client */

/** What became of the mail, in words. @param {Client} client */
function outcome(client) {
  const invite = client.invite;
  const to = client.email;
  switch (invite?.status) {
    case 'queued': return { tone: 'info', title: `A mail to ${to} is on its way`, text: 'You can use the link meanwhile: it is the same one.' };
    case 'sent': return { tone: 'good', title: `A mail went to ${to}`, text: 'The same link, for when the mail is not found.' };
    case 'bounced': return { tone: 'danger', title: `${to} did not take the mail`, text: invite.reason };
    case 'held': return { tone: 'warning', title: 'No mail went out: it is held', text: invite.reason };
    case 'off': return { tone: 'info', title: 'No mail goes out here', text: invite.reason };
    default: return null;
  }
}

/** @param {{client: Client, link: string, coach: string}} props */
export function InstallLink({ client, link, coach }) {
  const mail = outcome(client);
  const first = client.name.split(' ')[0];
  const text = `Hi ${first}, here is your link into ${coach}: ${link}\nOpen it on the phone that you train with. It works once${client.invite?.expires_at ? `, until ${day(client.invite.expires_at)}` : ''}.`;
  const local = /^https?:\/\/(localhost|127\.|\[::1\])/.test(link);
  return html`<div class="stack loose">
    ${mail && html`<${Note} tone=${mail.tone} title=${mail.title}><p>${mail.text}</p><//>`}
    ${local && html`<${Note} tone="warning" title="This link opens only on this computer"
      actions=${html`<${Button} small href="/dashboard/settings/server">Set the public address<//>`}>
      <p>The server is known as <code>${status.value?.public_url ?? 'localhost'}</code>. A phone cannot reach that.</p><//>`}
    <${Panel} title="The link" intro="It is shown this once. A new one can be made at any time; the old one then ends.">
      <div class="link-card">
        <div class="stack">
          <${CopyField} label="Install link" value=${link} />
          <${CodeBlock} label="Text for a chat" text=${text} />
        </div>
        <figure class="qr-figure" id="print-card">
          <p class="print-only print-title">${coach}</p>
          <${QrCode} text=${link} label=${`QR code of the link for ${client.name}`} />
          <figcaption class="small">Point ${first}'s camera here</figcaption>
          <p class="print-only">For ${client.name}${client.invite?.expires_at ? `, until ${day(client.invite.expires_at)}` : ''}</p>
        </figure>
      </div>
      <div class="row"><${Button} icon="download" onClick=${() => print()}>Print a card<//></div>
    <//>
  </div>`;
}

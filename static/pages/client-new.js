// Adding a client, and then the link: to send, to show, to print.
import { html, useState } from '../html.js';
import { post } from '../api.js';
import { href } from '../router.js';
import { mode, workspace } from '../store.js';
import { Button, Note, Page, Panel, TestData } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Checkbox, useForm } from '../ui/field.js';
import { ClientForm, filled, sent } from './clients/form.js';
import { InstallLink } from './clients/link.js';

/** @typedef {import('./clients/shape.js').Client} Client */

export default function ClientNew() {
  const [made, setMade] = useState(/** @type {Client|null} */ (null));
  const [turn, setTurn] = useState(0);
  if (made) return html`<${Made} client=${made} onAnother=${() => { setMade(null); setTurn(turn + 1); }} />`;
  return html`<${New} key=${turn} onMade=${setMade} />`;
}

/** Of a new client only what was filled in is sent. @param {ReturnType<typeof filled>} values */
const present = (values) => Object.fromEntries(Object.entries(sent(values)).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)));

/** @param {{onMade: (client: Client) => void}} props */
function New({ onMade }) {
  const [invite, setInvite] = useState(true);
  const form = useForm(filled(), async (values) => {
    onMade(await post('/v1/clients', { ...present(values), send_invite: invite }));
  });
  return html`<${Page} title="Add client" narrow back=${{ href: href('clients'), label: 'Clients' }} badges=${html`<${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${[{ method: 'POST', path: '/v1/clients', body: { ...present(form.values), send_invite: invite } }]} />`}>
    <${ClientForm} form=${form} submit="Add client" cancel=${href('clients')} isNew>
      <${Panel} title="App">
        <${Checkbox} label="Make a link into the app" checked=${invite} onChange=${() => setInvite(!invite)}
          hint=${mode.value === 'test' ? 'Test mode sends no mail: the link is shown next.' : 'It goes by mail where mail is set up, and is shown next in any case.'} />
      <//>
    <//>
  <//>`;
}

/** @param {{client: Client, onAnother: () => void}} props */
const Made = ({ client, onAnother }) => html`<${Page} title=${`${client.name} is added`} narrow back=${{ href: href('clients'), label: 'Clients' }} badges=${html`<${TestData} />`}
    actions=${html`<${Button} href=${href(`clients/${client.id}`)} kind="primary">Open ${client.name}<//><${Button} icon="plus" onClick=${onAnother}>Add another<//>`}>
    ${client.install_link
    ? html`<${InstallLink} client=${client} link=${client.install_link} coach=${workspace.value?.name ?? ''} />`
    : html`<${Note} title="No app access">You can make a link later, on the client's page.<//>`}
  <//>`;

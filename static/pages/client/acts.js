// What is done to a client as a whole: a link, taking everything along, erasing.
import { html, useState } from '../../html.js';
import { ApiError, post, send } from '../../api.js';
import { go, href } from '../../router.js';
import { mode } from '../../store.js';
import { Button, Note } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { FaultSummary, Field, faults, useForm } from '../../ui/field.js';
import { toast } from '../../ui/toast.js';

export { InstallLink as NewLink } from '../clients/link.js';

/** @typedef {import('../clients/shape.js').Client} Client */

/** Everything about a client as one file; says whether it came. @param {Client} client */
export async function download(client) {
  /** @type {{data: Blob, headers: Headers}} */
  let answer;
  try {
    answer = await send({ path: `/v1/clients/${client.id}/export`, file: true, headers: { Accept: 'application/zip' } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(error.code === 'route_not_found' ? 'This server cannot export a client.' : error.message, { tone: 'danger' });
    return false;
  }
  const { data, headers } = answer;
  const named = /filename="([^"]+)"/.exec(headers.get('content-disposition') ?? '')?.[1];
  const link = document.createElement('a');
  const url = URL.createObjectURL(data);
  link.href = url;
  link.download = named ?? `${client.id}.zip`;
  link.click();
  URL.revokeObjectURL(url);
  toast(`${link.download} is downloaded.`);
  return true;
}

/** There is no way back: the name is typed. @param {{client: Client, onClose: () => void}} props */
export function Erase({ client, onClose }) {
  const [saved, setSaved] = useState(false);
  const form = useForm({ name: '' }, async (values) => {
    if (values.name.trim() !== client.name) throw faults({ name: `Type ${client.name}, as it is written above.` });
    await post(`/v1/clients/${client.id}/erase`, {});
    toast(`${client.name} is erased.`);
    await go(href('clients'));
  });
  const take = async () => {
    setSaved(await download(client));
  };
  return html`<${Dialog} title=${`Erase ${client.name}?`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="danger" type="submit" form="erase" busy=${form.busy}>Erase the ${mode.value === 'test' ? 'test' : 'live'} client<//>`}>
    <form id="erase" class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error?.fault('name') ? null : form.error} />
      <p>Profile, programs, training, check-ins, measurements, photos and messages go now, in this database, its log and what was kept of requests. It cannot be undone.</p>
      <p>What stays: the amount and date of payments, and of each event its number and type, with nothing in it.</p>
      <${Note} tone="info" title="Older backups still hold them" actions=${html`<${Button} small icon="download" onClick=${take}>${saved ? 'Downloaded' : 'Download everything first'}<//>`}><p>A backup that is restored later erases this client again by itself.</p><//>
      <${Field} label=${`Type “${client.name}”`} autocomplete="off" spellcheck="false" data-first ...${form.field('name')} />
    </form><//>`;
}

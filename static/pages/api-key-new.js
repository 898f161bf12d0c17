// Creating an API key, and the one time that it is shown.
import { html, useState } from '../html.js';
import { go, href } from '../router.js';
import { status } from '../store.js';
import { Button, Page } from '../ui/basics.js';
import { Choice, FaultSummary, Field, useForm } from '../ui/field.js';
import { Reveal } from './keys/reveal.js';
import { Access, Addresses, Expiry, Summary, asBody, blank, sentAs } from './keys/settings.js';
import { create } from './keys/shared.js';

export default function NewApiKey() {
  const [made, setMade] = useState(/** @type {import('./keys/shared.js').Key|null} */ (null));
  const { values, set, form, field, error, busy } = useForm(blank, async (given) => setMade(await create(asBody(given))), sentAs);
  // A live key ends after a year unless somebody decides otherwise.
  const chooseMode = (/** @type {string} */ mode) => set({ mode: /** @type {'test'|'live'} */ (mode), expiry: mode === 'live' && values.expiry === 'never' ? '365' : mode === 'test' && values.expiry === '365' ? 'never' : values.expiry });
  const done = () => {
    const id = made?.id;
    setMade(null);
    go(href(`api-keys/${id}`), { replace: true });
  };
  const modes = [{ value: 'test', label: 'Test', hint: 'Invented data. Nothing is sent or charged.' }, ...(status.value?.kind === 'dev' ? [] : [{ value: 'live', label: 'Live', hint: 'Your real clients.' }])];
  return html`<${Page} title="Create API key" narrow back=${{ href: href('api-keys'), label: 'API keys' }}>
    <form class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${{ name: 'Name', description: 'Note', mode: 'Mode', scopes: 'Access', expires_at: 'Expiry', allowed_ips: 'Allowed addresses' }} />
      <${Field} label="Name" hint="The one application that uses it, such as “Booking site”." ...${field('name')} maxlength="200" autocomplete="off" data-first />
      <${Choice} legend="Mode" name="mode" cards value=${values.mode} onChange=${chooseMode} choices=${modes} error=${error?.fault('mode')} />
      <${Access} values=${values} set=${set} error=${error?.fault('scopes') ?? null} />
      <${Expiry} values=${values} set=${set} error=${error?.fault('expires_at') ?? null} />
      <${Addresses} values=${values} set=${set} error=${error?.fault('allowed_ips') ?? null} />
      <${Field} as="textarea" label="Note" optional hint="Who looks after it, where it is stored." ...${field('description')} rows="2" />
      <${Summary} values=${values} />
      <div class="form-foot"><${Button} kind="primary" type="submit" busy=${busy}>Create API key<//><${Button} kind="quiet" href=${href('api-keys')}>Cancel<//></div>
    </form>
    ${made && html`<${Reveal} made=${made} onDone=${done} />`}
  <//>`;
}

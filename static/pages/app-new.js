// Registering an OAuth app, and the one time that its secret is shown.
import { html, useState } from '../html.js';
import { go, href } from '../router.js';
import { Button, Page } from '../ui/basics.js';
import { Choice, FaultSummary, Field, useForm } from '../ui/field.js';
import { RevealSecret } from './oauth/acts.js';
import { Settings, asBody, blank, labels, sentAs } from './oauth/settings.js';
import { Off, create, modes } from './oauth/shared.js';

/** @typedef {import('./oauth/shared.js').App} App */

export default function NewApp() {
  const [made, setMade] = useState(/** @type {App|null} */ (null));
  const show = (/** @type {App} */ app) => go(href(`apps/${app.id}`), { replace: true });
  const { values, set, form, field, error, busy } = useForm(blank, async (given) => {
    const { client_uri: home, ...body } = asBody(given);
    const app = await create(given.mode, { ...body, client_type: given.type, ...(home && { client_uri: home }) });
    if (app.client_secret) setMade(app);
    else await show(app);
  }, sentAs);
  const done = () => {
    const app = /** @type {App} */ (made);
    setMade(null);
    show(app);
  };
  const types = [
    { value: 'confidential', label: 'Confidential', hint: 'It runs on a server and keeps a secret there.' },
    { value: 'public', label: 'Public', hint: 'Its users could read a secret in it: a page, a phone, a command line.' },
  ];
  const worlds = [{ value: 'test', label: 'Test', hint: 'It sees invented data, whoever lets it in.' }, { value: 'live', label: 'Live', hint: 'Real clients.' }];
  return html`<${Page} title="Register an app" narrow back=${{ href: href('apps'), label: 'OAuth apps' }}>
    <${Off} />
    <form class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${labels} />
      <${Field} label="Name" hint="Coaches read it when they are asked." ...${field('name')} maxlength="100" autocomplete="off" data-first />
      <${Choice} legend="Type" name="client_type" cards value=${values.type} onChange=${(/** @type {any} */ type) => set({ type })} choices=${types} error=${error?.fault('client_type')} />
      ${modes().length > 1 && html`<${Choice} legend="Mode" name="mode" cards value=${values.mode} onChange=${(/** @type {any} */ mode) => set({ mode })} choices=${worlds} hint="For good: a test app never obtains a live token." />`}
      <${Settings} values=${values} set=${set} error=${error} field=${field} />
      <div class="form-foot"><${Button} kind="primary" type="submit" busy=${busy}>Register the app<//><${Button} kind="quiet" href=${href('apps')}>Cancel<//></div>
    </form>
    ${made && html`<${RevealSecret} made=${made} onDone=${done} />`}
  <//>`;
}

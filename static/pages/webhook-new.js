// Registering a webhook, and the one time that its secret is shown.
import { html, useEffect, useState } from '../html.js';
import { get } from '../api.js';
import { go, href, query } from '../router.js';
import { Button, Page, TestData } from '../ui/basics.js';
import { FaultSummary, useForm } from '../ui/field.js';
import { Reveal } from './webhooks/acts.js';
import { Settings, asBody, blank, labels, sentAs } from './webhooks/settings.js';
import { create, done } from './webhooks/shared.js';

/** @typedef {import('./webhooks/shared.js').Webhook} Webhook */

export default function NewWebhook() {
  const [made, setMade] = useState(/** @type {Webhook|null} */ (null));
  const { values, set, form, field, error, busy } = useForm(blank, async (given) => {
    const { description, ...body } = asBody(given);
    setMade(await create({ ...body, ...(description && { description }) }));
  }, sentAs);
  useEffect(() => {
    // From the inbox's own page: its address stands there already.
    if (query.peek().get('to') === 'inbox') done(async () => set({ url: (await get('/v1/test/inbox')).url, description: 'Test inbox' }));
  }, []);
  const stored = () => {
    const id = made?.id;
    setMade(null);
    go(href(`webhooks/${id}`), { replace: true });
  };
  return html`<${Page} title="Register a webhook" narrow back=${{ href: href('webhooks'), label: 'Webhooks' }} badges=${html`<${TestData} />`}>
    <form class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${labels} />
      <${Settings} values=${values} set=${set} error=${error} field=${field} />
      <div class="form-foot"><${Button} kind="primary" type="submit" busy=${busy}>Register the webhook<//><${Button} kind="quiet" href=${href('webhooks')}>Cancel<//></div>
    </form>
    ${made && html`<${Reveal} made=${made} onDone=${stored} />`}
  <//>`;
}

// What is done to an app: changing it, replacing its secret, deleting it.
import { html, useState } from '../../html.js';
import { ApiError } from '../../api.js';
import { Button, Failure, Note } from '../../ui/basics.js';
import { baseUrl } from '../../ui/curl.js';
import { Dialog } from '../../ui/dialog.js';
import { Choice, FaultSummary, Field, useForm } from '../../ui/field.js';
import { ShownOnce } from '../../ui/once.js';
import { toast } from '../../ui/toast.js';
import { Settings, asBody, fromApp, labels, sentAs } from './settings.js';
import { change, modeOf, remove, rotate } from './shared.js';

/** @typedef {import('./shared.js').App} App */

/** The one time that an app's secret is shown. @param {{made: App, onDone: () => void}} props */
export function RevealSecret({ made, onDone }) {
  const secret = made.client_secret ?? '';
  return html`<${ShownOnce} what="secret" label="Client secret" secret=${secret} onDone=${onDone}
    intro=${`The secret of “${made.name}” is ready. This is the only time that it is shown: put it where the app runs, on a server.`}
    lost="Whoever has not stored it has to rotate the secret to get another."
    env=${`CADENCE_CLIENT_ID=${made.client_id}\nCADENCE_CLIENT_SECRET=${secret}\nCADENCE_BASE_URL=${baseUrl()}\n`}
    curl=${`curl -u "${made.client_id}:${secret}" \\\n  -d grant_type=client_credentials \\\n  ${baseUrl()}/oauth/token`}>
    ${made.previous_secret_works_until && html`<${Note} tone="info" title="The old secret still works"><p>Put the new one in its place before ${new Date(made.previous_secret_works_until).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })}.</p><//>`}
  <//>`;
}

const graces = [
  { value: '3600', label: 'In an hour' },
  { value: '86400', label: 'In 24 hours', hint: 'Time to put the new one in its place.' },
  { value: '604800', label: 'In 7 days' },
  { value: '0', label: 'Now', hint: 'For a secret that has leaked. The app cannot obtain tokens until it has the new one.' },
];

/** @param {{of: App, onClose: () => void, onRotated: (made: App) => void}} props */
export function RotateSecret({ of: app, onClose, onRotated }) {
  const [grace, setGrace] = useState('86400');
  const { form, error, busy } = useForm({}, async () => onRotated(await rotate(app, Number(grace))));
  return html`<${Dialog} title=${`Rotate the secret of “${app.name}”`} intro="A new secret takes its place. Coaches who let the app in are not asked again." onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="rotate-secret" busy=${busy}>Rotate the secret<//>`}>
    <form id="rotate-secret" class="stack" ...${form}><${FaultSummary} error=${error} />
      <${Choice} legend="The old secret stops working" name="grace" value=${grace} onChange=${setGrace} choices=${graces} />
      <p class="muted small">Tokens that the old secret obtained for the app itself end with it.</p>
    </form><//>`;
}

/** @param {{of: App, onClose: () => void, onChanged: (app: App) => void}} props */
export function EditApp({ of: app, onClose, onChanged }) {
  const { values, set, form, field, error, busy } = useForm(fromApp(app), async (given) => {
    onChanged(await change(app, asBody(given)));
    toast('Saved.');
  }, sentAs);
  return html`<${Dialog} title=${`Change “${app.name}”`} wide onClose=${onClose} intro="A scope that is taken away is taken from every token of the app on its next request."
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="edit-app" busy=${busy}>Save<//>`}>
    <form id="edit-app" class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${labels} />
      <${Field} label="Name" ...${field('name')} maxlength="100" data-first />
      <${Settings} values=${values} set=${set} error=${error} field=${field} />
    </form><//>`;
}

/** Deleting ends the access of every coach's app: the name is typed. @param {{of: App, onClose: () => void, onDeleted: () => void}} props */
export function DeleteApp({ of: app, onClose, onDeleted }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState(/** @type {string|null} */ (null));
  const run = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    if (name.trim() !== app.name) {
      setWrong(`Type ${app.name} to say that you mean this app.`);
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await remove(app);
      toast(`“${app.name}” is deleted.`);
      onDeleted();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${`Delete “${app.name}”`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="danger" type="submit" form="delete-app" busy=${busy}>Delete the ${modeOf(app)} app<//>`}>
    <form id="delete-app" class="stack" onSubmit=${run} noValidate>
      <${Failure} error=${error} />
      <p>Every coach who let it in loses it: all tokens of the app are refused from the next request on. Its client identifier is never used again. This cannot be undone.</p>
      <${Field} label=${html`Type <strong>${app.name}</strong> to confirm`} name="confirm" autocomplete="off" spellcheck="false" data-first value=${name} error=${wrong} onInput=${(/** @type {any} */ event) => { setName(event.currentTarget.value); setWrong(null); }} />
    </form><//>`;
}

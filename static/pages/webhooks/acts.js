// What is done to a webhook: showing its secret once, replacing it, replaying, deleting.
import { html, useState } from '../../html.js';
import { ApiError } from '../../api.js';
import { mode } from '../../store.js';
import { Button, Failure, Note } from '../../ui/basics.js';
import { CodeBlock } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Checkbox, Choice, FaultSummary, Field, faults, useForm } from '../../ui/field.js';
import { ShownOnce } from '../../ui/once.js';
import { toast } from '../../ui/toast.js';
import { called, host, remove, replay, rotate } from './shared.js';

/** @typedef {import('./shared.js').Webhook} Webhook */

/** A time as people read it. @param {string} time */
export const readable = (time) => new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** How a receiver looks whether a delivery is genuine: by the published library. */
const verifying = `import { Webhook } from 'standardwebhooks';

// The body as it came, before anybody parses it; it throws if the signature is not right.
const event = new Webhook(process.env.CADENCE_WEBHOOK_SECRET).verify(body, headers);`;

/** How a signature is checked. */
export const Verifying = () => html`<div class="stack tight"><${CodeBlock} label="Checking a signature, in Node.js" text=${verifying} />
  <p class="small"><a href="/docs/guides/webhooks">The guide has it in Python, Ruby and Go too, and without a library</a></p></div>`;

/** The one time that a webhook's secret is shown. @param {{made: Webhook, onDone: () => void}} props */
export function Reveal({ made, onDone }) {
  const secret = made.secret ?? '';
  return html`<${ShownOnce} what="secret" label="Signing secret" secret=${secret} onDone=${onDone}
    intro=${`Deliveries to ${host(made)} are signed with it. This is the only time that it is shown: put it where they are received.`}
    lost="Whoever has not stored it has to rotate the secret to get another."
    env=${`CADENCE_WEBHOOK_SECRET=${secret}\n`}>
    ${made.former_secret_until && html`<${Note} tone="info" title="The old secret still signs as well"><p>Until ${readable(made.former_secret_until)} each delivery bears both signatures: put the new secret in its place before.</p><//>`}
    <${Verifying} />
  <//>`;
}

const graces = [
  { value: '3600', label: 'In an hour' },
  { value: '86400', label: 'In 24 hours', hint: 'Time to put the new one in its place: both sign meanwhile.' },
  { value: '604800', label: 'In 7 days' },
  { value: '0', label: 'Now', hint: 'For a secret that has leaked. The receiver refuses everything until it has the new one.' },
];

/** @param {{of: Webhook, onClose: () => void, onRotated: (made: Webhook) => void}} props */
export function RotateSecret({ of, onClose, onRotated }) {
  const [grace, setGrace] = useState('86400');
  const { form, error, busy } = useForm({}, async () => onRotated(await rotate(of.id, Number(grace))));
  return html`<${Dialog} title="Rotate the signing secret" intro=${`Of ${called(of)}. A new secret takes its place.`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="rotate-webhook" busy=${busy}>Rotate the secret<//>`}>
    <form id="rotate-webhook" class="stack" ...${form}><${FaultSummary} error=${error} />
      <${Choice} legend="The old secret stops signing" name="grace" value=${grace} onChange=${setGrace} choices=${graces} />
      ${of.former_secret_until && html`<${Note} tone="warning"><p>A rotation is under way: the secret before this one stops signing at once.</p><//>`}
    </form><//>`;
}

/** For a field of date and time, in the reader's zone. @param {number|string} time */
function local(time) {
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @param {{of: Webhook, onClose: () => void, onBegun: () => void}} props */
export function Replay({ of, onClose, onBegun }) {
  const from = of.replay_since ?? of.failing_since ?? Date.now() - 86_400_000;
  const { values, set, field, form, error, busy } = useForm({ since: local(from), all: false }, async (given) => {
    if (!given.since) throw faults({ since: 'Choose from when on.' });
    await replay(of.id, new Date(given.since).toISOString(), given.all);
    toast('The replay has begun.');
    onBegun();
  });
  return html`<${Dialog} title="Replay" intro=${`Sends ${called(of)} again what happened, with the same ids: a receiver that keeps them sees that it knows an event.`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="replay-webhook" busy=${busy}>${values.all ? 'Replay everything since' : 'Replay what failed since'}<//>`}>
    <form id="replay-webhook" class="stack" ...${form}>
      <${FaultSummary} error=${error} labels=${{ since: 'Since' }} />
      <${Field} label="Since" type="datetime-local" hint="In your time zone. Events are kept 90 days unless the operator says otherwise." ...${field('since')} data-first />
      <${Checkbox} label="What was delivered as well" hint="Otherwise only what failed, was cancelled or was never sent." checked=${values.all} onChange=${(/** @type {any} */ event) => set({ all: event.currentTarget.checked })} />
    </form><//>`;
}

/** Deleting takes the log along: where there is one, the name is typed. @param {{of: Webhook, onClose: () => void, onDeleted: () => void}} props */
export function DeleteWebhook({ of, onClose, onDeleted }) {
  const { delivered, failed, pending } = of.recent;
  const used = delivered + failed + pending > 0;
  const name = host(of);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(/** @type {string|null} */ (null));
  const run = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    if (used && typed.trim() !== name) {
      setWrong(`Type ${name} to say that you mean this webhook.`);
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await remove(of.id);
      toast(`${called(of)} is told nothing more.`);
      onDeleted();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${`Delete ${called(of)}`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="danger" type="submit" form="delete-webhook" busy=${busy}>Delete the ${mode.value} webhook<//>`}>
    <form id="delete-webhook" class="stack" onSubmit=${run} noValidate>
      <${Failure} error=${error} />
      <p>What waits is not sent any more, and its log goes with it. To stop for a while, pause it instead. This cannot be undone.</p>
      ${used && html`<${Field} label=${html`Type <strong>${name}</strong> to confirm`} name="confirm" autocomplete="off" spellcheck="false" data-first value=${typed} error=${wrong} onInput=${(/** @type {any} */ event) => { setTyped(event.currentTarget.value); setWrong(null); }} />`}
    </form><//>`;
}

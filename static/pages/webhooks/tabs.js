// The tabs of a webhook's page: its settings, its secret, and trying it out.
import { html, useEffect, useState } from '../../html.js';
import { get, post, useRead } from '../../api.js';
import { href } from '../../router.js';
import { mode } from '../../store.js';
import { Button, Failure, Note, Panel } from '../../ui/basics.js';
import { CodeBlock } from '../../ui/copy.js';
import { FaultSummary, Field, useForm } from '../../ui/field.js';
import { useNewer } from '../../ui/newer.js';
import { usePoll } from '../../ui/poll.js';
import { toast } from '../../ui/toast.js';
import { Verifying, readable } from './acts.js';
import { Settings, asBody, fromWebhook, labels, sentAs } from './settings.js';
import { DeliveryStatus, Outcome, called, delivery, done, eventTypes, lasted, path, ping } from './shared.js';

/**
 * @typedef {import('./shared.js').Webhook} Webhook
 * @typedef {import('./shared.js').WholeDelivery} WholeDelivery
 */

/** @param {{read: import('../../api.js').Read, onChanged: () => void}} props */
export function Change({ read, onChanged }) {
  const { values, set, form, field, error, setError, busy } = useForm(fromWebhook(read.data), (given) => newer.save(asBody(given)), sentAs);
  const newer = useNewer(path(`/${read.data.id}`), read, {
    name: called,
    onSaved: (saved) => {
      set(fromWebhook(saved.data));
      toast('Saved.');
      onChanged();
    },
    onTheirs: (theirs) => {
      set(fromWebhook(theirs.data));
      onChanged();
    },
    onError: setError,
  });
  useEffect(() => {
    // The page looks again and again: where nothing is typed, what it finds is shown.
    if (JSON.stringify(values) !== JSON.stringify(fromWebhook(newer.held.data))) return;
    newer.setHeld(read);
    set(fromWebhook(read.data));
  }, [read]);
  return html`<form class="form narrow-stack" ...${form}>
    <${FaultSummary} error=${error} labels=${labels} />
    <${Settings} values=${values} set=${set} error=${error} field=${field} />
    <div class="form-foot"><${Button} kind="primary" type="submit" busy=${busy}>Save<//></div>
    ${newer.window}
  </form>`;
}

/** @param {{of: Webhook, onRotate: () => void}} props */
export const Secret = ({ of, onRotate }) => html`<div class="stack narrow-stack">
  ${of.former_secret_until && Date.parse(of.former_secret_until) > Date.now() && html`<${Note} tone="info" title="A rotation is under way"><p>Until ${readable(of.former_secret_until)} each delivery bears the signatures of the new secret and of the one before it.</p><//>`}
  <p>The secret was shown when the webhook was registered, and is not shown again. Whoever has lost it rotates it: for as long as you choose, both the old and the new one sign.</p>
  <div><${Button} icon="rotate" onClick=${onRotate}>Rotate the secret<//></div>
  <${Verifying} />
</div>`;

/** What became of what was just sent. @param {{id: string, onSettled: () => void}} props */
function Sent({ id, onSettled }) {
  const read = useRead((signal) => delivery(id, signal), [id]);
  const sent = /** @type {WholeDelivery|undefined} */ (read.data);
  const waits = !read.error && (!sent || sent.attempts.length === 0);
  usePoll(() => {
    read.reload();
    if (sent?.attempts.length) onSettled();
  }, 1_000, waits || sent?.status === 'pending');
  const last = sent?.attempts[0];
  return html`<${Panel} title="What was sent" actions=${html`<a href=${href(`deliveries/${id}`)}>The delivery</a>`}>
    <div class="stack" role="status">
      <${Failure} error=${read.error} onRetry=${read.reload} />
      ${waits && html`<p>On its way…</p>`}
      ${sent && last && html`<p class="row tight"><${DeliveryStatus} of=${sent} /><${Outcome} of=${last} /><span class="muted">after ${lasted(last.duration_ms)}</span>${last.detail && html`<span class="wrap-anywhere">${last.detail}</span>`}</p>
        ${last.answer?.body ? html`<${CodeBlock} label=${`The answer${last.answer.truncated ? ', its beginning' : ''}`} text=${last.answer.body} />` : html`<p class="muted small">${last.answer ? 'The answer was empty.' : 'There is no answer to show.'}</p>`}`}
      ${sent?.payload && html`<${CodeBlock} label="The body that was sent" text=${JSON.stringify(JSON.parse(sent.payload), null, 2)} />`}
    </div><//>`;
}

/** The delivery of an event to a webhook; it is made after the event, so it is asked for a few times. @param {string} webhook @param {string} event @returns {Promise<string|null>} */
async function deliveryOf(webhook, event) {
  for (let turn = 0; turn < 20; turn += 1) {
    const found = await get(path(`/${webhook}/deliveries`), { event_id: event });
    if (found.data[0]) return found.data[0].id;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return null;
}

/** @param {{of: Webhook, onDone: () => void}} props */
export function TryOut({ of, onDone }) {
  const types = useRead(eventTypes, [mode.value]);
  const [sent, setSent] = useState(/** @type {string|null} */ (null));
  const [busy, setBusy] = useState(false);
  const [kind, setKind] = useState('client.created');
  const shown = types.data?.find((type) => type.type === kind);
  const run = async (/** @type {() => Promise<string|null>} */ send) => {
    setBusy(true);
    await done(async () => {
      const id = await send();
      setSent(id);
      if (!id) toast('It happened, but this webhook does not ask for it.', { tone: 'danger' });
    });
    setBusy(false);
  };
  const happen = async () => deliveryOf(of.id, (await post('/v1/test/events', { type: kind })).id);
  const off = of.status !== 'enabled';
  return html`<div class="stack">
    ${off && html`<${Note} tone="warning"><p>The webhook is ${of.status}: enable it first.</p><//>`}
    <div class="columns wide-gap">
      <${Panel} title="A ping"><div class="stack"><p>The event <code>ping</code>, to this webhook alone, at once: also while it fails and everything else waits.</p>
        <div><${Button} kind="primary" icon="pulse" busy=${busy} disabled=${off} onClick=${() => run(async () => (await ping(of.id)).id)}>Send a ping<//></div></div><//>
      ${mode.value === 'test' && html`<${Panel} title="An event of a type"><div class="stack"><p>Its sample, as if it had happened. It goes into the feed and to every test webhook that asks for it.</p>
        <${Field} as="select" label="Type" name="type" value=${kind} onInput=${(/** @type {any} */ event) => setKind(event.currentTarget.value)}>${(types.data ?? []).map(({ type }) => html`<option key=${type} value=${type}>${type}</option>`)}<//>
        <div><${Button} busy=${busy} disabled=${off} onClick=${() => run(happen)}>Make it happen<//></div></div><//>`}
    </div>
    ${sent && html`<${Sent} key=${sent} id=${sent} onSettled=${onDone} />`}
    ${mode.value === 'test' && shown && !sent && html`<${CodeBlock} label=${`A sample of ${kind}`} text=${JSON.stringify(shown.sample, null, 2)} />`}
  </div>`;
}

// What is done to a key: rotating, revoking, finding one by its text, changing its settings.
import { html, useState } from '../../html.js';
import { ApiError } from '../../api.js';
import { href } from '../../router.js';
import { Button, Facts, Failure, ModeBadge, Note, RelativeTime } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { Choice, FaultSummary, Field, faults, useForm } from '../../ui/field.js';
import { toast } from '../../ui/toast.js';
import { Access, Addresses, Expiry, asBody, fromKey, sentAs } from './settings.js';
import { KeyStatus, change, identify, masked, revoke, rotate, usedLately, works } from './shared.js';

/** @typedef {import('./shared.js').Key} Key */

const graces = [
  { value: 'first', label: 'One hour after the new key is first used', hint: 'The safest: nothing stops before the new key works. After seven days in any case.', body: { retire: 'on_first_use', grace_seconds: 3600 } },
  { value: 'now', label: 'Now', hint: 'For a key that has leaked. What uses it stops until it has the new one.', body: { retire: 'now' } },
  { value: 'day', label: 'In 24 hours', body: { retire: 'after', grace_seconds: 86_400 } },
  { value: 'week', label: 'In 7 days', body: { retire: 'after', grace_seconds: 604_800 } },
];

/** @param {{of: Key, onClose: () => void, onRotated: (made: Key) => void}} props */
export function Rotate({ of: key, onClose, onRotated }) {
  const [grace, setGrace] = useState('first');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      onRotated(await rotate(key.id, graces.find((one) => one.value === grace)?.body));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${`Rotate “${key.name}”`} intro="A new key with the same settings takes its place." onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" busy=${busy} onClick=${run}>Rotate the key<//>`}>
    <div class="stack"><${Failure} error=${error} />
      <${Choice} legend="The old key stops working" name="grace" value=${grace} onChange=${setGrace} choices=${graces} />
    </div><//>`;
}

/** Revoking is for good: what breaks is said first. @param {{of: Key, onClose: () => void, onRevoked: () => void, onRotate?: () => void}} props */
export function Revoke({ of: key, onClose, onRevoked, onRotate }) {
  const typed = usedLately(key);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState(/** @type {string|null} */ (null));
  const run = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    if (typed && name.trim() !== key.name) {
      setWrong(`Type ${key.name} to say that you mean this key.`);
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await revoke(key.id);
      toast(`“${key.name}” is revoked.`);
      onRevoked();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${`Revoke “${key.name}”`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//>${onRotate && key.status === 'active' && html`<${Button} onClick=${onRotate}>Rotate instead<//>`}<${Button} kind="danger" type="submit" form="revoke" busy=${busy}>Revoke the ${key.mode} key<//>`}>
    <form id="revoke" class="stack" onSubmit=${run} noValidate>
      <${Failure} error=${error} />
      <p>The next request with it is refused, and so is every token that it obtained. This cannot be undone.</p>
      ${key.last_used_at
        ? html`<${Note} tone=${typed ? 'warning' : 'info'}><p>Last used <${RelativeTime} at=${key.last_used_at} />${key.last_used_ip && html` from <code>${key.last_used_ip}</code>`}. ${typed ? 'Something that uses it will stop working.' : ''}</p><//>`
        : html`<${Note} tone="info"><p>It was never used.</p><//>`}
      ${typed && html`<${Field} label=${html`Type <strong>${key.name}</strong> to confirm`} name="confirm" autocomplete="off" spellcheck="false" value=${name} error=${wrong} onInput=${(/** @type {any} */ event) => { setName(event.currentTarget.value); setWrong(null); }} />`}
    </form><//>`;
}

/** Finds out whose key a text is. It is sent to this server and kept nowhere. @param {{onClose: () => void, onRevoke: (key: Key) => void}} props */
export function Find({ onClose, onRevoke }) {
  const [found, setFound] = useState(/** @type {Key|null} */ (null));
  const [unknown, setUnknown] = useState(false);
  const { form, field, error, busy, set } = useForm({ plaintext: '' }, async ({ plaintext }) => {
    setFound(null);
    setUnknown(false);
    const text = plaintext.trim();
    if (!text) throw faults({ plaintext: 'Paste the key here.' });
    try {
      setFound(await identify(text));
      set({ plaintext: '' });
    } catch (failure) {
      if (!(failure instanceof ApiError) || failure.code !== 'not_found') throw failure;
      setUnknown(true);
    }
  });
  return html`<${Dialog} title="Found a key? Paste it" intro="In a repository, a chat, a log: see whose it is, and end it." onClose=${onClose}
    footer=${found
      ? html`<${Button} href=${href(`api-keys/${found.id}`)} onClick=${onClose}>Open its page<//>${found.status !== 'revoked' && html`<${Button} kind="danger" onClick=${() => onRevoke(found)}>Revoke it<//>`}`
      : html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="find" busy=${busy}>Look it up<//>`}>
    ${found ? html`<div class="stack" role="status">
      <${Note} tone=${works(found) ? 'warning' : 'good'} title=${`This is “${found.name}”`}><p>${works(found) ? 'It works: whoever has this text can use it.' : 'It no longer works: the text opens nothing.'}</p><//>
      <${Facts} of=${[['Key', html`<span class="masked">${masked(found)}</span>`], ['Mode', html`<${ModeBadge} mode=${found.mode} />`], ['Status', html`<${KeyStatus} of=${found} />`], ['Last used', html`<${RelativeTime} at=${found.last_used_at} />`], ['From', found.last_used_ip ?? '–'], ['Created', html`<${RelativeTime} at=${found.created_at} />`]]} />
    </div>` : html`<form id="find" class="stack" ...${form}>
      <${FaultSummary} error=${error} labels=${{ plaintext: 'Key' }} />
      ${unknown && html`<${Note} tone="info" role="alert" title="No key of this workspace"><p>It may belong to another workspace or server, or have been mistyped.</p><//>`}
      <${Field} label="Key" hint="It begins with cdnsk_live_ or cdnsk_test_. It is looked up on this server and kept nowhere." ...${field('plaintext')} type="text" mono data-first autocomplete="off" spellcheck="false" autocapitalize="none" />
    </form>`}
  <//>`;
}

/** Changes what can be changed of a key. @param {{of: Key, onClose: () => void, onChanged: (key: Key) => void}} props */
export function Edit({ of: key, onClose, onChanged }) {
  const { values, set, form, field, error, busy } = useForm(fromKey(key), async (given) => {
    const body = asBody(given);
    onChanged(await change(key.id, { name: body.name, description: body.description ?? null, scopes: body.scopes ?? null, expires_at: body.expires_at ?? null, allowed_ips: body.allowed_ips ?? null }));
    toast('Saved.');
  }, sentAs);
  return html`<${Dialog} title=${`Change “${key.name}”`} wide onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="edit" busy=${busy}>Save<//>`}>
    <form id="edit" class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${{ name: 'Name', description: 'Note', scopes: 'Access', expires_at: 'Expiry', allowed_ips: 'Allowed addresses' }} />
      <${Field} label="Name" ...${field('name')} maxlength="200" />
      <${Field} as="textarea" label="Note" optional ...${field('description')} rows="2" />
      <${Access} values=${values} set=${set} error=${error?.fault('scopes') ?? null} />
      <${Expiry} values=${values} set=${set} error=${error?.fault('expires_at') ?? null} keep=${key.expires_at} />
      <${Addresses} values=${values} set=${set} error=${error?.fault('allowed_ips') ?? null} />
    </form><//>`;
}

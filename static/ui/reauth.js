// Asks for the password again where a call needs it (403 `reauth_required`), then lets the call go on.
import { html, signal, useState } from '../html.js';
import { ApiError, send } from '../api.js';
import { session } from '../store.js';
import { Button } from './basics.js';
import { Dialog } from './dialog.js';
import { PasswordField } from './field.js';

const asked = signal(/** @type {((given: boolean) => void)|null} */ (null));
/** @type {Promise<boolean>|null} */
let running = null;

/** Asks for the password. True once it was right; two askers share one window. */
export function askPassword() {
  running ??= new Promise((resolve) => {
    asked.value = (given) => {
      asked.value = null;
      running = null;
      resolve(given);
    };
  });
  return running;
}

function Ask() {
  const [password, setPassword] = useState('');
  const [error, setError] = useState(/** @type {string|null} */ (null));
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const { data } = await send({ method: 'POST', path: '/auth/sessions/current/reauthenticate', body: { password } });
      if (data?.account) session.value = data;
      asked.peek()?.(true);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure.code === 'auth_invalid' ? 'That is not your password.' : failure.message);
      setBusy(false);
    }
  };
  return html`<${Dialog} title="Confirm that it is you" intro="You entered your password more than five minutes ago." onClose=${() => asked.peek()?.(false)}
    footer=${html`<${Button} onClick=${() => asked.peek()?.(false)}>Cancel<//><${Button} kind="primary" type="submit" form="reauth" busy=${busy}>Confirm<//>`}>
    <form id="reauth" class="stack" onSubmit=${submit}>
      <input class="unseen" type="email" name="email" autocomplete="username" tabindex="-1" aria-hidden="true" readonly value=${session.value?.account.email} />
      <${PasswordField} label="Password" name="password" autocomplete="current-password" data-first value=${password} error=${error} onInput=${(/** @type {any} */ event) => setPassword(event.currentTarget.value)} />
    </form>
  <//>`;
}

/** The window, where it is wanted. */
export const Reauthentication = () => (asked.value ? html`<${Ask} />` : null);

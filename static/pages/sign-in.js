// Signing in: by password, or by the one-time link that the demo and the sandbox print.
import { html, useEffect, useState } from '../html.js';
import { ApiError, send } from '../api.js';
import { go, query, safeNext, takeFragment } from '../router.js';
import { session, status } from '../store.js';
import { Button, Note, Page } from '../ui/basics.js';
import { FaultSummary, Field, PasswordField, faults, useForm } from '../ui/field.js';

/** Whoever is signed in goes where they wanted to go. @param {any} data */
export async function entered(data) {
  session.value = data;
  await go(safeNext(query.peek().get('next')) ?? '/dashboard/', { replace: true });
}

export default function SignIn() {
  const [link, setLink] = useState(/** @type {'none'|'trying'|'failed'} */ ('none'));
  const { values, form, field, error, busy } = useForm({ email: '', password: '' }, async ({ email, password }) => {
    if (!email.trim() || !password) throw faults({ ...(email.trim() ? {} : { email: 'Enter your email address.' }), ...(password ? {} : { password: 'Enter your password.' }) });
    const { data } = await send({ method: 'POST', path: '/auth/sessions', body: { email: email.trim(), password } });
    await entered(data);
  });
  useEffect(() => {
    const token = takeFragment();
    if (!token.startsWith('cdnsi_')) return;
    setLink('trying');
    send({ method: 'POST', path: '/auth/sessions', body: { token } }).then(({ data }) => entered(data), (failure) => {
      if (!(failure instanceof ApiError)) throw failure;
      setLink('failed');
    });
  }, []);
  useEffect(() => {
    // Signed in already, in another tab or before.
    if (session.value && link === 'none') entered(session.value);
  }, [session.value]);

  const known = status.value;
  if (known && !known.set_up) {
    return html`<div class="card"><${Page} title="This server is new" intro="Nobody has an account here yet.">
      <div class="stack">
        <p>When the server started, it printed a <strong>set-up link</strong> in its terminal. Open that link: it makes you the owner.</p>
        <p class="muted">The link has gone out of sight, or is older than 30 minutes? On the machine of the server, <code>cadence setup-link</code> prints a new one.</p>
      </div><//></div>`;
  }
  if (link === 'trying') return html`<div class="card"><${Page} title="Signing in"><p role="status" class="muted">One moment.</p><//></div>`;
  const wrong = error?.code === 'auth_invalid' ? new ApiError(401, { ...error.detail, code: 'auth_invalid', message: 'That address and password do not go together.', errors: [] }) : error;
  return html`<div class="card"><${Page} title="Sign in">
    ${link === 'failed' && html`<${Note} tone="warning" title="That link was used or has expired"><p>Each one works once. The server prints a new one when it starts.</p><//>`}
    <form class="form" ...${form}>
      <${FaultSummary} error=${wrong} labels=${{ email: 'Email', password: 'Password' }} />
      <${Field} label="Email" type="email" autocomplete="username" ...${field('email')} value=${values.email} spellcheck="false" autocapitalize="none" />
      <${PasswordField} label="Password" autocomplete="current-password" ...${field('password')} value=${values.password} />
      <${Button} kind="primary" type="submit" busy=${busy}>Sign in<//>
    </form>
  <//></div>
  <p class="below-card"><a href="/dashboard/reset">Forgotten your password?</a></p>`;
}

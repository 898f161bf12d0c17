// A new password: asking for the link, and using it.
import { html, useEffect, useState } from '../html.js';
import { ApiError, send } from '../api.js';
import { takeFragment } from '../router.js';
import { status } from '../store.js';
import { Button, Note, Page } from '../ui/basics.js';
import { FaultSummary, Field, PasswordField, faults, useForm } from '../ui/field.js';

export default function Reset() {
  const [token, setToken] = useState('');
  // The link may be opened while this page is shown already.
  useEffect(() => {
    const take = () => { const text = takeFragment(); if (text) setToken(text); };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  return html`<div class="card">${token ? html`<${Confirm} token=${token} onStale=${() => setToken('')} />` : html`<${Ask} />`}</div>
    <p class="below-card"><a href="/dashboard/sign-in">Back to sign-in</a></p>`;
}

function Ask() {
  const [sent, setSent] = useState('');
  const { form, field, error, busy } = useForm({ email: '' }, async ({ email }) => {
    if (!email.trim()) throw faults({ email: 'Enter your email address.' });
    await send({ method: 'POST', path: '/auth/password-resets', body: { email: email.trim() } });
    setSent(email.trim());
  });
  if (status.value && !status.value.mail) {
    return html`<${Page} title="New password" intro="This server sends no mail, so it cannot send you a link.">
      <div class="stack"><p>On the machine of the server, whoever runs it can set a new one:</p>
      <p><code class="wrap-anywhere">cadence account reset-password --email you@example.com --password-stdin</code></p></div><//>`;
  }
  if (sent) {
    return html`<${Page} title="Look into your mail"><${Note} tone="good"><p>If ${sent} has an account here, a link is on its way. It works once, for 30 minutes.</p><//><//>`;
  }
  return html`<${Page} title="New password" intro="We send a link with which you choose a new one.">
    <form class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${{ email: 'Email' }} />
      <${Field} label="Email" type="email" autocomplete="username" ...${field('email')} spellcheck="false" autocapitalize="none" />
      <${Button} kind="primary" type="submit" busy=${busy}>Send the link<//>
    </form><//>`;
}

/** @param {{token: string, onStale: () => void}} props */
function Confirm({ token, onStale }) {
  const [done, setDone] = useState(false);
  const least = status.value?.password_min_length ?? 15;
  const { form, field, error, busy } = useForm({ password: '' }, async ({ password }) => {
    if ([...password].length < least) throw faults({ password: `Use at least ${least} characters.` });
    await send({ method: 'POST', path: '/auth/password-resets/confirm', body: { token, password } });
    setDone(true);
  });
  if (done) {
    return html`<${Page} title="Your password is changed"><${Note} tone="good"><p>Everybody who was signed in with the old one is signed out.</p><//><div><${Button} kind="primary" href="/dashboard/sign-in">Sign in<//></div><//>`;
  }
  const stale = error instanceof ApiError && error.status === 401;
  return html`<${Page} title="Choose a new password">
    ${stale ? html`<${Note} tone="warning" title="This link was used or has expired" actions=${html`<${Button} small onClick=${onStale}>Ask for a new one<//>`} />` : html`<form class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${{ password: 'New password' }} />
      <input type="text" autocomplete="username" hidden />
      <${PasswordField} label="New password" hint=${`At least ${least} characters. A few words that belong to nobody but you are easy to remember.`} autocomplete="new-password" ...${field('password')} />
      <${Button} kind="primary" type="submit" busy=${busy}>Save it<//>
    </form>`}
  <//>`;
}

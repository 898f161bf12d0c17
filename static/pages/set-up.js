// The first minute of a new server: who owns it, and what it begins with.
import { html, useEffect, useMemo, useState } from '../html.js';
import { ApiError, post, send } from '../api.js';
import { go, href, takeFragment } from '../router.js';
import { routes } from '../routes.js';
import { session, status } from '../store.js';
import { Button, Note, Page } from '../ui/basics.js';
import { Choice, FaultSummary, Field, PasswordField, faults, useForm } from '../ui/field.js';

/** Where people weigh in pounds. */
const imperial = ['US', 'LR', 'MM'];

function zones() {
  try {
    return Intl.supportedValuesOf('timeZone');
  } catch {
    return [];
  }
}

export default function SetUp() {
  const [token, setToken] = useState('');
  const [made, setMade] = useState(false);
  useEffect(() => {
    const take = () => { const text = takeFragment(); if (text) setToken(text); };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  if (made) return html`<${Begin} />`;
  if (status.value?.set_up) {
    return html`<div class="card"><${Page} title="This server is set up" intro="Its owner has an account already. A set-up link works once."><div><${Button} kind="primary" href="/dashboard/sign-in">Sign in<//></div><//></div>`;
  }
  if (!token) {
    return html`<div class="card"><${Page} title="Open the set-up link" intro="This server is new, and waits for its owner.">
      <div class="stack"><p>When it started, the server printed a <strong>set-up link</strong> in its terminal, as the last line. Open it: without it nobody can take this server, not even from the same network.</p>
      <p class="muted">It is valid for 30 minutes. <code>cadence setup-link</code> on the machine of the server prints a new one.</p></div><//></div>`;
  }
  return html`<${Owner} token=${token} onMade=${() => setMade(true)} onStale=${() => setToken('')} />`;
}

/** @param {{token: string, onMade: () => void, onStale: () => void}} props */
function Owner({ token, onMade, onStale }) {
  const least = status.value?.password_min_length ?? 15;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  const all = useMemo(() => { const known = zones(); return known.includes(zone) ? known : [zone, ...known]; }, []);
  const region = new Intl.Locale(navigator.language).maximize().region ?? '';
  const { values, set, form, field, error, busy } = useForm({ name: '', email: '', password: '', timezone: zone, units: imperial.includes(region) ? 'imperial' : 'metric' }, async (given) => {
    /** @type {Record<string, string>} */
    const wrong = {};
    if (!given.name.trim()) wrong.name = 'Enter your name.';
    if (!given.email.trim()) wrong.email = 'Enter your email address.';
    if ([...given.password].length < least) wrong.password = `Use at least ${least} characters.`;
    if (Object.keys(wrong).length) throw faults(wrong);
    const { data } = await send({ method: 'POST', path: '/auth/setup', body: { token, ...given, name: given.name.trim(), email: given.email.trim() } });
    // First the choice of what to begin with, then the session: it would lead away from here.
    onMade();
    session.value = data;
    if (status.value) status.value = { ...status.value, set_up: true, signed_in: true };
  });
  const labels = { name: 'Your name', email: 'Email', password: 'Password', timezone: 'Time zone', units: 'Units' };
  if (error?.status === 401) {
    return html`<div class="card"><${Page} title="This link no longer works">
      <${Note} tone="warning"><p>${error.reason === 'expired' ? 'It is older than 30 minutes.' : error.reason === 'checksum' ? 'It is not complete: part of it was lost in copying.' : 'It was used, or replaced by a newer one.'} <code>cadence setup-link</code> on the machine of the server prints a new one.</p><//>
      <div><${Button} onClick=${onStale}>I have a new link<//></div><//></div>`;
  }
  return html`<div class="card"><${Page} title="Welcome" intro="Make your account. You are the owner of this server and of all that is in it.">
    <form class="form" ...${form}>
      <${FaultSummary} error=${error} labels=${labels} />
      <${Field} label="Your name" autocomplete="name" ...${field('name')} />
      <${Field} label="Email" type="email" autocomplete="username" hint="You sign in with it." ...${field('email')} spellcheck="false" autocapitalize="none" />
      <${PasswordField} label="Password" hint=${`At least ${least} characters. A few words that belong to nobody but you are easy to remember.`} autocomplete="new-password" ...${field('password')} />
      <${Field} as="select" label="Time zone" ...${field('timezone')} onChange=${(/** @type {any} */ event) => set({ timezone: event.currentTarget.value })}>${all.map((name) => html`<option key=${name} value=${name}>${name.replaceAll('_', ' ')}</option>`)}<//>
      <${Choice} legend="Units" name="units" cards value=${values.units} onChange=${(/** @type {string} */ units) => set({ units })} choices=${[{ value: 'metric', label: 'Metric', hint: 'kg, cm' }, { value: 'imperial', label: 'Imperial', hint: 'lb, in' }]} />
      <${Button} kind="primary" type="submit" busy=${busy}>Create the account<//>
    </form><//></div>`;
}

/** What to begin with. Sample data goes into test mode and never beside real clients. */
function Begin() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const has = (/** @type {string} */ path) => routes.some((route) => route.path === path);
  const sample = async () => {
    setBusy(true);
    setError(null);
    try {
      await post('/v1/sample-data', undefined, { mode: 'test' });
      await go(has('clients') ? href('clients', {}, 'test') : '/dashboard/');
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<div class="card"><${Page} title=${`Hello, ${session.value?.account.name.split(' ')[0] ?? ''}`} intro="How do you want to begin?">
    ${error && html`<${Note} tone="warning" role="alert" title="There is no sample data here"><p>${error.status === 404 ? 'This server cannot make any. Begin with an empty one.' : error.message}</p><//>`}
    <div class="begin">
      <button type="button" class="begin-choice" disabled=${busy} onClick=${sample}><strong>Look around with sample clients</strong><span class="muted small">14 invented people with check-ins, programs and messages, kept apart from real ones: you can remove them with one click.</span></button>
      ${has('clients/import') && html`<button type="button" class="begin-choice" onClick=${() => go(href('clients/import', {}, 'live'))}><strong>Import my clients</strong><span class="muted small">From a CSV file, as other platforms and spreadsheets export it.</span></button>`}
      <button type="button" class="begin-choice" onClick=${() => go('/dashboard/')}><strong>Start empty</strong><span class="muted small">Add the first client, or create an API key.</span></button>
    </div><//></div>`;
}

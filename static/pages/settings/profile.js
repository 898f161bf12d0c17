// Who signs in: name, address, password.
import { html } from '../../html.js';
import { get, patch } from '../../api.js';
import { session, status } from '../../store.js';
import { Button, Panel } from '../../ui/basics.js';
import { FaultSummary, Field, PasswordField, faults, useForm } from '../../ui/field.js';
import { toast } from '../../ui/toast.js';
import { inner } from './inner.js';

/** @typedef {import('../settings.js').Settings} Settings */

/** @param {{settings: Settings, onChanged: (settings: Settings) => void}} props */
export function Profile({ settings, onChanged }) {
  const { account } = settings;
  const refresh = async () => { session.value = await get('/auth/sessions/current'); };
  const name = useForm({ name: account.name }, async (values) => {
    onChanged(await patch('/v1/settings', { account: { name: values.name } }).catch(inner('account')));
    await refresh();
    toast('Saved');
  });
  const email = useForm({ email: account.email }, async (values) => {
    onChanged(await patch('/v1/settings', { account: { email: values.email } }).catch(inner('account')));
    await refresh();
    toast('Saved. Your other sessions have ended.');
  });
  const least = status.value?.password_min_length ?? 15;
  const password = useForm({ password: '', again: '' }, async (values) => {
    if (values.password !== values.again) throw faults({ again: 'The two are not the same.' });
    onChanged(await patch('/v1/settings', { account: { password: values.password } }).catch(inner('account')));
    password.set({ password: '', again: '' });
    toast('The password is changed. Your other sessions have ended.');
  });
  return html`<div class="stack narrow-stack">
    <${Panel} title="Name"><form class="stack" ...${name.form}>
      <${FaultSummary} error=${name.error} labels=${{ name: 'Name' }} />
      <${Field} label="Name" autocomplete="name" ...${name.field('name')} />
      <div class="row"><${Button} type="submit" busy=${name.busy} disabled=${name.values.name === account.name}>Save name<//></div>
    </form><//>
    <${Panel} title="Email" intro="You sign in with it. Your password is asked for."><form class="stack" ...${email.form}>
      <${FaultSummary} error=${email.error} labels=${{ email: 'Email' }} />
      <${Field} label="Email" type="email" autocomplete="username" spellcheck="false" ...${email.field('email')} />
      <div class="row"><${Button} type="submit" busy=${email.busy} disabled=${email.values.email === account.email}>Change email<//></div>
    </form><//>
    <${Panel} title="Password" intro="All your other sessions end when it changes."><form class="stack" ...${password.form}>
      <${FaultSummary} error=${password.error} labels=${{ password: 'New password', again: 'New password again' }} />
      <input type="text" class="unseen" tabindex="-1" aria-hidden="true" autocomplete="username" value=${account.email} readonly />
      <${PasswordField} label="New password" autocomplete="new-password" hint=${`At least ${least} characters. A few words in a row do well.`} ...${password.field('password')} />
      <${PasswordField} label="New password again" autocomplete="new-password" ...${password.field('again')} />
      <div class="row"><${Button} type="submit" busy=${password.busy}>Change password<//></div>
    </form><//>
  </div>`;
}

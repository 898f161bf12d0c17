// The server: where it is reached, whether mail leaves it, how long the request log is kept.
import { html, useState } from '../../html.js';
import { ApiError, get, patch, post } from '../../api.js';
import { status } from '../../store.js';
import { Button, Failure, Note, Panel } from '../../ui/basics.js';
import { FaultSummary, Field, useForm } from '../../ui/field.js';
import { toast } from '../../ui/toast.js';
import { inner } from './inner.js';

/** @typedef {import('../settings.js').Settings} Settings */

const sources = /** @type {Record<string, string>} */ ({ flag: 'the command line (--public-url)', environment: 'the environment (CADENCE_PUBLIC_URL)', file: 'cadence.toml', settings: 'this page', default: 'nobody: it is the default' });

/** @param {{settings: Settings, onChanged: (settings: Settings) => void}} props */
export function Server({ settings, onChanged }) {
  const server = /** @type {NonNullable<Settings['server']>} */ (settings.server);
  const fixed = server.public_url_source === 'flag' || server.public_url_source === 'environment';
  const address = useForm({ public_url: server.public_url }, async (values) => {
    onChanged(await patch('/v1/settings', { server: { public_url: values.public_url || null } }).catch(inner('server')));
    status.value = await get('/auth/status');
    toast('Saved. New links use it from now on.');
  });
  const log = useForm({ days: String(server.request_log.days), rows: String(server.request_log.rows) }, async (values) => {
    onChanged(await patch('/v1/settings', { server: { request_log: { days: Number(values.days), rows: Number(values.rows) } } }).catch(inner('server')).catch(inner('request_log')));
    toast('Saved');
  });
  const local = /^https?:\/\/(localhost|127\.|\[::1\])/.test(server.public_url);
  return html`<div class="stack narrow-stack">
    <${Panel} title="Public address" intro="Where clients and browsers reach this server. Every link is made from it, and no other host name is answered."><form class="stack" ...${address.form}>
      ${local && html`<${Note} tone="warning" title="Known on this computer only"><p>Invites to live clients are held back: their links would open nowhere else.</p><//>`}
      <${FaultSummary} error=${address.error} labels=${{ public_url: 'Address' }} />
      <${Field} label="Address" type="url" inputmode="url" spellcheck="false" placeholder="https://coach.example.com" disabled=${fixed}
        hint=${fixed ? `Set by ${sources[server.public_url_source]}; it can only be changed there.` : `Set by ${sources[server.public_url_source] ?? server.public_url_source}.`} ...${address.field('public_url')} />
      ${!fixed && html`<div class="row"><${Button} type="submit" busy=${address.busy}>Save address<//></div>`}
    </form><//>
    <${Mail} server=${server} />
    <${Panel} title="Request log" intro="Kept for so long, and no more than so many rows: whichever comes first."><form class="stack" ...${log.form}>
      <${FaultSummary} error=${log.error} labels=${{ days: 'Days', rows: 'Rows' }} />
      <div class="columns"><${Field} label="Days" type="number" min="1" max="90" inputmode="numeric" ...${log.field('days')} /><${Field} label="Rows" type="number" min="0" inputmode="numeric" hint="0 keeps no log" ...${log.field('rows')} /></div>
      <div class="row"><${Button} type="submit" busy=${log.busy}>Save log<//></div>
    </form><//>
    <p class="muted small">Cadence ${server.version}</p>
  </div>`;
}

/** @param {{server: NonNullable<Settings['server']>}} props */
function Mail({ server }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [said, setSaid] = useState('');
  const test = async () => {
    setBusy(true);
    setError(null);
    setSaid('');
    try {
      const answer = await post('/v1/settings/test-mail');
      if (answer.status === 'failed') setError(new ApiError(200, { code: 'mail_failed', message: answer.message }));
      else setSaid(`Sent to ${answer.to}. The server said: ${answer.message}`);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return html`<${Panel} title="Mail">
    ${server.mail.configured
    ? html`<div class="stack"><p>Mail leaves as <code>${server.mail.from}</code>.</p><div role="status">${said && html`<${Note} tone="good"><p>${said}</p><//>`}</div><${Failure} error=${error} onRetry=${test} />
        <div class="row"><${Button} icon="mail" busy=${busy} onClick=${test}>Send a test mail to me<//></div></div>`
    : html`<div class="stack tight"><p>No mail server is set up: mail waits in the outbox, and links are given by hand.</p>
        <p class="muted small">Set <code>CADENCE_MAIL_SMTP_URL</code> and <code>CADENCE_MAIL_FROM</code>, or <code>mail.smtp_url</code> and <code>mail.from</code> in <code>cadence.toml</code>, and start again. Mail that is held then still waits for your word.</p></div>`}
  <//>`;
}

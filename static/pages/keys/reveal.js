// The one time that a key is shown.
import { html, useState } from '../../html.js';
import { Button, Note } from '../../ui/basics.js';
import { baseUrl } from '../../ui/curl.js';
import { ShownOnce } from '../../ui/once.js';

/**
 * @param {{made: import('./shared.js').Key, replaced?: import('./shared.js').Key, onDone: () => void}} props
 *   `onDone`: it is stored, or was left; the page forgets it
 */
export function Reveal({ made, replaced, onDone }) {
  const plaintext = made.plaintext ?? '';
  return html`<${ShownOnce} what="key" label="API key" secret=${plaintext} onDone=${onDone}
    intro=${`“${made.name}” is ready. This is the only time that it is shown: here is where it goes next.`}
    lost="Whoever has not stored it has to rotate the key to get another."
    env=${`CADENCE_API_KEY=${plaintext}\nCADENCE_BASE_URL=${baseUrl()}\n`}
    curl=${`curl ${baseUrl()}/v1/whoami \\\n  -H "Authorization: Bearer ${plaintext}"`}>
    ${replaced && html`<${Note} tone="info" title=${made.previous_works_until ? 'The old key still works' : 'The old key is refused from now on'}>
      <p>${made.previous_works_until ? 'Put the new key into your application, then look at this page again: it says when the new one was first used.' : 'Put the new key into your application now.'}</p><//>`}
    <${TryIt} plaintext=${plaintext} />
  <//>`;
}

/** Sends one call with the new key, as a program would. @param {{plaintext: string}} props */
function TryIt({ plaintext }) {
  const [result, setResult] = useState(/** @type {{tone: 'good'|'warning'|'danger', text: string}|null} */ (null));
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const started = performance.now();
    try {
      const response = await fetch('/v1/whoami', { headers: { Authorization: `Bearer ${plaintext}` }, credentials: 'omit', cache: 'no-store' });
      const ms = Math.round(performance.now() - started);
      const body = await response.json().catch(() => null);
      setResult(response.ok
        ? { tone: 'good', text: `${response.status} in ${ms} ms: GET /v1/whoami sees ${body?.mode} data, with ${body?.scopes?.length} scopes.` }
        : { tone: 'warning', text: `${response.status} in ${ms} ms: ${body?.error?.message ?? 'no reason given'}` });
    } catch {
      setResult({ tone: 'danger', text: 'The server cannot be reached.' });
    }
    setBusy(false);
  };
  return html`<div class="stack tight">
    <div><${Button} icon="play" busy=${busy} onClick=${run}>Send a test request<//></div>
    <div role="status">${result && html`<${Note} tone=${result.tone}><p>${result.text}</p><//>`}</div>
  </div>`;
}

// The one time that a key is shown. It is held by this component and by nothing else: it is in no
// address, no history, no storage, and it goes with the component.
import { html, useEffect, useRef, useState } from '../../html.js';
import { guard } from '../../router.js';
import { Button, Note } from '../../ui/basics.js';
import { CodeBlock, CopyField } from '../../ui/copy.js';
import { baseUrl } from '../../ui/curl.js';
import { Dialog } from '../../ui/dialog.js';

/**
 * @param {{made: import('./shared.js').Key, replaced?: import('./shared.js').Key, onDone: () => void}} props
 *   `onDone`: it is stored, or was left; the page forgets it
 */
export function Reveal({ made, replaced, onDone }) {
  const [asking, setAsking] = useState(false);
  const [gone, setGone] = useState(false);
  const answers = useRef(/** @type {((leave: boolean) => void)|null} */ (null));
  const plaintext = made.plaintext ?? '';

  useEffect(() => {
    const ask = () => new Promise((/** @type {(leave: boolean) => void} */ resolve) => {
      answers.current = resolve;
      setAsking(true);
    });
    guard.ask = ask;
    // A page that the browser keeps for its back button must not keep the key.
    const forget = () => setGone(true);
    addEventListener('pagehide', forget);
    return () => {
      if (guard.ask === ask) guard.ask = null;
      removeEventListener('pagehide', forget);
    };
  }, []);
  useEffect(() => { if (gone) stored(); }, [gone]);

  const stored = () => {
    guard.ask = null;
    onDone();
  };
  const leave = () => {
    guard.ask = null;
    if (answers.current) answers.current(true);
    else onDone();
  };
  const stay = () => {
    answers.current?.(false);
    answers.current = null;
    setAsking(false);
  };
  const onClose = () => {
    if (asking) stay();
    else setAsking(true);
  };
  const env = `CADENCE_API_KEY=${plaintext}\nCADENCE_BASE_URL=${baseUrl()}\n`;
  const download = () => {
    const url = URL.createObjectURL(new Blob([env], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = '.env';
    link.click();
    URL.revokeObjectURL(url);
  };
  return html`<${Dialog} title=${asking ? 'Leave without the key?' : 'Store this key now'} wide onClose=${onClose} class="reveal-key"
    footer=${asking
      ? html`<${Button} onClick=${leave}>Leave without it<//><${Button} kind="primary" onClick=${stay}>Back to the key<//>`
      : html`<${Button} kind="primary" onClick=${stored}>I have stored it<//>`}>
    ${asking ? html`<p>It is shown only now. Whoever has not stored it has to rotate the key to get another.</p>` : html`<div class="stack">
      <p role="status">“${made.name}” is ready. This is the only time that it is shown: here is where it goes next.</p>
      <${CopyField} label="API key" value=${plaintext} />
      ${replaced && html`<${Note} tone="info" title=${made.previous_works_until ? 'The old key still works' : 'The old key is refused from now on'}>
        <p>${made.previous_works_until ? 'Put the new key into your application, then look at this page again: it says when the new one was first used.' : 'Put the new key into your application now.'}</p><//>`}
      <${TryIt} plaintext=${plaintext} />
      <div class="stack tight"><${CodeBlock} label="As a .env file" text=${env} /><div><${Button} icon="download" onClick=${download}>Download .env<//></div></div>
      <${CodeBlock} label="As curl" text=${`curl ${baseUrl()}/v1/whoami \\\n  -H "Authorization: Bearer ${plaintext}"`} />
    </div>`}
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

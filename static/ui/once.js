// The one time that a secret is shown. It is held by the component that draws this and by nothing
// else: it is in no address, no history, no storage, and it goes with the component.
import { html, useEffect, useRef, useState } from '../html.js';
import { guard } from '../router.js';
import { Button } from './basics.js';
import { CodeBlock, CopyField } from './copy.js';
import { Dialog } from './dialog.js';

/**
 * @param {{what: string, label: string, secret: string, intro: any, lost: string, env: string, curl?: string, onDone: () => void, children?: any}} props
 *   `what`: such as "key"; `label`: what the field is called; `lost`: what who has not stored it does;
 *   `env`: the secret as a file; `onDone`: it is stored, or was left, and the page forgets it
 */
export function ShownOnce({ what, label, secret, intro, lost, env, curl, onDone, children }) {
  const [asking, setAsking] = useState(false);
  const [gone, setGone] = useState(false);
  const answers = useRef(/** @type {((leave: boolean) => void)|null} */ (null));

  useEffect(() => {
    const ask = () => new Promise((/** @type {(leave: boolean) => void} */ resolve) => {
      answers.current = resolve;
      setAsking(true);
    });
    guard.ask = ask;
    // A page that the browser keeps for its back button must not keep the secret.
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
  const download = () => {
    const url = URL.createObjectURL(new Blob([env], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = '.env';
    link.click();
    URL.revokeObjectURL(url);
  };
  return html`<${Dialog} title=${asking ? `Leave without the ${what}?` : `Store this ${what} now`} wide onClose=${onClose} class="reveal-key"
    footer=${asking
      ? html`<${Button} onClick=${leave}>Leave without it<//><${Button} kind="primary" onClick=${stay}>Back to the ${what}<//>`
      : html`<${Button} kind="primary" onClick=${stored}>I have stored it<//>`}>
    ${asking ? html`<p>It is shown only now. ${lost}</p>` : html`<div class="stack">
      <p role="status">${intro}</p>
      <${CopyField} label=${label} value=${secret} />
      ${children}
      <div class="stack tight"><${CodeBlock} label="As a .env file" text=${env} /><div><${Button} icon="download" onClick=${download}>Download .env<//></div></div>
      ${curl && html`<${CodeBlock} label="As curl" text=${curl} />`}
    </div>`}
  <//>`;
}

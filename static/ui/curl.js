// Every call that the dashboard makes can be made by a program: shown as curl, without a secret in it.
import { html, useState } from '../html.js';
import { target } from '../api.js';
import { mode, status, workspace } from '../store.js';
import { Button } from './basics.js';
import { CodeBlock } from './copy.js';
import { Dialog } from './dialog.js';

/** A word of a shell command, quoted so that nothing in it has a meaning there. @param {string} text */
export const quoted = (text) => (/^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Where programs reach this server. */
export const baseUrl = () => status.value?.public_url?.replace(/\/$/, '') || location.origin;

/** @typedef {{method?: string, path: string, query?: Record<string, any>, body?: any, mode?: 'test'|'live', title?: string}} Shown */

/** The call as a command. @param {Shown} call */
export function curlOf(call) {
  const method = call.method ?? 'GET';
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(baseUrl() + target(call.path, call.query))}`];
  lines.push('-H "Authorization: Bearer $CADENCE_API_KEY"');
  if (method === 'POST') lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (call.body !== undefined) {
    lines.push('-H "Content-Type: application/json"');
    lines.push(`-d ${quoted(JSON.stringify(call.body))}`);
  }
  return lines.join(' \\\n  ');
}

/**
 * A button that shows the page's calls.
 * @param {{calls: Shown[], label?: string}} props
 */
export function ViewAsCurl({ calls, label = 'View as curl' }) {
  const [open, setOpen] = useState(false);
  const shown = calls[0]?.mode ?? mode.value;
  return html`<${Button} icon="terminal" kind="quiet" onClick=${() => setOpen(true)}>${label}<//>
    ${open && html`<${Dialog} title="As curl" wide onClose=${() => setOpen(false)} intro=${`What this page does, as a program would do it${workspace.value ? ` in ${workspace.value.name}` : ''}.`}>
      <div class="stack">
        <p>Put a ${shown === 'test' ? 'test' : 'live'} key into <code>CADENCE_API_KEY</code>: the key says which workspace and mode is meant.</p>
        <${CodeBlock} label="The key" text=${`export CADENCE_API_KEY=cdnsk_${shown}_…`} />
        ${calls.map((call) => html`<${CodeBlock} key=${call.path + (call.method ?? '')} label=${call.title ?? `${call.method ?? 'GET'} ${call.path}`} text=${curlOf(call)} />`)}
      </div><//>`}`;
}

// The four steps from an empty server to a client who trains.
import { html } from '../../html.js';
import { get, useRead } from '../../api.js';
import { href } from '../../router.js';
import { routes } from '../../routes.js';
import { mode, workspace } from '../../store.js';
import { Button, Panel } from '../../ui/basics.js';
import { Icon } from '../../ui/icons.js';

/** @param {{steps: Record<'client'|'program'|'invited'|'check_in_schedule', boolean>, onDismiss: () => void}} props */
export function Checklist({ steps, onDismiss }) {
  // The steps after the first are about a client: the first one there is.
  const read = useRead(steps.client ? (signal) => get('/v1/clients', { limit: 1, sort: 'created_at' }, { signal }) : null, [steps.client, mode.value, workspace.value?.id]);
  const id = read.data?.data?.[0]?.id;
  const at = (/** @type {string} */ tab) => (id ? href(`clients/${id}${tab}`) : null);
  const all = /** @type {[boolean, string, string, string, string|null][]} */ ([
    [steps.client, 'Add your first client', 'A name and an email are enough.', 'Add client', href('clients/new')],
    [steps.program, 'Build a program', 'The generator makes a draft from goal, days and equipment, and gives its reasons. You approve it.', 'Build one', at('/training') ?? (routes.some((one) => one.path === 'programs') ? href('programs') : null)],
    [steps.invited, 'Send the install link', 'By mail, in a chat, or as a QR code on the gym floor.', 'Make a link', at('')],
    [steps.check_in_schedule, 'Set a check-in day', 'Once a week is a good beginning. What is overdue stands here.', 'Set the day', at('/checkins')],
  ]);
  const open = all.findIndex(([done]) => !done);
  return html`<${Panel} title="First steps" intro=${`${all.filter(([done]) => done).length} of 4 done`} actions=${html`<${Button} small kind="quiet" icon="close" onClick=${onDismiss}>Put away<//>`}>
    <ol class="steps">${all.map(([done, title, text, label, to], number) => html`<li key=${title} class=${done ? 'done' : undefined}>
      <span class="step-mark" aria-hidden="true">${done ? html`<${Icon} name="check" size=${16} />` : number + 1}</span>
      <div><h3>${title}${done && html`<span class="unseen"> (done)</span>`}</h3>${!done && html`<p class="muted small">${text}</p>`}</div>
      ${!done && to && html`<${Button} small kind=${number === open ? 'primary' : 'plain'} href=${to}>${label}<//>`}
    </li>`)}</ol>
  <//>`;
}

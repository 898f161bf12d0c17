// What the account may do.
import { html } from '../../html.js';
import { href } from '../../router.js';
import { Button, Facts, Note, Panel } from '../../ui/basics.js';

/** @typedef {import('../settings.js').Settings} Settings */

/** @param {{settings: Settings}} props */
export const Plan = ({ settings: { plan } }) => html`<div class="stack narrow-stack">
  <${Panel} title=${`Plan: ${plan.name}`} actions=${html`<${Button} small icon="chart" href=${href('usage')}>Usage<//>`}>
    <${Facts} of=${[
      ['API', plan.api_access ? 'Included' : 'Not included'],
      plan.api_access && ['Requests an hour', plan.requests_per_hour ? plan.requests_per_hour.toLocaleString('en') : 'Without a limit'],
      plan.api_access && plan.requests_per_hour > 0 && ['Burst beyond that', `${plan.burst_percent} %`],
    ]} /><//>
  ${!plan.api_access && html`<${Note} title="API keys need another plan"><p>Keys can be made, and are refused with <code>plan_required</code>. Whoever runs this server changes the plan in its configuration.</p><//>`}
</div>`;

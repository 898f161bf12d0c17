// One webhook: how it fares, what it was sent, its settings, its secret, and trying it out.
import { html, useState } from '../html.js';
import { readWhole, useRead } from '../api.js';
import { go, href, query, setQuery } from '../router.js';
import { Button, Empty, Facts, Failure, Note, Page, Panel, RelativeTime, Skeleton, TestData } from '../ui/basics.js';
import { CopyText } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { usePoll } from '../ui/poll.js';
import { Tabs } from '../ui/tabs.js';
import { DeleteWebhook, Replay, Reveal, RotateSecret, readable } from './webhooks/acts.js';
import { Deliveries } from './webhooks/deliveries.js';
import { Change, Secret, TryOut } from './webhooks/tabs.js';
import { Success, WebhookStatus, called, change, done, isAhead, p95, path, replay } from './webhooks/shared.js';

/** @typedef {import('./webhooks/shared.js').Webhook} Webhook */

const tabs = [{ value: 'deliveries', label: 'Deliveries' }, { value: 'settings', label: 'Settings' }, { value: 'secret', label: 'Secret' }, { value: 'test', label: 'Test' }];

/** What keeps it from being told, and the way out. @param {{of: Webhook, onTurn: (status: 'enabled'|'paused') => void, onMakeUp: () => void}} props */
function Banner({ of, onTurn, onMakeUp }) {
  if (of.status === 'disabled') {
    const gone = of.disabled_reason === 'gone';
    return html`<${Note} tone="danger" title=${gone ? 'Disabled: the receiver answered 410, that it is gone' : 'Disabled: it failed for three days'}
      actions=${html`${of.replay_since && html`<${Button} small kind="primary" icon="refresh" onClick=${onMakeUp}>Enable and replay from then<//>`}<${Button} small icon="play" onClick=${() => onTurn('enabled')}>Enable from now on<//>`}>
      <p>What waited is cancelled, and what happens meanwhile is not kept for it.${of.replay_since && html` Its first failure was on ${readable(of.replay_since)}: a replay from then makes up for everything.`}</p><//>`;
  }
  if (of.status === 'paused') {
    return html`<${Note} tone="warning" title="Paused" actions=${html`<${Button} small icon="play" onClick=${() => onTurn('enabled')}>Resume<//>`}><p>Its deliveries wait, and go out in order when it is resumed.</p><//>`;
  }
  if (of.failing_since) {
    return html`<${Note} tone="warning" title="It takes nothing" actions=${html`<${Button} small onClick=${() => setQuery({ tab: 'test' })}>Send a ping now<//>`}>
      <p>Failing since <${RelativeTime} at=${of.failing_since} />. Each delivery is tried again after longer and longer pauses; while the receiver takes nothing at all, one in five minutes finds out, and the rest wait.${isAhead(of.next_try_at) && html` Nothing is tried before ${readable(of.next_try_at ?? '')}.`} After three days it is disabled.</p><//>`;
  }
  return null;
}

/** @param {{parameters: {webhook_id: string}}} props */
export default function WebhookPage({ parameters: { webhook_id: id } }) {
  const read = useRead((signal) => readWhole(path(`/${id}`), signal), [id]);
  const [act, setAct] = useState(/** @type {{kind: 'rotate'|'replay'|'delete'|'reveal', made?: Webhook}|null} */ (null));
  const back = { href: href('webhooks'), label: 'Webhooks' };
  const of = /** @type {Webhook|undefined} */ (read.data?.data);
  usePoll(read.reload, 10_000, Boolean(of) && !act);
  if (!of || !read.data) {
    return html`<${Page} title=${read.missing ? 'No such webhook' : 'Webhook'} back=${back}>${read.missing ? html`<${Empty} icon="hook" title="There is no such webhook here" actions=${html`<${Button} href=${href('webhooks')}>All webhooks<//>`}><p>It may belong to the other mode, or was deleted.</p><//>` : read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${8} />`}<//>`;
  }
  const close = () => setAct(null);
  const asked = query.value.get('tab');
  const tab = tabs.some((one_) => one_.value === asked) ? asked : 'deliveries';
  const turn = async (/** @type {'enabled'|'paused'} */ status) => {
    const said = status === 'paused' ? 'Paused: its deliveries wait.' : 'It is told again.';
    if (await done(() => change(id, { status }), said)) read.reload();
  };
  const makeUp = async () => {
    const since = of.replay_since ?? of.updated_at;
    const both = async () => {
      await change(id, { status: 'enabled' });
      await replay(id, since, false);
    };
    if (await done(both, 'Enabled. What it missed is sent.')) read.reload();
  };
  const { recent } = of;
  const own = path(`/${id}`);
  return html`<${Page} title=${called(of)} name=${`Webhook ${called(of)}`} back=${back} badges=${html`<${WebhookStatus} of=${of} /><${TestData} />`}
    actions=${html`<${ViewAsCurl} calls=${[{ path: own, title: 'Read it' }, { path: `${own}/deliveries`, query: { status: 'failed' }, title: 'What failed' }, { method: 'POST', path: `${own}/test`, title: 'Send a ping' }, { method: 'POST', path: `${own}/replay`, body: { since: of.replay_since ?? of.created_at, delivered: false }, title: 'Replay what failed' }]} />
      ${of.status === 'enabled' && html`<${Button} icon="pause" onClick=${() => turn('paused')}>Pause<//>`}
      ${of.status === 'paused' && html`<${Button} icon="play" onClick=${() => turn('enabled')}>Resume<//>`}
      ${of.status !== 'disabled' && html`<${Button} icon="refresh" onClick=${() => setAct({ kind: 'replay' })}>Replay<//>`}
      <${Menu} label=${`Actions for ${called(of)}`} items=${[{ label: 'Rotate the secret', icon: 'rotate', onSelect: () => setAct({ kind: 'rotate' }) }, { label: 'Delete', icon: 'trash', danger: true, onSelect: () => setAct({ kind: 'delete' }) }]} />`}>
    <${Banner} of=${of} onTurn=${turn} onMakeUp=${makeUp} />
    <${Panel} title="Facts"><${Facts} of=${[
      ['Endpoint', html`<${CopyText} text=${of.url} label="the endpoint" />`],
      ['Events', html`<span class="scopes">${of.events.map((pattern) => html`<code key=${pattern}>${pattern}</code>`)}</span>`],
      ['Tries taken, 24 h', html`<${Success} of=${recent} />`],
      ['p95, 24 h', p95(recent)],
      ['Last hundred deliveries', `${recent.delivered} delivered, ${recent.pending} pending, ${recent.failed} failed`],
      ['Last tried', html`<${RelativeTime} at=${recent.last_try_at} />`],
      ['Registered', html`<${RelativeTime} at=${of.created_at} />`],
      of.app_id && ['Registered by', html`<a href=${href(`apps/${of.app_id}`)}>an app</a>: it is told only what that may read`],
      ['Id', html`<${CopyText} text=${of.id} label="the webhook's id" />`],
    ]} /><//>
    <${Tabs} label=${called(of)} value=${tab} tabs=${tabs} onChange=${(/** @type {string} */ to) => setQuery({ tab: to === 'deliveries' ? null : to, status: null })}>
      ${tab === 'deliveries' && html`<${Deliveries} of=${of} onChanged=${read.reload} />`}
      ${tab === 'settings' && html`<${Change} key=${of.id} read=${read.data} onChanged=${read.reload} />`}
      ${tab === 'secret' && html`<${Secret} of=${of} onRotate=${() => setAct({ kind: 'rotate' })} />`}
      ${tab === 'test' && html`<${TryOut} of=${of} onDone=${read.reload} />`}
    <//>
    ${act?.kind === 'rotate' && html`<${RotateSecret} of=${of} onClose=${close} onRotated=${(/** @type {Webhook} */ made) => { setAct({ kind: 'reveal', made }); read.reload(); }} />`}
    ${act?.kind === 'reveal' && act.made && html`<${Reveal} made=${act.made} onDone=${close} />`}
    ${act?.kind === 'replay' && html`<${Replay} of=${of} onClose=${close} onBegun=${() => { close(); read.reload(); }} />`}
    ${act?.kind === 'delete' && html`<${DeleteWebhook} of=${of} onClose=${close} onDeleted=${() => { close(); go(href('webhooks'), { replace: true }); }} />`}
  <//>`;
}

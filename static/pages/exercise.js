// One exercise of the library.
import { html, useState } from '../html.js';
import { get, remove, useRead } from '../api.js';
import { go, href } from '../router.js';
import { Badge, Button, Empty, Facts, Failure, Page, Panel, Skeleton, TestData } from '../ui/basics.js';
import { CopyText } from '../ui/copy.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Menu } from '../ui/menu.js';
import { toast } from '../ui/toast.js';
import { ExerciseForm } from './library/form.js';
import { Source, forgetExercises, joints, listed, loadTypes, stressWords, useExercises } from './library/shape.js';
import { Confirm } from './programs/acts.js';
import { called, plain } from './programs/words.js';

/** @param {{parameters: {exercise_id: string}}} props */
export default function ExercisePage({ parameters: { exercise_id: id } }) {
  const path = `/v1/exercises/${id}`;
  const back = { href: href('library'), label: 'Library' };
  const read = useRead((signal) => get(path, {}, { signal }), [id]);
  const { name } = useExercises();
  const [act, setAct] = useState(/** @type {'edit'|'remove'|null} */ (null));
  const one = /** @type {import('./library/shape.js').Exercise|undefined} */ (read.data);
  if (!one) {
    if (read.error?.status === 404) {
      return html`<${Page} title="No such exercise" back=${back}><${Empty} icon="dumbbell" title="There is no such exercise here" actions=${html`<${Button} href=${href('library')}>To the library<//>`}><p>An exercise of your own belongs to one mode.</p><//><//>`;
    }
    return html`<${Page} title="Exercise" back=${back}>${read.error ? html`<${Failure} error=${read.error} onRetry=${read.reload} />` : html`<${Skeleton} lines=${6} />`}<//>`;
  }
  const link = (/** @type {string|null} */ slug) => slug && html`<a href=${href(`library/${slug}`)}>${name(slug)}</a>`;
  const words = (/** @type {string[]} */ all) => (all.length ? html`<span class="row tight">${all.map((word) => html`<${Badge} key=${word}>${plain(word)}<//>`)}</span>` : null);
  const own = one.source === 'own';
  return html`<${Page} title=${one.name} back=${back} badges=${html`${own ? html`<${Source} of=${one} />` : html`<${Badge}>Catalogue<//>`}<${TestData} />`} intro=${one.cue}
    actions=${html`<${ViewAsCurl} calls=${[{ path }]} />
      ${own && html`<${Button} icon="edit" onClick=${() => setAct('edit')}>Edit<//><${Menu} label=${`Actions for ${one.name}`} items=${[{ label: 'Remove', icon: 'trash', danger: true, onSelect: () => setAct('remove') }]} />`}`}>
    <div class="columns wide-gap">
      <${Panel} title="What it is"><${Facts} of=${[
    ['Also called', one.aliases.length ? one.aliases.join(', ') : null],
    ['Pattern', plain(one.pattern)],
    ['Level', `From ${plain(one.level).toLowerCase()}`],
    ['Loaded by', called(loadTypes, one.load_type)],
    ['Sides', one.unilateral ? 'One at a time' : 'Both together'],
    ['Equipment', one.equipment.length ? listed(one.equipment) : 'None'],
    ['Programs name it by', html`<${CopyText} text=${one.slug} label="the slug" />`],
  ]} /><//>
      <div class="stack">
        <${Panel} title="What it trains"><${Facts} of=${[['First of all', words(one.primary)], ['By the way', words(one.secondary)]]} /><//>
        <${Panel} title="What it asks of the body"><${Facts} of=${[
    ['Tags', words(one.tags)],
    ...joints.filter(([joint]) => one.joint_stress[joint]).map(([joint, text]) => /** @type {[string, any]} */ ([`Stress, ${text.toLowerCase()}`, stressWords[one.joint_stress[joint]]])),
  ]} /><//>
        <${Panel} title="Easier and harder"><${Facts} of=${[['Next easier', link(one.regression)], ['Next harder', link(one.progression)]]} /><//>
      </div>
    </div>
    ${!own && html`<p class="muted small">The catalogue is the same for everybody. To have it otherwise, add one of your own.</p>`}
    ${act === 'edit' && html`<${ExerciseForm} of=${one} onClose=${() => setAct(null)} onSaved=${() => { setAct(null); read.reload(); toast('Saved'); }} />`}
    ${act === 'remove' && html`<${Confirm} title="Remove the exercise?" danger text="Programs and logs that name it keep its name. It cannot be chosen any more." act="Remove" onClose=${() => setAct(null)}
      run=${async () => { await remove(path); forgetExercises(); toast(`“${one.name}” is out of the library.`); go(href('library')); }} />`}
  <//>`;
}

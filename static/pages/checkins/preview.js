// A form as a client sees it on a phone. Nothing that is done here is kept.
import { html, useId } from '../../html.js';
import { Icon } from '../../ui/icons.js';
import { poseWords } from './shape.js';

/** @typedef {import('./shape.js').Question} Question */

/** @param {{name: string, questions: Question[]}} props */
export const Preview = ({ name, questions }) => html`<div class="preview">
  <p><strong>${name.trim() || 'Check-in'}</strong></p>
  ${questions.map((one) => html`<${One} key=${one.id} of=${one} />`)}
</div>`;

/** @param {{of: Question}} props */
function One({ of }) {
  const id = useId();
  const words = html`${of.question || 'Your question'}${!of.required && html` <span class="muted optional">optional</span>`}`;
  const help = of.help && html`<p class="hint" id=${`${id}-help`}>${of.help}</p>`;
  const described = of.help ? `${id}-help` : undefined;
  const from = of.min ?? 1;
  const to = of.max ?? 5;
  switch (of.type) {
    case 'scale': return html`<fieldset class="choice" aria-describedby=${described}><legend>${words}</legend>${help}
      <div class="scale">${Array.from({ length: Math.max(0, Math.min(20, to - from + 1)) }, (_, at) => from + at).map((value) => html`<label key=${value}><input type="radio" name=${id} value=${value} />${value}</label>`)}</div></fieldset>`;
    case 'choice': return html`<fieldset class="choice" aria-describedby=${described}><legend>${words}</legend>${help}
      <div class="choices">${(of.choices ?? []).map((choice) => html`<label key=${choice} class="option"><input type="radio" name=${id} value=${choice} /><span class="option-text">${choice}</span></label>`)}</div></fieldset>`;
    case 'number': return html`<div class="field"><label for=${id}>${words}</label>${help}<div class="control-row"><input id=${id} class="control" inputmode="decimal" aria-describedby=${described} />${of.unit && html`<span class="muted unit-after">${of.unit}</span>`}</div></div>`;
    case 'photo': return html`<div class="field"><span class="photo-ask"><${Icon} name="camera" />${words}</span>${help}<p class="muted small">${poseWords[of.pose ?? 'other']}. The phone's camera opens here.</p></div>`;
    default: return html`<div class="field"><label for=${id}>${words}</label>${help}<textarea id=${id} class="control" rows="2" aria-describedby=${described}></textarea></div>`;
  }
}

// The photos of a client by pose, and two days of the same pose compared.
import { html, useId, useRef, useState } from '../../html.js';
import { ApiError, remove, send, useList } from '../../api.js';
import { query, setQuery } from '../../router.js';
import { Button, Empty, Failure, Note, Panel, Skeleton } from '../../ui/basics.js';
import { Dialog } from '../../ui/dialog.js';
import { FaultSummary, Field, faults, useForm } from '../../ui/field.js';
import { Filters, Select } from '../../ui/table.js';
import { toast } from '../../ui/toast.js';
import { calendarDay, poseWords, poses } from '../checkins/shape.js';

/** @typedef {{id: string, pose: string, taken_on: string|null, created_at: string, url: string, checkin_id: string|null}} Photo */

/** The day that a photo is of. @param {Photo} photo */
const dayOf = (photo) => photo.taken_on ?? photo.created_at.slice(0, 10);

/** @param {import('../client.js').Part} props */
export function Photos({ client }) {
  const list = useList(`/v1/clients/${client.id}/photos`, { limit: 100 });
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState(/** @type {Photo|null} */ (null));
  const rows = /** @type {Photo[]} */ (list.rows);
  if (list.error && rows.length === 0) return html`<${Failure} error=${list.error} onRetry=${list.reload} />`;
  if (list.loading && rows.length === 0) return html`<${Skeleton} lines=${6} />`;
  const add = html`<${Button} icon="upload" onClick=${() => setAdding(true)}>Add a photo<//>`;
  const shown = poses.map(([pose, label]) => ({ pose, label, photos: rows.filter((one) => one.pose === pose) })).filter((one) => one.photos.length > 0);
  const first = client.name.split(' ')[0];
  return html`<div class="stack loose">
    ${rows.length === 0 ? html`<${Empty} icon="camera" title="No photos yet" actions=${add}><p>They come with check-ins. Only you and ${first} can see them; place and camera are taken out.</p><//>`
    : html`<div class="row">${add}</div>
      <${Compare} client=${client} rows=${rows} />
      <div class="poses">${shown.map((one) => html`<section key=${one.pose} class="stack tight" aria-label=${one.label}><h2>${one.label}</h2>
        <ul class="photo-row">${one.photos.map((photo) => html`<li key=${photo.id}><figure class="shot"><img src=${photo.url} alt=${`${client.name}, ${photo.pose}, ${calendarDay(dayOf(photo))}`} loading="lazy" decoding="async" />
          <figcaption class="row small"><span class="muted">${calendarDay(dayOf(photo))}</span><${Button} kind="icon" small icon="trash" label=${`Delete the photo of ${calendarDay(dayOf(photo))}, ${one.label.toLowerCase()}`} onClick=${() => setDeleting(photo)} /></figcaption></figure></li>`)}</ul></section>`)}</div>
      ${list.hasMore && html`<div class="row"><${Button} busy=${list.loadingMore} onClick=${list.more}>Older photos<//></div>`}`}
    ${adding && html`<${Add} client=${client} onClose=${() => setAdding(false)} onAdded=${() => { setAdding(false); list.reload(); toast('Added.'); }} />`}
    ${deleting && html`<${Delete} photo=${deleting} name=${client.name} onClose=${() => setDeleting(null)} onDeleted=${() => { setDeleting(null); list.reload(); toast('The photo is deleted.'); }} />`}
  </div>`;
}

/** Two photos of one pose. @param {{client: {name: string}, rows: Photo[]}} props */
function Compare({ client, rows }) {
  // Only poses of which there are two can be compared.
  const usable = poses.filter(([pose]) => rows.filter((one) => one.pose === pose).length > 1);
  const asked = query.value;
  if (usable.length === 0) return html`<p class="muted">Two photos of the same pose can be compared here.</p>`;
  const pose = usable.some(([value]) => value === asked.get('pose')) ? asked.get('pose') ?? '' : usable[0][0];
  const of = rows.filter((one) => one.pose === pose).sort((a, b) => dayOf(a).localeCompare(dayOf(b)));
  const before = of.find((one) => one.id === asked.get('before')) ?? of[0];
  const after = of.find((one) => one.id === asked.get('after')) ?? of[of.length - 1];
  const how = asked.get('how') === 'slider' ? 'slider' : 'sides';
  const choices = of.map((one) => /** @type {[string, string]} */ ([one.id, calendarDay(dayOf(one))]));
  const alt = (/** @type {Photo} */ one) => `${client.name}, ${pose}, ${calendarDay(dayOf(one))}`;
  return html`<${Panel} title="Compare" actions=${html`<div class="segments" role="group" aria-label="How they are compared">
      <button type="button" aria-pressed=${how === 'sides' ? 'true' : 'false'} onClick=${() => setQuery({ how: null })}>Side by side</button>
      <button type="button" aria-pressed=${how === 'slider' ? 'true' : 'false'} onClick=${() => setQuery({ how: 'slider' })}>Slider</button></div>`}>
    <div class="stack">
      <${Filters}>
        <${Select} label="Pose" value=${pose} choices=${usable} onChange=${(/** @type {string} */ to) => setQuery({ pose: to, before: null, after: null })} />
        <${Select} label="Before" value=${before.id} choices=${choices} onChange=${(/** @type {string} */ to) => setQuery({ before: to })} />
        <${Select} label="After" value=${after.id} choices=${choices} onChange=${(/** @type {string} */ to) => setQuery({ after: to })} />
      <//>
      ${how === 'sides' ? html`<div class="compare">${[['Before', before], ['After', after]].map(([label, one]) => html`<figure class="shot" key=${label}><img src=${/** @type {Photo} */ (one).url} alt=${alt(/** @type {Photo} */ (one))} /><figcaption class="small muted">${label}, ${calendarDay(dayOf(/** @type {Photo} */ (one)))}</figcaption></figure>`)}</div>`
      : html`<${Slider} before=${before} after=${after} alt=${alt} />`}
    </div><//>`;
}

/** One above the other: a slider, by pointer or by arrow keys, moves the line between them. @param {{before: Photo, after: Photo, alt: (one: Photo) => string}} props */
function Slider({ before, after, alt }) {
  const [at, setAt] = useState(50);
  const id = useId();
  return html`<div class="slider">
    <div class="slider-frame">
      <img src=${before.url} alt=${alt(before)} />
      <img src=${after.url} alt=${alt(after)} style=${{ clipPath: `inset(0 0 0 ${at}%)` }} />
      <span class="slider-line" style=${{ left: `${at}%` }} aria-hidden="true"></span>
    </div>
    <label class="unseen" for=${id}>Where the later photo begins</label>
    <input id=${id} type="range" min="0" max="100" step="1" value=${at} aria-valuetext=${`${at} % before, ${100 - at} % after`} onInput=${(/** @type {any} */ event) => setAt(Number(event.currentTarget.value))} />
    <p class="slider-ends small muted"><span>Before, ${calendarDay(dayOf(before))}</span><span>After, ${calendarDay(dayOf(after))}</span></p>
  </div>`;
}

/** @param {{client: {id: string, name: string}, onClose: () => void, onAdded: () => void}} props */
function Add({ client, onClose, onAdded }) {
  const file = useRef(/** @type {HTMLInputElement|null} */ (null));
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  const form = useForm({ file: '', pose: 'front', taken_on: today }, async (values) => {
    const chosen = file.current?.files?.[0];
    if (!chosen) throw faults({ file: 'Choose a photo.' });
    const body = new FormData();
    body.set('pose', values.pose);
    if (values.taken_on) body.set('taken_on', values.taken_on);
    body.set('file', chosen);
    // The browser writes the content type: only it knows the boundary.
    await send({ method: 'POST', path: `/v1/clients/${client.id}/photos`, body, raw: true });
    onAdded();
  });
  const { field } = form;
  return html`<${Dialog} title=${`A photo of ${client.name}`} onClose=${onClose}
    footer=${html`<${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" form="add-photo" busy=${form.busy}>Add it<//>`}>
    <form id="add-photo" class="stack" ...${form.form}>
      <${FaultSummary} error=${form.error} labels=${{ file: 'Photo', pose: 'Pose', taken_on: 'Taken on' }} />
      <${PhotoField} box=${file} error=${field('file').error} onChoose=${() => form.set({ file: 'chosen' })} />
      <${Field} label="Pose" as="select" ...${field('pose')}>${poses.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}<//>
      <${Field} label="Taken on" type="date" max=${today} ...${field('taken_on')} />
      <p class="muted small">It is made smaller, and the place and the camera are taken out of it.</p>
    </form><//>`;
}

/** @param {{box: {current: HTMLInputElement|null}, error: string|null, onChoose: () => void}} props */
function PhotoField({ box, error, onChoose }) {
  const id = useId();
  return html`<div class=${`field ${error ? 'wrong' : ''}`}>
    <label for=${id}>Photo</label><p class="hint" id=${`${id}-hint`}>JPEG, PNG or WebP, up to 10 MB.</p>
    <input ref=${box} id=${id} class="control" type="file" name="file" accept="image/jpeg,image/png,image/webp" data-first aria-invalid=${error ? 'true' : undefined} aria-describedby=${`${id}-hint${error ? ` ${id}-error` : ''}`} onChange=${onChoose} />
    ${error && html`<p class="fault" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** A photo that is gone cannot come back, so it is asked. @param {{photo: Photo, name: string, onClose: () => void, onDeleted: () => void}} props */
function Delete({ photo, name, onClose, onDeleted }) {
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      await remove(`/v1/photos/${photo.id}`);
      onDeleted();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
      setBusy(false);
    }
  };
  return html`<${Dialog} title="Delete this photo?" intro=${`${name}, ${poseWords[photo.pose]?.toLowerCase()}, ${calendarDay(dayOf(photo))}`} onClose=${onClose}
    footer=${html`<${Button} data-first onClick=${onClose}>Keep it<//><${Button} kind="danger" busy=${busy} onClick=${run}>Delete it<//>`}>
    <div class="stack"><${Failure} error=${error} /><p>It cannot be brought back.</p>${photo.checkin_id && html`<${Note} tone="info"><p>It belongs to a check-in, which stays.</p><//>`}</div><//>`;
}

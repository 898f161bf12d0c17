// The coach's own notes of a client: saved when the field is left, and taken back with one click.
import { html, useEffect, useRef, useState } from '../../html.js';
import { ApiError, patch } from '../../api.js';
import { Button, Failure, RelativeTime } from '../../ui/basics.js';
import { Field } from '../../ui/field.js';
import { toast } from '../../ui/toast.js';

/** @param {import('../client.js').Part} props */
export function Notes({ client, reload }) {
  const [text, setText] = useState(client.coach_notes ?? '');
  const [error, setError] = useState(/** @type {ApiError|null} */ (null));
  const [busy, setBusy] = useState(false);
  const saved = useRef(client.coach_notes ?? '');
  const now = useRef(text);
  now.current = text;

  /** @param {string} next @param {boolean} [back] */
  const save = async (next, back) => {
    const before = saved.current;
    if (next === before) return;
    saved.current = next;
    setBusy(true);
    setError(null);
    try {
      await patch(`/v1/clients/${client.id}`, { coach_notes: next.trim() === '' ? null : next });
      toast(back ? 'Taken back.' : 'Notes saved.', back ? {} : { undo: () => { setText(before); return save(before, true); } });
      reload();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      saved.current = before;
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  // Another tab of the page takes the field away before it is left.
  useEffect(() => () => { save(now.current); }, []);
  return html`<form class="stack thread-frame" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); save(text); }}>
    <${Failure} error=${error} onRetry=${() => save(text)} />
    <${Field} label="Notes" as="textarea" rows="12" maxlength="10000" hint=${`Only for you. ${client.name.split(' ')[0]} never sees them. Saved when you leave the field.`} name="coach_notes" value=${text}
      onInput=${(/** @type {any} */ event) => setText(event.currentTarget.value)} onBlur=${() => save(text)} />
    <div class="row"><${Button} kind="primary" type="submit" busy=${busy}>Save<//><span class="muted small" role="status">${text === saved.current ? html`Profile changed <${RelativeTime} at=${client.updated_at} />` : 'Not saved yet'}</span></div>
  </form>`;
}

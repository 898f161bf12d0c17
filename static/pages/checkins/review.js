// What the coach says to a check-in: a reply that the client reads, and notes that she never sees.
import { html, useEffect, useLayoutEffect, useRef } from '../../html.js';
import { post } from '../../api.js';
import { Button, RelativeTime } from '../../ui/basics.js';
import { FaultSummary, Field, useForm } from '../../ui/field.js';
import { Icon } from '../../ui/icons.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('./shape.js').Checkin} Checkin */

/**
 * @param {{checkin: Checkin, name: string, submit: string, hint?: string, handle?: {current: {send: () => void, reply: () => void}|null}, drafts: ReturnType<typeof import('./drafts.js').useDrafts>, onReviewed: (checkin: Checkin) => void}} props
 *   `handle`: lets keys of the page send it and go to the reply; `drafts`: where what is typed is kept
 */
export function Review({ checkin, name, submit, hint, handle, drafts, onReviewed }) {
  const first = name.split(' ')[0];
  const box = useRef(/** @type {HTMLFormElement|null} */ (null));
  const form = useForm(drafts.of(checkin.id) ?? { reply: checkin.reply ?? '', private_notes: checkin.private_notes ?? '' }, async (values) => {
    const reply = values.reply.trim();
    const notes = values.private_notes.trim();
    // Only what was changed here: what was written elsewhere meanwhile stays.
    const changed = {
      ...(reply !== (checkin.reply ?? '') && { reply: reply || null }),
      ...(notes !== (checkin.private_notes ?? '') && { private_notes: notes || null }),
    };
    const reviewed = await post(`/v1/checkins/${checkin.id}/review`, changed);
    drafts.put(checkin.id, null);
    toast(reply && reply !== checkin.reply ? `${first} can read your reply.` : 'Reviewed.');
    onReviewed(reviewed);
  });
  const { values } = form;
  // Before anything else happens: the next key may lead to another check-in.
  useLayoutEffect(() => {
    const typed = values.reply.trim() !== (checkin.reply ?? '') || values.private_notes.trim() !== (checkin.private_notes ?? '');
    drafts.put(checkin.id, typed ? values : null);
  }, [values, checkin.reply, checkin.private_notes]);
  useEffect(() => {
    if (!handle) return undefined;
    handle.current = {
      send: () => box.current?.requestSubmit(),
      reply: () => /** @type {HTMLElement|null} */ (box.current?.querySelector('[name=reply]'))?.focus(),
    };
    return () => { handle.current = null; };
  }, [checkin.id]);
  const { ref, ...rest } = form.form;
  return html`<form class="stack review" aria-label="Review" ...${rest} ref=${(/** @type {any} */ element) => { box.current = element; ref.current = element; }}>
    <${FaultSummary} error=${form.error} labels=${{ reply: 'Reply', private_notes: 'Private notes' }} />
    <div class="review-reply stack tight"><${Field} label=${`Reply to ${first}`} as="textarea" rows="4" maxlength="10000" hint=${`${first} reads this in the app.`} ...${form.field('reply')} /></div>
    <div class="review-private stack tight"><${Field} label="Private notes" as="textarea" rows="2" maxlength="10000" hint=${html`<${Icon} name="lock" size=${13} /> Only for you. ${first} never sees them.`} ...${form.field('private_notes')} /></div>
    <div class="row"><${Button} kind="primary" type="submit" icon="check" busy=${form.busy}>${submit}<//>
      ${checkin.reviewed_at ? html`<span class="muted small">Reviewed <${RelativeTime} at=${checkin.reviewed_at} />; saving changes it.</span>` : hint && html`<span class="muted small">${hint}</span>`}</div>
  </form>`;
}

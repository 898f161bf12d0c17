// What the pages of clients share: the shape, the words for its states, a form's lists.
import { html, useEffect, useRef, useState } from '../../html.js';
import { Badge } from '../../ui/basics.js';

/**
 * @typedef {{status: 'queued'|'sent'|'held'|'off'|'bounced', reason: string|null, expires_at: string|null}} Invite
 * @typedef {{id: string, status: 'invited'|'active'|'paused'|'archived', name: string, email: string, phone: string|null, timezone: string|null, units: string, goal: string|null, experience: string|null, days_per_week: number|null, session_minutes: number|null, equipment: string[], limitations: string[], tags: string[], check_in_day: string|null, coach_notes: string|null, sms_consent: string, external_id: string|null, metadata: Record<string, string>, past_due: boolean, invite: Invite|null, joined_at: string|null, archived_at: string|null, created_at: string, updated_at: string, install_link?: string|null}} Client
 * @typedef {{program: {id: string, name: string, week: number|null, weeks: number}|null, adherence_30: number|null, last_checkin_at: string|null, reason: string|null}} Standing
 */

const tones = /** @type {const} */ ({ invited: 'info', active: 'good', paused: 'warning', archived: 'neutral' });
const words = { invited: 'Invited', active: 'Active', paused: 'Paused', archived: 'Archived' };

/** @param {{client: Pick<Client, 'status'|'past_due'>}} props */
export const StatusBadge = ({ client }) => html`<${Badge} tone=${tones[client.status]}>${words[client.status]}<//>${client.past_due && html` <${Badge} tone="danger">Past due<//>`}`;

const inviteTones = /** @type {const} */ ({ queued: 'info', sent: 'good', held: 'warning', off: 'neutral', bounced: 'danger' });
const inviteWords = { queued: 'Mail queued', sent: 'Mail sent', held: 'Mail held', off: 'No mail', bounced: 'Mail bounced' };

/** @param {{invite: Invite}} props */
export const InviteBadge = ({ invite }) => html`<${Badge} tone=${inviteTones[invite.status]} title=${invite.reason ?? undefined}>${inviteWords[invite.status]}<//>`;

export const levels = [['', 'Not said'], ['beginner', 'Beginner'], ['intermediate', 'Intermediate'], ['advanced', 'Advanced']];
export const weekdays = [['', 'None'], ...['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, day[0].toUpperCase() + day.slice(1)])];
export const limits = [
  ['knee', 'Knee'], ['low_back', 'Low back'], ['shoulder', 'Shoulder'], ['wrist', 'Wrist'], ['elbow', 'Elbow'], ['hip', 'Hip'],
  ['ankle', 'Ankle'], ['neck', 'Neck'], ['no_impact', 'No impact'], ['needs_clearance', 'Needs medical clearance'],
];

/** The time zones that this browser knows, its own first. */
export function timezones() {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = /** @type {any} */ (Intl).supportedValuesOf?.('timeZone') ?? [];
  return [...new Set([own, 'UTC', ...all])].filter(Boolean);
}

/** Text with commas as a list. @param {string} text */
export const split = (text) => text.split(',').map((part) => part.trim()).filter(Boolean);

/**
 * A value that settles when typing stops, so that not each letter is a call.
 * @param {string} value @param {(value: string) => void} onSettled
 */
export function useDelayed(value, onSettled) {
  const [settled, setSettled] = useState(value);
  const tell = useRef(onSettled);
  tell.current = onSettled;
  useEffect(() => {
    if (value === settled) return undefined;
    const timer = setTimeout(() => {
      setSettled(value);
      tell.current(value);
    }, 250);
    return () => clearTimeout(timer);
  }, [value, settled]);
  return settled;
}

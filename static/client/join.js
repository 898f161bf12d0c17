// Joining: the fragment of the address is the link's secret, and is sent when the client agrees.
import { call, complain, show } from './states.js';

const form = /** @type {HTMLFormElement} */ (document.getElementById('join'));
const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input')]);

/** The secret, without what some apps put behind a link. */
const token = () => decodeURIComponent(location.hash.slice(1)).trim().replace(/[.,;)\]>]+$/, '');

/** Whether it has the form of a link that came whole. @param {string} text */
const isWhole = (text) => /^\d+\.cl_[0-9a-z]{26}\.cdnin_[0-9A-Za-z]{36}$/.test(text);

/** @param {HTMLInputElement} box */
function judge(box) {
  const missing = box.required && !box.checked;
  const fault = document.getElementById(`${box.id}-fault`);
  if (fault) fault.hidden = !missing;
  // An empty `aria-invalid` means that nothing is wrong.
  if (missing) box.setAttribute('aria-invalid', 'true');
  else box.removeAttribute('aria-invalid');
  return !missing;
}

for (const box of boxes) box.addEventListener('change', () => judge(box));

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  complain(form, '');
  const wrong = boxes.filter((box) => !judge(box));
  if (wrong.length > 0) {
    wrong[0].focus();
    return;
  }
  if (button.getAttribute('aria-disabled')) return;
  button.setAttribute('aria-disabled', 'true');
  button.classList.add('busy');
  const consents = Object.fromEntries(boxes.map((box) => [box.name, box.checked]));
  const answer = await call('POST', '/auth/client-sessions', { token: token(), consents });
  button.removeAttribute('aria-disabled');
  button.classList.remove('busy');
  if (answer.status === 201) {
    // The used secret goes out of the history too.
    location.replace('/app/');
  } else if (answer.status === 401) {
    refused(answer.body?.error?.reason);
  } else if (answer.status === 429) {
    complain(form, `Too many attempts from here. Try again in ${answer.retryAfter || 60} seconds.`);
  } else if (answer.status === 0) {
    complain(form, 'The server cannot be reached. Look at your connection and try again: your link still works.');
  } else {
    complain(form, `${answer.body?.error?.message ?? 'That did not work.'} Try again; if it stays, tell your coach.`);
  }
});

/** @param {string} [reason] */
async function refused(reason) {
  show({ expired: 'expired', checksum: 'broken' }[reason ?? ''] ?? 'used');
  if (reason === 'expired' || reason === 'checksum') return;
  const devices = await call('GET', '/auth/client-sessions');
  const already = /** @type {HTMLElement} */ (document.querySelector('[data-already]'));
  already.hidden = devices.status !== 200 || devices.body.data.length === 0;
}

function begin() {
  let secret = '';
  try {
    secret = token();
  } catch {
    // A broken percent sign: the link did not come whole.
  }
  show(isWhole(secret) ? 'ask' : 'broken');
}

addEventListener('hashchange', begin);
begin();

// What a script adds to pages that work without it: nothing typed is lost, a form is sent once, the
// rest after a set is timed, and what was read is marked as read.

/** Where what was typed into a form is kept until it was saved. @param {HTMLFormElement} form */
const draftOf = (form) => `draft ${form.getAttribute('action')} ${[...document.forms].filter((other) => other.action === form.action).indexOf(form)}`;

/** Fields that a person fills in. @param {HTMLFormElement} form */
const fieldsOf = (form) => /** @type {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */ (
  [...form.elements].filter((field) => /** @type {HTMLInputElement} */ (field).name
    && !['hidden', 'file', 'submit'].includes(/** @type {HTMLInputElement} */ (field).type)));

/** The hidden key of a form. @param {HTMLFormElement} form */
const onceOf = (form) => /** @type {HTMLInputElement | null} */ (form.querySelector('input[name=once]'));

/** @param {() => void} act Storage can be switched off or full: then there are no drafts. */
const tolerant = (act) => { try { act(); } catch { /* Nothing is kept. */ } };

/** @param {HTMLFormElement} form */
function save(form) {
  const typed = fieldsOf(form).map((field) => {
    const box = field instanceof HTMLInputElement && ['checkbox', 'radio'].includes(field.type);
    return [field.name, field.value, box ? field.checked : null];
  });
  // The key goes along: what was sent and perhaps saved is not saved twice.
  const once = onceOf(form)?.value;
  tolerant(() => localStorage.setItem(draftOf(form), JSON.stringify({ once, typed })));
}

/** @param {HTMLFormElement} form */
function restore(form) {
  tolerant(() => {
    const kept = JSON.parse(localStorage.getItem(draftOf(form)) ?? 'null');
    if (!kept) return;
    const once = onceOf(form);
    if (once && kept.once) once.value = kept.once;
    for (const [name, value, checked] of kept.typed) {
      for (const field of fieldsOf(form).filter((one) => one.name === name)) {
        if (checked === null) field.value = value;
        else if (field.value === value) /** @type {HTMLInputElement} */ (field).checked = checked;
      }
    }
  });
}

/** Says something above a form's button. @param {HTMLFormElement} form @param {string} words */
function say(form, words) {
  let place = form.querySelector('[data-said]');
  if (!place) {
    place = document.createElement('p');
    place.className = 'field-fault';
    place.setAttribute('role', 'alert');
    place.setAttribute('data-said', '');
    form.querySelector('button[type=submit]')?.before(place);
  }
  place.textContent = words;
}

const SENT = 'sent';

// Where the outcome of a form is shown it was saved: what was typed into it is kept no more.
tolerant(() => {
  const sent = sessionStorage.getItem(SENT);
  const outcome = /** @type {HTMLElement | null} */ (document.querySelector('[data-outcome-of]'));
  const shown = outcome ? sent?.includes(` ${outcome.dataset.outcomeOf} `) : location.hash.startsWith('#msg_');
  if (sent && shown) {
    sessionStorage.removeItem(SENT);
    localStorage.removeItem(sent);
  }
});

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('form[data-keep]'))) {
  if (!document.querySelector('[data-faults]')) restore(form);
  form.addEventListener('input', () => save(form));
  form.addEventListener('change', () => save(form));
}

for (const form of document.forms) {
  let sending = false;
  form.addEventListener('submit', (event) => {
    if (sending) {
      event.preventDefault();
      return;
    }
    if (!navigator.onLine) {
      event.preventDefault();
      say(form, 'There is no connection. What you entered is kept on this device: send it again later.');
      return;
    }
    if (form.hasAttribute('data-keep')) tolerant(() => sessionStorage.setItem(SENT, draftOf(form)));
    sending = true;
    form.querySelector('button[type=submit]')?.classList.add('busy');
    // A page that comes back from the history can be sent again.
    addEventListener('pageshow', () => { sending = false; form.querySelector('.busy')?.classList.remove('busy'); }, { once: true });
  });
}

/** The rest after a set: counted down above the navigation. @param {number} seconds */
function rest(seconds) {
  document.querySelector('.rest-bar')?.remove();
  const bar = document.createElement('div');
  bar.className = 'rest-bar';
  const left = document.createElement('span');
  left.setAttribute('role', 'timer');
  const stop = document.createElement('button');
  stop.type = 'button';
  stop.className = 'button';
  stop.textContent = 'Skip the rest';
  bar.append(left, stop);
  document.body.append(bar);
  const end = Date.now() + seconds * 1000;
  const show = () => {
    const remaining = Math.max(0, Math.round((end - Date.now()) / 1000));
    left.textContent = remaining > 0
      ? `Rest ${Math.floor(remaining / 60)}:${String(remaining % 60).padStart(2, '0')}`
      : 'Go on';
    if (remaining === 0) {
      clearInterval(timer);
      navigator.vibrate?.(200);
      stop.textContent = 'Close';
    }
  };
  const timer = setInterval(show, 500);
  stop.addEventListener('click', () => { clearInterval(timer); bar.remove(); });
  show();
}

for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('[data-tick]'))) {
  box.addEventListener('change', () => {
    const seconds = Number(/** @type {HTMLElement | null} */ (box.closest('[data-rest]'))?.dataset.rest ?? 0);
    if (box.checked && seconds > 0) rest(seconds);
  });
}

// Looking at a message is reading it; the button is for who has no script.
const unread = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-mark-read]'));
if (unread) {
  const last = new FormData(unread).get('last');
  fetch('/v1/app/messages/read', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ message_id: last }),
  }).then((answer) => { if (answer.ok) unread.remove(); }, () => { /* The button is still there. */ });
}

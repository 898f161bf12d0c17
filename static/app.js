// The beginning: asks who is there, follows the address, draws the page.
import { html, render } from './html.js';
import { ApiError, get, hooks } from './api.js';
import { found, go, start } from './router.js';
import { online, session, status } from './store.js';
import { Shell } from './ui/shell.js';
import { askPassword } from './ui/reauth.js';

hooks.reauthenticate = askPassword;
hooks.signedOut = () => {
  const next = location.pathname + location.search;
  if (found.peek().route?.access !== 'open') go(`/dashboard/sign-in?next=${encodeURIComponent(next)}`, { replace: true });
};

/** Asks the server what it is and who is signed in. */
export async function greet() {
  try {
    status.value = await get('/auth/status');
    session.value = status.value?.signed_in ? await get('/auth/sessions/current') : null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 0) session.value = null;
    else online.value = false;
  }
}

start();
render(html`<${Shell} greet=${greet} />`, /** @type {HTMLElement} */ (document.getElementById('app')));
greet();

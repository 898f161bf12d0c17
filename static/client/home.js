// The app's first page: who is in, and the way out.
import { call, complain, show } from './states.js';

/** @template {HTMLElement} T @param {string} name @returns {T} */
const part = (name) => /** @type {T} */ (document.querySelector(`[data-${name}]`));

async function begin() {
  // Asked first, since it is no failure not to be in.
  const devices = await call('GET', '/auth/client-sessions');
  if (devices.status === 200 && devices.body.data.length === 0) {
    show('out');
    return;
  }
  const me = await call('GET', '/v1/app/me');
  if (me.status === 200) {
    part('name').textContent = me.body.name;
    part('workspace').textContent = me.body.workspace.name;
    part('test').hidden = me.body.livemode;
    show('in');
  } else {
    show(me.status === 401 ? 'out' : 'unreachable');
  }
}

part('leave').addEventListener('click', async () => {
  const left = await call('DELETE', '/auth/client-sessions/current');
  if (left.status === 204) show('left');
  else complain(part('leave').closest('section') ?? document.body, 'That did not work. Try again.');
});
part('again').addEventListener('click', begin);
begin();

// Saving over what was read, and what is asked if somebody else has saved since.
import { html, useState } from '../html.js';
import { ApiError, readWhole, send } from '../api.js';
import { Button } from './basics.js';
import { Dialog } from './dialog.js';

/** @typedef {import('../api.js').Read} Read */

/** So often another's change of something else is stepped over. */
const TURNS = 5;

/** @param {any} one @param {any} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Whose is kept is asked of who was slower.
 * @param {{name: string, busy: boolean, loading: string, onClose: () => void, onMine: () => void, onTheirs: () => void}} props
 *   `loading`: what becomes of the slower one's own work where the newer one is loaded
 */
export const Newer = ({ name, busy, loading, onClose, onMine, onTheirs }) => html`<${Dialog} title="It has changed in the meantime" onClose=${onClose}
  footer=${html`<${Button} kind="quiet" onClick=${onClose}>Go on editing<//>
    <${Button} kind="danger" busy=${busy} onClick=${onMine}>Save mine over it<//>
    <${Button} kind="primary" onClick=${onTheirs}>Load the newer one<//>`}>
  <div class="stack"><p>Somebody saved “${name}” after you had opened it. Nothing of yours is lost yet.</p>
    <ul class="plain-list"><li><strong>Load the newer one</strong> ${loading}</li><li><strong>Save mine over it</strong> replaces theirs.</li></ul></div><//>`;

/**
 * Changes a thing as it was read. What others changed of it meanwhile stays, unless it is the same that
 * is changed here: then it is asked whose is kept.
 * @param {string} path
 * @param {Read} initial
 * @param {{name: (data: any) => string, onSaved: (read: Read) => void, onTheirs: (read: Read) => void, onError: (error: ApiError) => void}} options
 *   `onError`: of a change that was chosen in the window; those of `save` are thrown
 */
export function useNewer(path, initial, { name, onSaved, onTheirs, onError }) {
  const [held, setHeld] = useState(initial);
  const [met, setMet] = useState(/** @type {{newer: Read, mine: Record<string, any>}|null} */ (null));
  const [busy, setBusy] = useState(false);

  /** @param {Record<string, any>} mine @param {Read} base what it was made of */
  const put = async (mine, base) => {
    let at = base;
    for (let turn = 1; ; turn += 1) {
      try {
        const { data, headers } = await send({ method: 'PATCH', path, body: mine, headers: at.etag ? { 'If-Match': at.etag } : {} });
        const read = { data: { ...at.data, ...data }, etag: headers.get('etag') };
        setHeld(read);
        setMet(null);
        onSaved(read);
        return;
      } catch (failure) {
        if (!(failure instanceof ApiError) || failure.status !== 412 || turn === TURNS) throw failure;
      }
      const newer = await readWhole(path);
      at = newer;
      if (Object.keys(mine).some((key) => !same(newer.data[key], base.data[key]) && !same(newer.data[key], mine[key]))) {
        setMet({ newer, mine });
        return;
      }
    }
  };
  /** Saves what is other than it was read. @param {Record<string, any>} body */
  const save = async (body) => {
    const mine = Object.fromEntries(Object.entries(body).filter(([key, value]) => !same(value, held.data[key])));
    if (Object.keys(mine).length === 0) onSaved(held);
    else await put(mine, held);
  };
  const overwrite = async () => {
    if (!met) return;
    setBusy(true);
    try {
      await put(met.mine, met.newer);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setMet(null);
      onError(failure);
    } finally {
      setBusy(false);
    }
  };
  const load = () => {
    if (!met) return;
    setHeld(met.newer);
    setMet(null);
    onTheirs(met.newer);
  };
  const window = met && html`<${Newer} name=${name(met.newer.data)} busy=${busy} loading="shows theirs; what you have changed here is lost." onClose=${() => setMet(null)} onMine=${overwrite} onTheirs=${load} />`;
  return { held, setHeld, save, window };
}

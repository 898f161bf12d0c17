// The names of clients, where a list says only their ids. Asked once.
import { useEffect, useState } from '../../html.js';
import { ApiError, get } from '../../api.js';
import { mode, workspace } from '../../store.js';

/** @type {Map<string, string>} */
const known = new Map();
/** The first page of clients is enough for most coaches; the rest is asked one by one. */
const PAGE = 100;

/** @param {string} id */
const place = (id) => `${workspace.peek()?.id} ${mode.peek()} ${id}`;

/** What to call each; until it is known, nothing. @param {string[]} ids @returns {(id: string) => string} */
export function useNames(ids) {
  const [, setTurn] = useState(0);
  const missing = [...new Set(ids)].filter((id) => !known.has(place(id)));
  useEffect(() => {
    if (missing.length === 0) return undefined;
    let wanted = true;
    const ask = async () => {
      const { data } = await get('/v1/clients', { limit: PAGE });
      for (const one of data) known.set(place(one.id), one.name);
      const rest = missing.filter((id) => !known.has(place(id)));
      await Promise.all(rest.map(async (id) => known.set(place(id), (await get(`/v1/clients/${id}`, { expand: 'none' })).name)));
    };
    ask().catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      // Without its name a row still has its link.
      for (const id of missing) if (!known.has(place(id))) known.set(place(id), 'A client');
    }).finally(() => { if (wanted) setTurn((turn) => turn + 1); });
    return () => { wanted = false; };
  }, [missing.join(' '), mode.value, workspace.value?.id]);
  return (id) => known.get(place(id)) ?? '…';
}

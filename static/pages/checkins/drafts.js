// Reviews that were begun and not sent: kept for each check-in as long as the page is.
import { useRef, useState } from '../../html.js';
import { useLeaving } from '../../ui/leaving.js';

/** @typedef {{reply: string, private_notes: string}} Draft */

/**
 * @returns {{of: (id: string) => Draft|undefined, has: (id: string) => boolean, put: (id: string, draft: Draft|null) => void, window: any}}
 *   `put`: null where nothing is left of it; `window`: asks before they are lost
 */
export function useDrafts() {
  const texts = useRef(/** @type {Map<string, Draft>} */ (new Map()));
  // Drawn anew where a draft begins or ends, not at each letter.
  const [ids, setIds] = useState(/** @type {string[]} */ ([]));
  const put = (/** @type {string} */ id, /** @type {Draft|null} */ draft) => {
    if (draft) texts.current.set(id, draft);
    else texts.current.delete(id);
    setIds((/** @type {string[]} */ old) => (old.includes(id) === Boolean(draft) ? old : [...texts.current.keys()]));
  };
  const window = useLeaving(ids.length > 0, { kept: true, words: ids.length > 1 ? `What you wrote to ${ids.length} check-ins is not sent yet, and is lost.` : 'What you wrote to a check-in is not sent yet, and is lost.' });
  return { of: (id) => texts.current.get(id), has: (id) => ids.includes(id), put, window };
}

// Asking before a page is left that holds something unsaved.
import { html, useEffect, useRef, useState } from '../html.js';
import { guard } from '../router.js';
import { Button } from './basics.js';
import { Dialog } from './dialog.js';

/**
 * Asks as long as something is unsaved; gives the window that does.
 * @param {boolean} unsaved
 * @param {{words: string, kept?: boolean}} options `words`: what would be lost; `kept`: it is kept while the path stays, whatever its query
 */
export function useLeaving(unsaved, { words, kept }) {
  const [asking, setAsking] = useState(false);
  const answers = useRef(/** @type {((leave: boolean) => void)|null} */ (null));
  useEffect(() => {
    if (!unsaved) return undefined;
    const here = location.pathname;
    const ask = (/** @type {URL} */ to) => {
      if (kept && to.pathname === here) return null;
      return new Promise((/** @type {(leave: boolean) => void} */ resolve) => {
        answers.current = resolve;
        setAsking(true);
      });
    };
    guard.ask = ask;
    return () => { if (guard.ask === ask) guard.ask = null; };
  }, [unsaved, kept]);
  const answer = (/** @type {boolean} */ leave) => {
    answers.current?.(leave);
    answers.current = null;
    setAsking(false);
  };
  return asking && html`<${Dialog} title="Leave without saving?" onClose=${() => answer(false)} footer=${html`<${Button} onClick=${() => answer(true)}>Leave<//><${Button} kind="primary" data-first onClick=${() => answer(false)}>Stay here<//>`}><p>${words}</p><//>`;
}

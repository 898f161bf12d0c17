// Asking again and again, while somebody looks.
import { useEffect, useRef } from '../html.js';

/**
 * Calls `ask` each so many milliseconds while `on`, one at a time and only while the page is seen.
 * @param {() => void|Promise<void>} ask @param {number} every @param {boolean} [on]
 */
export function usePoll(ask, every, on = true) {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (!on) return undefined;
    let asking = false;
    const turn = async () => {
      if (asking || document.hidden) return;
      asking = true;
      try {
        await latest.current();
      } finally {
        asking = false;
      }
    };
    const timer = setInterval(turn, every);
    document.addEventListener('visibilitychange', turn);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', turn);
    };
  }, [every, on]);
}

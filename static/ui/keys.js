// Single keys of a page: said in the list of shortcuts, and off where the reader wants none (WCAG 2.1.4).
import { useEffect, useRef } from '../html.js';
import { pageKeys, singleKeys } from '../store.js';

/** @typedef {{key: string, words: string, run: () => void}} Key */

/** What a key does while the page is shown and nobody types. @param {Key[]} keys */
export function useKeys(keys) {
  const now = useRef(keys);
  now.current = keys;
  const names = keys.map(({ key, words }) => `${key} ${words}`).join('\n');
  useEffect(() => {
    pageKeys.value = now.current.map(({ key, words }) => ({ key, words }));
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      const typing = /** @type {Element} */ (event.target).closest?.('input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable], [role=menu]');
      if (!singleKeys.peek() || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      const found = now.current.find((one) => one.key === event.key);
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      pageKeys.value = [];
    };
  }, [names]);
}

// The palette: every page and every act by its name, also by the names that other products give them.
import { html, useEffect, useId, useMemo, useRef, useState } from '../html.js';
import { go, href } from '../router.js';
import { routes } from '../routes.js';
import { chooseMode, chooseSingleKeys, chooseTheme, chooseWorkspace, mode, pageKeys, session, singleKeys, workspace } from '../store.js';
import { Button } from './basics.js';
import { Dialog } from './dialog.js';
import { Checkbox } from './field.js';
import { Icon } from './icons.js';
import { signOut } from './shell.js';

/** @typedef {{label: string, words?: string, icon: string, kind: string, run: () => void}} Entry */

/** Acts, with the words under which people look for them. @returns {Entry[]} */
function acts() {
  const to = (/** @type {string} */ path) => () => { go(href(path)); };
  const has = (/** @type {string} */ path) => routes.some((route) => route.path === path);
  /** @type {(Entry|false)[]} */
  const all = [
    { label: 'Create API key', words: 'New Credential · Add API key · generate secret token client identifier', icon: 'plus', kind: 'Do', run: to('api-keys/new') },
    { label: 'Revoke an API key', words: 'disable credential delete key leaked', icon: 'trash', kind: 'Do', run: to('api-keys') },
    { label: 'Rotate an API key', words: 'roll regenerate credential', icon: 'rotate', kind: 'Do', run: to('api-keys') },
    { label: 'Found a key? Paste it', words: 'leaked lost unknown credential identify', icon: 'search', kind: 'Do', run: () => { go(href('api-keys', { found: 'key' })); } },
    has('clients/new') && { label: 'Add client', words: 'invite new client create contact member', icon: 'plus', kind: 'Do', run: to('clients/new') },
    has('clients/import') && { label: 'Import clients', words: 'csv upload bulk spreadsheet', icon: 'upload', kind: 'Do', run: to('clients/import') },
    has('checkin-forms') && { label: 'Change a check-in form', words: 'questions questionnaire survey edit', icon: 'edit', kind: 'Do', run: to('checkin-forms') },
    mode.value === 'test'
      ? { label: 'Show live data', words: 'switch mode production', icon: 'pulse', kind: 'Do', run: () => switchTo('live') }
      : { label: 'Show test data', words: 'switch mode sandbox', icon: 'pulse', kind: 'Do', run: () => switchTo('test') },
    { label: 'Theme: as the system', words: 'appearance auto', icon: 'screen', kind: 'Do', run: () => chooseTheme('auto') },
    { label: 'Theme: light', words: 'appearance day', icon: 'sun', kind: 'Do', run: () => chooseTheme('light') },
    { label: 'Theme: dark', words: 'appearance night', icon: 'moon', kind: 'Do', run: () => chooseTheme('dark') },
    { label: 'Sign out', words: 'log out leave', icon: 'out', kind: 'Do', run: () => { signOut(); } },
    ...(session.value?.workspaces ?? []).filter((one) => one.id !== workspace.value?.id).map((one) => ({ label: `Workspace: ${one.name}`, icon: 'building', kind: 'Do', run: () => chooseWorkspace(one.id) })),
  ];
  return /** @type {Entry[]} */ (all.filter(Boolean));
}

/** @param {'test'|'live'} next */
function switchTo(next) {
  chooseMode(next);
  const path = location.pathname.replace(/^\/dashboard\/(test|live)\//, `/dashboard/${next}/`);
  if (path !== location.pathname) go(path + location.search);
}

/** Whether each word of the question begins a word of the text. @param {string} text @param {string} question */
function fits(text, question) {
  const words = text.toLowerCase();
  return question.toLowerCase().split(/\s+/).filter(Boolean).every((part) => words.startsWith(part) || words.includes(` ${part}`) || words.includes(`-${part}`));
}

/** @param {{onClose: () => void, onShortcuts: () => void}} props */
export function Palette({ onClose, onShortcuts }) {
  const [question, setQuestion] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef(/** @type {HTMLElement|null} */ (null));
  const entries = useMemo(() => [
    ...routes.filter((route) => route.nav).map((route) => ({ label: route.title, words: route.nav?.words, icon: route.nav?.icon ?? '', kind: 'Go to', run: () => { go(href(route.path)); } })),
    ...acts(),
    { label: 'Keyboard shortcuts', words: 'help keys', icon: 'info', kind: 'Do', run: onShortcuts },
  ], []);
  const shown = entries.filter((entry) => fits(`${entry.label} ${entry.words ?? ''}`, question));
  useEffect(() => setAt(0), [question]);
  useEffect(() => { list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }); }, [at, question]);
  const run = (/** @type {Entry|undefined} */ entry) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((old) => (old + step + shown.length) % Math.max(shown.length, 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(shown[at]);
    }
  };
  return html`<${Dialog} title="Find or do" class="palette" onClose=${onClose}>
    <div class="palette-ask"><${Icon} name="search" /><input type="text" class="palette-input" data-first role="combobox" aria-expanded="true" aria-controls=${`${id}-list`} aria-activedescendant=${shown[at] ? `${id}-${at}` : undefined} aria-label="Find a page or something to do" placeholder="New Credential, clients, dark theme …" autocomplete="off" spellcheck="false" value=${question} onInput=${(/** @type {any} */ event) => setQuestion(event.currentTarget.value)} onKeyDown=${onKey} /></div>
    <ul class="palette-list" role="listbox" aria-label="What fits" id=${`${id}-list`} ref=${list}>
      ${shown.map((entry, index) => html`<li key=${entry.kind + entry.label} role="option" id=${`${id}-${index}`} class="palette-entry" aria-selected=${index === at ? 'true' : 'false'} onPointerMove=${() => setAt(index)} onClick=${() => run(entry)}>
        <${Icon} name=${entry.icon} /><span>${entry.label}</span><span class="muted small push">${entry.kind}</span></li>`)}
    </ul>
    ${shown.length === 0 && html`<p class="muted palette-none" role="status">Nothing is called that.</p>`}
  <//>`;
}

const keys = /** @type {[string[], string][]} */ ([
  [['Ctrl', 'K'], 'Find a page or something to do (⌘ K on a Mac)'],
  [['?'], 'This list'],
  [['Tab'], 'To the next control; Shift Tab back'],
  [['↑', '↓'], 'Through a menu, the palette, tabs'],
  [['Esc'], 'Close what is open'],
]);

/** @param {{of: [string[], string][]}} props */
const List = ({ of }) => html`<dl class="shortcuts">${of.map(([names, words]) => html`<div key=${words}><dt>${names.map((name) => html`<kbd>${name}</kbd> `)}</dt><dd>${words}</dd></div>`)}</dl>`;

/** @param {{onClose: () => void}} props */
export const Shortcuts = ({ onClose }) => html`<${Dialog} title="Keyboard shortcuts" onClose=${onClose}>
  <div class="stack">
    ${pageKeys.value.length > 0 && html`<h3>On this page</h3><${List} of=${pageKeys.value.map(({ key, words }) => [[key], words])} /><h3>Everywhere</h3>`}
    <${List} of=${keys} />
    <${Checkbox} label="Single keys" hint="Off: ? and the keys of pages do nothing. Ctrl K still works." checked=${singleKeys.value} onChange=${() => chooseSingleKeys(!singleKeys.value)} />
    <div class="row end"><${Button} kind="primary" data-first onClick=${onClose}>Close<//></div>
  </div>
<//>`;

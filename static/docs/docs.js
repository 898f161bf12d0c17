// The documentation without a script is whole; this adds a filter, a choice of language, copying, and
// a console. The key of the console is kept in this module's memory alone: it is gone with the page.
import { answerOf, refusal } from './console.js';

let key = '';
let language = 'curl';

/** @param {string} tag @param {Record<string, string>} [attributes] @param {...(Node|string)} children */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {ParentNode} place @param {string} selector @returns {HTMLElement[]} */
const all = (place, selector) => /** @type {HTMLElement[]} */ ([...place.querySelectorAll(selector)]);

/** Copies a block; where there is no clipboard its text is left selected. @param {HTMLElement} figure */
function addCopy(figure) {
  const caption = figure.querySelector('figcaption');
  const code = figure.querySelector('code');
  if (!caption || !code || caption.querySelector('button')) return;
  const button = element('button', { type: 'button', class: 'button quiet small-button' }, 'Copy', element('span', { class: 'unseen' }, ` ${caption.textContent}`));
  const said = element('span', { class: 'unseen', role: 'status' });
  button.addEventListener('click', async () => {
    let done = false;
    try {
      await navigator.clipboard.writeText(code.textContent ?? '');
      done = true;
    } catch {
      getSelection()?.selectAllChildren(code);
      done = document.execCommand('copy');
    }
    said.textContent = done ? 'Copied' : 'Selected: press Ctrl+C';
    button.firstChild?.replaceWith(done ? 'Copied' : 'Selected');
    setTimeout(() => { said.textContent = ''; button.firstChild?.replaceWith('Copy'); }, 3000);
  });
  caption.append(button, said);
}

const LANGUAGES = /** @type {const} */ ([['curl', 'curl'], ['python', 'Python'], ['javascript', 'JavaScript'], ['ruby', 'Ruby']]);

/** Shows the chosen language everywhere. @param {ParentNode} place */
function choose(place) {
  for (const figure of all(place, '.operation .sample')) {
    if (LANGUAGES.some(([name]) => name === figure.dataset.language)) figure.hidden = figure.dataset.language !== language;
  }
  for (const button of all(place, '.languages button')) button.setAttribute('aria-pressed', String(button.dataset.language === language));
}

/** @param {HTMLElement} samples */
function addLanguages(samples) {
  const buttons = LANGUAGES.map(([name, label]) => {
    const button = element('button', { type: 'button', 'data-language': name }, label);
    button.addEventListener('click', () => { language = name; choose(document); });
    return button;
  });
  samples.prepend(element('div', { class: 'languages', role: 'group', 'aria-label': 'Language of the samples' }, ...buttons));
}

/** The one field for the key, above the calls. @param {HTMLElement} main */
function addKey(main) {
  const first = main.querySelector('.operation');
  if (!first) return;
  const input = /** @type {HTMLInputElement} */ (element('input', { id: 'docs-key', class: 'control mono', type: 'password', autocomplete: 'off', spellcheck: 'false', placeholder: 'cdnsk_test_…', 'aria-describedby': 'docs-key-hint docs-key-fault' }));
  const fault = element('p', { id: 'docs-key-fault', class: 'fault', role: 'alert' });
  input.value = key;
  input.addEventListener('input', () => {
    const wrong = input.value ? refusal(input.value.trim()) : '';
    fault.textContent = wrong;
    // An empty `aria-invalid` means that nothing is wrong.
    if (wrong) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    key = wrong ? '' : input.value.trim();
  });
  const bar = element('form', { class: 'key-bar' },
    element('label', { for: 'docs-key' }, 'Test key, to try the calls'),
    element('p', { id: 'docs-key-hint', class: 'hint' }, 'Kept in the memory of this page, and nowhere else. Live keys are refused here.'),
    input, fault);
  bar.addEventListener('submit', (event) => event.preventDefault());
  first.before(bar);
}

/** @param {HTMLFormElement} form */
function addConsole(form) {
  form.hidden = false;
  const shown = /** @type {HTMLElement} */ (form.querySelector('.console-answer'));
  const button = /** @type {HTMLElement} */ (form.querySelector('button'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.dataset.key && !key) {
      shown.replaceChildren(element('p', { class: 'fault-text' }, 'Enter a test key first, at the top of this page.'));
      document.getElementById('docs-key')?.focus();
      return;
    }
    button.classList.add('busy');
    const said = await answerOf(form, key);
    button.classList.remove('busy');
    const figure = element('figure', { class: 'sample' },
      element('figcaption', {}, said.title),
      element('pre', { tabindex: '0', role: 'group', 'aria-label': 'Answer' }, element('code', {}, said.text)));
    shown.replaceChildren(figure);
    addCopy(figure);
  });
}

/** @param {HTMLElement} main */
function furnish(main) {
  for (const figure of all(main, '.sample')) addCopy(figure);
  for (const samples of all(main, '.operation-samples')) addLanguages(samples);
  for (const form of all(main, '.console')) addConsole(/** @type {HTMLFormElement} */ (form));
  addKey(main);
  choose(main);
  // The address that the reader is at, in the place of the usual one.
  for (const code of all(main, '[data-language=sh] code')) {
    code.textContent = (code.textContent ?? '').replace(/https?:[/]{2}localhost:\d+/, location.origin);
  }
}

/** Hides what does not match, in the contents. @param {HTMLElement} nav */
function addFilter(nav) {
  const input = /** @type {HTMLInputElement} */ (element('input', { class: 'control docs-filter', type: 'search', placeholder: 'Find a call', 'aria-label': 'Find a call', autocomplete: 'off' }));
  const said = element('p', { class: 'unseen', role: 'status' });
  const groups = /** @type {HTMLDetailsElement[]} */ (all(nav, '.docs-contents > details'));
  const open = groups.map((group) => group.open);
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    groups.forEach((group, at) => {
      const title = group.querySelector('summary')?.textContent ?? '';
      let here = 0;
      for (const item of all(group, 'li')) {
        const text = `${title} ${item.textContent} ${item.querySelector('a')?.getAttribute('href') ?? ''}`.toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
        here += item.hidden ? 0 : 1;
      }
      group.hidden = here === 0;
      group.open = words.length > 0 ? here > 0 : open[at];
      found += here;
    });
    said.textContent = words.length > 0 ? `${found} calls` : '';
  });
  nav.querySelector('.docs-contents')?.prepend(input, said);
  addEventListener('keydown', (event) => {
    const busy = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
    if (event.key === '/' && !busy && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
    }
  });
}

/** Puts another page in the place of this one, so that the key stays in memory. @param {URL} url @param {boolean} push */
async function go(url, push) {
  const answer = await fetch(url.pathname);
  if (!answer.ok || !answer.headers.get('content-type')?.startsWith('text/html')) throw new Error('no page');
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const [next, here] = [page.querySelector('main'), document.querySelector('main')];
  if (!next || !here) throw new Error('no content');
  if (push) history.pushState(null, '', url);
  document.title = page.title;
  here.replaceWith(next);
  for (const link of all(document, '.docs-nav a')) {
    const path = new URL(/** @type {HTMLAnchorElement} */ (link).href);
    if (path.pathname === url.pathname && !path.hash) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  furnish(/** @type {HTMLElement} */ (next));
  const target = url.hash ? document.getElementById(decodeURIComponent(url.hash.slice(1))) : null;
  if (target) target.scrollIntoView();
  else scrollTo(0, 0);
  /** @type {HTMLElement} */ (target?.querySelector('a') ?? next).focus({ preventScroll: true });
}

const menu = /** @type {HTMLDetailsElement|null} */ (document.querySelector('.docs-menu'));
const narrow = matchMedia('(max-width: 52rem)');
const fit = () => { if (menu) menu.open = !narrow.matches; };
let shownPath = location.pathname;

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !(url.pathname === '/docs' || url.pathname.startsWith('/docs/'))) return;
  if (narrow.matches && link.closest('.docs-nav')) fit();
  if (url.pathname === location.pathname) return;
  event.preventDefault();
  go(url, true).then(() => { shownPath = url.pathname; }, () => location.assign(url));
});
addEventListener('popstate', () => {
  if (location.pathname === shownPath) return;
  shownPath = location.pathname;
  go(new URL(location.href), false).catch(() => location.reload());
});

narrow.addEventListener('change', fit);
fit();
if (menu) addFilter(menu);
furnish(/** @type {HTMLElement} */ (document.querySelector('main')));

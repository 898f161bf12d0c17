// The frame around every page: navigation, mode, bell, palette, banners, and where focus goes.
import { classes, Component, html, useEffect, useRef, useState } from '../html.js';
import { ApiError, get, post, send } from '../api.js';
import { found, go, href, mayLeave, visits } from '../router.js';
import { home, routes } from '../routes.js';
import { chooseMode, chooseTheme, chooseWorkspace, heading, knowsModes, meetModes, mode, notices, online, session, singleKeys, status, theme, workspace } from '../store.js';
import { Button, Empty, Note, RelativeTime, Skeleton } from './basics.js';
import { Dialog } from './dialog.js';
import { Icon, Mark } from './icons.js';
import { Menu } from './menu.js';
import { Reauthentication } from './reauth.js';
import { Toasts, toast } from './toast.js';

/** The pages that were loaded, by what loads them: the tabs of a page are several routes. @type {Map<() => Promise<any>, any>} */
const loaded = new Map();

/** Ends the session and what the browser keeps of it. */
export async function signOut() {
  try {
    await send({ method: 'DELETE', path: '/auth/sessions/current' });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0) return toast(error.message, { tone: 'danger' });
  }
  // A whole new page: nothing of the last reader stays in memory.
  location.assign('/dashboard/sign-in');
}

/** Shows what a page does when it fails, instead of nothing. */
class Boundary extends Component {
  constructor() {
    super();
    /** @type {{error: any}} */
    this.state = { error: null };
  }

  /** @param {any} error */
  componentDidCatch(error) {
    this.setState({ error });
    console.error(error);
  }

  render() {
    const { error } = /** @type {any} */ (this.state);
    if (!error) return /** @type {any} */ (this.props).children;
    return html`<${Empty} icon="warning" title="This page has failed" actions=${html`<${Button} kind="primary" onClick=${() => location.reload()}>Load it again<//><${Button} href=${href(home)}>To the start<//>`}>
      <p>The fault is ours: <code>${String(error?.message ?? error)}</code></p>
    <//>`;
  }
}

/** The page of the address, loaded when it is first wanted. */
function Outlet() {
  const { route, parameters, path } = found.value;
  const [, setTurn] = useState(0);
  const [failed, setFailed] = useState(/** @type {any} */ (null));
  const module = route && loaded.get(route.page);
  useEffect(() => {
    setFailed(null);
    if (!route || loaded.has(route.page)) return;
    route.page().then(
      (page) => { loaded.set(route.page, page.default); setTurn((turn) => turn + 1); },
      (error) => setFailed({ route, error }),
    );
  }, [route]);
  if (!route) {
    heading.value = 'Not found';
    return html`<${Empty} icon="search" title="There is no such page" actions=${html`<${Button} kind="primary" href=${href(home)}>To the start<//>`}><p><code>${path}</code></p><//>`;
  }
  if (failed?.route === route) {
    return html`<${Empty} icon="refresh" title="This page could not be loaded" actions=${html`<${Button} kind="primary" onClick=${() => location.reload()}>Load it again<//>`}>
      <p>Either the server cannot be reached, or it was updated while this was open.</p><//>`;
  }
  if (!module) return html`<div class="page"><${Skeleton} lines=${6} /></div>`;
  // Another mode or workspace is another world: the page begins anew.
  const world = route.access === 'open' ? '' : workspace.value?.id;
  // Its tabs are one page.
  const page = route.tab ? path.slice(0, path.lastIndexOf('/')) : path;
  return html`<${Boundary} key=${`${page} ${world}`}><${module} key=${page} parameters=${parameters} /><//>`;
}

/** Moves the focus to the title of a new page, once there is one. */
function useArrival() {
  const first = useRef(true);
  const turn = visits.value;
  useEffect(() => {
    if (first.current) { first.current = false; return undefined; }
    let tries = 0;
    const timer = setInterval(() => {
      const title = document.querySelector('main h1');
      tries += 1;
      if (document.querySelector('dialog[open]') || tries > 40) return clearInterval(timer);
      if (!(title instanceof HTMLElement)) return undefined;
      clearInterval(timer);
      if (!document.activeElement?.closest('main form, [data-first]')) title.focus({ preventScroll: true });
      return undefined;
    }, 50);
    return () => clearInterval(timer);
  }, [turn]);
  const where = workspace.value?.name;
  const title = heading.value;
  const shownMode = found.value.route?.mode === 'path' && mode.value === 'test' ? 'TEST DATA · ' : '';
  useEffect(() => {
    document.title = [`${shownMode}${title}`, where, 'Cadence'].filter(Boolean).join(' · ');
  }, [title, where, shownMode]);
}

/** @param {{onNavigate?: () => void}} props */
function Navigation({ onNavigate }) {
  const { route } = found.value;
  const current = route?.within ?? route?.path;
  const groups = ['Coaching', 'Developers', 'Account'];
  return html`<nav class="nav" aria-label="Main">
    ${groups.map((group) => {
      const entries = routes.filter((one) => one.nav?.group === group);
      if (entries.length === 0) return null;
      return html`<div class="nav-group" key=${group}>
        ${group !== 'Account' && html`<h2 class="nav-title" id=${`nav-${group}`}>${group}</h2>`}
        <ul class="nav-list" aria-labelledby=${group === 'Account' ? undefined : `nav-${group}`}>${entries.map((one) => html`<li key=${one.path}>
          <a class="nav-link" href=${href(one.path)} aria-current=${one.path === current ? 'page' : undefined} onClick=${() => { if (group === 'Developers') meetModes(); onNavigate?.(); }}><${Icon} name=${one.nav?.icon ?? ''} />${one.title}</a>
        </li>`)}</ul>
      </div>`;
    })}
  </nav>`;
}

/** Live or test, where the page has a mode. Who never met modes sees none. */
function ModeSwitch() {
  const { route, path } = found.value;
  if (route?.mode !== 'path' || !knowsModes.value) return null;
  const to = (/** @type {'test'|'live'} */ next) => {
    chooseMode(next);
    go(path.replace(/^\/dashboard\/(test|live)/, `/dashboard/${next}`) + location.search);
  };
  return html`<div class="segments" role="group" aria-label="Mode">
    <button type="button" aria-pressed=${mode.value === 'live' ? 'true' : 'false'} onClick=${() => to('live')}>Live</button>
    <button type="button" aria-pressed=${mode.value === 'test' ? 'true' : 'false'} onClick=${() => to('test')}>Test</button>
  </div>`;
}

/** What the demo can make happen: its name, what happens, and the page on which it is seen. */
const happenings = [
  ['client-message', 'A client writes a message', 'today'],
  ['check-in', 'A client checks in', 'checkins'],
  ['failed-payment', 'A client’s card is declined', 'payments'],
  ['rate-limit-burst', 'A script runs into the limit', 'usage'],
  ['failing-request', 'A request fails with 500', 'requests'],
  ['dying-webhook', 'A receiver of webhooks dies', 'webhooks'],
];

function Happenings() {
  const happen = async (/** @type {string[]} */ [name, words, page]) => {
    try {
      await post(`/v1/demo/${name}`, undefined, { mode: 'test' });
      chooseMode('test');
      go(href(page));
      toast(`${words}.`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  return html`<${Menu} label="Make something happen" small trigger=${html`<${Icon} name="pulse" size=${14} /> Make something happen`}
    items=${happenings.map((one) => ({ label: one[1], onSelect: () => happen(one) }))} />`;
}

/** Another workspace is another page: what is not saved is asked about. @param {string} id */
async function changeTo(id) {
  if (!(await mayLeave('/'))) return;
  chooseWorkspace(id);
}

function WorkspaceSwitch() {
  const all = session.value?.workspaces ?? [];
  const own = workspace.value;
  if (!own) return null;
  const name = html`<span class="workspace-name">${own.name}</span>`;
  if (all.length < 2) return html`<div class="workspace-switch">${name}</div>`;
  return html`<${Menu} label=${`Workspace: ${own.name}`} start class="workspace-switch" trigger=${html`${name}<${Icon} name="down" size=${16} />`}
    items=${all.map((one) => ({ label: one.name, checked: one.id === own.id, onSelect: () => changeTo(one.id) }))} />`;
}

function Bell() {
  const [open, setOpen] = useState(false);
  const id = workspace.value?.id;
  const shown = mode.value;
  useEffect(() => {
    if (!id) return undefined;
    const load = async () => {
      try {
        notices.value = (await get('/v1/notices', {}, { mode: shown })).data ?? [];
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        notices.value = [];
      }
    };
    load();
    const timer = setInterval(() => { if (!document.hidden && online.peek()) load(); }, 60_000);
    return () => clearInterval(timer);
  }, [id, shown]);
  const count = notices.value.length;
  const dismiss = async (/** @type {string} */ notice) => {
    try {
      await post(`/v1/notices/${notice}/dismiss`);
      notices.value = notices.value.filter((one) => one.id !== notice);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, { tone: 'danger' });
    }
  };
  return html`<button type="button" class="button icon bell" aria-haspopup="dialog" aria-label=${count ? `Notices: ${count}` : 'Notices: none'} title="Notices" onClick=${() => setOpen(true)}>
      <${Icon} name="bell" />${count > 0 && html`<span class="count" aria-hidden="true">${count}</span>`}</button>
    ${open && html`<${Dialog} title="Notices" side onClose=${() => setOpen(false)}>
      ${count === 0 ? html`<${Empty} icon="bell" title="Nothing to see to"><p>Limits, mail that waits, backups and keys that expire are told of here.</p><//>` : html`<div class="stack">${notices.value.map((one) => html`<${Note} key=${one.id} title=${one.title} tone=${one.severity === 'critical' ? 'danger' : one.severity === 'warning' ? 'warning' : 'info'}
        actions=${html`${one.action && html`<${Button} small href=${one.action.href} onClick=${() => setOpen(false)}>${one.action.label}<//>`}<${Button} small kind="quiet" onClick=${() => dismiss(one.id)}>Dismiss<//>`}>
        <p>${one.message}</p><p class="muted small"><${RelativeTime} at=${one.created_at} /></p><//>`)}</div>`}
    <//>`}`;
}

function AccountMenu() {
  const account = session.value?.account;
  if (!account) return null;
  const letters = account.name.trim().split(/\s+/).slice(0, 2).map((part) => [...part][0] ?? '').join('').toUpperCase();
  const themes = /** @type {['auto'|'light'|'dark', string, string][]} */ ([['auto', 'Theme of the system', 'screen'], ['light', 'Light theme', 'sun'], ['dark', 'Dark theme', 'moon']]);
  return html`<${Menu} label=${`Account: ${account.name}`} class="account" trigger=${html`<span class="avatar" data-letters=${letters}></span>`}
    items=${[
      routes.some((one) => one.path === 'settings') && { label: 'Settings', icon: 'gear', href: href('settings') },
      ...themes.map(([value, label, icon]) => ({ label, icon, checked: theme.value === value, onSelect: () => chooseTheme(value) })),
      { label: 'Sign out', icon: 'out', onSelect: signOut },
    ]} />`;
}

/** What must be known before anything else is read. */
function Banners() {
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    if (online.value) return undefined;
    const timer = setInterval(async () => {
      try {
        await get('/health');
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }, 3000);
    return () => clearInterval(timer);
  }, [online.value]);
  const retry = async () => {
    setWaiting(true);
    await get('/health').catch(() => {});
    setWaiting(false);
  };
  const { route } = found.value;
  const kind = status.value?.kind;
  return html`<div class="banners">
    ${!online.value && html`<div class="banner danger" role="alert"><${Icon} name="warning" size=${16} /><span>The server cannot be reached. What you see may be old; nothing that you do now is saved.</span><${Button} small busy=${waiting} onClick=${retry}>Try again<//></div>`}
    ${status.value?.encrypted === false && html`<div class="banner warning" role="note"><${Icon} name="lock" size=${16} /><span><strong>Not encrypted.</strong> Whoever is on this network can read what you type here. Use https, or this computer itself.</span></div>`}
    ${kind === 'demo' && html`<div class="banner warning" role="note"><${Icon} name="info" size=${16} /><span><strong>Demo.</strong> Nothing is kept: when the program ends, all of it is gone.</span>${session.value && html`<${Happenings} />`}</div>`}
    ${kind === 'dev' && html`<div class="banner info" role="note"><${Icon} name="terminal" size=${16} /><span><strong>Sandbox.</strong> Test data only, on this computer only.</span></div>`}
    ${session.value && route?.mode === 'path' && mode.value === 'test' && html`<div class="banner test" role="note"><strong>TEST DATA</strong><span>Nothing on this page is real. No mail is sent; webhooks are told, if you register any.</span></div>`}
  </div>`;
}

/** The palette is loaded when it is first opened. @type {any} */
let palette = null;

/** Single keys and the palette. */
function useShortcuts() {
  const [shown, setShown] = useState(/** @type {'palette'|'shortcuts'|null} */ (null));
  const [, setTurn] = useState(0);
  const signedIn = Boolean(session.value);
  useEffect(() => {
    if (!shown || palette) return;
    import('./palette.js').then((module) => { palette = module; setTurn((turn) => turn + 1); }, () => setShown(null));
  }, [shown]);
  useEffect(() => {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (!signedIn) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        if (!document.querySelector('dialog[open]')) setShown('palette');
        return;
      }
      const typing = /** @type {Element} */ (event.target).closest?.('input, textarea, select, [contenteditable], dialog');
      if (!typing && singleKeys.peek() && event.key === '?' && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        setShown('shortcuts');
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [signedIn]);
  const close = () => setShown(null);
  const view = shown && palette && (shown === 'palette' ? html`<${palette.Palette} onClose=${close} onShortcuts=${() => setShown('shortcuts')} />` : html`<${palette.Shortcuts} onClose=${close} />`);
  return { open: setShown, view };
}

const mac = /Mac|iP(hone|ad)/.test(navigator.platform);

/** What is drawn for who is signed in. */
function Inside() {
  const { open, view } = useShortcuts();
  const [drawer, setDrawer] = useState(false);
  const path = found.value.path;
  useEffect(() => setDrawer(false), [path]);
  return html`<div class="frame">
    <aside class="side">
      <a class="brand" href=${href(home)}><${Mark} />Cadence</a>
      <${WorkspaceSwitch} />
      <${Navigation} />
      <div class="side-foot small muted"><button type="button" class="link" onClick=${() => open('shortcuts')}>Keyboard shortcuts${singleKeys.value && html` <kbd>?</kbd>`}</button></div>
    </aside>
    <div class="main-column">
      <header class="top">
        <button type="button" class="button icon drawer-button" aria-haspopup="dialog" aria-label="Navigation" onClick=${() => setDrawer(true)}><${Icon} name="menu" /></button>
        <a class="brand top-brand" href=${href(home)} aria-label="Cadence, to the start"><${Mark} /></a>
        <button type="button" class="find" aria-label=${`Find or do ${mac ? '⌘' : 'Ctrl'} K`} aria-keyshortcuts="Control+K Meta+K" onClick=${() => open('palette')}><${Icon} name="search" size=${16} /><span>Find or do</span> <kbd>${mac ? '⌘' : 'Ctrl'} K</kbd></button>
        <div class="row tight push"><${ModeSwitch} /><${Bell} /><${AccountMenu} /></div>
      </header>
      <main id="main" tabindex="-1"><${Outlet} /></main>
    </div>
    ${drawer && html`<${Dialog} title="Cadence" side class="drawer" onClose=${() => setDrawer(false)}><${WorkspaceSwitch} /><${Navigation} onNavigate=${() => setDrawer(false)} /><//>`}
    ${view}
  </div>`;
}

/** What is drawn for who is not: one column, the page and nothing else. */
const Outside = () => html`<div class="outside">
  <header class="outside-head"><span class="brand"><${Mark} size=${30} />Cadence</span></header>
  <main id="main" tabindex="-1"><${Outlet} /></main>
</div>`;

/** @param {{greet: () => Promise<void>}} props */
export function Shell({ greet }) {
  useArrival();
  const { route, path } = found.value;
  const who = session.value;
  const open = route?.access === 'open';
  useEffect(() => {
    // Nobody is signed in: to set-up, if the server is new, or to sign-in and back here.
    if (who !== null || open) return;
    const next = path === '/dashboard/' ? '' : `?next=${encodeURIComponent(path + location.search)}`;
    go(`/dashboard/${status.peek()?.set_up === false ? 'set-up' : `sign-in${next}`}`, { replace: true });
  }, [who, open, path]);
  useEffect(() => {
    if (online.value && who === undefined) greet();
  }, [online.value]);
  const skip = (/** @type {Event} */ event) => {
    event.preventDefault();
    document.getElementById('main')?.focus();
  };
  return html`<div class=${classes('app', open && 'is-open')}>
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <${Banners} />
    ${open ? html`<${Outside} />` : who ? html`<${Inside} />` : html`<div class="waiting" role="status"><${Mark} size=${36} /><span class="unseen">Loading</span></div>`}
    <${Reauthentication} />
    <${Toasts} />
  </div>`;
}

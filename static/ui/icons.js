// The icons: strokes on a grid of 24, drawn by hand, in the colour of the text around them.
import { html } from '../html.js';

/** @type {Record<string, string>} */
const paths = {
  key: 'M14.5 9.5a4 4 0 1 0-3.6 4L13 15.5h2.5V18H18v2.5h3V17l-6.8-6.2c.2-.4.3-.8.3-1.3zM7.5 8.5h.01',
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.4-3.6 2.9-6 6.5-6s6.1 2.4 6.5 6M16 4.4a3.5 3.5 0 0 1 0 6.2M18 14.5c2 .8 3.2 2.7 3.5 5.5',
  message: 'M4 5h16v11H9.5L5 20v-4H4z',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  chart: 'M4 20V4M4 20h16M8.5 16v-4M13 16V8M17.5 16v-6',
  pulse: 'M3 12h4l3-7 4 14 3-7h4',
  mail: 'M3.5 6h17v12h-17zM4 6.5l8 6.5 8-6.5',
  audit: 'M6 3.5h9l3.5 3.5v13.5H6zM9.5 12h5M9.5 16h5M14.5 3.5V7.5h4',
  hook: 'M9 8a3.5 3.5 0 1 1 5.2 3L17 16M15.5 19a3.5 3.5 0 1 0 .5-4.5M6.5 12.5a3.5 3.5 0 1 0 3 4.5H14',
  apps: 'M4.5 4.5h6v6h-6zM13.5 4.5h6v6h-6zM4.5 13.5h6v6h-6zM16.5 13.5v6M13.5 16.5h6',
  gear: 'M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM19.5 12l1.5-1.5-2-3.5-2.1.6-2-1.2L14.4 4h-4l-.6 2.3-2 1.2-2.1-.6-2 3.5L5 12l-1.3 1.6 2 3.5 2.1-.6 2 1.2.6 2.3h4l.6-2.3 2-1.2 2.1.6 2-3.5z',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5c1.2.7 2.8.7 4 0',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20.5 20.5',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  menu: 'M4 7h16M4 12h16M4 17h16',
  down: 'M6.5 9.5l5.5 5.5 5.5-5.5',
  right: 'M9.5 6l6 6-6 6',
  left: 'M14.5 6l-6 6 6 6',
  up: 'M6.5 14.5l5.5-5.5 5.5 5.5',
  warning: 'M12 4L2.8 20h18.4zM12 10v4.5M12 17.3h.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.7h.01',
  sun: 'M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  screen: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  out: 'M14 4.5H5v15h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15',
  rotate: 'M4.5 11a7.5 7.5 0 0 1 13-4.3L20 9M20 4.5V9h-4.5M19.5 13a7.5 7.5 0 0 1-13 4.3L4 15M4 19.5V15h4.5',
  pause: 'M9 5.5v13M15 5.5v13',
  play: 'M7.5 5l11 7-11 7z',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5',
  edit: 'M4.5 19.5h4L20 8l-4-4L4.5 15.5zM13.5 6.5l4 4',
  terminal: 'M4 5.5l5.5 6L4 17.5M11.5 18.5H20',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.5l3.5 2',
  lock: 'M6 11h12v9.5H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  download: 'M12 4v11.5M7 11l5 5 5-5M4.5 20h15',
  upload: 'M12 16V4.5M7 9l5-5 5 5M4.5 20h15',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.5-4 3.5-6.5 7.5-6.5s7 2.5 7.5 6.5',
  shield: 'M12 3.5l7.5 2.5v6c0 4.5-3.2 7.5-7.5 9-4.3-1.5-7.5-4.5-7.5-9V6z',
  calendar: 'M4 6h16v14H4zM4 10.5h16M8.5 3.5V7M15.5 3.5V7',
  today: 'M4.5 12l7.5-7.5 7.5 7.5M6.5 10.5V20h11v-9.5',
  external: 'M13.5 4.5h6v6M19.5 4.5L11 13M10 6H4.5v13.5H18V14',
  card: 'M3.5 6h17v12.5h-17zM3.5 10h17M7 15h3.5',
  dumbbell: 'M4 9.5v5M7 7v10M17 7v10M20 9.5v5M7 12h10',
  camera: 'M4 8h3.5l1.5-2.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z',
  trophy: 'M8 4.5h8V10a4 4 0 0 1-8 0zM8 6H4.5c0 3 1 4.5 3.5 4.5M16 6h3.5c0 3-1 4.5-3.5 4.5M12 14v3.5M8.5 20h7',
  flag: 'M6 20.5V4.5h11l-2 4 2 4H6',
  filter: 'M4 6h16M7 12h10M10 18h4',
  undo: 'M9 14.5L4 9.5l5-5M4 9.5h10.5a5.25 5.25 0 0 1 0 10.5H10',
  redo: 'M15 14.5l5-5-5-5M20 9.5H9.5a5.25 5.25 0 0 0 0 10.5H14',
  building: 'M5 20.5V4h9v16.5M14 9h5v11.5M3.5 20.5h17M8 8h3M8 12h3M8 16h3',
};

/** An icon. It says nothing by itself: a label stands beside it or on the button. @param {{name: string, size?: number}} props */
export const Icon = ({ name, size = 18 }) => html`
  <svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width=${name === 'more' ? 2.8 : 1.7} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${paths[name] ?? ''} /></svg>`;

/** The mark of the product: four beats. @param {{size?: number}} props */
export const Mark = ({ size = 26 }) => html`
  <svg class="mark" width=${size} height=${size} viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="currentColor" /><g class="mark-beats" fill="none" stroke-width="3" stroke-linecap="round"><path d="M8 18v-3" /><path d="M13.3 21.5v-11" /><path d="M18.7 18.5v-5" /><path d="M24 24V8" /></g></svg>`;

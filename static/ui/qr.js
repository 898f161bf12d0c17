// A QR code as SVG.
import { html } from '../html.js';
import { qr } from './qr-code.js';

/** A code to point a camera at. @param {{text: string, label: string}} props */
export function QrCode({ text, label }) {
  const rows = qr(text);
  const size = rows.length + 8;
  const d = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('');
  return html`<svg class="qr" viewBox=${`0 0 ${size} ${size}`} role="img" aria-label=${label} shape-rendering="crispEdges"><title>${label}</title><path d=${d} /></svg>`;
}

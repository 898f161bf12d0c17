// QR codes (ISO/IEC 18004), made here: a link is shown to a camera and to nobody else.
// Bytes, error correction M (15 %), versions 1 to 20: up to 666 bytes.

/** Per version: bytes of correction in a block, and blocks as [how many, data bytes each]. */
const blocks = [
  [10, [1, 16]], [16, [1, 28]], [26, [1, 44]], [18, [2, 32]], [24, [2, 43]], [16, [4, 27]], [18, [4, 31]],
  [22, [2, 38], [2, 39]], [22, [3, 36], [2, 37]], [26, [4, 43], [1, 44]], [30, [1, 50], [4, 51]], [22, [6, 36], [2, 37]],
  [22, [8, 37], [1, 38]], [24, [4, 40], [5, 41]], [24, [5, 41], [5, 42]], [28, [7, 45], [3, 46]], [28, [10, 46], [1, 47]],
  [26, [9, 43], [4, 44]], [26, [3, 44], [11, 45]], [26, [3, 41], [13, 42]],
];

/** Logarithms of the field of 256 elements, over x⁸ + x⁴ + x³ + x² + 1. */
const power = new Uint8Array(255);
const log = new Uint8Array(256);
for (let at = 0, value = 1; at < 255; at += 1) {
  power[at] = value;
  log[value] = at;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}
/** @param {number} a @param {number} b */
const times = (a, b) => (a && b ? power[(log[a] + log[b]) % 255] : 0);

/** The correction of some data: the remainder of a division of polynomials. @param {Uint8Array} data @param {number} count */
function correction(data, count) {
  let generator = [1];
  for (let root = 0; root < count; root += 1) {
    const next = [...generator, 0];
    generator.forEach((factor, at) => { next[at + 1] ^= times(factor, power[root]); });
    generator = next;
  }
  const rest = new Uint8Array(count);
  for (const byte of data) {
    const lead = byte ^ rest[0];
    rest.copyWithin(0, 1);
    rest[count - 1] = 0;
    for (let at = 0; at < count; at += 1) rest[at] ^= times(generator[at + 1], lead);
  }
  return rest;
}

/** @param {number} version */
const capacity = (version) => /** @type {number[][]} */ (blocks[version - 1].slice(1)).reduce((sum, [count, size]) => sum + count * size, 0);

/** Data and correction, block by block and then interleaved. @param {Uint8Array} bytes @param {number} version */
function codewords(bytes, version) {
  const lengthBits = version < 10 ? 8 : 16;
  const total = capacity(version);
  const bits = /** @type {number[]} */ ([]);
  const put = (/** @type {number} */ value, /** @type {number} */ count) => { for (let at = count - 1; at >= 0; at -= 1) bits.push((value >> at) & 1); };
  put(4, 4);
  put(bytes.length, lengthBits);
  bytes.forEach((byte) => put(byte, 8));
  put(0, Math.min(4, total * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < total * 8; pad ^= 0xec ^ 0x11) put(pad, 8);
  const data = new Uint8Array(total);
  bits.forEach((bit, at) => { data[at >> 3] |= bit << (7 - (at & 7)); });

  const [ec, ...groups] = /** @type {[number, ...number[][]]} */ (blocks[version - 1]);
  const parts = /** @type {Uint8Array[]} */ ([]);
  let from = 0;
  for (const [count, size] of groups) {
    for (let at = 0; at < count; at += 1) { parts.push(data.subarray(from, from + size)); from += size; }
  }
  const corrections = parts.map((part) => correction(part, ec));
  const out = /** @type {number[]} */ ([]);
  const longest = Math.max(...parts.map((part) => part.length));
  for (let at = 0; at < longest; at += 1) for (const part of parts) if (at < part.length) out.push(part[at]);
  for (let at = 0; at < ec; at += 1) for (const part of corrections) out.push(part[at]);
  return out;
}

/** Where the small squares are. @param {number} version */
function alignments(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const last = version * 4 + 10;
  const step = Math.ceil((last - 6) / (count - 1) / 2) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => last - step * (count - 2 - at))];
}

const masks = [
  (/** @type {number} */ x, /** @type {number} */ y) => (x + y) % 2 === 0,
  (/** @type {number} */ x, /** @type {number} */ y) => y % 2 === 0,
  (/** @type {number} */ x) => x % 3 === 0,
  (/** @type {number} */ x, /** @type {number} */ y) => (x + y) % 3 === 0,
  (/** @type {number} */ x, /** @type {number} */ y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (/** @type {number} */ x, /** @type {number} */ y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (/** @type {number} */ x, /** @type {number} */ y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (/** @type {number} */ x, /** @type {number} */ y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** A value with the remainder of a binary division behind it. @param {number} value @param {number} generator @param {number} bits */
function checked(value, generator, bits) {
  let rest = value << bits;
  for (let at = Math.floor(Math.log2(rest || 1)); at >= bits; at -= 1) if ((rest >> at) & 1) rest ^= generator << (at - bits);
  return (value << bits) | rest;
}

/**
 * The code of a text: rows of modules, true is dark.
 * @param {string} text
 * @returns {boolean[][]}
 */
export function qr(text) {
  const bytes = new TextEncoder().encode(text);
  const version = blocks.findIndex((_, at) => bytes.length + (at + 1 < 10 ? 2 : 3) <= capacity(at + 1)) + 1;
  if (!version) throw new RangeError('Too long for a QR code.');
  const size = version * 4 + 17;
  const dark = Array.from({ length: size }, () => new Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
  const set = (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean} */ on) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    dark[y][x] = on;
    fixed[y][x] = true;
  };
  for (let at = 0; at < size; at += 1) { set(6, at, at % 2 === 0); set(at, 6, at % 2 === 0); }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
    for (let dy = -4; dy <= 4; dy += 1) for (let dx = -4; dx <= 4; dx += 1) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      set(cx + dx, cy + dy, ring !== 2 && ring !== 4);
    }
  }
  const places = alignments(version);
  const end = places.length - 1;
  places.forEach((cy, row) => places.forEach((cx, column) => {
    if ((row === 0 && column === 0) || (row === 0 && column === end) || (row === end && column === 0)) return;
    for (let dy = -2; dy <= 2; dy += 1) for (let dx = -2; dx <= 2; dx += 1) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  }));
  if (version >= 7) {
    const bits = checked(version, 0x1f25, 12);
    for (let at = 0; at < 18; at += 1) {
      const a = size - 11 + (at % 3);
      const b = Math.floor(at / 3);
      set(a, b, Boolean((bits >> at) & 1));
      set(b, a, Boolean((bits >> at) & 1));
    }
  }
  const format = (/** @type {number} */ mask) => {
    // M is 00.
    const bits = checked(mask, 0x537, 10) ^ 0x5412;
    const bit = (/** @type {number} */ at) => Boolean((bits >> at) & 1);
    for (let at = 0; at <= 5; at += 1) set(8, at, bit(at));
    set(8, 7, bit(6)); set(8, 8, bit(7)); set(7, 8, bit(8));
    for (let at = 9; at < 15; at += 1) set(14 - at, 8, bit(at));
    for (let at = 0; at < 8; at += 1) set(size - 1 - at, 8, bit(at));
    for (let at = 8; at < 15; at += 1) set(8, size - 15 + at, bit(at));
    set(8, size - 8, true);
  };
  format(0);

  const data = codewords(bytes, version);
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y][x]) continue;
        dark[y][x] = at < data.length * 8 && Boolean((data[at >> 3] >> (7 - (at & 7))) & 1);
        at += 1;
      }
    }
  }
  const masked = (/** @type {number} */ mask) => { for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) if (!fixed[y][x] && masks[mask](x, y)) dark[y][x] = !dark[y][x]; };
  let best = 0;
  let least = Infinity;
  for (let mask = 0; mask < 8; mask += 1) {
    masked(mask);
    format(mask);
    const cost = penalty(dark);
    if (cost < least) { least = cost; best = mask; }
    masked(mask);
  }
  masked(best);
  format(best);
  return dark;
}

/** How hard a pattern is to read. @param {boolean[][]} dark */
function penalty(dark) {
  const size = dark.length;
  let cost = 0;
  let count = 0;
  for (const turned of [false, true]) {
    for (let a = 0; a < size; a += 1) {
      let run = 0;
      let last = null;
      let line = '';
      for (let b = 0; b < size; b += 1) {
        const on = turned ? dark[b][a] : dark[a][b];
        if (on && !turned) count += 1;
        line += on ? '1' : '0';
        run = on === last ? run + 1 : 1;
        last = on;
        if (run === 5) cost += 3;
        else if (run > 5) cost += 1;
      }
      for (const like of ['10111010000', '00001011101']) {
        for (let found = line.indexOf(like); found >= 0; found = line.indexOf(like, found + 1)) cost += 40;
      }
    }
  }
  for (let y = 0; y + 1 < size; y += 1) for (let x = 0; x + 1 < size; x += 1) {
    if (dark[y][x] === dark[y][x + 1] && dark[y][x] === dark[y + 1][x] && dark[y][x] === dark[y + 1][x + 1]) cost += 3;
  }
  return cost + Math.floor(Math.abs((count * 20) / (size * size) - 10)) * 10;
}

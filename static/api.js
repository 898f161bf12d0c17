// Calls of the public API, and what their failures mean for a page.
import { useCallback, useEffect, useMemo, useRef, useState } from './html.js';
import { mode, online, session, workspace } from './store.js';

/**
 * @typedef {{method?: string, path: string, query?: Record<string, any>, body?: any, mode?: import('./store.js').Mode, idempotencyKey?: string, headers?: Record<string, string>, raw?: boolean, file?: boolean, signal?: AbortSignal}} Call
 *   `raw`: the body is sent as it is, with the content type of `headers`; `file`: the answer is a file, and `data` a Blob
 * @typedef {{place: string, code: string, message: string, fix?: string}} Fault
 */

/** A failure, as the API tells it. `code` is `unreachable` where there was no answer at all. */
export class ApiError extends Error {
  /** @param {number} status @param {any} error @param {Headers} [headers] */
  constructor(status, error, headers) {
    super(error?.message ?? 'The server cannot be reached.');
    this.name = 'ApiError';
    this.status = status;
    /** @type {string} */
    this.code = error?.code ?? (status ? 'unknown' : 'unreachable');
    /** @type {string|null} */
    this.reason = error?.reason ?? null;
    /** @type {string|null} */
    this.requestId = error?.request_id ?? headers?.get('x-request-id') ?? null;
    this.retryAfter = Number(headers?.get('retry-after') ?? 0);
    /** @type {Fault[]} */
    this.faults = (error?.errors ?? []).map((/** @type {any} */ fault) => ({
      place: fault.pointer ?? fault.parameter ?? '', code: fault.code, message: fault.message, fix: fault.fix,
    }));
    /** The whole error object: some codes carry more. */
    this.detail = error ?? {};
  }

  /** The same without the faults of these fields; null where no other is left. @param {string[]} names @returns {ApiError|null} */
  without(names) {
    if (this.faults.length === 0) return this;
    const errors = this.faults.filter((fault) => !names.some((name) => fault.place === name || fault.place === `/${name}` || fault.place.startsWith(`/${name}/`)));
    if (errors.length === this.faults.length) return this;
    if (errors.length === 0) return null;
    const rest = new ApiError(this.status, { ...this.detail, errors: [] });
    rest.faults = errors;
    return rest;
  }

  /** What is wrong with a field, by its JSON pointer without the slash. @param {string} name */
  fault(name) {
    const found = this.faults.find((fault) => fault.place === name || fault.place === `/${name}` || fault.place.startsWith(`/${name}/`));
    return found ? [found.message, found.fix].filter(Boolean).join(' ') : null;
  }
}

/** What the shell does when a call needs the password again: it asks, and says whether it was given. */
export const hooks = {
  /** @type {() => Promise<boolean>} */
  reauthenticate: async () => false,
  /** @type {() => void} */
  signedOut: () => {},
};

/** A value that nobody guesses or repeats. `crypto.randomUUID` does not exist on plain http. */
export function unique() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Path and query of a call. @param {string} path @param {Record<string, any>} [query] */
export function target(path, query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** POSTs of which nobody knows whether they were carried out, by what they say: the key that they were sent with, and when. @type {Map<string, {key: string, at: number}>} */
const unanswered = new Map();
/** Whoever sends the same words later than this means another act. */
const SAME_ACT_MS = 10 * 60_000;

/** Whether a refusal says what became of the call: that it was not carried out. @param {ApiError} error */
const decides = ({ status, code }) => status >= 400 && status < 500 && ![401, 429].includes(status) && !['reauth_required', 'idempotency_in_progress'].includes(code);

/**
 * The same call sent again after its answer was lost is the same act: it has the same key, so it is
 * carried out once. What a call says is its mode, workspace, path and body.
 * @param {Call & {method: string}} call
 */
async function onceForAll(call) {
  if (call.method !== 'POST' || !call.path.startsWith('/v1')) return once(call);
  const says = call.raw ? null : JSON.stringify([call.mode, call.headers, call.path, call.query, call.body]);
  const before = says ? unanswered.get(says) : undefined;
  const same = before && Date.now() - before.at < SAME_ACT_MS ? before.key : undefined;
  const key = call.idempotencyKey ?? same ?? unique();
  if (says) unanswered.set(says, { key, at: Date.now() });
  try {
    const answer = await once({ ...call, idempotencyKey: key });
    if (says) unanswered.delete(says);
    return answer;
  } catch (error) {
    // Without an answer, or with one that says nothing of what became of it, the key is kept.
    if (says && error instanceof ApiError && decides(error)) unanswered.delete(says);
    throw error;
  }
}

/**
 * Sends a call and gives what was answered: `data` is the parsed body, null where there is none.
 * @param {Call} call
 * @returns {Promise<{status: number, data: any, headers: Headers, ms: number}>}
 */
export async function send(call) {
  const method = call.method ?? 'GET';
  // Where it goes is settled now: while a password is asked for, the page may change.
  const own = call.path.startsWith('/v1') ? workspace.peek() : null;
  const headers = { ...(own && { 'Cadence-Workspace': own.id }), ...call.headers };
  const settled = { ...call, method, mode: call.mode ?? mode.peek(), headers };
  try {
    return await onceForAll(settled);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'reauth_required' && await hooks.reauthenticate()) {
      return onceForAll(settled);
    }
    throw error;
  }
}

/** @param {Call & {method: string}} call */
async function once(call) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json', ...call.headers };
  const isApi = call.path.startsWith('/v1');
  if (isApi && workspace.peek()) {
    headers['Cadence-Workspace'] ??= workspace.peek()?.id ?? '';
    headers['Cadence-Mode'] ??= call.mode ?? mode.peek();
  }
  if (call.body !== undefined && !call.raw) headers['Content-Type'] = 'application/json';
  if (call.idempotencyKey) headers['Idempotency-Key'] = call.idempotencyKey;
  const started = performance.now();
  /** @type {Response} */
  let response;
  try {
    response = await fetch(target(call.path, call.query), {
      method: call.method,
      headers,
      body: call.raw ? call.body : call.body === undefined ? undefined : JSON.stringify(call.body),
      signal: call.signal,
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    online.value = false;
    throw new ApiError(0, null);
  }
  /** @type {string|Blob} */
  let body;
  try {
    body = response.status === 204 ? '' : response.ok && call.file ? await response.blob() : await response.text();
  } catch (error) {
    if (call.signal?.aborted) throw error;
    // The answer broke off: what it says of the call is not known.
    online.value = false;
    throw new ApiError(0, null);
  }
  online.value = true;
  const ms = performance.now() - started;
  if (typeof body !== 'string') return { status: response.status, data: body, headers: response.headers, ms };
  const text = body;
  /** @type {any} */
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    data = text;
  }
  if (response.ok) return { status: response.status, data, headers: response.headers, ms };
  const failure = new ApiError(response.status, data?.error, response.headers);
  // A session that ended: every page is over, and sign-in leads back to this one.
  if (response.status === 401 && isApi) {
    session.value = null;
    hooks.signedOut();
  }
  throw failure;
}

/** @param {string} path @param {Record<string, any>} [query] @param {Partial<Call>} [more] */
export const get = async (path, query, more) => (await send({ path, query, ...more })).data;
/** @typedef {{data: any, etag: string|null}} Read what was read, and the tag of that version */

/** Reads a thing with its tag, by which a change says what it was made of. @param {string} path @param {AbortSignal} [signal] @returns {Promise<Read>} */
export async function readWhole(path, signal) {
  const { data, headers } = await send({ path, signal });
  return { data, etag: headers.get('etag') };
}
/** @param {string} path @param {any} [body] @param {Partial<Call>} [more] */
export const post = async (path, body, more) => (await send({ method: 'POST', path, body, ...more })).data;
/** @param {string} path @param {any} body @param {Partial<Call>} [more] */
export const patch = async (path, body, more) => (await send({ method: 'PATCH', path, body, ...more })).data;
/** @param {string} path @param {any} body @param {Partial<Call>} [more] */
export const put = async (path, body, more) => (await send({ method: 'PUT', path, body, ...more })).data;
/** @param {string} path @param {Partial<Call>} [more] */
export const remove = async (path, more) => (await send({ method: 'DELETE', path, ...more })).data;

/**
 * What a read gives, kept up to date with what it depends on.
 * `missing` is true where the server has no such call: the page says so instead of failing.
 * @template T
 * @param {((signal: AbortSignal) => Promise<T>)|null} read null: not yet
 * @param {any[]} inputs as of a hook
 * @returns {{data: T|undefined, error: ApiError|null, loading: boolean, missing: boolean, reload: () => void, set: (data: T) => void}}
 */
export function useRead(read, inputs) {
  const [state, setState] = useState(/** @type {{data: T|undefined, error: ApiError|null, loading: boolean}} */ ({ data: undefined, error: null, loading: true }));
  const [turn, setTurn] = useState(0);
  const before = useRef(/** @type {any[]|null} */ (null));
  useEffect(() => {
    if (!read) return undefined;
    const ends = new AbortController();
    const same = before.current?.every((value, at) => Object.is(value, inputs[at])) ?? false;
    before.current = inputs;
    // Other inputs are another question: its answer must not be shown under this one.
    setState((old) => ({ data: same ? old.data : undefined, error: null, loading: true }));
    read(ends.signal).then(
      (data) => { if (!ends.signal.aborted) setState({ data, error: null, loading: false }); },
      (error) => {
        if (ends.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((old) => ({ data: old.data, error, loading: false }));
      },
    );
    return () => ends.abort();
  }, [...inputs, turn, read === null]);
  const reload = useCallback(() => setTurn((old) => old + 1), []);
  const set = useCallback((/** @type {T} */ data) => setState({ data, error: null, loading: false }), []);
  return { ...state, missing: state.error?.status === 404, reload, set };
}

/** @typedef {{after: any, rows: any[], next: string|null, loading: boolean, error: ApiError|null}} Rest what follows a first page, `after` */

/**
 * A list page by page. `rows` grows by `more`.
 * @param {string} path @param {Record<string, any>} [query] @param {{mode?: import('./store.js').Mode, key?: string}} [options]
 */
export function useList(path, query = {}, options = {}) {
  const member = options.key ?? 'data';
  const shown = options.mode ?? mode.value;
  const question = useMemo(() => JSON.stringify([path, query, shown, workspace.value?.id]), [path, JSON.stringify(query), shown, workspace.value?.id]);
  const first = useRead((signal) => get(path, query, { mode: shown, signal }), [question]);
  // What follows a first page goes with it: a page that is read anew, or another question's, has its own.
  const [rest, setRest] = useState(/** @type {Rest} */ ({ after: null, rows: [], next: null, loading: false, error: null }));
  const shownFirst = useRef(first.data);
  shownFirst.current = first.data;
  const own = first.data !== undefined && rest.after === first.data;
  const rows = [...(first.data?.[member] ?? []), ...(own ? rest.rows : [])];
  const next = own ? rest.next : first.data?.next_cursor ?? null;
  const more = useCallback(async () => {
    const after = first.data;
    const had = own ? rest.rows : [];
    /** @param {Partial<Rest>} changes */
    const set = (changes) => {
      // The list was read anew meanwhile: this would follow a page that is gone.
      if (shownFirst.current === after) setRest({ after, rows: had, next, loading: false, error: null, ...changes });
    };
    set({ loading: true });
    try {
      const page = await get(path, { ...query, cursor: next }, { mode: shown });
      set({ rows: [...had, ...page[member]], next: page.next_cursor ?? null });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      set({ error });
    }
  }, [question, next, rest, first.data]);
  return {
    rows, more, reload: first.reload,
    loading: first.loading, error: first.error, missing: first.missing,
    hasMore: next !== null, loadingMore: own && rest.loading, moreError: own ? rest.error : null,
    /** The first page as it was answered: some lists say more than their rows. */
    answer: first.data,
    call: { path, query, mode: shown },
  };
}

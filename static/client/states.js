// Pages of several states, of which one is shown.

/** Shows one state of the page and moves the focus to its title. @param {string} name */
export function show(name) {
  for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-state]'))) {
    section.hidden = section.dataset.state !== name;
  }
  /** @type {HTMLElement|null} */ (document.querySelector(`[data-state="${name}"] h1`))?.focus({ preventScroll: true });
}

/**
 * A call of the server: its status and its body, or status 0 where it cannot be reached.
 * @param {string} method @param {string} path @param {any} [body]
 * @returns {Promise<{status: number, body: any, retryAfter: number}>}
 */
export async function call(method, path, body) {
  try {
    const answer = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = text && answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, body: json ? JSON.parse(text) : null, retryAfter: Number(answer.headers.get('retry-after') ?? 0) };
  } catch {
    return { status: 0, body: null, retryAfter: 0 };
  }
}

/** Says what is wrong in the state that is shown. @param {Element} holder @param {string} text */
export function complain(holder, text) {
  const fault = /** @type {HTMLElement} */ (holder.querySelector('[data-fault]'));
  fault.textContent = text;
  fault.hidden = !text;
}

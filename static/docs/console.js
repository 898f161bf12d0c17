// A call of the console: what is sent, and what is told of the answer.

/** Why a text is no key to try calls with; empty if it is one. @param {string} key */
export function refusal(key) {
  if (key.startsWith('cdnsk_live_')) return 'This is a live key: it would act on real people. Use a test key.';
  if (!/^cdnsk_test_[0-9A-Za-z]{36}$/.test(key)) return 'This is not the form of a test key: cdnsk_test_ and 36 letters and digits.';
  return '';
}

/**
 * Sends what a form says.
 * @param {HTMLFormElement} form @param {string} key
 * @returns {Promise<{title: string, text: string}>}
 */
export async function answerOf(form, key) {
  const { method = 'GET', mediaType } = form.dataset;
  let path = form.dataset.path ?? '/';
  const query = new URLSearchParams();
  /** @type {Record<string, string>} */
  const headers = {};
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('input[data-in]'))) {
    const value = input.value.trim();
    if (!value) continue;
    if (input.dataset.in === 'path') path = path.replace(`{${input.name}}`, encodeURIComponent(value));
    else if (input.dataset.in === 'query') query.set(input.name, value);
    else headers[input.name] = value;
  }
  if (form.dataset.key) headers.Authorization = `Bearer ${key}`;
  const body = /** @type {HTMLTextAreaElement|null} */ (form.querySelector('textarea'))?.value;
  if (mediaType && body) headers['Content-Type'] = mediaType;
  const target = query.size > 0 ? `${path}?${query}` : path;
  try {
    const begun = performance.now();
    // The key speaks for itself: whoever is signed in to the dashboard is left out of it.
    const answer = await fetch(target, { method, headers, body: mediaType ? body : undefined, credentials: 'omit', cache: 'no-store' });
    const text = await answer.text();
    const ms = Math.round(performance.now() - begun);
    const told = ['x-request-id', 'location', 'etag', 'idempotent-replayed', 'retry-after', 'x-ratelimit-remaining']
      .map((name) => [name, answer.headers.get(name)])
      .filter(([, value]) => value)
      .map(([name, value]) => `${name}: ${value}`);
    return { title: `${method} ${target} → ${answer.status} in ${ms} ms`, text: [...told, '', pretty(text)].join('\n') };
  } catch {
    return { title: `${method} ${target}`, text: 'The server cannot be reached.' };
  }
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

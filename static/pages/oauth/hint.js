// How a program uses an app: commands that run as they stand.
import { html } from '../../html.js';
import { Panel } from '../../ui/basics.js';
import { CodeBlock } from '../../ui/copy.js';
import { baseUrl, quoted } from '../../ui/curl.js';
import { isOff } from './shared.js';

/** @param {import('./shared.js').App} app */
function authorize(app) {
  const asked = ['response_type=code', `client_id=${app.client_id}`, `redirect_uri=${encodeURIComponent(app.redirect_uris[0])}`, 'code_challenge_method=S256', 'code_challenge=$CHALLENGE', 'state=$STATE'];
  return `VERIFIER=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')
CHALLENGE=$(printf %s "$VERIFIER" |
  openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
STATE=$(openssl rand -hex 16)
echo "${baseUrl()}/oauth/authorize?${asked.join('\\\n&')}"`;
}

/** @param {import('./shared.js').App} app */
function redeem(app) {
  return ['curl', ...(app.client_type === 'confidential' ? [`-u "${app.client_id}:$CADENCE_CLIENT_SECRET"`] : [`-d client_id=${app.client_id}`]),
    '-d grant_type=authorization_code', '-d code="$CODE"', '-d code_verifier="$VERIFIER"', `--data-urlencode ${quoted(`redirect_uri=${app.redirect_uris[0]}`)}`, `${baseUrl()}/oauth/token`].join(' \\\n  ');
}

/** @param {{of: import('./shared.js').App}} props */
export const Hint = ({ of: app }) => html`<${Panel} title="Using it" intro="OAuth 2.1: authorization code with PKCE. Any client library does this by itself, from the metadata.">
  <div class="stack">
    ${isOff() && html`<p class="muted">These work once OAuth is on.</p>`}
    <${CodeBlock} label="1. Make the link, and open it in a coach’s browser" text=${authorize(app)} />
    <p class="small">The coach signs in, reads what the app asks for and decides. The browser then goes to the redirect URI with <code>code</code>, <code>state</code> and <code>iss</code>: compare <code>state</code> with yours, and put the code into <code>CODE</code> within 60 seconds.</p>
    <${CodeBlock} label="2. Redeem the code" text=${redeem(app)} />
    ${app.client_type === 'confidential' && html`<${CodeBlock} label="For the app itself, without a coach: client credentials" text=${`curl -u "${app.client_id}:$CADENCE_CLIENT_SECRET" \\\n  -d grant_type=client_credentials \\\n  ${baseUrl()}/oauth/token`} />`}
    <p class="small"><a href="/docs/guides/oauth">The guide to apps and OAuth</a> has the whole flow as one program, refresh tokens and every error.</p>
  </div><//>`;

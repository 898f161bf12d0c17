"""Ask a coach for permission and call the API: authorization code with PKCE.

Python 3.8 or later, nothing to install. Register the app as public with the
redirect URI http://127.0.0.1/callback and set CADENCE_CLIENT_ID to its id.
"""
import base64, hashlib, http.server, json, os, secrets, urllib.parse, urllib.request, webbrowser

BASE = os.environ.get("CADENCE_BASE_URL", "http://localhost:4780")
CLIENT_ID = os.environ["CADENCE_CLIENT_ID"]
SCOPE = os.environ.get("CADENCE_SCOPE", "clients:read")


def get(url, token=None):
    headers = {"Authorization": "Bearer " + token} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


def post(url, **form):
    with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()) as answer:
        return json.load(answer)


# 1. Where the endpoints are. The issuer must be the server that you meant.
server = get(BASE + "/.well-known/oauth-authorization-server")
assert server["issuer"] == BASE, server["issuer"]

# 2. A port of this computer for the answer, a verifier for PKCE, a state.
received = {}


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.urlsplit(self.path).query
        received.update(urllib.parse.parse_qsl(query))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You can close this page.")

    def log_message(self, *_):
        pass


listener = http.server.HTTPServer(("127.0.0.1", 0), Callback)
redirect_uri = "http://127.0.0.1:%d/callback" % listener.server_port
verifier = secrets.token_urlsafe(48)
digest = hashlib.sha256(verifier.encode()).digest()
challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
state = secrets.token_urlsafe(16)

# 3. The coach decides in the browser.
link = server["authorization_endpoint"] + "?" + urllib.parse.urlencode({
    "response_type": "code", "client_id": CLIENT_ID, "redirect_uri": redirect_uri,
    "scope": SCOPE, "state": state,
    "code_challenge": challenge, "code_challenge_method": "S256",
})
print("Open", link)
webbrowser.open(link)
listener.handle_request()
assert received.get("state") == state, "an answer to somebody else's question"
assert received.get("iss") == server["issuer"], "an answer of another server"
if "error" in received:
    raise SystemExit(received["error"] + ": " + received["error_description"])

# 4. The code for tokens; then call the API.
tokens = post(server["token_endpoint"], grant_type="authorization_code", client_id=CLIENT_ID,
              code=received["code"], redirect_uri=redirect_uri, code_verifier=verifier)
print("allowed:", tokens["scope"])
for client in get(BASE + "/v1/clients", tokens["access_token"])["data"]:
    print(client["name"])

# 5. Before the hour is over: a refresh token is used once and replaced. Keep the new one.
tokens = post(server["token_endpoint"], grant_type="refresh_token", client_id=CLIENT_ID,
              refresh_token=tokens["refresh_token"])
print("refreshed, for", tokens["expires_in"], "seconds")

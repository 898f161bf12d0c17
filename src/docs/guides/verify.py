# Or: pip install standardwebhooks; Webhook(secret).verify(body, headers)
import base64, hashlib, hmac, time


def verify(secret, headers, body):
    """Raises ValueError unless body is what Cadence sent. body: bytes, before any parsing."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    sent_at = int(headers["webhook-timestamp"])
    if abs(time.time() - sent_at) > 300:
        raise ValueError("too old, or from the future")
    signed = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    for signature in headers["webhook-signature"].split():
        if hmac.compare_digest(signature, "v1," + mac):
            return
    raise ValueError("no signature fits")

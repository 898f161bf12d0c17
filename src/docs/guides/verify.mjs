// Or: npm install standardwebhooks; new Webhook(secret).verify(body, headers)
import { createHmac, timingSafeEqual } from "node:crypto";

/** Throws unless body is what Cadence sent. body: the raw text, before any parsing. */
export function verify(secret, headers, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const sentAt = Number(headers["webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - sentAt) <= 300)) {
    throw new Error("too old, or from the future");
  }
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const mac = Buffer.from("v1," + createHmac("sha256", key).update(signed).digest("base64"));
  for (const text of headers["webhook-signature"].split(" ")) {
    const signature = Buffer.from(text);
    if (signature.length === mac.length && timingSafeEqual(signature, mac)) return;
  }
  throw new Error("no signature fits");
}

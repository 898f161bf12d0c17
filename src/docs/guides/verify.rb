# Or: gem install standardwebhooks; StandardWebhooks::Webhook.new(secret).verify(body, headers)
require "base64"
require "openssl"

# Raises ArgumentError unless body is what Cadence sent. body: the raw text, before any parsing.
def verify(secret, headers, body)
  key = Base64.strict_decode64(secret.delete_prefix("whsec_"))
  sent_at = Integer(headers["webhook-timestamp"], 10)
  raise ArgumentError, "too old, or from the future" if (Time.now.to_i - sent_at).abs > 300

  signed = "#{headers["webhook-id"]}.#{sent_at}.#{body}"
  mac = "v1," + Base64.strict_encode64(OpenSSL::HMAC.digest("SHA256", key, signed))
  fits = headers["webhook-signature"].split.any? { |text| OpenSSL.secure_compare(text, mac) }
  raise ArgumentError, "no signature fits" unless fits
end

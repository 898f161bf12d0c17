//! Signatures of messages: HMAC-SHA-256 (RFC 2104).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs a message. The key may have any length; 32 random bytes are right.
pub fn sign(key: &[u8], message: &[u8]) -> [u8; 32] {
    keyed(key)
        .chain_update(message)
        .finalize()
        .into_bytes()
        .into()
}

/// True if the signature is that of the message. The time does not depend on where it differs.
pub fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    keyed(key)
        .chain_update(message)
        .verify_slice(signature)
        .is_ok()
}

/// Signs a webhook in the form of the Standard Webhooks specification: `v1,` and base64 of the HMAC
/// over id, time in seconds, and body, joined by dots.
pub fn webhook(key: &[u8], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let message = [format!("{id}.{timestamp_s}.").as_bytes(), body].concat();
    format!("v1,{}", STANDARD.encode(sign(key, &message)))
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let signature = sign(b"Jefe", b"what do ya want for nothing?");

        assert_eq!(
            signature[..8],
            [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e]
        );
        assert_eq!(
            signature[24..],
            [0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43]
        );
    }

    #[test]
    fn webhooks_are_signed_as_the_published_vector_says() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;

        let signature = webhook(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);

        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn only_the_whole_signature_of_this_message_under_this_key_is_accepted() {
        let signature = sign(b"key", b"message");
        let mut changed = signature;
        changed[31] ^= 1;

        assert!(verify(b"key", b"message", &signature));
        assert!(!verify(b"key", b"message", &changed));
        assert!(!verify(b"key", b"message", &signature[..31]));
        assert!(!verify(b"key", b"message", &[]));
        assert!(!verify(b"key", b"massage", &signature));
        assert!(!verify(b"kay", b"message", &signature));
        assert!(verify(&[7; 200], b"message", &sign(&[7; 200], b"message")));
        assert!(verify(b"", b"", &sign(b"", b"")));
    }
}

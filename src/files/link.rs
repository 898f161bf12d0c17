//! Addresses of photos: `/files/{id}?exp=…&sig=…`, signed and good for a few minutes.
//!
//! The signature is an HMAC over tenant, photo and end, under a key that is derived from the sealing
//! key: nobody else can make one, and one that was made is good for that photo until that moment.
//! The tenant is named in it, so that a photo is found, like every row, through its tenant; an
//! address is judged before anything is read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::LINK_LIFE_MS;
use crate::caller::{Mode, Tenant};
use crate::clock::{SECOND_MS, Timestamp};
use crate::ids::PhotoId;
use crate::secrets::{SealingKey, signature};

/// What addresses are signed with.
#[derive(Clone)]
pub struct LinkKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

/// An address of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Path and query.
    pub url: String,
    /// It is good until then, by the tenant's time.
    pub expires_at: Timestamp,
}

fn message(tenant: Tenant, id: PhotoId, ends_at_s: i64) -> String {
    let (mode, number) = (tenant.mode(), tenant.number());
    format!("photo\n{mode}\n{number}\n{id}\n{ends_at_s}")
}

/// A number as it is written here; the same number in other words is another address.
fn plain_number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl LinkKey {
    /// The key of this server.
    pub fn of(sealing: &SealingKey) -> Self {
        Self(sealing.derive("addresses of photos"))
    }

    /// An address that is good from now on.
    pub fn sign(&self, tenant: Tenant, id: PhotoId, now: Timestamp) -> Link {
        let ends_at_s = now.plus_ms(LINK_LIFE_MS).as_seconds();
        let signature = signature::sign(&*self.0, message(tenant, id, ends_at_s).as_bytes());
        let mode = if tenant.mode().is_live() { 'l' } else { 't' };
        let (number, encoded) = (tenant.number(), URL_SAFE_NO_PAD.encode(signature));
        Link {
            url: format!("/files/{id}?exp={ends_at_s}&sig={mode}{number}.{encoded}"),
            expires_at: Timestamp::from_ms(ends_at_s * SECOND_MS),
        }
    }

    /// Whose photo an address leads to and when it ends, if it was signed here.
    pub fn check(&self, id: PhotoId, query: &str) -> Option<(Tenant, Timestamp)> {
        let (exp, sig) = query.strip_prefix("exp=")?.split_once("&sig=")?;
        let ends_at_s = plain_number(exp)?;
        let (whose, encoded) = sig.split_once('.')?;
        let (mode, number) = match whose.split_at_checked(1)? {
            ("l", number) => (Mode::Live, number),
            ("t", number) => (Mode::Test, number),
            _ => return None,
        };
        let tenant = Tenant::new(plain_number(number)?, mode);
        let signature = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let message = message(tenant, id, ends_at_s);
        let signed = signature::verify(&*self.0, message.as_bytes(), &signature);
        let ends_at = Timestamp::from_ms(ends_at_s.checked_mul(SECOND_MS)?);
        signed.then_some((tenant, ends_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_good_for_its_photo_tenant_and_time_alone() {
        let key = LinkKey::of(&SealingKey::generate().unwrap());
        let now = Timestamp::from_ms(1_780_488_000_500);
        let (id, other) = (PhotoId::new(now), PhotoId::new(now));
        let tenant = Tenant::new(7, Mode::Test);

        let link = key.sign(tenant, id, now);

        let (path, query) = link.url.split_once('?').unwrap();
        assert_eq!(path, format!("/files/{id}"));
        assert_eq!(key.check(id, query), Some((tenant, link.expires_at)));
        assert_eq!(link.expires_at.as_ms(), 1_780_488_300_000);
        assert_eq!(key.check(other, query), None);
        assert_eq!(key.check(id, &query.replace("t7.", "t8.")), None);
        assert_eq!(key.check(id, &query.replace("t7.", "l7.")), None);
        assert_eq!(key.check(id, &query.replace("exp=1", "exp=2")), None);
        let stranger = LinkKey::of(&SealingKey::generate().unwrap());
        assert_eq!(stranger.check(id, query), None);
        for end in 0..query.len() {
            assert_eq!(key.check(id, &query[..end]), None, "{end}");
        }
    }
}

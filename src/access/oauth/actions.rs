//! What can be done with tokens.

use super::{AccessToken, store};
use crate::access::audit::{self, Act};
use crate::caller::{Caller, Origin};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::error::Result;
use crate::secrets::{Digest, Secret, digest};

/// A token that is drawn but not written.
#[derive(Debug)]
pub struct Draft {
    /// The token.
    pub token: AccessToken,
    /// Its plaintext, shown once.
    pub plaintext: Secret,
}

impl Draft {
    fn digest(&self) -> Digest {
        digest(self.plaintext.reveal())
    }
}

/// Issues a token to the client that `caller` is.
pub fn issue(tx: &Tx<'_>, caller: &Caller, origin: &Origin, draft: &Draft) -> Result<()> {
    store::insert(tx, &draft.token, &draft.digest(), origin.at)?;
    let act = Act {
        action: "access_token.issued",
        target: draft.token.key_id.to_string(),
        detail: Some(serde_json::json!({ "scope": draft.token.scopes.to_text() })),
    };
    audit::record(tx, caller.tenant, caller, origin, &act)
}

/// Removes tokens that ended, a few at a time.
pub fn sweep(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<usize> {
    store::sweep(tx, now, limit)
}

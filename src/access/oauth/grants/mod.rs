//! Grants: what a coach lets an app do in a workspace, and the tokens that follow from it.
//!
//! A **grant** is one row an app, a coach and a workspace in a mode. She sees it, and ends it with
//! everything beneath. Consenting again does not make another: what she unticked is taken away,
//! what the app did not ask for this time stays.
//!
//! A **family** is all the tokens that follow from one authorization code. A device that signs in
//! again begins another. Reuse of a spent refresh token ends its family and no other.
//!
//! What a token may do is, at each use, what it was given within its family's scopes, its grant's
//! and its app's. So whatever is taken from one of them is taken from the token on the next request.
//!
//! A grant ends with its coach's membership in the workspace, her account, her password and the app.

pub mod actions;
pub mod body;
pub mod routes;
pub mod store;

use crate::app::Standing;
use crate::caller::{Caller, Scopes};
use crate::clock::{DAY_MS, Timestamp};
use crate::ids::{AccountId, AppId, FamilyId, GrantId};

/// A family ends so long after its code was redeemed, however often it is refreshed.
pub const FAMILY_MS: i64 = 90 * DAY_MS;
/// The most grants that a list shows.
pub const MAX_LISTED: u32 = 500;

/// All the tokens that follow from one authorization code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its id.
    pub id: FamilyId,
    /// The grant that it stands on.
    pub grant_id: GrantId,
    /// What was consented to when it began.
    pub scopes: Scopes,
    /// The audience that was asked for; none is this server.
    pub resource: Option<String>,
    /// When it ends for good.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
}

/// An app on behalf of a coach: who it is, and what can be said against it.
#[derive(Debug)]
pub struct Bearer {
    /// The caller that its tokens are; the scopes are the grant's within the app's.
    pub caller: Caller,
    /// Whether grant, app, account and membership still stand.
    pub standing: Standing,
    /// The app.
    pub app_id: AppId,
    /// The coach who consented.
    pub account_id: AccountId,
}

impl Bearer {
    /// Whether tokens may be issued and used.
    pub fn is_alive(&self) -> bool {
        !self.standing.revoked && !self.standing.disabled
    }
}

/// A grant as its coach sees it.
#[derive(Debug)]
pub struct Listed {
    /// Its id.
    pub id: GrantId,
    /// The app.
    pub app_id: AppId,
    /// The app's name.
    pub app_name: String,
    /// `public` or `confidential`.
    pub client_type: String,
    /// The app's home page.
    pub client_uri: Option<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was last used, to within a few seconds.
    pub last_used_at: Option<Timestamp>,
    /// When it was first given.
    pub created_at: Timestamp,
    /// When it was last consented to.
    pub updated_at: Timestamp,
}

/// The scopes of a grant after consenting again: of what was asked for, what was allowed; of the
/// rest, what there was.
pub fn consented(former: Option<Scopes>, asked: Scopes, allowed: Scopes) -> Scopes {
    let kept = former.unwrap_or_default();
    let kept = kept.iter().filter(|scope| !asked.allow(*scope));
    kept.chain(allowed.iter()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consenting_again_takes_away_what_was_unticked_and_leaves_what_was_not_asked_for() {
        let set = Scopes::from_text;
        let former = Some(set("clients:read messages:write"));
        let again = consented(former, set("clients:read events:read"), set("events:read"));

        assert_eq!(again.to_text(), "messages:write events:read");
        assert_eq!(
            consented(None, set("clients:read"), set("clients:read")).to_text(),
            "clients:read"
        );
    }
}

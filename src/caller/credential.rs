//! What a caller shows to get in, and whose idempotency keys count with it.

use std::borrow::Cow;

use crate::clock::{MINUTE_MS, Timestamp};
use crate::error::{Code, Error, Result};
use crate::ids::{AppId, ClientId, GrantId, KeyId, SessionId};

/// Who an idempotency key belongs to. A coach's keys, their tokens and her sessions are one: a
/// retry with a rotated key still replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// The coach, by whichever of her own credentials.
    Coach,
    /// An app, by whichever of its tokens.
    App(AppId),
    /// A client, on whichever device.
    Client(ClientId),
}

impl Principal {
    /// The form in which tables keep it.
    pub fn to_text(self) -> Cow<'static, str> {
        match self {
            Self::Coach => Cow::Borrowed("coach"),
            Self::App(id) => Cow::Owned(id.to_string()),
            Self::Client(id) => Cow::Owned(id.to_string()),
        }
    }

    /// Reads the form in which tables keep it.
    pub fn from_text(text: &str) -> Option<Self> {
        if text == "coach" {
            return Some(Self::Coach);
        }
        AppId::parse(text).map(Self::App)
    }
}

/// For how long a password entry allows what is sensitive.
pub const REAUTHENTICATION_MS: i64 = 5 * MINUTE_MS;

/// What was shown to get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An API key.
    ApiKey {
        /// Its id.
        id: KeyId,
        /// The name that its owner gave it.
        name: String,
    },
    /// An access token that an API key obtained.
    AccessToken {
        /// The key.
        key_id: KeyId,
        /// The key's name.
        name: String,
    },
    /// An access token that an app obtained.
    AppToken {
        /// The app.
        app_id: AppId,
        /// The app's name.
        name: String,
        /// The grant that it stands on; none where the app acts for itself.
        grant_id: Option<GrantId>,
    },
    /// A person who signed in.
    Session {
        /// The session's id.
        id: SessionId,
        /// When the password was last entered, by the server's time.
        authenticated_at: Timestamp,
    },
    /// The command line on the server's own machine.
    CommandLine,
}

impl Credential {
    /// The kind, as `GET /v1/whoami` names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ApiKey { .. } => "api_key",
            Self::AccessToken { .. } | Self::AppToken { .. } => "access_token",
            Self::Session { .. } => "session",
            Self::CommandLine => "command_line",
        }
    }

    /// The API key that it is or was obtained by.
    pub fn key_id(&self) -> Option<KeyId> {
        match self {
            Self::ApiKey { id, .. } | Self::AccessToken { key_id: id, .. } => Some(*id),
            Self::AppToken { .. } | Self::Session { .. } | Self::CommandLine => None,
        }
    }

    /// The id and the name of the key, the app or the session behind it.
    pub fn named(&self) -> (Option<String>, Option<&str>) {
        match self {
            Self::ApiKey { id, name } | Self::AccessToken { key_id: id, name } => {
                (Some(id.to_string()), Some(name))
            }
            Self::AppToken { app_id, name, .. } => (Some(app_id.to_string()), Some(name)),
            Self::Session { id, .. } => (Some(id.to_string()), None),
            Self::CommandLine => (None, None),
        }
    }

    /// True for a person who signed in.
    pub fn is_session(&self) -> bool {
        matches!(self, Self::Session { .. })
    }

    /// Refuses a person whose last password entry is more than five minutes ago, by the server's
    /// time; keys and the command line are exempt.
    pub fn recently_authenticated(&self, now: Timestamp) -> Result<()> {
        match self {
            Self::Session {
                authenticated_at, ..
            } if now.since_ms(*authenticated_at) > REAUTHENTICATION_MS => {
                Err(Error::new(Code::ReauthRequired))
            }
            Self::Session { .. }
            | Self::ApiKey { .. }
            | Self::AccessToken { .. }
            | Self::AppToken { .. }
            | Self::CommandLine => Ok(()),
        }
    }
}

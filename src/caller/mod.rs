//! Who asks, and what they may touch.
//!
//! A **tenant** is one workspace in one mode. It comes from the credential and from nowhere else,
//! and every store function on a coach's data asks for it. A [`Caller`] is an authenticated
//! credential; a [`Permit`] is the proof that a caller holds a scope: actions ask for the permit of
//! the scope they need, so a handler that forgot to check cannot call them.
//!
//! Invariant: a `Permit` is made by [`Permit::check`] alone.

mod credential;

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use crate::clock::{HasClock, Timestamp};
use crate::error::{Code, Error, Result};
use crate::ids::{AccountId, RequestId, WorkspaceId};
use crate::values::AddressRange;

pub use credential::{Credential, Principal, REAUTHENTICATION_MS};

/// The two worlds of a workspace, which never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A complete parallel world that never touches the real one.
    Test,
    /// Real clients, real mail, real money.
    Live,
}

impl Mode {
    /// The names on the wire.
    pub const CHOICES: &[(&'static str, Self)] = &[("test", Self::Test), ("live", Self::Live)];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "test" => Some(Self::Test),
            "live" => Some(Self::Live),
            _ => None,
        }
    }

    /// The `livemode` member of every object.
    pub fn is_live(self) -> bool {
        self == Self::Live
    }

    /// What an API key of this mode begins with.
    pub fn key_prefix(self) -> &'static str {
        match self {
            Self::Test => "cdnsk_test_",
            Self::Live => "cdnsk_live_",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One workspace in one mode: what every row of a coach's data belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tenant {
    number: i64,
    mode: Mode,
}

impl Tenant {
    /// A tenant as the `tenants` table names it.
    pub fn new(number: i64, mode: Mode) -> Self {
        Self { number, mode }
    }

    /// The number that stands first in the key of each of its rows.
    pub fn number(self) -> i64 {
        self.number
    }

    /// Test or live.
    pub fn mode(self) -> Mode {
        self.mode
    }
}

impl HasClock for Tenant {
    fn movable(&self) -> Option<i64> {
        (self.mode == Mode::Test).then_some(self.number)
    }
}

macro_rules! scopes {
    ($($variant:ident $name:literal $public:literal $words:literal)*) => {
        /// A permission that a credential can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Scope { $(#[doc = $words] $variant,)* }

        impl Scope {
            /// Every scope, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it allows, in a coach's words.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }

            /// Whether the collective scope `public` holds it.
            pub fn is_public(self) -> bool {
                match self { $(Self::$variant => $public,)* }
            }
        }

        $(#[doc = concat!("The need of the scope `", $name, "`.")]
        #[derive(Debug)]
        pub struct $variant;

        impl Access for $variant {
            const NEED: Need = Need::Scope(Scope::$variant);
        })*
    };
}

scopes! {
    ClientsRead "clients:read" true "See clients and their details"
    ClientsWrite "clients:write" true "Add and change clients"
    CheckinsRead "checkins:read" true "See check-ins"
    CheckinsWrite "checkins:write" true "Submit and review check-ins"
    ProgramsRead "programs:read" true "See programs"
    ProgramsWrite "programs:write" true "Create and change programs"
    MessagesRead "messages:read" true "Read messages"
    MessagesWrite "messages:write" true "Send messages to clients"
    PaymentsRead "payments:read" true "See payments"
    PaymentsWrite "payments:write" true "Take and refund payments"
    BookingsRead "bookings:read" true "See bookings"
    BookingsWrite "bookings:write" true "Make and change bookings"
    SpacesRead "spaces:read" true "See spaces and floors"
    SpacesWrite "spaces:write" true "Change spaces and floors"
    WebhooksRead "webhooks:read" true "See webhooks"
    WebhooksWrite "webhooks:write" true "Register and change webhooks"
    EventsRead "events:read" true "Read the feed of events"
    KeysRead "keys:read" false "See API keys"
    KeysWrite "keys:write" false "Create, change and revoke API keys"
    WorkspaceRead "workspace:read" false "See the workspace and its audit log"
    WorkspaceWrite "workspace:write" false "Change the workspace"
    ClientsErase "clients:erase" false "Erase a client for good"
    OutboxRead "outbox:read" false "See outgoing mail"
    LogsRead "logs:read" false "See the request log"
}

impl Scope {
    /// Reads the name on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == text)
    }

    /// The scope that this one brings along: `write` implies `read`.
    fn implied(self) -> Option<Self> {
        let noun = self.name().strip_suffix(":write")?;
        Self::ALL.iter().copied().find(|scope| {
            scope
                .name()
                .strip_suffix(":read")
                .is_some_and(|other| other == noun)
        })
    }

    const fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// A set of scopes, as granted; what `write` implies counts when it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    granted: u32,
    effective: u32,
}

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// True if the set holds the scope or one that implies it.
    pub fn allow(self, scope: Scope) -> bool {
        self.effective & scope.bit() != 0
    }

    /// True if everything that `other` allows is allowed here.
    pub fn cover(self, other: Self) -> bool {
        other.effective & !self.effective == 0
    }

    /// What is allowed by both, without naming what another of them brings along.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        let named = self.granted | other.granted;
        Scope::ALL
            .iter()
            .copied()
            .filter(|s| named & s.bit() != 0 && self.allow(*s) && other.allow(*s))
            .collect()
    }

    /// The granted scopes, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.granted & scope.bit() != 0)
    }

    /// The names of the granted scopes.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Scope::name).collect()
    }

    /// The granted scopes as one space-separated text.
    pub fn to_text(self) -> String {
        self.names().join(" ")
    }

    /// Reads space-separated names, leaving out what this program does not know.
    pub fn from_text(text: &str) -> Self {
        text.split_ascii_whitespace()
            .filter_map(Scope::parse)
            .collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::default();
        for scope in scopes {
            set.granted |= scope.bit();
            set.effective |= scope.bit() | scope.implied().map_or(0, Scope::bit);
        }
        set
    }
}

/// The plan of an account, as the configuration describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name, such as `studio`.
    pub name: String,
    /// Requests per window and account.
    pub requests_per_hour: u32,
    /// What is served above the limit, in percent of it.
    pub burst_percent: u32,
    /// Whether keys of the account may call the API at all.
    pub api_access: bool,
}

/// What a workspace sets for all that is made in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSettings {
    /// What it is called; mails to clients carry it.
    pub name: String,
    /// The coach's own time zone.
    pub timezone: String,
    /// `metric` or `imperial`.
    pub units: String,
}

/// An authenticated credential: who asks, for which tenant, with which scopes.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account that the credential belongs to.
    pub account_id: AccountId,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// What the workspace sets.
    pub workspace: WorkspaceSettings,
    /// The workspace in the credential's mode.
    pub tenant: Tenant,
    /// The same workspace in test mode: a live caller manages its keys too.
    pub test_tenant: Tenant,
    /// Whose idempotency keys count.
    pub principal: Principal,
    /// What was shown to get in.
    pub credential: Credential,
    /// What it may do.
    pub scopes: Scopes,
    /// The addresses it may be used from; none means all.
    pub allowed_ips: Option<Vec<AddressRange>>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// The account's plan, by name.
    pub plan: String,
}

impl Caller {
    /// The tenants whose keys this caller manages: a test caller its own, a live caller both.
    pub fn managed_tenants(&self) -> impl Iterator<Item = Tenant> {
        let test = (self.tenant != self.test_tenant).then_some(self.test_tenant);
        std::iter::once(self.tenant).chain(test)
    }

    /// The managed tenant of a mode, if this caller has it.
    pub fn managed_tenant(&self, mode: Mode) -> Option<Tenant> {
        self.managed_tenants().find(|tenant| tenant.mode() == mode)
    }

    /// Whether the caller may come from this address.
    pub fn allows_address(&self, address: IpAddr) -> bool {
        self.allowed_ips
            .as_ref()
            .is_none_or(|ranges| ranges.iter().any(|range| range.contains(address)))
    }
}

/// When and from where a request came: what every event and audit entry keeps of it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The request.
    pub request_id: RequestId,
    /// The idempotency key that it carried.
    pub idempotency_key: Option<String>,
    /// The address that it came from; none for the command line.
    pub address: Option<IpAddr>,
    /// The tenant's time at which it came.
    pub at: Timestamp,
}

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: the route is open to everybody.
    Nothing,
    /// Any accepted credential.
    Credential,
    /// A credential that holds the scope.
    Scope(Scope),
    /// A person at the dashboard.
    Session,
    /// A client in the client app.
    Client,
}

/// A type that stands for a [`Need`], so that it can be part of a signature.
pub trait Access: 'static {
    /// The need.
    const NEED: Need;
}

/// The need of any accepted credential.
#[derive(Debug)]
pub struct AnyCaller;

impl Access for AnyCaller {
    const NEED: Need = Need::Credential;
}

/// The need of a person at the dashboard.
#[derive(Debug)]
pub struct SessionOnly;

impl Access for SessionOnly {
    const NEED: Need = Need::Session;
}

/// The proof that the caller of a request meets the need `A`.
pub struct Permit<A> {
    caller: Arc<Caller>,
    origin: Arc<Origin>,
    need: PhantomData<fn() -> A>,
}

impl<A: Access> Permit<A> {
    /// Checks the caller's scopes against the need.
    pub fn check(caller: Arc<Caller>, origin: Arc<Origin>) -> Result<Self> {
        meets(A::NEED, &caller)?;
        Ok(Self {
            caller,
            origin,
            need: PhantomData,
        })
    }

    /// The proof that the same caller meets another need as well.
    pub fn also<B: Access>(&self) -> Result<Permit<B>> {
        Permit::check(Arc::clone(&self.caller), Arc::clone(&self.origin))
    }

    /// The caller that holds it.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// When and from where it is used.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The tenant it holds for.
    pub fn tenant(&self) -> Tenant {
        self.caller.tenant
    }

    /// The tenant's time.
    pub fn now(&self) -> Timestamp {
        self.origin.at
    }
}

impl<A> Clone for Permit<A> {
    fn clone(&self) -> Self {
        Self {
            caller: Arc::clone(&self.caller),
            origin: Arc::clone(&self.origin),
            need: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Permit<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("caller", &self.caller)
            .finish_non_exhaustive()
    }
}

/// Checks a caller against a need.
pub fn meets(need: Need, caller: &Caller) -> Result<()> {
    match need {
        Need::Nothing | Need::Credential => Ok(()),
        Need::Scope(scope) if caller.scopes.allow(scope) => Ok(()),
        Need::Scope(scope) => Err(insufficient_scope(&[scope])),
        Need::Session if caller.credential.is_session() => Ok(()),
        Need::Client => Err(Error::with(
            Code::AuthForbidden,
            "This call is for a client who is signed in to the app, not for a coach's credential.",
        )),
        Need::Session => Err(Error::with(
            Code::AuthForbidden,
            "This call is for a person signed in to the dashboard, not for a key.",
        )),
    }
}

/// The refusal that names every missing scope at once.
pub fn insufficient_scope(missing: &[Scope]) -> Error {
    let names: Vec<&str> = missing.iter().map(|scope| scope.name()).collect();
    let message = format!("The credential lacks the scope {}.", names.join(", "));
    Error::with(Code::InsufficientScope, message).extra("scopes", names)
}

#[cfg(test)]
mod tests;

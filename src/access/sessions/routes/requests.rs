//! The bodies that `/auth` takes.

use utoipa::ToSchema;

use crate::api::choices::{Vocabulary, words};
use crate::api::json::{Fields, FromBody, one_of, text};
use crate::secrets::{Secret, password};
use crate::values::{Email, Invalid, TimeZone, UNITS, line};

/// The first account of a server.
#[derive(Debug, ToSchema)]
pub struct SetUp {
    /// What stands behind the `#` of the set-up link.
    #[schema(value_type = String)]
    pub(super) token: Secret,
    /// 1 to 200 characters; the workspace is called the same.
    pub(super) name: String,
    /// The address to sign in with.
    #[schema(value_type = String)]
    pub(super) email: Email,
    /// 15 to 256 characters of any kind.
    #[schema(value_type = String, min_length = 15, max_length = 256)]
    pub(super) password: Secret,
    /// An IANA time zone; UTC if left out.
    #[schema(value_type = Option<String>)]
    pub(super) timezone: Option<TimeZone>,
    /// `metric` (the default) or `imperial`.
    #[schema(value_type = Option<String>)]
    pub(super) units: Option<&'static str>,
}

fn secret(value: &str) -> Result<Secret, Invalid> {
    if value.is_empty() {
        return Err(Invalid::new("required", "This is required."));
    }
    Ok(Secret::new(value.to_owned()))
}

impl FromBody for SetUp {
    const VOCABULARIES: &'static [(&'static str, Vocabulary)] = &[("units", || words(UNITS))];

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token", text(secret));
        let name = fields.required("name", text(|value| line(value, 1, 200)));
        let email = fields.required("email", text(Email::parse));
        let password = fields.required("password", text(new_password(email.as_ref())));
        let timezone = fields.optional("timezone", text(TimeZone::parse));
        let units = fields.optional("units", one_of(UNITS));
        Some(Self {
            token: token?,
            name: name?,
            email: email?,
            password: password?,
            timezone: timezone?,
            units: units?,
        })
    }
}

/// A text that may become the password of the account with this address.
pub fn new_password(email: Option<&Email>) -> impl Fn(&str) -> Result<Secret, Invalid> {
    move |value| {
        let password = Secret::new(value.to_owned());
        password::check(&password, email)?;
        Ok(password)
    }
}

/// An address with its password, or a one-time sign-in link.
#[derive(Debug, ToSchema)]
pub struct SignIn {
    /// The address of the account; goes with `password`.
    #[schema(value_type = Option<String>)]
    pub(super) email: Option<Email>,
    /// The password.
    #[schema(value_type = Option<String>)]
    pub(super) password: Option<Secret>,
    /// What stands behind the `#` of a sign-in link, in place of both; demo and sandbox only.
    #[schema(value_type = Option<String>)]
    pub(super) token: Option<Secret>,
}

impl FromBody for SignIn {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if fields.has("token") {
            let token = fields.required("token", text(secret));
            return Some(Self {
                email: None,
                password: None,
                token: Some(token?),
            });
        }
        let email = fields.required("email", text(Email::parse));
        let password = fields.required("password", text(secret));
        Some(Self {
            email: Some(email?),
            password: Some(password?),
            token: None,
        })
    }
}

/// The password of the account that is signed in.
#[derive(Debug, ToSchema)]
pub struct Reauthentication {
    /// The password.
    #[schema(value_type = String)]
    pub(super) password: Secret,
}

impl FromBody for Reauthentication {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let password = fields.required("password", text(secret));
        Some(Self {
            password: password?,
        })
    }
}

/// Whose password was forgotten.
#[derive(Debug, ToSchema)]
pub struct PasswordReset {
    /// The address of the account.
    #[schema(value_type = String)]
    pub(super) email: Email,
}

impl FromBody for PasswordReset {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", text(Email::parse));
        Some(Self { email: email? })
    }
}

/// A new password.
#[derive(Debug, ToSchema)]
pub struct PasswordResetConfirmation {
    /// What stands behind the `#` of the link.
    #[schema(value_type = String)]
    pub(super) token: Secret,
    /// 15 to 256 characters of any kind.
    #[schema(value_type = String, min_length = 15, max_length = 256)]
    pub(super) password: Secret,
}

impl FromBody for PasswordResetConfirmation {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token", text(secret));
        let password = fields.required("password", text(new_password(None)));
        Some(Self {
            token: token?,
            password: password?,
        })
    }
}

//! Reading a token request: its parameters and how the client authenticates.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::error::{OAuthCode, Refusal};
use crate::api::json::Json;
use crate::api::route::Head;
use crate::secrets::Secret;

/// The parameters of a request, each at most once but for `resource`, which RFC 8707 lets repeat; an
/// empty one counts as absent.
#[derive(Default)]
pub struct Form(Vec<(String, String)>);

/// The one parameter that may repeat.
const RESOURCE: &str = "resource";

/// What a client shows.
#[derive(Debug)]
pub struct ClientShown {
    /// The client identifier.
    pub id: String,
    /// The secret; a public client has none.
    pub secret: Option<Secret>,
    /// True if it came in the Authorization header.
    pub basic: bool,
}

/// Whether a JSON body is taken too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Forms alone, as RFC 6749 says.
    Form,
    /// Forms, and the same members as JSON.
    FormOrJson,
}

fn malformed(description: &'static str) -> Refusal {
    Refusal::new(OAuthCode::InvalidRequest, description)
}

impl Form {
    /// Reads a body.
    pub fn read(head: &Head, body: &[u8], media: Media) -> Result<Self, Refusal> {
        let essence = head
            .content_type
            .as_deref()
            .unwrap_or("")
            .split(';')
            .next()
            .unwrap_or("")
            .trim();
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Self::of_pairs(form_pairs(body)?);
        }
        if media == Media::FormOrJson && essence.eq_ignore_ascii_case("application/json") {
            return Self::of_pairs(json_pairs(body)?);
        }
        Err(malformed("Send application/x-www-form-urlencoded."))
    }

    fn of_pairs(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut form = Self::default();
        for (name, value) in pairs {
            if name != RESOURCE && form.0.iter().any(|(other, _)| *other == name) {
                return Err(malformed("A parameter is sent twice."));
            }
            form.0.push((name, value));
        }
        Ok(form)
    }

    /// Reads a query or the form of a page, with whatever is repeated in it.
    pub fn of_page(text: &[u8]) -> Result<Self, Refusal> {
        form_pairs(text).map(Self)
    }

    /// Whether a parameter is there more than once.
    pub fn repeats(&self, name: &str) -> bool {
        self.0.iter().filter(|(other, _)| other == name).count() > 1
    }

    /// Whether any parameter is there more than once that must not be.
    pub fn repeats_any(&self) -> bool {
        self.0
            .iter()
            .any(|(name, _)| name != RESOURCE && self.repeats(name))
    }

    /// Every value of a parameter.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The resources that are asked for.
    pub fn resources(&self) -> Vec<String> {
        let named = self.0.iter().filter(|(name, _)| name == RESOURCE);
        named
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// How the client authenticates: in the header or in the body, never both.
    pub fn client(&self, head: &Head) -> Result<ClientShown, Refusal> {
        if head.authorization.len() > 1 {
            return Err(malformed("The request carries more than one credential."));
        }
        let in_body = self.get("client_secret");
        let Some(header) = head.authorization.first() else {
            let Some(id) = self.get("client_id") else {
                return Err(Refusal::client(false));
            };
            return Ok(ClientShown {
                id: id.to_owned(),
                secret: in_body.map(|secret| Secret::new(secret.to_owned())),
                basic: false,
            });
        };
        if in_body.is_some() {
            return Err(malformed("The request carries more than one credential."));
        }
        let client = basic(header).ok_or_else(|| Refusal::client(true))?;
        if self.get("client_id").is_some_and(|id| id != client.id) {
            return Err(malformed(
                "The client identifiers in header and body differ.",
            ));
        }
        Ok(client)
    }
}

/// Basic credentials; both halves are form-encoded within (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<ClientShown> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let decoded = STANDARD
        .decode(rest.trim())
        .ok()
        .filter(|_| scheme.eq_ignore_ascii_case("basic"));
    let decoded = String::from_utf8(decoded?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let secret = Some(decode(secret)?).filter(|secret| !secret.is_empty());
    Some(ClientShown {
        id: decode(id)?,
        secret: secret.map(Secret::new),
        basic: true,
    })
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', "%20");
    Some(percent_decode_str(&spaced).decode_utf8().ok()?.into_owned())
}

/// The names of a query's parameters, whatever way they are written.
pub fn names(query: &str) -> impl Iterator<Item = String> {
    query.split('&').map(|pair| {
        let name = pair.split('=').next().unwrap_or(pair);
        percent_decode_str(name).decode_utf8_lossy().into_owned()
    })
}

fn form_pairs(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let wrong = || malformed("The body is not a well-formed form.");
    let text = std::str::from_utf8(body).ok().ok_or_else(wrong)?;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            decode(name).zip(decode(value)).ok_or_else(wrong)
        })
        .collect()
}

fn json_pairs(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let wrong = || malformed("The body is not a JSON object of strings.");
    let Ok(Json::Object(members)) = serde_json::from_slice(body) else {
        return Err(wrong());
    };
    members
        .into_iter()
        .map(|(name, value)| match value {
            Json::Text(value) => Ok((name, value)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                Err(wrong())
            }
        })
        .collect()
}

//! Lists: `limit` and opaque cursors that survive inserts and deletes.
//!
//! A cursor names the last row that was given, not a count of rows, so nothing is skipped or
//! repeated while rows come and go; the row itself may be gone. It is bound to its list, tenant and
//! filter by a digest: used anywhere else it is `invalid_cursor`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::query::{Parameter, Query};
use super::respond::JSON;
use crate::caller::Tenant;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;
use crate::secrets::digest;

/// Rows of a page where nothing else is asked for.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows of a page.
pub const MAX_LIMIT: u32 = 100;

/// The parameter that sets the size of a page.
pub const LIMIT: Parameter = Parameter::new("limit", "Rows of the page, 1 to 100; 50 if left out.");
/// The parameter that continues a list.
pub const CURSOR: Parameter = Parameter::new(
    "cursor",
    "`next_cursor` of the page before, with the same filters.",
);
/// The filter on creation from below.
pub const CREATED_AFTER: Parameter =
    Parameter::new("created_after", "Only what was created after this time.");
/// The filter on creation from above.
pub const CREATED_BEFORE: Parameter =
    Parameter::new("created_before", "Only what was created before this time.");
/// The filter on the last change.
pub const UPDATED_AFTER: Parameter =
    Parameter::new("updated_after", "Only what was changed after this time.");

/// Room that is made for a row at first.
const ROW_BYTES: usize = 1_024;
/// Bytes of the digest that binds a cursor.
const BINDING_BYTES: usize = 8;

/// Which page of a list is asked for.
#[derive(Debug)]
pub struct PageQuery {
    /// Rows of the page.
    pub limit: u32,
    cursor: Option<String>,
    /// The filters of the list as sent, for the link to the next page and for the binding.
    filters: Vec<(&'static str, String)>,
}

impl PageQuery {
    /// Takes `limit` and `cursor` out of a query, and remembers the other parameters.
    pub fn read(query: &mut Query, parameters: &'static [Parameter]) -> Option<Self> {
        let limit = query.optional(LIMIT.name, |text| {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit());
            let limit = text
                .parse()
                .ok()
                .filter(|_| plain)
                .filter(|limit| (1..=MAX_LIMIT).contains(limit));
            limit.ok_or_else(|| format!("`limit` must be a whole number from 1 to {MAX_LIMIT}."))
        });
        let cursor = query.optional(CURSOR.name, |text| Ok(text.to_owned()));
        let filters = parameters
            .iter()
            .filter(|parameter| parameter.name != LIMIT.name && parameter.name != CURSOR.name)
            .filter_map(|parameter| Some((parameter.name, query.raw(parameter.name)?.to_owned())))
            .collect();
        Some(Self {
            limit: limit?.unwrap_or(DEFAULT_LIMIT),
            cursor: cursor?,
            filters,
        })
    }

    /// Where the last page ended: what [`PageQuery::answer`] was given for it.
    pub fn position(&self, tenant: Tenant, path: &str) -> Result<Option<String>> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let foreign = || {
            Error::parameter(
                Code::InvalidCursor,
                CURSOR.name,
                "The cursor does not belong to this list with these filters.",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().ok_or_else(foreign)?;
        let (binding, position) = bytes.split_at_checked(BINDING_BYTES).ok_or_else(foreign)?;
        if binding != self.binding(tenant, path) {
            return Err(foreign());
        }
        String::from_utf8(position.to_vec())
            .ok()
            .map(Some)
            .ok_or_else(foreign)
    }

    /// The cursor of the page behind a position.
    pub fn cursor(&self, tenant: Tenant, path: &str, position: &str) -> String {
        let mut bytes = self.binding(tenant, path).to_vec();
        bytes.extend_from_slice(position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn binding(&self, tenant: Tenant, path: &str) -> [u8; BINDING_BYTES] {
        let mut text = format!("{}\n{path}\n", tenant.number());
        for (name, value) in &self.filters {
            text.extend([*name, "=", value.as_str(), "\n"]);
        }
        let mut binding = [0; BINDING_BYTES];
        binding.copy_from_slice(&digest(&text).as_bytes()[..BINDING_BYTES]);
        binding
    }

    /// One row more than the page has is asked for, to learn whether there is a next page.
    pub fn rows(&self) -> u32 {
        self.limit + 1
    }

    /// A page without rows yet.
    pub fn begin(&self) -> Page {
        let limit = self.limit as usize;
        let mut body = Vec::with_capacity(limit * ROW_BYTES);
        body.extend_from_slice(br#"{"object":"list","data":["#);
        Page {
            limit,
            body,
            rows: 0,
            last: String::new(),
        }
    }

    /// The page as it is answered.
    pub fn end(&self, tenant: Tenant, path: &str, page: Page) -> Result<Answer> {
        let cursor = || self.cursor(tenant, path, &page.last);
        let next_cursor = page.has_more().then(cursor);
        let link = next_cursor.as_deref().map(|cursor| self.link(path, cursor));
        let rest = Rest {
            has_more: page.has_more(),
            next_cursor,
            url: path,
        };
        let rest = serde_json::to_vec(&rest).map_err(Error::internal)?;
        let mut body = page.body;
        body.extend_from_slice(b"],");
        // The members that follow the rows, without the brace that opens them.
        body.extend_from_slice(&rest[1..]);
        let mut answer = Answer::bytes(200, JSON, body);
        if let Some(link) = link {
            answer.headers.push(("Link", link));
        }
        Ok(answer)
    }

    /// A page of up to [`PageQuery::rows`] rows that are there already. `show` gives the body of a
    /// row, `position` what the next page begins after.
    pub fn answer<T, B: Serialize>(
        &self,
        tenant: Tenant,
        path: &str,
        rows: Vec<T>,
        show: impl Fn(T) -> Result<B>,
        position: impl Fn(&T) -> String,
    ) -> Result<Answer> {
        let mut page = self.begin();
        for row in rows {
            let last = page.is_last().then(|| position(&row));
            page.push(&show(row)?, || last.unwrap_or_default())?;
        }
        self.end(tenant, path, page)
    }

    fn link(&self, path: &str, cursor: &str) -> String {
        let mut link = format!("<{path}?limit={}", self.limit);
        for (name, value) in &self.filters {
            link.extend(["&", *name, "="]);
            link.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        link.extend(["&cursor=", cursor, ">; rel=\"next\""]);
        link
    }
}

/// A page that is being written, row by row.
#[derive(Debug)]
pub struct Page {
    limit: usize,
    body: Vec<u8>,
    rows: usize,
    /// Where the page ends.
    last: String,
}

impl Page {
    /// Whether the next row is the last that the page has room for.
    fn is_last(&self) -> bool {
        self.rows + 1 == self.limit
    }

    fn has_more(&self) -> bool {
        self.rows > self.limit
    }

    /// Writes a row, unless it is the one too many; `position` is what the next page begins after.
    pub fn push(&mut self, body: &impl Serialize, position: impl FnOnce() -> String) -> Result<()> {
        if self.is_last() {
            self.last = position();
        }
        self.rows += 1;
        if self.has_more() {
            return Ok(());
        }
        if self.rows > 1 {
            self.body.push(b',');
        }
        serde_json::to_writer(&mut self.body, body).map_err(Error::internal)
    }
}

/// What follows the rows of a page.
#[derive(Debug, Serialize)]
struct Rest<'a> {
    has_more: bool,
    next_cursor: Option<String>,
    url: &'a str,
}

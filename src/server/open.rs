//! What is answered without a credential: health, readiness, the OpenAPI document.

use std::sync::LazyLock;

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::respond::JSON;
use crate::api::route::Route;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::idempotency::Answer;

/// That the server is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthBody {
    /// Always `ok`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
}

const HEALTHY: HealthBody = HealthBody {
    status: "ok",
    version: env!("CARGO_PKG_VERSION"),
};

async fn health(_: App) -> Result<Answer> {
    Answer::ok(&HEALTHY)
}

async fn ready(app: App) -> Result<Answer> {
    let answers: i64 = app
        .db
        .read(|conn| Ok(conn.query_row("SELECT 1", [], |row| row.get(0))?))
        .await
        .map_err(|error| Error::new(Code::Overloaded).caused_by(error))?;
    if answers == 1 {
        Answer::ok(&HEALTHY)
    } else {
        Err(Error::new(Code::Overloaded))
    }
}

static DOCUMENT: LazyLock<Vec<u8>> = LazyLock::new(|| super::openapi_document().into_bytes());

async fn openapi(_: App) -> Result<Answer> {
    Ok(Answer::bytes(200, JSON, DOCUMENT.clone()))
}

/// The open routes.
pub fn routes() -> Vec<Route> {
    vec![
        Route::open("/health", health)
            .named("Server", "health", "Whether the process answers")
            .answers::<HealthBody>(),
        Route::open("/ready", ready)
            .named("Server", "ready", "Whether the database answers")
            .answers::<HealthBody>(),
        Route::open("/openapi.json", openapi).named("Server", "openapi", "The OpenAPI document"),
    ]
}

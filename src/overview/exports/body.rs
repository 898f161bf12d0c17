//! How an export is shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::Export;
use crate::caller::Tenant;
use crate::clock::Timestamp;
use crate::ids::ExportId;

/// A file with all of a tenant's data.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportBody {
    /// The export's id.
    #[schema(value_type = String, example = "exp_01jzkd6v8q9xw2m4n6p8r0t2v4")]
    id: ExportId,
    /// Always `export`.
    object: &'static str,
    /// True if it is of the live tenant.
    livemode: bool,
    /// `queued`, `running`, `ready`, `failed` or `expired`: the file is kept for 24 hours.
    status: &'static str,
    /// How far it is while it runs, such as `312 of 10000 clients`.
    progress: Option<String>,
    /// Clients that are in the file.
    clients: Option<i64>,
    /// Bytes of the file.
    bytes: Option<i64>,
    /// Why there is no file.
    error: Option<String>,
    /// When it was asked for, by the server's clock.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When the file was whole.
    #[schema(value_type = Option<String>, format = DateTime)]
    ready_at: Option<Timestamp>,
    /// When the file is removed.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl ExportBody {
    /// The export as it is shown at a time of the server's clock.
    pub fn of(tenant: Tenant, export: Export, now: Timestamp) -> Self {
        Self {
            id: export.id,
            object: "export",
            livemode: tenant.mode().is_live(),
            status: export.status_at(now).name(),
            progress: export.progress,
            clients: export.clients,
            bytes: export.bytes,
            error: export.error,
            created_at: export.created_at,
            updated_at: export.updated_at,
            ready_at: export.ready_at,
            expires_at: export.expires_at,
        }
    }
}

//! The one route table, and finding a route in it.

use actix_web::http::Method;

use crate::access;
use crate::api::route::Route;
use crate::{
    check_ins, client_app, clients, demo, erasure, events, exercises, files, mailing, messages,
    notices, outbox, overview, payments, programs, requests, sandbox, settings, upkeep, webhooks,
    workouts,
};

/// Every route there is.
pub fn routes() -> Vec<Route> {
    [
        super::open::routes(),
        access::sessions::routes::routes(),
        access::workspaces::routes::routes(check_ins::schedules::actions::follow_workspace),
        settings::routes::routes(check_ins::schedules::actions::follow_workspace),
        access::api_keys::routes::routes(),
        access::audit::routes(),
        access::heads_up::routes(),
        access::oauth::routes::routes(),
        requests::routes::routes(webhooks::deliveries::routes::of_events),
        // First, so that the methods of a client are told in the usual order.
        overview::routes::routes(),
        clients::routes::routes(check_ins::schedules::actions::follow),
        clients::import::routes::routes(),
        clients::sessions::routes::routes(),
        client_app::routes::routes(),
        messages::routes::routes(),
        exercises::routes::routes(),
        programs::routes::routes(overview::history::of_client),
        programs::templates::routes::routes(),
        workouts::routes::routes(),
        files::routes::routes(),
        payments::routes::routes(),
        check_ins::routes::routes(),
        check_ins::forms::routes::routes(),
        check_ins::schedules::routes::routes(),
        check_ins::measurements::routes::routes(),
        events::routes::routes(),
        outbox::routes::routes(),
        mailing::routes::routes(),
        notices::routes::routes(),
        webhooks::deliveries::routes::routes(),
        webhooks::inbox::routes::routes(),
        webhooks::routes::routes(),
        // Behind all that is a client's: whoever walks the table calls it last.
        erasure::routes::routes(),
        sandbox::routes::routes(),
        demo::routes::routes(),
        upkeep::routes::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Routes by path and method.
pub(super) struct Table {
    routes: Vec<Route>,
    paths: matchit::Router<Vec<(Method, usize)>>,
}

/// What a path and method lead to.
pub(super) enum Found<'t> {
    /// A route, with the values of the path's parameters.
    Route(&'t Route, Vec<(String, String)>),
    /// The path exists, with these methods.
    OtherMethods(String),
    /// There is no such path.
    Nothing,
}

impl Table {
    pub(super) fn new(routes: Vec<Route>) -> anyhow::Result<Self> {
        let mut by_path: Vec<(&'static str, Vec<(Method, usize)>)> = Vec::new();
        for (index, route) in routes.iter().enumerate() {
            for path in std::iter::once(route.path).chain(route.aliases.iter().copied()) {
                let entry = (route.method.clone(), index);
                match by_path.iter_mut().find(|(known, _)| *known == path) {
                    Some((_, methods)) => methods.push(entry),
                    None => by_path.push((path, vec![entry])),
                }
            }
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths.insert(path, methods)?;
        }
        Ok(Self { routes, paths })
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Ok(found) = self.paths.at(path) else {
            return Found::Nothing;
        };
        // A HEAD is a GET whose body is left out (RFC 9110, section 9.3.2).
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        if let Some((_, index)) = found.value.iter().find(|(known, _)| known == wanted) {
            let parameters = found
                .params
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
            return Found::Route(&self.routes[*index], parameters.collect());
        }
        let mut allowed: Vec<&str> = found
            .value
            .iter()
            .map(|(known, _)| known.as_str())
            .collect();
        if allowed.contains(&"GET") {
            allowed.push("HEAD");
        }
        Found::OtherMethods(allowed.join(", "))
    }
}

//! What a client sees of the own person: units, devices, consents, and the way out.

use std::sync::Arc;

use maud::{Markup, html};

use super::form::{Form, ONCE, fresh, once};
use super::frame;
use super::layout::{self, Tab, see_other, time};
use crate::api::route::{ClientCx, work};
use crate::client_app::actions;
use crate::client_app::view::{self, Own};
use crate::clients;
use crate::clients::sessions::{
    self, CONSENTS, ClientSession, Consent, ConsentText, MAX_SESSIONS, clear_cookie, stands,
};
use crate::error::{Error, Result};
use crate::idempotency::Answer;
use crate::ids::ClientSessionId;
use crate::messages;
use crate::values::UNITS;

const PATH: &str = "/app/me";

struct Person {
    own: Own,
    devices: Vec<ClientSession>,
    consents: Vec<Consent>,
    unread: u32,
}

pub(super) async fn show(cx: &ClientCx) -> Result<Answer> {
    let (caller, now, server_now) = (Arc::clone(&cx.client), cx.now(), cx.app.clock.now());
    let read = cx.app.db.read(move |conn| {
        let (tenant, client) = (caller.tenant, caller.client_id);
        let mut devices = sessions::store::of_client(conn, tenant, client)?;
        devices.retain(|device| device.is_live(server_now));
        Ok(Person {
            own: view::own(conn, &caller, now)?,
            devices,
            consents: sessions::store::consents(conn, tenant, client)?,
            unread: messages::store::unread(conn, tenant, client)?,
        })
    });
    let person = read.await?;
    let profile = &person.own.client.profile;
    let content = html! {
        div.page-top {
            h1 { (profile.name) }
            p.muted { (profile.email) }
            p.muted { "Coached by " (cx.client.workspace) }
        }
        (units_form(cx, &profile.units))
        (devices(cx, &person))
        (consents(cx, &person))
        section.stack.tight {
            h2 { "Sign out" }
            p.muted { "You come back by a code that is sent to " (profile.email) ", or by a new link from your coach." }
            form method="post" action="/app/sign-out" {
                button.button.wide type="submit" { "Sign out on this device" }
            }
        }
    };
    let frame = frame(cx, Tab::Me, "Me", person.unread);
    Ok(layout::answer(200, &frame, &content))
}

fn units_form(cx: &ClientCx, units: &str) -> Markup {
    html! {
        form method="post" action="/app/me/units" {
            input type="hidden" name=(ONCE) value=(fresh(cx));
            fieldset {
                legend { "Units" }
                @for (value, words) in [("metric", "Kilograms and centimetres"), ("imperial", "Pounds and inches")] {
                    label.pick {
                        input type="radio" name="units" value=(value) checked[units == value];
                        span { (words) }
                    }
                }
            }
            button.button type="submit" { "Save the units" }
        }
    }
}

fn devices(cx: &ClientCx, person: &Person) -> Markup {
    let own = &person.own;
    html! {
        section.stack.tight {
            h2 { "Your devices" }
            p.muted { "You can be signed in on up to " (MAX_SESSIONS) ". A further one ends the one that was silent longest." }
            ul.cards {
                @for device in &person.devices {
                    @let current = device.id == cx.client.session_id;
                    li.card {
                        p.card-title { (device_name(device.user_agent.as_deref())) @if current { " (this one)" } }
                        p.muted.small {
                            "Since " (time(device.created_at, &own.zone, own.today))
                            @if let Some(address) = &device.address { ", from " (address) }
                        }
                        @if !current {
                            form method="post" action={ "/app/me/devices/" (device.id) } {
                                button.button type="submit" { "Sign out " span.unseen { (device_name(device.user_agent.as_deref())) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a device is called, as far as its browser says.
fn device_name(user_agent: Option<&str>) -> String {
    let Some(text) = user_agent else {
        return "A device".to_owned();
    };
    let find = |known: &[(&str, &'static str)]| {
        let found = known.iter().find(|(mark, _)| text.contains(mark));
        found.map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Edg", "Edge"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "a Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A device".to_owned(),
    }
}

/// What follows when a consent is taken back.
fn consequence(kind: &str) -> &'static str {
    match kind {
        "terms" => {
            "You are signed out on every device and the app is closed for you. Your coach is \
             told, and can let you in again by a new link."
        }
        "health_data" => {
            "No more training, check-ins and photos are taken in. You can still read, and write \
             messages. Your coach is told. What you shared before stays with your coach until you \
             ask them to erase it."
        }
        _ => "Your coach is told, and writes to you in the app alone.",
    }
}

fn consents(cx: &ClientCx, person: &Person) -> Markup {
    let own = &person.own;
    html! {
        section.stack.tight {
            h2 { "What you agreed to" }
            ul.cards {
                @for text in CONSENTS {
                    @let given = person.consents.iter().rfind(|consent| consent.kind == text.kind);
                    li.card {
                        p { (text.words) }
                        @if stands(&person.consents, text.kind) {
                            @if let Some(given) = given {
                                p.muted.small { "You agreed " (time(given.given_at, &own.zone, own.today)) "." }
                            }
                            details {
                                summary { "Take this back" }
                                div.stack.tight {
                                    p { (consequence(text.kind)) }
                                    (act(cx, text, "withdraw", "Take it back", true))
                                }
                            }
                        } @else {
                            @if let Some(at) = given.and_then(|given| given.withdrawn_at) {
                                p.muted.small { "You took this back " (time(at, &own.zone, own.today)) "." }
                            }
                            (act(cx, text, "give", "I agree", false))
                        }
                    }
                }
            }
        }
    }
}

fn act(cx: &ClientCx, text: &ConsentText, act: &str, words: &str, danger: bool) -> Markup {
    html! {
        form method="post" action={ (PATH) "/consents/" (text.kind) "/" (act) } {
            input type="hidden" name=(ONCE) value=(fresh(cx));
            button.button.danger[danger] type="submit" { (words) }
        }
    }
}

pub(super) async fn units(cx: &ClientCx, form: Form) -> Result<Answer> {
    let chosen = form.get("units").unwrap_or_default();
    let units = UNITS.iter().find(|(name, _)| *name == chosen);
    let units = units.map(|(name, _)| *name).ok_or_else(Error::not_found)?;
    let (client, origin) = (Arc::clone(&cx.client), Arc::clone(&cx.origin));
    let work = work(move |tx| {
        clients::actions::set_own_units(tx, &client, &origin, units)?;
        Ok(see_other(PATH))
    })?;
    once(cx, &form, work).await
}

pub(super) async fn end_device(cx: &ClientCx, id: ClientSessionId) -> Result<Answer> {
    let (client, now) = (Arc::clone(&cx.client), cx.app.clock.now());
    cx.app
        .db
        .write(move |tx| sessions::actions::end_own(tx, &client, id, now))
        .await?;
    Ok(see_other(PATH))
}

pub(super) async fn consent(
    cx: &ClientCx,
    form: Form,
    text: &'static ConsentText,
    gives: bool,
) -> Result<Answer> {
    let (client, origin) = (Arc::clone(&cx.client), Arc::clone(&cx.origin));
    let now = cx.app.clock.now();
    let work = work(move |tx| {
        if gives {
            actions::give(tx, &client, &origin, text)?;
        } else {
            actions::withdraw(tx, &client, &origin, text, now)?;
        }
        Ok(see_other(PATH))
    })?;
    once(cx, &form, work).await
}

pub(super) async fn sign_out(cx: &ClientCx, https: bool) -> Result<Answer> {
    let (client, now) = (Arc::clone(&cx.client), cx.app.clock.now());
    cx.app
        .db
        .write(move |tx| sessions::actions::sign_out(tx, &client, now))
        .await?;
    let mut answer = see_other("/app/sign-in?left");
    answer.headers.push(("Set-Cookie", clear_cookie(https)));
    // Not the cookies: a coach may be signed in to the dashboard in the same browser.
    let forget = "\"cache\", \"storage\"".to_owned();
    answer.headers.push(("Clear-Site-Data", forget));
    Ok(answer)
}

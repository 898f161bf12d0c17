//! `/docs/guides/coaching`: from a new client to a running program, and what a week of it looks like.

use maud::{Markup, html};

use super::super::{Draft, code};

/// The commands of the page, in their order: label and text. A test runs them.
const COMMANDS: &[(&str, &str)] = &[
    (
        "Add the client, with what a program has to know",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/clients" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: add-ana" \
  -H "Content-Type: application/json" \
  -d '{"name": "Ana Prado", "email": "ana@example.com", "timezone": "Europe/Lisbon", "units": "metric", "goal": "Stronger for the season", "experience": "intermediate", "days_per_week": 3, "session_minutes": 60, "limitations": ["knee"]}'"#,
    ),
    (
        "Generate a draft",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/programs" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: first-program" \
  -H "Content-Type: application/json" \
  -d '{"ai_generate": true, "goal": "hypertrophy"}'"#,
    ),
    (
        "Activate it",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/programs/$PROGRAM_ID/activate" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: start-first-program""#,
    ),
    (
        "A check-in each Sunday at 18:00 of the client's clock",
        r#"curl -X PUT "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/checkin-schedule" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"weekday": "sunday", "every_weeks": 1, "time": "18:00"}'"#,
    ),
    (
        "Log a planned session",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/workout-logs" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: week-1-session-1" \
  -H "Content-Type: application/json" \
  -d '{"program_id": "'"$PROGRAM_ID"'", "session": {"block": 1, "week": 1, "session": 1}, "exercises": [{"exercise": "barbell-hip-thrust", "sets": [{"reps": 8, "load": {"value": 80, "unit": "kg"}, "rir": 2}, {"reps": 8, "load": {"value": 80, "unit": "kg"}, "rir": 1}]}]}'"#,
    ),
    (
        "Keep a photo",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/photos" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: photo-front-1" \
  -F file=@front.jpg -F pose=front"#,
    ),
    (
        "Check in",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/checkins" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: checkin-1" \
  -H "Content-Type: application/json" \
  -d '{"measurements": [{"metric": "weight", "value": 64.2, "unit": "kg"}], "photos": [{"id": "'"$PHOTO_ID"'"}], "notes": "Slept well, the knee is quiet.", "rpe": 7.5, "wearable_summary": {"steps": 9400, "resting_hr": 54, "hrv_ms": 62, "hrv_method": "rmssd"}}'"#,
    ),
    (
        "Review it",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/checkins/$CHECKIN_ID/review" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: review-1" \
  -H "Content-Type: application/json" \
  -d '{"reply": "Good week. Add 2.5 kg to the thrusts.", "private_notes": "Ask about the knee again in two weeks."}'"#,
    ),
    (
        "Take a payment",
        r#"curl -X POST "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/payments" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  -H "Idempotency-Key: june" \
  -H "Content-Type: application/json" \
  -d '{"amount": 12000, "currency": "eur", "description": "June"}'"#,
    ),
    (
        "Who needs you today",
        r#"curl "$CADENCE_BASE_URL/v1/today" \
  -H "Authorization: Bearer $CADENCE_API_KEY""#,
    ),
    (
        "One client, whole",
        r#"curl "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID" \
  -H "Authorization: Bearer $CADENCE_API_KEY""#,
    ),
    (
        "All that is kept of a client, as a file",
        r#"curl "$CADENCE_BASE_URL/v1/clients/$CLIENT_ID/export" \
  -H "Authorization: Bearer $CADENCE_API_KEY" \
  --output client.zip"#,
    ),
];

fn command(number: usize) -> Markup {
    html! {
        @if let Some((label, text)) = COMMANDS.get(number) { (code(label, "sh", text)) }
    }
}

pub(in crate::docs) fn page() -> Draft {
    Draft {
        path: "/docs/guides/coaching".to_owned(),
        title: "From a new client to a running program".to_owned(),
        content: html! {
            h1 { "From a new client to a running program" }
            p.lead { "The loop that a coach lives in: a client joins, gets a program, trains, checks in, and is answered. Every step is one call, and the dashboard makes the same calls." }
            p { "The commands read " code { "CADENCE_BASE_URL" } " and " code { "CADENCE_API_KEY" } " as the " a href="/docs" { "quickstart" } " sets them, and ids from " code { "CLIENT_ID" } ", " code { "PROGRAM_ID" } ", " code { "PHOTO_ID" } " and " code { "CHECKIN_ID" } ": set each from the answer before it. With a test key nothing leaves the machine." }
            (client())
            (program())
            (week())
            (rest())
        },
    }
}

fn client() -> Markup {
    html! {
        h2 #client { "The client" }
        (command(0))
        p { "The answer holds " code { "install_link" } ": the client opens it, agrees, and has the app, with today's session, the check-in and a thread with the coach. " code { "invite.status" } " says what became of the mail; in test mode it is " code { "off" } ", and the link is yours to open." }
        h3 #coming-back { "Coming back" }
        p { "A client who is signed out comes back at " code { "/app/sign-in" } ": the address that you know the client by, then a code that is mailed to it. A code has eight characters, works for ten minutes, once, and only in the browser that asked for it; after five wrong tries a new one is needed. It lets in who has joined, is active or paused, and has not taken back the consent to be coached. Whoever was only invited opens the invite; " code { "POST /v1/clients/{id}/invite" } " makes a new link at any time. Who is coached in more than one workspace gets a code from each." }
        p { "The answer is the same for every address. From one place three codes an hour are sent to an address; from places where the client never used the app five in all, so that strangers can neither flood an inbox nor use up what is the client's own. A client has up to three devices: " code { "GET /v1/clients/{id}/sessions" } " lists them, and ending one ends codes that are on their way, as archiving and another address do." }
        p { "Live codes leave only where a mail server is set up. In test mode they stay in the outbox, as all test mail: " code { "GET /v1/outbox" } " shows the code to a key that may write clients, and masks it for others. An app with pages of its own uses " code { "POST /auth/client-codes" } " and then " code { "POST /auth/client-sessions" } " with " code { "code" } " and " code { "email" } "." }
    }
}

fn program() -> Markup {
    html! {
        h2 #program { "The program" }
        (command(1))
        p { "The generator is a set of published rules: no chance, no network, and the same answer for the same question. What the profile says counts unless the call says otherwise. " code { "generation" } " has a reason for every pick, what could not be met (" code { "gaps" } "), and " code { "warnings" } "; a wish that cannot be met at all is 422 " code { "program_unsatisfiable" } " and names the constraint. Or send " code { "name" } " and " code { "blocks" } " to write one by hand: it reads back exactly as it was written." }
        p { "What the client has told has a part in it: where two of the last four check-ins (of eight weeks, with " code { "checkins:read" } ") tell of strain, which is a session RPE of 9, energy or sleep of 2 of 5, less than six hours a night, soreness of 4 or much missed training, the first week has a set less for each muscle group. What hurt in the last 28 days (of the last 20 logs with pain, and of check-ins) is gone easy on and the exercise that hurt left out, unless " code { "limitations" } " is sent. An estimated maximum of the last 180 days (of up to 500 exercises) gives the load that a lift begins with, rounded down to 2.5 kg or 5 lb and never more than the repetitions in reserve allow; without one no weight is invented. Your own exercises stand before those of the catalogue, up to 200 of them, and with a limitation only those whose tags and joint stress are known. " code { "generation.inputs.history" } " tells what there was, and each rule that changed something has a warning or stands in a reason." }
        p { "It is a draft, which no client sees. Change it with " code { "PATCH /v1/programs/{id}" } " or by " code { "/duplicate-week" } ", then:" }
        (command(2))
        p { "A client follows one program at a time: activating this one completes the one before it, in the same transaction. Without " code { "start_date" } " it starts today, in the client's own calendar." }
    }
}

fn week() -> Markup {
    html! {
        h2 #week { "A week of it" }
        (command(3))
        p { "At that moment a check-in is " code { "pending" } "; one that is not filled in becomes " code { "overdue" } ", with the event " code { "checkin.overdue" } ". The clock is the client's, also over daylight-saving changes." }
        (command(4))
        p { "Sets are kept as they were entered. New bests are in " code { "personal_records" } " of the answer and are events; " code { "GET /v1/clients/{id}/adherence" } " holds what was done against what was due." }
        p { "A mistake is mended with " code { "PATCH /v1/clients/{id}/workout-logs/{log}" } ", or taken away with " code { "DELETE" } ": records are worked out again, Today and adherence follow, and " code { "workout.updated" } " or " code { "workout.deleted" } " tells of it. Clients do the same in the app for seven days after a training." }
        (command(5))
        p { "JPEG, PNG or WebP up to 10 MB. It is decoded and made anew, at most 1,600 pixels long, so neither place nor camera is left in it. Its " code { "url" } " is signed and lasts five minutes; ask for the photo again for a new one." }
        (command(6))
        p { "All of it is optional. Measurements read back in the unit that they were given in, with the SI value beside. Heart-rate variability is never mixed across its two methods, since the numbers do not compare." }
        (command(7))
        p { "The client reads " code { "reply" } ". " code { "private_notes" } " stay with the coach: no client, event or webhook has them." }
    }
}

fn rest() -> Markup {
    html! {
        h2 #money { "Money" }
        (command(8))
        p { "In live mode this records what was paid by hand. In test mode it is simulated, and the last two digits of the amount choose what happens: see " a href="/docs/guides/payments" { "Payments" } "." }
        h2 #look { "Looking at it" }
        (command(9))
        p { "One ranked list of who needs you and why. Whoever is doing well is not on it." }
        (command(10))
        p { code { "current_program" } ", " code { "recent_checkins" } " and " code { "payment_history" } " come along; " code { "?expand=none" } " leaves them out." }
        h2 #leave { "When a client leaves" }
        (command(11))
        p { "A ZIP of JSON Lines and CSV files with the photos: hand it over. " code { "POST /v1/clients/{id}/erase" } ", with a key that holds " code { "clients:erase" } ", then removes the client for good: payments keep amount and date, events keep id, type and number, and nothing else is left, neither in the database nor in its log." }
        h2 #all { "When you leave" }
        p { "All of the workspace, every client of it, is one ZIP file as well: " code { "Export" } " in the settings of the dashboard, or " code { "POST /v1/exports" } " for whoever is signed in; a key cannot ask for it. The file is kept for 24 hours, and goes at once when a client is erased." }
    }
}

//! The hot functions, one by one, in this process: run with `cargo bench --bench hot`.
//!
//! What a request costs beyond its row and its JSON: the check of its key, the count against its
//! limit, the claim of its idempotency key, its share of a batch of writes.

mod inside;

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use anyhow::{Context, Result, ensure};
use cadence::access::{api_keys, extract};
use cadence::api::error_body::{self, Form};
use cadence::caller::{KeysWrite, Mode, Permit};
use cadence::db::{Options, Tx};
use cadence::error::Error;
use cadence::exercises::catalogue::Level;
use cadence::idempotency::{self, Answer};
use cadence::ids::RequestId;
use cadence::programs::generator::policy::Goal;
use cadence::programs::generator::{Input, generate};
use criterion::{BatchSize, Criterion, Throughput};
use futures_util::FutureExt;

use inside::{Inside, origin};

/// Writes of one batch.
const BATCH: u32 = 64;

/// Makes a live key and gives its plaintext.
fn make_key(inside: &Inside) -> Result<String> {
    let origin = Arc::new(origin(&inside.app, None));
    let permit = Permit::<KeysWrite>::check(Arc::clone(&inside.caller), origin)?;
    let draft = api_keys::routes::draft(&inside.app, inside.caller.tenant)?;
    let new = api_keys::NewKey {
        name: "bench".to_owned(),
        description: None,
        mode: Some(Mode::Live),
        scopes: None,
        expires_at: None,
        allowed_ips: None,
    };
    Ok(inside.app.db.write_blocking(move |tx| {
        api_keys::actions::create(tx, &permit, &new, &draft)?;
        Ok(draft.plaintext.reveal().to_owned())
    })?)
}

/// From the head of a request to its caller: recognise, digest, find in memory, judge.
fn key_check(criterion: &mut Criterion, inside: &Inside) -> Result<()> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("Bearer {}", make_key(inside)?))?;
    headers.insert(AUTHORIZATION, value);
    let address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let check = || {
        let shown = extract::shown(&headers).ok().flatten()?;
        // A key in memory is never waited for.
        let accepted = extract::authenticate(&inside.app, &shown, address).now_or_never()?;
        accepted.ok()
    };
    ensure!(check().is_some(), "the key is not accepted");
    criterion.bench_function("key check", |bencher| bencher.iter(check));
    Ok(())
}

fn limit(criterion: &mut Criterion, inside: &Inside) -> Result<()> {
    let (app, caller) = (&inside.app, &inside.caller);
    let plan = app.plan_of(caller).context("no plan")?;
    let now = app.clock.now();
    criterion.bench_function("count against the limit", |bencher| {
        bencher.iter(|| app.limits.count(caller, plan, now));
    });
    Ok(())
}

/// An operation that does nothing, under a key of its own, with its saved answer; in batches, so
/// that the commit is shared as it is under load.
fn claim(criterion: &mut Criterion, inside: &Inside) {
    let number = Cell::new(0_u64);
    let mut group = criterion.benchmark_group("idempotency");
    group.throughput(Throughput::Elements(1));
    group.bench_function("claim and save", |bencher| {
        bencher.iter_custom(|iterations| {
            let claims: Vec<_> = (0..iterations)
                .map(|_| {
                    number.set(number.get() + 1);
                    inside.claim(&format!("claim-{}", number.get()), "")
                })
                .collect();
            let app = inside.app.clone();
            let run = inside.app.db.write_blocking(move |tx| {
                let begun = Instant::now();
                for claim in &claims {
                    let answer = Answer::bytes(200, "application/json", vec![b'x'; 800]);
                    let operation = |_: &Tx<'_>| Ok(answer);
                    let render = |error: &Error| {
                        error_body::render(error, Form::Envelope, RequestId::new(claim.now))
                    };
                    idempotency::once(tx, claim, &app.sealing, operation, render)?;
                }
                Ok(begun.elapsed())
            });
            // A failure would be seen as the fastest of all.
            run.unwrap_or(Duration::MAX / 2)
        });
    });
    group.finish();
}

/// Creates of clients that reach the writer together, until the last is answered.
fn batch(criterion: &mut Criterion, inside: &Inside) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let number = Cell::new(0_u64);
    let draft = || {
        (0..BATCH)
            .filter_map(|_| {
                number.set(number.get() + 1);
                inside.create(&format!("batch-{}", number.get())).ok()
            })
            .collect::<Vec<_>>()
    };
    let mut group = criterion.benchmark_group("writer");
    group.throughput(Throughput::Elements(u64::from(BATCH)));
    group.bench_function("batch of 64 creates", |bencher| {
        let write = |creates: Vec<_>| {
            let writes = creates
                .into_iter()
                .map(|create| inside.app.db.write(create));
            runtime.block_on(futures_util::future::join_all(writes))
        };
        bencher.iter_batched(draft, write, BatchSize::PerIteration);
    });
    group.finish();
    Ok(())
}

/// A program by rules: the selection of exercises, their sets, their weeks; the largest there is.
fn generator(criterion: &mut Criterion) {
    let usual = Input::new(Goal::Hypertrophy);
    let largest = Input {
        level: Level::Advanced,
        days_per_week: 6,
        session_minutes: 90,
        ..usual.clone()
    };
    for (name, input) in [("usual", usual), ("largest", largest)] {
        let name = format!("generate a program, {name}");
        criterion.bench_function(&name, |bencher| bencher.iter(|| generate(&input)));
    }
}

fn main() -> Result<()> {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let root = tempfile::tempdir()?;
    let inside = Inside::new(&root.path().join("data"), &Options::default())?;
    key_check(&mut criterion, &inside)?;
    limit(&mut criterion, &inside)?;
    claim(&mut criterion, &inside);
    batch(&mut criterion, &inside)?;
    generator(&mut criterion);
    criterion.final_summary();
    Ok(())
}

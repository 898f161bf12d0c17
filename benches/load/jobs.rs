//! Ten thousand jobs through the queue, and what reads take meanwhile.
//!
//! The server runs in this process, so that the jobs can be ones that do nothing: what is measured is
//! queueing, taking and ending them, each end durable.

use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cadence::app::App;
use cadence::clock::Clock;
use cadence::config::Config;
use cadence::db::Options as Storage;
use cadence::jobs::runner::{Entry, Runner};
use cadence::jobs::{Done, Kind, NewJob, PLAIN, actions};
use cadence::secrets::password::Cost;

use super::http::{Load, Measured, drive};
use super::requests::{get, in_turn};
use super::server::{Key, data_in, make_account, make_key};
use super::{Options, median};

const JOBS: usize = 10_000;
/// Jobs that are queued in one write.
const QUEUED_AT_ONCE: usize = 500;
/// Destinations that they are for.
const DESTINATIONS: usize = 20;
/// Reads a second beside the jobs.
const READS: u32 = 2_000;

const NOTHING: Kind = Kind {
    name: "bench.nothing",
    at_once: 4,
    at_once_in_all: 32,
    ..PLAIN
};

static TABLE: &[Entry] = &[Entry {
    kind: &NOTHING,
    run: |_, _| Box::pin(async { Ok(Done::plain()) }),
    given_up: None,
}];

/// Measures and prints.
pub(crate) async fn run(binary: &Path, root: &Path, options: &Options) -> Result<()> {
    let data = data_in(root, "jobs")?;
    let workspace = make_account(binary, &data)?;
    let key = make_key(binary, &data, &workspace, "test")?;
    let mut config = Config::for_directory(data)?;
    config
        .plans
        .values_mut()
        .for_each(|plan| plan.requests_per_hour = 0);
    let storage = Storage::default();
    let app = cadence::server::open(config, Clock::system(), &storage, Cost::cheap())?;
    let address = serve(app.clone())?;
    let load = Load {
        connections: 16,
        pace: Some(READS),
        time: options.time(),
        ..Load::new(address, in_turn(vec![read(&key)]))
    };
    drive(load.clone()).await?;
    let mut figures = Vec::new();
    for _ in 0..options.rounds() {
        let quiet = drive(load.clone()).await?;
        let queueing = queue(&app).await?;
        let (per_second, beside) = drain(&app, &load).await?;
        figures.push((queueing, per_second, quiet, beside));
    }
    println!("| what | figure | goal |\n|---|---|---|");
    let rate = |pick: fn(&Figures) -> f64| median(figures.iter().map(pick));
    println!(
        "| jobs queued a second, {QUEUED_AT_ONCE} a write | {:.0} | |",
        rate(|f| f.0)
    );
    println!("| jobs done a second, of {JOBS} | {:.0} | |", rate(|f| f.1));
    println!(
        "| p99 of {READS} reads/s meanwhile | × {:.2} ({:.2} to {:.2} ms) | ≤ 3 × |",
        rate(|f| f.3.percentile_ms(0.99) / f.2.percentile_ms(0.99)),
        rate(|f| f.2.percentile_ms(0.99)),
        rate(|f| f.3.percentile_ms(0.99)),
    );
    Ok(())
}

type Figures = (f64, f64, Measured, Measured);

fn read(key: &Key) -> Vec<u8> {
    get("/v1/clients", Some(key))
}

/// Serves on threads of its own until the process ends.
fn serve(app: App) -> Result<std::net::SocketAddr> {
    let (started, address) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0");
            let server = listener
                .context("a port")
                .and_then(|listener| cadence::server::start(app, listener));
            // Whoever waits for the address has it, or learns that there is none.
            let address = server.as_ref().map(|server| server.address).ok();
            if started.send(address).is_err() {
                return;
            }
            std::future::pending::<()>().await;
        });
    });
    address.recv()?.context("the server did not start")
}

async fn queue(app: &App) -> Result<f64> {
    let begun = Instant::now();
    for first in (0..JOBS).step_by(QUEUED_AT_ONCE) {
        let now = app.clock.now();
        let jobs: Vec<NewJob> = (first..first + QUEUED_AT_ONCE)
            .map(|number| NewJob::now(now, &format!("d{}", number % DESTINATIONS)))
            .collect();
        let queued = app.db.write_background(move |tx| {
            jobs.iter()
                .try_for_each(|job| actions::enqueue(tx, &NOTHING, job, now))
        });
        queued.await?;
    }
    Ok(JOBS as f64 / begun.elapsed().as_secs_f64())
}

/// Does them all on a thread of their own, as `serve` does, and reads until that is done.
async fn drain(app: &App, load: &Load) -> Result<(f64, Measured)> {
    let (ended, end) = mpsc::channel();
    let app = app.clone();
    std::thread::spawn(move || {
        let work = || -> Result<(usize, Duration)> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let begun = Instant::now();
                let runner = Runner::start(app, TABLE).await?;
                let done = runner.drain().await?;
                Ok((done, begun.elapsed()))
            })
        };
        drop(ended.send(work()));
    });
    let short = Load {
        time: Duration::from_millis(250),
        ..load.clone()
    };
    let mut beside = Measured::default();
    let (done, took) = loop {
        beside.took_us.extend(drive(short.clone()).await?.took_us);
        if let Ok(outcome) = end.try_recv() {
            break outcome?;
        }
    };
    ensure!(done == JOBS, "{done} jobs were done");
    beside.took_us.sort_unstable();
    Ok((JOBS as f64 / took.as_secs_f64(), beside))
}

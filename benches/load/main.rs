//! The load benchmark: the release binary on a fresh directory, driven over real sockets.
//!
//! Absolute figures drift from run to run, so each case is measured in turn with the bare handler
//! (`GET /health`) of the same server, and what counts is the ratio of the two; see
//! `benches/README.md`. Run it with `cargo bench --bench load -- --help`.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::float_arithmetic,
    reason = "ratios of measured times"
)]
#![expect(clippy::print_stdout, reason = "the table is what it is run for")]

mod batches;
mod cases;
mod growth;
mod http;
#[path = "../inside.rs"]
mod inside;
mod jobs;
mod refresh;
mod requests;
mod server;
mod start;
mod webhooks;
mod weeks;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use cases::{Bench, CASES, Case, Kind};
use http::{Load, Measured, drive};
use requests::{get, same};

#[derive(Parser)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[command(about = "Drives the release binary over loopback and prints ratios to its bare handler")]
struct Options {
    /// A short run, to see that it works
    #[arg(long)]
    quick: bool,
    /// Only these cases, separated by commas
    #[arg(long, value_delimiter = ',')]
    cases: Vec<String>,
    /// Keep-alive connections
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds of one measurement
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Rounds; the table shows medians
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Reads a second where something goes on beside them [default: as fast as they are answered]
    #[arg(long)]
    reads_per_second: Option<u32>,
    /// Compare a database of 100 clients with one of 1,000,000 in one of 10,000 tenants
    #[arg(long)]
    growth: bool,
    /// Compare a year of check-ins of 100 clients with that of 10,000
    #[arg(long)]
    weeks: bool,
    /// Measure the cold start, memory and the size of the binary
    #[arg(long)]
    start: bool,
    /// Measure how soon receivers of webhooks are told, and how many events a second
    #[arg(long)]
    webhooks: bool,
    /// Put ten thousand jobs through the queue, and read meanwhile
    #[arg(long)]
    jobs: bool,
    /// Another binary than the one of this build
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Further binaries: the same cases on all of them in turn, to compare builds
    #[arg(long)]
    against: Vec<PathBuf>,
    /// What the request log costs: the cases with it and without it, in turn
    #[arg(long)]
    log: bool,
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn time(&self) -> Duration {
        Duration::from_secs_f64(if self.quick { 0.3 } else { self.seconds })
    }

    fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    fn wants(&self, name: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|wanted| wanted == name)
    }

    fn load(&self, bench: &Bench, fill: http::Fill) -> Load {
        Load {
            connections: self.connections,
            time: self.time(),
            ..Load::new(bench.address(), fill)
        }
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    let known = |name: &String| name == batches::NAME || CASES.iter().any(|case| case.name == name);
    if let Some(unknown) = options.cases.iter().find(|name| !known(name)) {
        let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
        anyhow::bail!(
            "no case {unknown}; there are: {}, {}",
            names.join(", "),
            batches::NAME
        );
    }
    let binary = options
        .binary
        .clone()
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_cadence")));
    let root = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        if options.growth {
            return growth::run(&binary, root.path(), &options).await;
        }
        if options.weeks {
            return weeks::run(&binary, root.path(), &options).await;
        }
        if options.webhooks {
            return webhooks::run(&binary, root.path(), options.time(), options.rounds()).await;
        }
        if options.jobs {
            return jobs::run(&binary, root.path(), &options).await;
        }
        if options.start {
            return start::run(&binary, root.path(), &options).await;
        }
        compare(&options, binary, root.path()).await?;
        if options.wants(batches::NAME) {
            batches::run(root.path(), options.time(), options.rounds()).await?;
        }
        Ok(())
    })
}

/// All cases on all binaries, in turn.
async fn compare(options: &Options, binary: PathBuf, root: &std::path::Path) -> Result<()> {
    let mut benches = Vec::new();
    for (number, binary) in std::iter::once(&binary).chain(&options.against).enumerate() {
        let bench = Bench::new(binary, root, &format!("data-{number}"), &[]).await;
        benches.push((binary.display().to_string(), bench.context("the server")?));
    }
    if options.log {
        let off = [("CADENCE_REQUESTS_LOG", "off")];
        let bench = Bench::new(&binary, root, "data-without-log", &off).await;
        benches.push(("without the request log".to_owned(), bench?));
    }
    println!(
        "{} connections, {} rounds of {:?}; durability: synchronous=FULL\n",
        options.connections,
        options.rounds(),
        options.time()
    );
    println!("| case | requests/s | to bare | goal | p50 ms | p99 ms | p99.9 ms |");
    println!("|---|---|---|---|---|---|---|");
    let several = benches.len() > 1;
    for case in CASES.iter().filter(|case| options.wants(case.name)) {
        let mut rounds: Vec<Rounds> = benches.iter().map(|_| Rounds::default()).collect();
        for round in 0..options.rounds() {
            for ((_, bench), rounds) in benches.iter_mut().zip(&mut rounds) {
                if round == 0 {
                    measure(options, bench, case, Duration::from_millis(300)).await?;
                }
                rounds
                    .0
                    .push(measure(options, bench, case, options.time()).await?);
            }
        }
        let cpu_us = |(_, bench): &(String, Bench)| {
            bench.ticks as f64 * US_PER_TICK / bench.requests.max(1.0)
        };
        let cpu: Vec<f64> = benches.iter().map(cpu_us).collect();
        for (_, bench) in &mut benches {
            (bench.ticks, bench.requests) = (0, 0.0);
        }
        for ((name, _), rounds) in benches.iter().zip(&rounds) {
            let of = if several {
                format!(", {name}")
            } else {
                String::new()
            };
            rounds.print(case, &of);
        }
        if let (true, [with, .., without], [own, .., other]) =
            (options.log, rounds.as_slice(), cpu.as_slice())
        {
            println!(
                "| {}: with the log to without | | {:.3} | ≥ 0.95 | | | |",
                case.what,
                with.to(without)
            );
            println!(
                "| processor time of the server a request: {own:.2} µs to {other:.2} µs | | {:.3} | ≤ 1.05 | | | |",
                own / other
            );
        }
    }
    Ok(())
}

/// One round: what is compared with, and the case.
async fn measure(
    options: &Options,
    bench: &mut Bench,
    case: &Case,
    time: Duration,
) -> Result<(Measured, Measured)> {
    let mut bare = options.load(bench, same(get("/health", None)));
    bare.time = time;
    match case.kind {
        Kind::Load(of) => {
            let (fill, expect) = of(bench);
            let load = Load {
                expect,
                fill,
                ..bare.clone()
            };
            let bare = drive(bare).await?;
            let before = bench.server.ticks()?;
            let measured = drive(load).await?;
            bench.ticks += bench.server.ticks()? - before;
            bench.requests += measured.per_second * time.as_secs_f64();
            Ok((bare, measured))
        }
        Kind::Beside(beside) => {
            let reads = Load {
                fill: bench.reads("?expand=none"),
                pace: options.reads_per_second,
                ..bare
            };
            let quiet = drive(reads.clone()).await?;
            Ok((quiet, bench.beside(beside, &reads).await?))
        }
    }
}

/// The kernel counts processor time in hundredths of a second.
const US_PER_TICK: f64 = 10_000.0;

/// The middle one of some figures.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

/// The rounds of a case, each with what it is compared with.
#[derive(Default)]
struct Rounds(Vec<(Measured, Measured)>);

impl Rounds {
    /// Requests a second to those of another, round by round.
    fn to(&self, other: &Self) -> f64 {
        let rounds = self.0.iter().zip(&other.0);
        median(rounds.map(|((_, own), (_, other))| own.per_second / other.per_second))
    }

    fn print(&self, case: &Case, of: &str) {
        let milliseconds =
            |part: f64| median(self.0.iter().map(|(_, case)| case.percentile_ms(part)));
        let ratio = match case.kind {
            Kind::Load(_) => {
                let ratio = |(bare, case): &(Measured, Measured)| case.per_second / bare.per_second;
                format!("{:.3}", median(self.0.iter().map(ratio)))
            }
            Kind::Beside(_) => {
                let ratio = |(quiet, beside): &(Measured, Measured)| {
                    beside.percentile_ms(0.99) / quiet.percentile_ms(0.99)
                };
                format!("p99 × {:.2}", median(self.0.iter().map(ratio)))
            }
        };
        println!(
            "| {}{of} | {:.0} | {ratio} | {} | {:.2} | {:.2} | {:.2} |",
            case.what,
            median(self.0.iter().map(|(_, case)| case.per_second)),
            case.goal,
            milliseconds(0.5),
            milliseconds(0.99),
            milliseconds(0.999),
        );
    }
}

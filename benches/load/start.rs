//! How soon a server answers, what memory it holds, how large the program is.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::cases::Bench;
use super::growth::{Filled, filled};
use super::http::{Connection, Load, Measured, drive};
use super::requests::{Order, get, in_turn, same};
use super::server::{Server, data_in, start_backup};
use super::{Options, median};

/// Clients, each with its event, that make a database of about 1 GB.
const CLIENTS_OF_A_GB: u32 = 500_000;
const MB: f64 = 1_000_000.0;
/// Reads a second beside a backup.
const READS_BESIDE_BACKUP: u32 = 4_000;
/// A backup that takes longer is not waited for.
const BACKUP_LIMIT: Duration = Duration::from_mins(2);

/// Measures and prints.
pub(crate) async fn run(binary: &Path, root: &Path, options: &Options) -> Result<()> {
    println!("| what | figure | goal |\n|---|---|---|");
    let mut fresh = Vec::new();
    for round in 0..options.rounds() {
        let data = data_in(root, &format!("new-{round}"))?;
        fresh.push(to_first_answer(binary, &data).await?);
    }
    print_times("start to first 200, new directory", &fresh);

    let data = data_in(root, "large")?;
    let clients = if options.quick {
        CLIENTS_OF_A_GB / 100
    } else {
        CLIENTS_OF_A_GB
    };
    let inside = filled(binary, &data, (clients, 0)).await?;
    let bytes = fs::metadata(data.join(cadence::server::DATABASE))?.len();
    let mut large = Vec::new();
    for _ in 0..options.rounds() {
        large.push(to_first_answer(binary, &data).await?);
    }
    let what = format!("start to first 200, {:.0} MB", bytes as f64 / MB);
    print_times(&what, &large);

    beside_backup(binary, &data, &inside, options).await?;

    let mut bench = Bench::new(binary, root, "memory", &[]).await?;
    let idle = Server::start(binary, &data)?.resident_kb()?;
    println!(
        "| resident, idle | {:.1} MB | ≤ 40 MB |",
        idle as f64 / 1_000.0
    );
    let most = busy(&mut bench, options).await?;
    println!(
        "| resident, most under {} connections | {:.1} MB | ≤ 150 MB |",
        options.connections,
        most as f64 / 1_000.0
    );
    let size = fs::metadata(binary)?.len();
    println!("| binary | {:.1} MB | ≤ 25 MB |", size as f64 / MB);
    Ok(())
}

/// From the start of the process to a whole answer. What the system has cached of the files stays
/// cached.
async fn to_first_answer(binary: &Path, data: &Path) -> Result<Duration> {
    let begun = Instant::now();
    let server = Server::start(binary, data)?;
    let mut connection = Connection::open(server.address).await?;
    let status = connection.exchange(&get("/health", None)).await?;
    ensure!(status == 200, "answered {status}");
    Ok(begun.elapsed())
}

fn print_times(what: &str, times: &[Duration]) {
    let times = || times.iter().map(|time| time.as_secs_f64() * 1_000.0);
    println!(
        "| {what} | {:.0} ms, longest {:.0} ms | ≤ 150 ms |",
        median(times()),
        times().fold(0.0, f64::max)
    );
}

/// Reads of single clients at a steady pace: alone, and while the whole database is backed up.
async fn beside_backup(
    binary: &Path,
    data: &Path,
    inside: &Filled,
    options: &Options,
) -> Result<()> {
    let server = Server::start(binary, data)?;
    let some = inside.ids.iter().step_by(inside.ids.len() / 1_000 + 1);
    let path = |id: &String| get(&format!("/v1/clients/{id}?expand=none"), Some(&inside.key));
    let load = Load {
        connections: 16,
        pace: Some(READS_BESIDE_BACKUP),
        time: options.time(),
        ..Load::new(server.address, in_turn(some.map(path).collect()))
    };
    drive(load.clone()).await?;
    let quiet = drive(load.clone()).await?;
    let mut backup = start_backup(binary, data)?;
    let begun = Instant::now();
    let mut beside = Measured::default();
    while backup.try_wait()?.is_none() && begun.elapsed() < BACKUP_LIMIT {
        beside.took_us.extend(drive(load.clone()).await?.took_us);
    }
    ensure!(backup.wait()?.success(), "the backup failed");
    beside.took_us.sort_unstable();
    println!(
        "| p99 of {READS_BESIDE_BACKUP} reads/s during a backup that took {:.0} s | × {:.2} ({:.1} to {:.1} ms) | ≤ 3 × |",
        begun.elapsed().as_secs_f64(),
        beside.percentile_ms(0.99) / quiet.percentile_ms(0.99),
        quiet.percentile_ms(0.99),
        beside.percentile_ms(0.99),
    );
    Ok(())
}

/// The most memory that it holds while lists, single reads and creates come in.
async fn busy(bench: &mut Bench, options: &Options) -> Result<u64> {
    let mut most = 0;
    for round in 0..options.rounds() * 3 {
        let (fill, expect): (_, &[u16]) = match round % 3 {
            0 => (same(get("/v1/clients", Some(&bench.reader))), &[200]),
            1 => (bench.reads(""), &[200]),
            _ => (bench.creates(Order::Random), &[201]),
        };
        let load = Load {
            connections: options.connections,
            time: options.time(),
            expect,
            ..Load::new(bench.address(), fill)
        };
        drive(load).await?;
        most = most.max(bench.server.resident_kb()?);
    }
    Ok(most)
}

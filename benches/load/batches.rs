//! Group commit against one transaction a request, in this process.
//!
//! Both sides are the same creates on the same schema through the same writer thread, 64 at once;
//! the one side may put 128 of them into a transaction, the other one. What a pool of connections
//! that wait for each other would lose beyond that is not in it.

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use cadence::db::Options;
use tokio::task::JoinSet;

use super::inside::Inside;
use super::median;
use super::server::data_in;

/// The name of the case.
pub(crate) const NAME: &str = "batches";
const AT_ONCE: usize = 64;

/// Measures and prints.
pub(crate) async fn run(root: &Path, time: Duration, rounds: usize) -> Result<()> {
    let limited = Options {
        batch_limit: 1,
        ..Options::default()
    };
    let one = Rc::new(Inside::new(&data_in(root, "one")?, &limited)?);
    let many = Rc::new(Inside::new(&data_in(root, "many")?, &Options::default())?);
    let mut figures = Vec::new();
    for round in 0..rounds {
        let by_one = creates_per_second(&one, round, time).await?;
        let by_many = creates_per_second(&many, round, time).await?;
        figures.push((by_one, by_many));
    }
    println!(
        "\nIn this process, creates/s through the writer: {:.0} with up to {} in a transaction, \
         {:.0} with one each: {:.1} × (goal ≥ 8 ×)",
        median(figures.iter().map(|(_, many)| *many)),
        Options::default().batch_limit,
        median(figures.iter().map(|(one, _)| *one)),
        median(figures.iter().map(|(one, many)| many / one)),
    );
    Ok(())
}

async fn creates_per_second(inside: &Rc<Inside>, round: usize, time: Duration) -> Result<f64> {
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..AT_ONCE {
        let inside = Rc::clone(inside);
        callers.spawn_local(async move {
            let mut done = 0_u32;
            while begun.elapsed() < time {
                let write = inside.create(&format!("{round}-{caller}-{done}"))?;
                inside.app.db.write(write).await?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(ended) = callers.join_next().await {
        done += ended??;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

//! Very many broken and forged reports: `cargo run --example mutate_reports -- COUNT [FIRST-SEED]`.
//! The tests try some thousands of them. Each seed that ends in a panic is printed; the status is
//! then 1.

#![expect(clippy::print_stdout, reason = "says what came of it")]

#[path = "../report/mutation.rs"]
mod mutation;

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Instant;

use mutation::{Corpus, Fate};

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse());
    let (Some(Ok(count)), first) = (numbers.next(), numbers.next()) else {
        println!("mutate_reports COUNT [FIRST-SEED]");
        return ExitCode::from(2);
    };
    let first: u64 = first.and_then(Result::ok).unwrap_or(0);
    let corpus = Corpus::of_cases();
    let begun = Instant::now();
    let (mut opened, mut refused, mut panicked) = (0_u64, 0_u64, 0_u64);
    let tell = |at: u64, opened: u64, refused: u64, panicked: u64| {
        let took = begun.elapsed().as_secs();
        println!("{at} in {took} s: {opened} opened, {refused} refused, {panicked} panicked");
    };
    for at in 0..count {
        let seed = first + at;
        match catch_unwind(|| corpus.try_one(seed)) {
            Ok(Fate::Opened) => opened += 1,
            Ok(Fate::Refused) => refused += 1,
            Err(_) => {
                panicked += 1;
                println!("seed {seed} panicked");
            }
        }
        if at % 50_000 == 0 {
            tell(at, opened, refused, panicked);
        }
    }
    tell(count, opened, refused, panicked);
    ExitCode::from(u8::from(panicked > 0))
}

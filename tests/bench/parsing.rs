//! How long reading takes: one address, one stack trace, and a mebibyte of log.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ketnoi::target::{LONGEST_TEXT, understand};

/// Lines of a busy day, every `rarely`-th of them a failure.
fn log(rarely: usize) -> String {
    let mut text = String::with_capacity(LONGEST_TEXT);
    let mut count = 0;
    while text.len() < LONGEST_TEXT - 400 {
        count += 1;
        let port = 1024 + count % 60_000;
        if count % rarely == 0 {
            writeln!(
                text,
                "2026-01-12T10:15:02Z api[812]: requests.exceptions.ConnectionError: \
                 HTTPConnectionPool(host='10.77.1.10', port={port}): Max retries exceeded with url: \
                 /x (Caused by NewConnectionError('Failed to establish a new connection: [Errno \
                 111] Connection refused'))"
            )
        } else {
            writeln!(
                text,
                "2026-01-12T10:15:02Z web[811]: 192.168.1.7:{port} \"GET /items/{count} HTTP/1.1\" \
                 200 1532 upstream=http://10.0.0.9:8080/items took=0.012"
            )
        }
        .expect("writing to a String");
    }
    text
}

fn parsing(criterion: &mut Criterion) {
    criterion.bench_function("address", |bencher| {
        bencher.iter(|| understand(black_box("127.0.0.1:9")));
    });
    criterion.bench_function("url", |bencher| {
        bencher.iter(|| {
            understand(black_box(
                "postgres://app:secret@db.example.org/x?sslmode=require",
            ))
        });
    });
    criterion.bench_function("stack trace", |bencher| {
        let text = include_str!("../captures/errors/refused.txt");
        bencher.iter(|| understand(black_box(text)));
    });
    for (name, text) in [
        ("mebibyte of log, some failures", log(1000)),
        ("mebibyte of log, all failures", log(1)),
        ("mebibyte of log, no failure", log(usize::MAX)),
        ("mebibyte in one line", log(50).replace('\n', " ")),
        ("mebibyte of colons", "a:1".repeat(LONGEST_TEXT / 3)),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| understand(black_box(&text)));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = parsing
}
criterion_main!(benches);

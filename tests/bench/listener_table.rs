//! How long it takes to find the listeners among the sockets of a busy server.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ketnoi::platform::parse::proc_net::listening_sockets;

const SOCKETS: usize = 5_000;

/// `/proc/net/tcp` with one listener among every hundred sockets.
fn table() -> String {
    let mut table = String::from("  sl  local_address rem_address   st tx_queue rx_queue\n");
    for index in 0..SOCKETS {
        let (peer, state) = if index % 100 == 0 {
            ("00000000:0000", "0A")
        } else {
            ("0200000A:01BB", "01")
        };
        let port = 1024 + index;
        let inode = 100_000 + index;
        writeln!(
            table,
            "{index:4}: 0100007F:{port:04X} {peer} {state} 00000000:00000000 00:00000000 \
             00000000  1000        0 {inode} 1 0000000000000000 100 0 0 10 0"
        )
        .expect("writing to a String");
    }
    table
}

fn bench(criterion: &mut Criterion) {
    let table = table();
    let mut group = criterion.benchmark_group("listener table");
    group.throughput(Throughput::Elements(SOCKETS as u64));
    group.bench_function("5000 sockets", |bencher| {
        bencher.iter(|| {
            let found = listening_sockets(black_box(&table)).expect("a well-formed table");
            assert_eq!(found.len(), SOCKETS / 100);
            found
        });
    });
    group.finish();
}

criterion_group!(listener_table, bench);
criterion_main!(listener_table);

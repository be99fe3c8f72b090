//! How long a diagnosis takes: it is made anew with every observation, so it must be nothing.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use ketnoi::diagnosis::diagnose;
use ketnoi::evidence::Evidence;

/// The evidence of every case the tests know.
fn all_evidence() -> Vec<Evidence> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = std::fs::read_dir(folder).expect("the cases are part of the source");
    files
        .map(|entry| {
            let path = entry.expect("a readable folder").path();
            let text = std::fs::read_to_string(path).expect("a readable case");
            let case: serde_json::Value = serde_json::from_str(&text).expect("a case is JSON");
            serde_json::from_value(case["evidence"].clone()).expect("a case holds evidence")
        })
        .collect()
}

fn diagnosing(criterion: &mut Criterion) {
    let all = all_evidence();
    criterion.bench_function("diagnose every case", |bencher| {
        bencher.iter(|| {
            for evidence in &all {
                black_box(diagnose(black_box(evidence)));
            }
        });
    });
}

criterion_group!(benches, diagnosing);
criterion_main!(benches);

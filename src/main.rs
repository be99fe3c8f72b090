//! Picks the face: window or command line.

// No terminal beside the window; Windows alone knows the difference. For its terminals there is
// `ketnoi-cli`.
#![windows_subsystem = "windows"]

use ketnoi::{app, cli, crash, platform};

fn main() {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let report = cli::report_to_open(&arguments);
    let status = if arguments.is_empty() || report.is_some() {
        crash::leave_a_log(|sentence| {
            let _ = platform::alert(sentence);
        });
        app::run(report)
    } else {
        // Whoever runs a command reads standard error.
        crash::leave_a_log(|_| {});
        cli::run(arguments.into_iter())
    };
    // Threads that wait for a slow resolver are left to the system.
    std::process::exit(status);
}

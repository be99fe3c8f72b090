//! Picks the face: window or command line.

// No terminal beside the window; Windows alone knows the difference. For its terminals there is
// `ketnoi-cli`.
#![windows_subsystem = "windows"]

use ketnoi::{app, cli, crash, platform};

fn main() {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let status = if arguments.peek().is_some() {
        // Whoever runs a command reads standard error.
        crash::leave_a_log(|_| {});
        cli::run(arguments)
    } else {
        crash::leave_a_log(|sentence| {
            let _ = platform::alert(sentence);
        });
        app::run()
    };
    // Threads that wait for a slow resolver are left to the system.
    std::process::exit(status);
}

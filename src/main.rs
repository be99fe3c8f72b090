//! Picks the face: window or command line.

fn main() {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let status = if arguments.peek().is_some() {
        ketnoi::cli::run(arguments)
    } else {
        ketnoi::app::run()
    };
    // Threads that wait for a slow resolver are left to the system.
    std::process::exit(status);
}

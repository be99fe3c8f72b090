//! The command line alone: a window program of Windows has no terminal to print to, so there is
//! this one beside it. The same code as `ketnoi check`.

fn main() {
    ketnoi::crash::leave_a_log(|_| {});
    let status = ketnoi::cli::run(std::env::args_os().skip(1));
    // Threads that wait for a slow resolver are left to the system.
    std::process::exit(status);
}

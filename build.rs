//! Gives the Windows programs their icon, version and manifest; does nothing for other systems.

use std::env;
use std::io;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=assets/icon/ketnoi.ico");
    println!("cargo::rerun-if-changed=assets/windows/ketnoi.manifest");
    // The system that is built for; `cfg` would tell of the one that builds.
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows") {
        winresource::WindowsResource::new()
            .set("ProductName", "Kết Nối (Ketnoi)")
            // What the Task Manager calls the program.
            .set("FileDescription", "Kết Nối (Ketnoi)")
            .set("LegalCopyright", "MIT OR Apache-2.0")
            .set_icon("assets/icon/ketnoi.ico")
            .set_manifest_file("assets/windows/ketnoi.manifest")
            .compile()?;
    }
    Ok(())
}

//! A display in memory, what it shows, and the hands that work on it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::{command, not_run};

/// A display in memory.
pub struct Display {
    server: Child,
    /// Such as `:7`.
    pub name: String,
    /// Where the server keeps what it shows.
    memory: tempfile::TempDir,
}

impl Display {
    /// Nothing where that cannot be, having said why.
    pub fn new() -> Option<Self> {
        Self::start(&[])
    }

    /// One on which no program can draw with OpenGL over X11 (GLX).
    pub fn without_opengl() -> Option<Self> {
        Self::start(&["-extension", "GLX"])
    }

    fn start(more: &[&str]) -> Option<Self> {
        let is_missing = |name: &&str| command(Path::new(name)).arg("-help").output().is_err();
        let mut programs = ["Xvfb", "xdotool", "xclip"].iter();
        if let Some(missing) = programs.find(|name| is_missing(name)) {
            not_run(missing);
            return None;
        }
        let memory = tempfile::tempdir().unwrap();
        // Without access control: the program may run as another user.
        let mut server = command(Path::new("Xvfb"))
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-ac"])
            .args(more)
            .args(["-nolisten", "tcp", "-noreset", "-fbdir"])
            .arg(memory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The number comes when the server is ready.
        let mut number = String::new();
        let mut said = BufReader::new(server.stdout.take().unwrap());
        said.read_line(&mut number).unwrap();
        assert_ne!(number, "", "Xvfb ended");
        Some(Self {
            server,
            name: format!(":{}", number.trim()),
            memory,
        })
    }

    /// What is shown, as bytes to compare.
    pub fn picture(&self) -> Vec<u8> {
        std::fs::read(self.memory_file()).unwrap()
    }

    /// Whether there is more than a bare background.
    pub fn has_picture(&self) -> bool {
        let picture = self.picture();
        let background = &picture[picture.len() - 4..];
        let drawn = picture.chunks_exact(4).filter(|point| *point != background);
        let mut colours: Vec<&[u8]> = drawn.collect();
        colours.sort_unstable();
        colours.dedup();
        // The file begins with a table of 256 colours.
        colours.len() > 600
    }

    /// Copies what is shown to where it outlives the test, for whoever looks into a failure.
    pub fn keep_picture(&self) -> String {
        let kept = std::env::temp_dir().join(format!("ketnoi-window-{}.xwd", std::process::id()));
        match std::fs::copy(self.memory_file(), &kept) {
            Ok(_) => format!("what was shown is in {}", kept.display()),
            Err(error) => format!("what was shown could not be kept: {error}"),
        }
    }

    /// Works on the display as a person does, with mouse and keyboard.
    pub fn xdotool(&self, words: &[&str]) -> String {
        let mut xdotool = command(Path::new("xdotool"));
        let said = xdotool
            .env("DISPLAY", &self.name)
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Puts text on the clipboard as another program would: it stays to hand the text over.
    pub fn copy(&self, text: &str) {
        let mut xclip = self.xclip("-in").stdin(Stdio::piped()).spawn().unwrap();
        let mut input = xclip.stdin.take().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        drop(input);
        assert!(xclip.wait().unwrap().success());
    }

    /// What another program would paste.
    pub fn clipboard(&self) -> String {
        let said = self.xclip("-out").output().unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    fn xclip(&self, direction: &str) -> std::process::Command {
        let mut xclip = command(Path::new("xclip"));
        xclip
            .env("DISPLAY", &self.name)
            .args(["-selection", "clipboard", direction]);
        xclip
    }

    fn memory_file(&self) -> PathBuf {
        self.memory.path().join("Xvfb_screen0")
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

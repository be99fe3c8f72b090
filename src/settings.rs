//! What Ketnoi remembers between starts: language, theme, zoom, window size, recent targets.
//!
//! A settings file is never a reason not to start. Whatever of it can be read is used, field by
//! field; the rest is as on the first day. A file that is no settings file at all is put aside as
//! `settings.json.broken` before the first new one is written. Fields that another version wrote
//! are carried along.
//!
//! Deliberately absent: anything but the cleaned text of a target. [`Recents::remember`] takes a
//! [`Target`], whose `input` has neither user names nor passwords, paths or queries.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use etcetera::{AppStrategy as _, AppStrategyArgs};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::i18n::Language;
use crate::save::{SaveError, write_atomically};
use crate::target::Target;

/// Everything that is remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// The language chosen; nothing means the system's.
    pub language: Option<Language>,
    /// Light, dark, or as the system.
    pub theme: Theme,
    /// Whether things on the screen may not move; nothing means as the system says.
    pub less_movement: Option<bool>,
    /// The zoom of the window.
    pub zoom: Zoom,
    /// The size of the window when it was last closed.
    pub window: Option<WindowSize>,
    /// The targets tested before.
    pub recents: Recents,
    /// What another version of Ketnoi wrote and this one does not know.
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// The colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A zoom factor between a half and three: beyond it nothing can be read or clicked any more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Zoom(f32);

impl Zoom {
    /// The nearest allowed zoom; 1 for what is no number.
    #[must_use]
    pub fn new(factor: f32) -> Self {
        if factor.is_nan() {
            return Self::default();
        }
        Self(factor.clamp(0.5, 3.0))
    }

    /// The factor.
    #[must_use]
    pub fn factor(self) -> f32 {
        self.0
    }
}

impl Default for Zoom {
    fn default() -> Self {
        Self(1.0)
    }
}

impl<'de> Deserialize<'de> for Zoom {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f32::deserialize(deserializer).map(Self::new)
    }
}

/// The inside of a window in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowSize {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

impl WindowSize {
    /// Whether a window of this size can be shown and used.
    fn is_sensible(self) -> bool {
        let sensible = 200.0..=16_384.0;
        sensible.contains(&self.width) && sensible.contains(&self.height)
    }
}

/// The targets tested before, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recents {
    /// Whether targets are remembered at all.
    keep: bool,
    /// Their [`Target::input`], none twice.
    targets: Vec<String>,
}

impl Default for Recents {
    fn default() -> Self {
        Self {
            keep: true,
            targets: Vec::new(),
        }
    }
}

impl Recents {
    /// These targets, the latest first.
    #[must_use]
    pub fn of(keep: bool, targets: Vec<String>) -> Self {
        Self { keep, targets }
    }

    /// How many are remembered.
    pub const LIMIT: usize = 20;

    /// Whether targets are remembered.
    #[must_use]
    pub fn are_kept(&self) -> bool {
        self.keep
    }

    /// The targets, the latest first.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// Puts a target first, unless remembering is switched off.
    pub fn remember(&mut self, target: &Target) {
        if !self.keep {
            return;
        }
        self.targets.retain(|known| *known != target.input);
        self.targets.insert(0, target.input.clone());
        self.targets.truncate(Self::LIMIT);
    }

    /// Switches remembering on or off; off also forgets.
    pub fn set_kept(&mut self, keep: bool) {
        self.keep = keep;
        if !keep {
            self.clear();
        }
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.targets.clear();
    }
}

/// The file the settings live in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Nothing where the system names no folder for settings; then nothing is remembered.
    path: Option<PathBuf>,
}

impl SettingsFile {
    /// The file in the platform's folder for settings: `$XDG_CONFIG_HOME/ketnoi`,
    /// `~/Library/Preferences/Ketnoi`, `%APPDATA%\Ketnoi\config` and the like.
    #[must_use]
    pub fn of_system() -> Self {
        let ketnoi = AppStrategyArgs {
            top_level_domain: String::new(),
            author: "Ketnoi".to_owned(),
            app_name: "Ketnoi".to_owned(),
        };
        let folder = etcetera::choose_app_strategy(ketnoi).map(|strategy| strategy.config_dir());
        Self {
            path: folder.ok().map(|folder| folder.join("settings.json")),
        }
    }

    /// A file of one's own choice.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path: Some(path) }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The settings, as far as they can be read.
    #[must_use]
    pub fn load(&self) -> Settings {
        self.path
            .as_deref()
            .and_then(read_object)
            .map(Settings::from_object)
            .unwrap_or_default()
    }

    /// The language to speak: the one chosen, or else the system's.
    #[must_use]
    pub fn language(&self) -> Language {
        self.load().language.unwrap_or_else(Language::of_system)
    }

    /// Writes the settings, making their folder if need be and putting a file that is no
    /// settings file aside first.
    ///
    /// # Errors
    /// [`SaveError`]; what was there before is still there.
    pub fn save(&self, settings: &Settings) -> Result<(), SaveError> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        if let Some(folder) = path.parent() {
            // If this fails, so does the writing, and that says why.
            let _ = fs::create_dir_all(folder);
        }
        if path.is_file() && read_object(path).is_none() {
            let _ = fs::rename(path, path.with_extension("json.broken"));
        }
        write_atomically(path, settings.to_json().as_bytes())
    }
}

impl Settings {
    fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self)
            .expect("settings are strings, numbers and what was JSON before");
        json.push('\n');
        json
    }

    /// Reads field by field: one that does not fit is as on the first day, and hurts no other.
    fn from_object(mut object: Map<String, Value>) -> Self {
        Self {
            language: take(&mut object, "language").unwrap_or_default(),
            theme: take(&mut object, "theme").unwrap_or_default(),
            less_movement: take(&mut object, "less_movement").unwrap_or_default(),
            zoom: take(&mut object, "zoom").unwrap_or_default(),
            window: take(&mut object, "window").filter(|window: &WindowSize| window.is_sensible()),
            recents: Recents::from_object(take(&mut object, "recents").unwrap_or_default()),
            unknown: object,
        }
    }
}

impl Recents {
    fn from_object(mut object: Map<String, Value>) -> Self {
        let mut targets: Vec<String> = take(&mut object, "targets").unwrap_or_default();
        targets.truncate(Self::LIMIT);
        Self {
            keep: take(&mut object, "keep").unwrap_or(true),
            targets,
        }
    }
}

fn take<T: DeserializeOwned>(object: &mut Map<String, Value>, field: &str) -> Option<T> {
    object
        .remove(field)
        .and_then(|value| serde_json::from_value(value).ok())
}

/// The JSON object in an ordinary file of sane size. A pipe in its place would block the start,
/// and so would a file that never ends.
fn read_object(path: &Path) -> Option<Map<String, Value>> {
    const LIMIT: u64 = 1 << 20;
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut json = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(LIMIT).read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Host, PortSource, Protocol};

    fn target(input: &str) -> Target {
        Target {
            input: input.to_owned(),
            host: Host::Name {
                ascii: "db".to_owned(),
                unicode: "db".to_owned(),
            },
            port: 5432,
            port_from: PortSource::Typed,
            scheme: None,
            service: None,
            protocol: Protocol::ListenOnly,
            srv: None,
            tls: None,
        }
    }

    fn file_with(content: &[u8]) -> (tempfile::TempDir, SettingsFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        fs::write(&path, content).unwrap();
        (folder, SettingsFile::at(path))
    }

    #[test]
    fn what_is_saved_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::at(folder.path().join("new/folder/settings.json"));
        let mut settings = Settings {
            language: Some(Language::Vi),
            theme: Theme::Dark,
            less_movement: Some(true),
            zoom: Zoom::new(1.5),
            window: Some(WindowSize {
                width: 1000.0,
                height: 700.0,
            }),
            ..Settings::default()
        };
        settings.recents.remember(&target("máy-chủ:5432"));
        file.save(&settings).unwrap();
        assert_eq!(file.load(), settings);
    }

    #[test]
    fn a_missing_file_means_the_first_day() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::at(folder.path().join("settings.json"));
        assert_eq!(file.load(), Settings::default());
    }

    #[test]
    fn a_place_where_nothing_can_be_written_is_an_error_only_when_saving() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let file = SettingsFile::at(folder.path().join("file/settings.json"));
        assert_eq!(file.load(), Settings::default());
        assert!(file.save(&Settings::default()).is_err());
    }

    #[test]
    fn no_folder_for_settings_is_no_error() {
        let file = SettingsFile { path: None };
        assert_eq!(file.load(), Settings::default());
        assert!(file.save(&Settings::default()).is_ok());
    }

    #[test]
    fn rubbish_is_read_as_the_first_day_and_kept_aside() {
        for rubbish in [&b"{\"theme\": \"dark\""[..], b"", b"\xff\xfe\0", b"[1, 2]"] {
            let (folder, file) = file_with(rubbish);
            assert_eq!(file.load(), Settings::default());
            file.save(&Settings::default()).unwrap();
            let aside = fs::read(folder.path().join("settings.json.broken")).unwrap();
            assert_eq!(aside, rubbish);
            assert_eq!(file.load(), Settings::default());
        }
    }

    #[test]
    fn one_bad_field_hurts_no_other() {
        let (_folder, file) = file_with(
            br#"{"language": "tlh", "theme": "dark", "zoom": "big", "window": {"width": -1},
                "recents": {"keep": 3, "targets": ["db:5432"]}}"#,
        );
        let settings = file.load();
        assert_eq!(settings.language, None);
        assert_eq!(settings.theme, Theme::Dark);
        assert_eq!(settings.zoom, Zoom::default());
        assert_eq!(settings.window, None);
        assert_eq!(settings.recents.targets(), ["db:5432"]);
    }

    #[test]
    fn fields_of_another_version_survive() {
        let (folder, file) = file_with(br#"{"theme": "light", "sound": {"volume": 3}}"#);
        let mut settings = file.load();
        settings.theme = Theme::Dark;
        file.save(&settings).unwrap();
        let json = fs::read_to_string(folder.path().join("settings.json")).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["sound"]["volume"], 3);
        assert_eq!(json["theme"], "dark");
        assert!(!folder.path().join("settings.json.broken").exists());
    }

    #[test]
    fn absurd_zooms_and_sizes_are_brought_to_reason() {
        let (_folder, file) =
            file_with(br#"{"zoom": 1e9, "window": {"width": 5, "height": 1e30}}"#);
        let settings = file.load();
        assert!((settings.zoom.factor() - 3.0).abs() < f32::EPSILON);
        assert_eq!(settings.window, None);
        assert_eq!(Zoom::new(f32::NAN), Zoom::default());
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_in_the_files_place_does_not_stop_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let file = SettingsFile::at(path);
        assert_eq!(file.load(), Settings::default());
        assert!(file.save(&Settings::default()).is_err());
    }

    #[test]
    fn the_latest_target_comes_first_and_none_twice() {
        let mut recents = Recents::default();
        for input in ["a:1", "b:2", "a:1"] {
            recents.remember(&target(input));
        }
        assert_eq!(recents.targets(), ["a:1", "b:2"]);
        for port in 1..100 {
            recents.remember(&target(&format!("c:{port}")));
        }
        assert_eq!(recents.targets().len(), Recents::LIMIT);
        assert_eq!(recents.targets()[0], "c:99");
    }

    #[test]
    fn switched_off_nothing_is_remembered_and_all_is_forgotten() {
        let mut recents = Recents::default();
        recents.remember(&target("a:1"));
        recents.set_kept(false);
        recents.remember(&target("b:2"));
        assert!(recents.targets().is_empty());
    }
}

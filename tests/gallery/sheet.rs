//! Draws every state of the window in both themes, both languages and three sizes, and lays the
//! pictures out on sheets to look at: `cargo run --example gallery [FOLDER]`.
//!
//! One sheet holds one step in one theme, language and size. Without a folder they go to
//! `gallery` in the target folder. Words in `KETNOI_GALLERY`, such as `light vi 1000`, keep only
//! the sheets whose name has them all; `main` keeps only the main states.

mod picture;
mod states;

use std::path::{Path, PathBuf};

use egui::Theme;
use image::{Rgba, RgbaImage, imageops};
use ketnoi::i18n::Language;
use ketnoi::wizard::{Step, Wizard};
use picture::{drawn, theme_name};
use states::State;

/// A window: its size in points, and how many pixels a point has.
struct Size {
    name: &'static str,
    points: [f32; 2],
    scale: f32,
}

const SIZES: [Size; 4] = [
    Size {
        name: "720x520",
        points: [720.0, 520.0],
        scale: 1.0,
    },
    // 720 × 520 at a zoom of 200 %.
    Size {
        name: "720x520-zoomed",
        points: [360.0, 260.0],
        scale: 2.0,
    },
    Size {
        name: "1000x700",
        points: [1000.0, 700.0],
        scale: 1.0,
    },
    Size {
        name: "1600x1000-at-2",
        points: [1600.0, 1000.0],
        scale: 2.0,
    },
];

/// How many pictures stand beside each other.
const COLUMNS: u32 = 3;
/// Pictures are shown no wider than this, so that a sheet can be looked at.
const WIDEST: u32 = 1000;
const GAP: u32 = 12;

fn main() {
    let wanted = std::env::var("KETNOI_GALLERY").unwrap_or_default();
    let (only_main, wanted): (Vec<&str>, Vec<&str>) =
        wanted.split_whitespace().partition(|word| *word == "main");
    let only_main = !only_main.is_empty();
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => target_folder().join("gallery"),
    };
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for size in &SIZES {
        for language in Language::ALL {
            for theme in [Theme::Light, Theme::Dark] {
                for step in Step::ALL {
                    let name = format!(
                        "{}-{}-{}-{}.png",
                        step.index() + 1,
                        size.name,
                        language.code(),
                        theme_name(theme),
                    );
                    if wanted.iter().all(|word| name.contains(word)) {
                        let mut states: Vec<_> = states::STATES.iter().collect();
                        states.retain(|state| state.step == step);
                        states.retain(|state| state.is_main || !only_main);
                        sheet(&states, language, theme, size, &folder.join(name));
                    }
                }
            }
        }
    }
    #[expect(clippy::print_stdout, reason = "says where to look")]
    {
        println!("{}", folder.display());
    }
}

/// Where cargo builds to: the example itself is in `debug/examples` of it.
fn target_folder() -> PathBuf {
    let own = std::env::current_exe().expect("the program has a path");
    own.ancestors()
        .nth(3)
        .expect("examples are three folders deep")
        .to_owned()
}

fn sheet(states: &[&State], language: Language, theme: Theme, size: &Size, path: &Path) {
    let pictures: Vec<RgbaImage> = states
        .iter()
        .map(|state| shrunk(picture(state.wizard(language), theme, size)))
        .collect();
    let [wide, tall] = [pictures[0].width() + GAP, pictures[0].height() + GAP];
    let count = u32::try_from(pictures.len()).expect("a few");
    let rows = count.div_ceil(COLUMNS);
    let ground = Rgba([128, 128, 128, 255]);
    let mut sheet = RgbaImage::from_pixel(COLUMNS * wide + GAP, rows * tall + GAP, ground);
    for (index, picture) in (0..).zip(&pictures) {
        let at = [GAP + index % COLUMNS * wide, GAP + index / COLUMNS * tall];
        imageops::overlay(&mut sheet, picture, at[0].into(), at[1].into());
    }
    sheet.save(path).expect("the sheet can be written");
}

fn picture(wizard: Wizard, theme: Theme, size: &Size) -> RgbaImage {
    let mut harness = drawn(wizard, theme, size.points, size.scale);
    harness.render().expect("a software renderer is there")
}

fn shrunk(picture: RgbaImage) -> RgbaImage {
    let (width, height) = picture.dimensions();
    if width <= WIDEST {
        return picture;
    }
    let height = height * WIDEST / width;
    imageops::resize(&picture, WIDEST, height, imageops::FilterType::Triangle)
}

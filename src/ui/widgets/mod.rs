//! The pieces the screens are made of. Each draws from plain values and returns what was pressed.

pub mod certainty_mark;
pub mod command_block;
pub mod comparison_card;
pub mod empty_state;
pub mod finding_card;
pub mod icon;
pub mod kept;
pub mod lesson_card;
pub mod listener_table;
pub mod notice;
pub mod path_picture;
pub mod scroll;
pub mod text;
pub mod text_area;
pub mod timeline;
pub mod toast;
pub mod wire_picture;

//! The pieces the screens are made of. Each draws from plain values and returns what was pressed.

pub mod command_block;
pub mod comparison_card;
pub mod finding_card;
pub mod icon;
pub mod lesson_card;
pub mod listener_table;
pub mod path_picture;
pub mod scroll;
pub mod text;
pub mod timeline;
pub mod wire_picture;

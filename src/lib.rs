//! Ketnoi finds out why a TCP connection fails, and says what to do about it.
//!
//! Data flows one way: address text → [`target`] → [`evidence`] → [`diagnosis`] → [`advice`] →
//! screen or [`report`]. Left of diagnosis the world is asked; from there on everything is a pure
//! function of what was seen.

pub mod target;

pub mod evidence;

pub mod bundled;

pub mod catalogue;

pub mod diagnosis;

pub mod advice;

pub mod case;

pub mod wizard;

pub mod i18n;

pub mod report;

pub mod probe;

pub mod platform;

pub mod worker;

pub mod settings;

pub mod save;

pub mod crash;

pub mod cli;

pub mod ui;

pub mod app;

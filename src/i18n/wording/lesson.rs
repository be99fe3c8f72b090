//! What a verdict means, in words: the messages on the wire, and how a program handles the end.

use std::fmt::Display;

use super::Wording;
use crate::case::lesson::{Ending, Lesson, Message, MessageKind, Peer};
use crate::i18n::program_error::python_exception;
use crate::i18n::texts::{EndingText, LessonTexts};

impl Wording<'_> {
    fn lesson_texts(&self) -> &'static LessonTexts {
        &self.texts.window.lesson
    }

    fn ending_text(&self, ending: Ending) -> &'static EndingText {
        let words = &self.lesson_texts().ending;
        match ending {
            Ending::NameUnknown => &words.name_unknown,
            Ending::NameFailed => &words.name_failed,
            Ending::Refused => &words.refused,
            Ending::Rejected => &words.rejected,
            Ending::TimedOut => &words.timed_out,
            Ending::HostUnreachable => &words.host_unreachable,
            Ending::NetworkUnreachable => &words.network_unreachable,
            Ending::Denied => &words.denied,
            Ending::Reset => &words.reset,
            Ending::Closed => &words.closed,
            Ending::Stalled => &words.stalled,
            Ending::BadCertificate => &words.bad_certificate,
            Ending::TlsFailed => &words.tls_failed,
            Ending::NotTls => &words.not_tls,
            Ending::HttpError => &words.http_error,
            Ending::Works => &words.works,
        }
    }

    /// What happened, for a student.
    #[must_use]
    pub fn meaning(&self, ending: Ending) -> String {
        let values: [(&str, &dyn Display); 2] =
            [("host", &self.host()), ("port", &self.target.port)];
        self.ending_text(ending).meaning.fill(&values)
    }

    /// Who is at the other end of the wire.
    #[must_use]
    pub fn peer(&self, peer: Peer) -> String {
        match peer {
            Peer::Resolver => self.lesson_texts().resolver.clone(),
            Peer::Endpoint(addr) => addr.to_string(),
        }
    }

    /// A message's caption.
    #[must_use]
    pub fn message(&self, kind: MessageKind) -> String {
        let words = &self.lesson_texts().message;
        match kind {
            MessageKind::Query => words.query.fill(&[("host", &self.host())]),
            MessageKind::NoSuchName => words.no_such_name.clone(),
            MessageKind::LookupFailed => words.lookup_failed.clone(),
            MessageKind::Syn => words.syn.clone(),
            MessageKind::SynAck => words.syn_ack.clone(),
            MessageKind::Rst => words.rst.clone(),
            MessageKind::Icmp { icmp } => words
                .icmp
                .fill(&[("kind", &icmp.kind), ("code", &icmp.code)]),
            MessageKind::StoppedHere => words.stopped_here.clone(),
            MessageKind::Silence => words.silence.clone(),
            MessageKind::TlsHello => words.tls_hello.clone(),
            MessageKind::TlsDone => words.tls_done.clone(),
            MessageKind::TlsAlert => words.tls_alert.clone(),
            MessageKind::Request => words.request.clone(),
            MessageKind::Answer => words.answer.clone(),
            MessageKind::Status { status } => words.status.fill(&[("status", &status)]),
            MessageKind::Fin => words.fin.clone(),
        }
    }

    /// A message's caption with whoever else sent it and how long it took.
    #[must_use]
    pub fn message_line(&self, lesson: &Lesson, message: &Message) -> String {
        let mut line = self.message(message.kind);
        let peer = match lesson.peer {
            Peer::Resolver => None,
            Peer::Endpoint(addr) => Some(addr.ip()),
        };
        if let Some(device) = message.kind.device().filter(|device| Some(*device) != peer) {
            let values: [(&str, &dyn Display); 2] = [("message", &line), ("device", &device)];
            line = self.lesson_texts().from_device.fill(&values);
        }
        match message.took {
            Some(took) => format!("{line} · {}", self.took(took)),
            None => line,
        }
    }

    /// The messages as a sentence, for who does not see the picture.
    #[must_use]
    pub fn messages_spoken(&self, lesson: &Lesson) -> String {
        let words = self.lesson_texts();
        let told = |message: &Message| {
            let line = self.message_line(lesson, message);
            let template = if message.kind.is_ours() {
                &words.ours
            } else {
                &words.theirs
            };
            template.fill(&[("message", &line)])
        };
        let messages: Vec<String> = lesson.messages.iter().map(told).collect();
        words.spoken.fill(&[("messages", &messages.join("; "))])
    }

    /// A Python program that handles this end; nothing where nothing is to be handled.
    #[must_use]
    pub fn python_sample(&self, ending: Ending) -> Option<String> {
        let advice = self.ending_text(ending).handling.as_deref()?;
        let exception = python_exception(ending)?;
        let attempt = python_attempt(ending);
        Some(format!(
            "{attempt}\nexcept {exception} as error:\n    # {advice}\n    print(error)"
        ))
    }
}

/// The lines that connect, up to the one that may fail. Host and port are names, so that nothing
/// foreign gets into the code.
fn python_attempt(ending: Ending) -> &'static str {
    match ending {
        Ending::NameUnknown
        | Ending::NameFailed
        | Ending::Refused
        | Ending::Rejected
        | Ending::TimedOut
        | Ending::HostUnreachable
        | Ending::NetworkUnreachable
        | Ending::Denied => PYTHON_CONNECT,
        Ending::Reset | Ending::Closed | Ending::Stalled | Ending::Works => PYTHON_READ,
        Ending::BadCertificate | Ending::TlsFailed | Ending::NotTls => PYTHON_TLS,
        Ending::HttpError => PYTHON_HTTP,
    }
}

const PYTHON_CONNECT: &str = "\
import socket

try:
    with socket.create_connection((host, port), timeout=5) as sock:
        ...";

const PYTHON_READ: &str = "\
import socket

try:
    with socket.create_connection((host, port), timeout=5) as sock:
        data = sock.recv(4096)
        if not data:
            raise EOFError";

const PYTHON_TLS: &str = "\
import socket
import ssl

context = ssl.create_default_context()
try:
    with socket.create_connection((host, port), timeout=5) as sock:
        with context.wrap_socket(sock, server_hostname=host) as tls:
            ...";

const PYTHON_HTTP: &str = "\
import urllib.error
import urllib.request

try:
    with urllib.request.urlopen(url, timeout=5) as answer:
        ...";

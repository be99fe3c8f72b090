//! `ketnoi local`: one port of this machine, looked at from inside. Nothing is connected to.

use std::fmt::{Display, Write as _};
use std::time::Instant;

use jiff::Timestamp;

use super::arguments::{Local, Privacy};
use super::check::{not_started, save};
use super::layout::paragraph;
use super::output::{self, Output};
use super::{BLOCKED, FAILED, WORKS};
use crate::case::Case;
use crate::case::local::{LocalView, Standing};
use crate::evidence::{Evidence, Fact, Listener};
use crate::i18n::wording::duration;
use crate::i18n::{Texts, Wording};
use crate::report::{self, Redactor, Stamp};
use crate::worker::{self, Investigator, LocalJob};

/// Looks at the port, and says what is to be said; returns the exit status.
pub(super) fn run(local: &Local, texts: &'static Texts, output: &mut Output) -> i32 {
    let runtime = match worker::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&not_started(texts, &error)),
    };
    let job = LocalJob {
        target: LocalView::target(local.port),
        from: local.from,
        watch: local.watch,
    };
    let (created, start) = (Timestamp::now(), Instant::now());
    let (evidence, watch) = runtime.block_on(async {
        let investigator = Investigator::of_system();
        // Whoever has seen enough is told all the same.
        let interrupted = async { drop(tokio::signal::ctrl_c().await) };
        // Said once the watch goes on: what is tested from now on is seen.
        let under_way = async {
            if !local.watch.is_zero() {
                let time = duration(texts.language, local.watch);
                let line = &texts.local.watching;
                output::complain(&line.fill(&[("port", &local.port), ("time", &time)]));
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            seen = investigator.look(&job, interrupted) => seen,
            () = under_way => unreachable!("it never ends"),
        }
    });
    // A firewall service that hangs must not keep the process.
    runtime.shutdown_background();
    let mut view = LocalView {
        case: Case::new(evidence),
        from: local.from,
        watch,
    };
    let anonymised = local.privacy == Privacy::Anonymised;
    if anonymised {
        view = Redactor::default().retell_local(&view);
    }
    let stamp = Stamp {
        created,
        took: start.elapsed(),
        anonymised,
    };
    if local.json {
        output.print_line(&report::json::local_line(&view, texts, &stamp));
    } else {
        output.print(&answer(&view, texts));
    }
    let status = match view.standing() {
        Standing::Open | Standing::FirewallsUnread => WORKS,
        Standing::Closed | Standing::ThisMachineOnly | Standing::ShutByFirewall { .. } => BLOCKED,
        Standing::Unknown => FAILED,
    };
    let saved = local.output.as_ref().map_or(WORKS, |(path, format)| {
        let text = report::render_local(&view, *format, texts, &stamp);
        save(path, text.as_bytes(), texts)
    });
    status.max(saved)
}

/// The answer for a terminal, ending with a line break.
fn answer(view: &LocalView, texts: &'static Texts) -> String {
    let evidence = view.case.evidence();
    let teller = Teller {
        view,
        evidence,
        texts,
        wording: Wording::new(texts, &evidence.target),
    };
    let mut text = String::new();
    teller.standing(&mut text);
    teller.listeners(&mut text);
    teller.firewalls(&mut text);
    teller.addresses(&mut text);
    teller.arrivals(&mut text);
    text
}

struct Teller<'a> {
    view: &'a LocalView,
    evidence: &'a Evidence,
    texts: &'static Texts,
    wording: Wording<'a>,
}

impl Teller<'_> {
    fn standing(&self, text: &mut String) {
        let standing = self.view.standing();
        let sign = match standing {
            Standing::Open => "✓",
            Standing::FirewallsUnread | Standing::Unknown => "!",
            Standing::Closed | Standing::ThisMachineOnly | Standing::ShutByFirewall { .. } => "✗",
        };
        let title = self.wording.standing_title(standing);
        paragraph(text, &format!("{sign} {title}"), "", "  ");
        let meaning = self.wording.standing_meaning(standing);
        paragraph(text, meaning, "  ", "  ");
    }

    fn listeners(&self, text: &mut String) {
        let words = &self.texts.local;
        let port = self.view.port();
        heading(text, &words.listening);
        match &self.evidence.listeners {
            Fact::Known(all) => {
                let (on_port, near): (Vec<&Listener>, Vec<&Listener>) =
                    all.iter().partition(|one| one.addr.port() == port);
                if on_port.is_empty() {
                    bullet(text, &words.nobody.fill(&[("port", &port)]));
                }
                for listener in &on_port {
                    bullet(text, &self.listener(listener));
                    let queue = listener.queue.known();
                    if let Some(queue) = queue.and_then(|queue| self.wording.queue(queue, 0)) {
                        let label = &self.texts.verdict.listener.queue;
                        paragraph(text, &format!("{label}: {queue}"), "    ", "    ");
                    }
                }
                for listener in near {
                    let line = self.listener(listener);
                    bullet(text, &format!("{}: {line}", words.near));
                }
            }
            Fact::Unknown(gap) => bullet(text, &self.wording.gap(gap)),
        }
        let listeners = self.evidence.listeners_on_port().unwrap_or_default();
        for (label, value) in self.wording.port_use(&self.evidence.port_use, &listeners) {
            bullet(text, &format!("{label}: {value}"));
        }
    }

    fn listener(&self, listener: &Listener) -> String {
        let mut all = self.evidence.backgrounds.iter();
        let background = all.find(|background| background.addr == listener.addr);
        self.texts.local.listens_at.fill(&[
            ("address", &listener.addr),
            ("owner", &self.wording.listener_owner(listener)),
            ("reach", &self.wording.reach(listener, background)),
        ])
    }

    fn firewalls(&self, text: &mut String) {
        let words = &self.texts.local;
        heading(text, &words.firewalls);
        match &self.evidence.firewalls {
            Fact::Known(all) if all.is_empty() => bullet(text, &self.texts.report.no_firewalls),
            Fact::Known(all) => {
                for firewall in all {
                    let name = Wording::firewall_name(firewall.kind);
                    let state = self.wording.firewall_state(firewall);
                    let values: [(&str, &dyn Display); 2] =
                        [("firewall", &name), ("state", &state)];
                    bullet(text, &words.firewall.fill(&values));
                    for remark in self.evidence.remarks_on(firewall) {
                        bullet(text, &self.wording.remark(firewall.kind, &remark));
                    }
                }
            }
            Fact::Unknown(gap) => bullet(text, &self.wording.gap(gap)),
        }
    }

    fn addresses(&self, text: &mut String) {
        heading(text, &self.texts.local.own_addresses);
        match &self.evidence.network {
            Fact::Known(network) => {
                for line in self.wording.own_addresses(network) {
                    bullet(text, &line);
                }
            }
            Fact::Unknown(gap) => bullet(text, &self.wording.gap(gap)),
        }
    }

    fn arrivals(&self, text: &mut String) {
        let watch = &self.view.watch;
        heading(text, &self.wording.arrivals_title(watch));
        for arrival in watch.arrivals.known().into_iter().flatten() {
            let line = self.wording.arrival(arrival, &self.evidence.network);
            bullet(text, &line);
        }
        if let Some(none) = self.wording.no_arrivals(watch) {
            bullet(text, &none);
        }
        for line in self.wording.watch_limits(watch) {
            paragraph(text, &line, "    ", "    ");
        }
    }
}

fn heading(text: &mut String, title: &str) {
    writeln!(text, "\n  {title}").expect("writing to a String");
}

fn bullet(text: &mut String, line: &str) {
    paragraph(text, line, "  • ", "    ");
}

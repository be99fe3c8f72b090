//! The rules, the first that speaks decides. Each keeps quiet where one of its grounds is missing.

use super::pair::{Filter, Pair, Watched, of_listener};
use super::{Joint, JointCause, JointClue, JointTest};
use crate::diagnosis::{Certainty, Impact};
use crate::evidence::{Listener, Outcome, Policy, Stage, belongs_to_same_service, is_near};

/// Names a cause, or keeps quiet.
pub(super) type Rule = fn(&Pair<'_>) -> Option<Joint>;

/// In this order: what the client's end settles alone, what the server's tables show, what was seen
/// arriving, and what is left.
pub(super) const ALL: &[Rule] = &[
    unlike_ports,
    ends_at_client,
    connects,
    full_queue,
    arrived,
    nobody_listens,
    loopback_only,
    other_address,
    own_firewall,
    source_limited,
    leads_elsewhere,
    between,
];

fn found(
    cause: JointCause,
    certainty: Certainty,
    because: impl IntoIterator<Item = Option<JointClue>>,
) -> Joint {
    Joint {
        cause,
        certainty,
        because: because.into_iter().flatten().collect(),
        decided_by: None,
        doubts: Vec::new(),
    }
}

impl Joint {
    fn decided_by(mut self, test: JointTest) -> Self {
        self.decided_by = Some(test);
        self
    }
}

/// Reports about two ports do not meet, unless the client's fate is settled without the server.
fn unlike_ports(pair: &Pair<'_>) -> Option<Joint> {
    if pair.is_same_port() || pair.client.case.diagnosis().impact == Impact::None {
        return None;
    }
    // The tables that were read there may show the asked port all the same.
    let mut joint = pair.undecided();
    joint
        .because
        .retain(|clue| matches!(clue, JointClue::Client(_)));
    Some(joint.decided_by(pair.watch_while_testing()))
}

/// The client's test says itself that nothing left for the server.
fn ends_at_client(pair: &Pair<'_>) -> Option<Joint> {
    let evidence = pair.client_evidence();
    let all_at_once = evidence.attempts.iter().all(|attempt| {
        attempt.at_once || matches!(attempt.outcome, Outcome::Denied | Outcome::OutOfDescriptors)
    });
    let is_over = evidence.complete && all_at_once;
    is_over.then(|| {
        found(
            JointCause::EndsAtClient,
            Certainty::Likely,
            [pair.of_client()],
        )
    })
}

/// The client's connection is accepted.
fn connects(pair: &Pair<'_>) -> Option<Joint> {
    pair.ended(&[Outcome::Connected])?;
    let impact = pair.client.case.diagnosis().impact;
    let nobody = pair.listeners().is_some_and(|all| all.is_empty());
    if nobody && pair.is_servers == Some(true) {
        let because = [
            pair.of_client(),
            pair.of_address(),
            Some(JointClue::NothingListens),
            pair.nothing_arrived(),
        ];
        let joint = found(JointCause::AcceptedElsewhere, Certainty::Likely, because);
        return Some(joint.decided_by(match pair.watched {
            Watched::Yes => JointTest::LookAtForward { own: pair.own() },
            Watched::Missed | Watched::TimesUnknown | Watched::No => pair.watch_while_testing(),
        }));
    }
    // Whether what answered is this machine: by its address, or because the client was seen.
    let by = pair.seen();
    let seen = by.map(|(arrival, _)| JointClue::Arrived {
        from: arrival.from,
        stage: arrival.stage,
    });
    // Then it may be another machine that answers, which matters only where something is wrong.
    if pair.is_servers == Some(false) && seen.is_none() && impact == Impact::Blocked {
        return None;
    }
    let cause = match impact {
        Impact::None | Impact::Degraded => JointCause::Works,
        Impact::Blocked => JointCause::ArrivesAndFails,
    };
    let certainty = match (by, pair.is_servers) {
        (_, Some(true)) => Certainty::Certain,
        // That it works is the client's to say, once this is the server.
        (Some((_, Certainty::Likely)), _) if cause == JointCause::Works => Certainty::Certain,
        (Some((_, by)), _) => by,
        (None, Some(false) | None) => Certainty::Likely,
    };
    let listener = pair.open_listener().map(of_listener);
    Some(found(
        cause,
        certainty,
        [pair.of_client(), seen, pair.of_address(), listener],
    ))
}

/// The service does not accept.
fn full_queue(pair: &Pair<'_>) -> Option<Joint> {
    let listener = pair.open_listener()?;
    let queue = listener.queue.known()?;
    let limit = queue.limit?;
    let is_theirs = pair.is_servers == Some(true) || pair.seen().is_some();
    if queue.waiting <= limit || pair.silent().is_none() || !is_theirs {
        return None;
    }
    let waiting = queue.waiting;
    let because = [
        Some(JointClue::Queue { waiting, limit }),
        pair.of_client(),
        Some(of_listener(listener)),
        pair.of_address(),
    ];
    Some(found(JointCause::QueueFull, Certainty::Certain, because))
}

/// The client was seen at the server, and got no answer.
fn arrived(pair: &Pair<'_>) -> Option<Joint> {
    pair.silent()?;
    let (arrival, certainty) = pair.seen()?;
    if arrival.stage != Stage::HalfOpen || !arrival.is_unanswered() {
        return None;
    }
    let seen = JointClue::Arrived {
        from: arrival.from,
        stage: arrival.stage,
    };
    let because = [
        Some(seen),
        pair.of_client(),
        pair.open_listener().map(of_listener),
        pair.of_address(),
    ];
    let joint = found(JointCause::ReplyLost, certainty, because);
    Some(joint.decided_by(JointTest::LookAtWayBack))
}

/// Nothing listens on the server's port.
fn nobody_listens(pair: &Pair<'_>) -> Option<Joint> {
    let nobody = pair.listeners()?.is_empty();
    if !nobody || pair.is_servers != Some(true) {
        return None;
    }
    let port = pair.port();
    let evidence = pair.server_evidence();
    let others = evidence.listeners.known()?;
    let service = pair.client_evidence().target.service.as_deref();
    let outside = others.iter().filter(|other| !other.addr.ip().is_loopback());
    let of_service = |other: &&Listener| belongs_to_same_service(other.addr.port(), port, service);
    let meant = outside.clone().find(of_service);
    let mut beside = outside.filter(|other| is_near(other.addr.port(), port));
    let other = meant.or_else(|| beside.next());
    let refused = pair
        .ended(&[Outcome::Refused])
        .is_some_and(|a| a.icmp.is_none());
    // A port that is closed says so, unless something drops what comes to it.
    let is_dropped = matches!(pair.filter(), Filter::Stops(_, Policy::Drop));
    let certainty = match (refused, pair.may_be_forwarded()) {
        (true, false) => Certainty::Certain,
        (true, true) => Certainty::Likely,
        (false, _) if is_dropped => Certainty::Likely,
        (false, _) => Certainty::Possible,
    };
    let filter = matches!(pair.filter(), Filter::Stops(..)).then(|| pair.of_filter());
    let because = [
        Some(JointClue::NothingListens),
        other.map(of_listener),
        pair.of_client(),
        pair.of_address(),
        filter,
    ];
    let (cause, certainty) = match meant {
        Some(other) => {
            let listens = other.addr.port();
            (
                JointCause::OtherPort { listens },
                certainty.min(Certainty::Likely),
            )
        }
        None => (JointCause::NothingListens, certainty),
    };
    Some(found(cause, certainty, because))
}

/// Who listens does so on loopback.
fn loopback_only(pair: &Pair<'_>) -> Option<Joint> {
    let listeners = pair.listeners()?;
    let evidence = pair.server_evidence();
    let all_loopback = listeners.iter().all(|l| evidence.is_for_itself(l));
    if listeners.is_empty() || !all_loopback {
        return None;
    }
    let is_proved = pair.is_servers == Some(true)
        && pair
            .ended(&[Outcome::Refused])
            .is_some_and(|a| a.icmp.is_none());
    let certainty = pair.as_far_as_it_leads_there(if is_proved {
        Certainty::Certain
    } else {
        Certainty::Likely
    });
    let filter = matches!(pair.filter(), Filter::Stops(..)).then(|| pair.of_filter());
    let because = [
        listeners.first().map(|listener| of_listener(listener)),
        pair.of_client(),
        pair.of_address(),
        filter,
    ];
    let mut joint = found(JointCause::LoopbackOnly, certainty, because);
    joint.decided_by = pair.whether_it_leads_there();
    Some(joint)
}

/// Who listens does so on other addresses than the one that is asked for.
fn other_address(pair: &Pair<'_>) -> Option<Joint> {
    let attempt = pair.attempt?;
    let listeners = pair.listeners()?;
    let asked = attempt.addr.ip().to_canonical();
    let none_takes = listeners.iter().all(|l| l.accepts(asked) == Some(false));
    if listeners.is_empty() || !none_takes || pair.is_servers != Some(true) {
        return None;
    }
    let open = listeners.iter().find(|l| !l.addr.ip().is_loopback())?;
    let listens = open.addr.ip();
    let cause = if listens.is_ipv6() == asked.is_ipv6() {
        JointCause::OtherAddress { asked, listens }
    } else {
        JointCause::OtherFamily {
            listens_v6: listens.is_ipv6(),
        }
    };
    let refused = pair
        .ended(&[Outcome::Refused])
        .is_some_and(|a| a.icmp.is_none());
    let certainty = if refused {
        Certainty::Certain
    } else {
        Certainty::Likely
    };
    let because = [Some(of_listener(open)), pair.of_client(), pair.of_address()];
    Some(found(cause, certainty, because))
}

/// A firewall of the server does to others what the client saw.
fn own_firewall(pair: &Pair<'_>) -> Option<Joint> {
    let Filter::Stops(firewall, policy) = pair.filter() else {
        return None;
    };
    let fits = match policy {
        Policy::Drop => pair.silent().is_some(),
        Policy::Reject => pair.rejected().is_some(),
        Policy::Allow => false,
    };
    let is_seen = |(_, certainty)| certainty > Certainty::Possible;
    if !fits || pair.seen().is_some_and(is_seen) {
        return None;
    }
    let rule = firewall.rule.as_ref().map(|rule| rule.text.clone());
    let cause = JointCause::ServerFirewall {
        firewall: firewall.kind,
        policy,
        rule,
    };
    let certainty = pair.as_far_as_it_leads_there(if pair.is_servers == Some(true) {
        Certainty::Certain
    } else {
        Certainty::Likely
    });
    let because = [
        Some(pair.of_filter()),
        pair.of_client(),
        pair.open_listener().map(of_listener),
        pair.of_address(),
        pair.nothing_arrived(),
    ];
    let mut joint = found(cause, certainty, because);
    joint.decided_by = pair.whether_it_leads_there();
    Some(joint)
}

/// Others are connected, and this client is not let in. What stood before the watch may have been
/// let in before a rule was set that lets in nobody: that is told only where such a rule may be.
fn source_limited(pair: &Pair<'_>) -> Option<Joint> {
    let others = pair.others_inside();
    let nothing = pair.nothing_arrived()?;
    let came_now = others.iter().any(|other| !other.were_there);
    if others.is_empty() || pair.is_servers != Some(true) {
        return None;
    }
    if !came_now && pair.filter() == Filter::LetsIn {
        return None;
    }
    let certainty = if came_now {
        Certainty::Likely
    } else {
        Certainty::Possible
    };
    let because = [
        Some(JointClue::OthersArrived(others.len())),
        Some(nothing),
        pair.of_client(),
        pair.open_listener().map(of_listener),
        Some(pair.of_filter()),
    ];
    let joint = found(JointCause::SourceLimited, certainty, because);
    Some(joint.decided_by(match pair.filter() {
        Filter::Unread => pair.watch_as_admin(),
        Filter::LetsIn | Filter::Stops(..) => JointTest::LookAtSourceRules,
    }))
}

/// The client asks for an address that the server has not, and nothing reaches the server, which
/// would show it: somebody listens there for others, and no firewall of its own stops it before.
fn leads_elsewhere(pair: &Pair<'_>) -> Option<Joint> {
    let attempt = pair.attempt?;
    let nothing = pair.nothing_arrived()?;
    let listener = pair.open_listener()?;
    let would_show = pair.filter() == Filter::LetsIn;
    if pair.is_servers != Some(false) || !would_show || pair.is_nobodys() {
        return None;
    }
    let because = [
        pair.of_address(),
        Some(nothing),
        pair.of_client(),
        Some(of_listener(listener)),
    ];
    let cause = JointCause::LeadsElsewhere {
        asked: attempt.addr.ip(),
    };
    let mut joint = found(cause, Certainty::Likely, because);
    joint.decided_by = pair.whether_it_leads_there();
    Some(joint)
}

/// The server listens where it is asked, and what its firewalls do is known or not.
fn between(pair: &Pair<'_>) -> Option<Joint> {
    let listener = pair.open_listener()?;
    // Who has connections that stand gets through, or did: then it is not simply the way.
    if pair.is_servers != Some(true) || pair.has_older() {
        return None;
    }
    let nothing = pair.nothing_arrived();
    let own_test = pair.own_test();
    let because = [
        Some(of_listener(listener)),
        nothing.clone(),
        own_test.clone(),
        Some(pair.of_filter()),
        pair.of_client(),
        pair.of_address(),
    ];
    // What the server itself does not get through to is not lost on the way to it.
    if own_test == Some(JointClue::OwnTest { works: false }) {
        return None;
    }
    let (silent, rejected) = (pair.silent().is_some(), pair.rejected().is_some());
    let (cause, certainty, test) = match (pair.filter(), pair.watched, &nothing) {
        (Filter::LetsIn, Watched::Yes, Some(_)) if silent => (
            JointCause::DroppedBetween,
            Certainty::Likely,
            JointTest::LookBetween,
        ),
        (Filter::LetsIn, Watched::Yes, Some(_)) if rejected => (
            JointCause::RejectedBetween,
            Certainty::Likely,
            JointTest::LookBetween,
        ),
        (Filter::Unread, Watched::Yes, Some(_)) if silent => (
            JointCause::DroppedSomewhere,
            Certainty::Likely,
            pair.watch_as_admin(),
        ),
        // Without a watch the answer may as well be what is lost.
        (Filter::LetsIn, _, None) if silent && pair.seen().is_none() => (
            JointCause::DroppedBetween,
            Certainty::Possible,
            pair.watch_while_testing(),
        ),
        _ => return None,
    };
    Some(found(cause, certainty, because).decided_by(test))
}

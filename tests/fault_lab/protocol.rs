//! Ports that accept, and what is wrong afterwards.

use crate::network::Machine::{Client, Server};
use crate::network::{Lab, SERVER};
use crate::verdict::{BLOCKED, WORKS, expect};

const CERTAIN: &[&str] = &["certain"];
const LIKELY: &[&str] = &["likely"];
const HUMBLE: &[&str] = &["likely", "possible"];

/// A server of `kind` on `port`, asked as `scheme://…` or, without one, by its port alone.
fn asked(kind: &str, scheme: &str, port: u16, cause: &str, certainties: &[&str], status: i32) {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, kind, &format!("{SERVER}:{port}"));
    let target = format!("{scheme}{SERVER}:{port}");
    expect(&lab.check(Client, &target), cause, certainties, status);
}

#[test]
fn a_server_that_resets_at_once() {
    asked("resets", "", 5432, "server-resets", LIKELY, BLOCKED);
}

#[test]
fn a_server_that_resets_at_the_first_bytes() {
    let cause = "server-resets";
    asked("resets-on-data", "", 5432, cause, LIKELY, BLOCKED);
}

#[test]
fn a_server_that_hangs_up_at_once() {
    let cause = "forwarder-without-backend";
    asked("hangs-up", "", 5432, cause, LIKELY, BLOCKED);
}

#[test]
fn an_ssh_server_that_hangs_up_at_once() {
    let cause = "forwarder-without-backend";
    asked("hangs-up", "", 22, cause, HUMBLE, BLOCKED);
}

#[test]
fn a_database_that_accepts_and_keeps_silent() {
    asked("silent", "", 5432, "server-hung", LIKELY, BLOCKED);
}

#[test]
fn a_database_that_should_greet_and_keeps_silent() {
    asked("silent", "", 3306, "server-hung", LIKELY, BLOCKED);
}

#[test]
fn a_web_server_that_keeps_silent() {
    asked("silent", "http://", 8080, "server-hung", LIKELY, BLOCKED);
}

#[test]
fn an_unknown_service_that_keeps_silent() {
    asked("silent", "", 40001, "reachable-silent", LIKELY, WORKS);
}

#[test]
fn a_web_page() {
    asked("http-200", "http://", 8080, "reachable", CERTAIN, WORKS);
}

#[test]
fn a_web_page_that_is_missing() {
    asked("http-404", "http://", 8080, "reachable", LIKELY, WORKS);
}

#[test]
fn a_web_application_with_an_error() {
    asked("http-500", "http://", 8080, "http-error", CERTAIN, BLOCKED);
}

#[test]
fn a_gateway_without_a_backend() {
    asked(
        "http-502",
        "http://",
        8080,
        "backend-down",
        CERTAIN,
        BLOCKED,
    );
}

#[test]
fn a_gateway_in_maintenance() {
    asked("http-503", "http://", 8080, "backend-down", LIKELY, BLOCKED);
}

#[test]
fn a_gateway_that_waits_in_vain() {
    let cause = "backend-timeout";
    asked("http-504", "http://", 8080, cause, CERTAIN, BLOCKED);
}

#[test]
fn a_network_that_wants_a_login() {
    let cause = "captive-portal";
    asked("http-511", "http://", 8080, cause, CERTAIN, BLOCKED);
}

#[test]
fn a_server_that_does_not_serve_this_name() {
    let cause = "host-header-rejected";
    asked("http-421", "http://", 8080, cause, LIKELY, BLOCKED);
}

#[test]
fn ssh_where_a_web_page_was_named() {
    asked("ssh", "http://", 8080, "wrong-service", CERTAIN, BLOCKED);
}

#[test]
fn a_web_server_on_the_port_of_a_database() {
    asked("web", "", 5432, "wrong-service", LIKELY, BLOCKED);
}

#[test]
fn a_database_that_answers() {
    asked("postgres", "", 5432, "reachable", CERTAIN, WORKS);
}

#[test]
fn a_database_without_tls_for_who_wants_it() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "postgres", &format!("{SERVER}:5432"));
    let target = format!("postgres://{SERVER}:5432/app?sslmode=require");
    let said = lab.check(Client, &target);
    expect(&said, "database-without-tls", CERTAIN, BLOCKED);
}

#[test]
fn a_certificate_that_has_expired() {
    let cause = "certificate-expired";
    asked("tls-expired", "imaps://", 993, cause, CERTAIN, BLOCKED);
}

#[test]
fn a_certificate_that_signed_itself() {
    let cause = "certificate-untrusted";
    asked("tls", "imaps://", 993, cause, CERTAIN, BLOCKED);
}

#[test]
fn a_server_that_wants_a_client_certificate() {
    let cause = "client-certificate-required";
    asked("tls-mutual", "imaps://", 993, cause, CERTAIN, BLOCKED);
}

#[test]
fn data_that_are_dropped_whatever_their_size() {
    let Some(mut lab) = Lab::new() else { return };
    lab.serve(Server, "web", &format!("{SERVER}:8080"));
    lab.filter(Server, "input", "tcp dport 8080 meta length > 80 drop");
    let said = lab.check(Client, &format!("http://{SERVER}:8080"));
    expect(&said, "data-dropped", LIKELY, BLOCKED);
}

#[test]
fn large_packets_that_vanish() {
    let Some(mut lab) = Lab::new() else { return };
    // Otherwise several packets would cross this wire, and be counted, as one.
    lab.ip(Client, "link set eth0 gso_max_segs 1");
    lab.serve(Server, "silent", &format!("{SERVER}:8443"));
    lab.filter(Server, "input", "tcp dport 8443 meta length > 1000 drop");
    let said = lab.check(Client, &format!("https://{SERVER}:8443"));
    expect(&said, "mtu-black-hole", LIKELY, BLOCKED);
}

//! Proxies that are gone, needed, or in the way.

use crate::network::Machine::{Client, Server};
use crate::network::{Lab, SERVER};
use crate::verdict::{BLOCKED, WORKS, expect};

const CERTAIN: &[&str] = &["certain"];
const LIKELY: &[&str] = &["likely"];

/// Another address of the server, where the proxy is.
const PROXY: &str = "10.77.1.20";

fn lab() -> Option<Lab> {
    let lab = Lab::new()?;
    lab.ip(Server, &format!("addr add {PROXY}/24 dev eth0"));
    Some(lab)
}

fn page() -> String {
    format!("http://{SERVER}:8080")
}

#[test]
fn a_proxy_that_is_gone() {
    let Some(mut lab) = lab() else { return };
    lab.serve(Server, "page", &format!("{SERVER}:8080"));
    let variable = format!("http_proxy=http://joe:secret@{PROXY}:3128/");
    let said = lab.check_where(Client, &variable, &page());
    expect(&said, "proxy-dead", CERTAIN, WORKS);
    let told = String::from_utf8_lossy(&said.output.stdout);
    assert!(!told.contains("secret") && told.contains("10.77.1.20:3128"));
}

#[test]
fn a_proxy_that_is_the_way_out() {
    let Some(mut lab) = lab() else { return };
    lab.serve(Server, "login-proxy", &format!("{PROXY}:3128"));
    // Beyond a router that forwards nothing: no proxy is the way to a neighbour.
    lab.ip(Client, &format!("route add 10.78.0.0/16 via {SERVER}"));
    let variable = format!("HTTP_PROXY={PROXY}:3128");
    let said = lab.check_where(Client, &variable, "http://10.78.0.1");
    expect(&said, "proxy-required", LIKELY, BLOCKED);
}

#[test]
fn a_proxy_that_cannot_reach_what_the_direct_way_does() {
    let Some(mut lab) = lab() else { return };
    lab.serve(Server, "page", &format!("{SERVER}:8080"));
    lab.serve(Server, "lost-proxy", &format!("{PROXY}:3128"));
    let variable = format!("all_proxy=http://{PROXY}:3128");
    let said = lab.check_where(Client, &variable, &page());
    expect(&said, "proxy-bypass-missing", CERTAIN, WORKS);
}

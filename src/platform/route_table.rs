//! This machine's network where its route table is asked for through the system's own interface
//! (Windows, macOS). Linux reads `/proc`, which shows more kinds of default routes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::interfaces;
use crate::evidence::{Fact, Gap, NetworkState};

/// Interfaces, default gateways, and the route to each of `targets`.
pub fn network(targets: &[IpAddr]) -> Fact<NetworkState> {
    match interfaces::interfaces() {
        Ok(interfaces) => Fact::Known(NetworkState {
            interfaces,
            default_gateways: default_gateways(),
            routes: interfaces::routes(targets),
        }),
        Err(error) => Fact::Unknown(Gap::Unreadable {
            what: format!("interfaces: {error}"),
        }),
    }
}

/// The gateways of the default routes. A default route without a gateway (a point-to-point link)
/// is given as the unspecified address.
fn default_gateways() -> Fact<Vec<IpAddr>> {
    let routes = match getifs::route_table_by_filter(getifs::IpRoute::is_default) {
        Ok(routes) => routes,
        Err(error) => {
            return Fact::Unknown(Gap::Unreadable {
                what: format!("route table: {error}"),
            });
        }
    };
    let mut gateways = Vec::new();
    for route in &routes {
        let direct = match route {
            getifs::IpRoute::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        let gateway = route.gateway().unwrap_or(direct);
        if !gateways.contains(&gateway) {
            gateways.push(gateway);
        }
    }
    Fact::Known(gateways)
}

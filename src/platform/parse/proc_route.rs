//! `/proc/net/route` and `/proc/net/ipv6_route`: the gateways of the default routes.
//!
//! Only the main table is listed there; what policy routing does is seen by asking for the route
//! to one address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Malformed;

const UP: u32 = 0x1;
const REJECT: u32 = 0x200;

/// The gateways of the IPv4 default routes. A default route without a gateway (a point-to-point
/// link) is given as the unspecified address, the way the table itself has it.
///
/// # Errors
/// When a row is not in the known format.
pub fn default_gateways_v4(table: &str) -> Result<Vec<IpAddr>, Malformed> {
    collect(table, 1, |row| {
        let fields: Vec<_> = row.split_ascii_whitespace().collect();
        let [_, destination, gateway, flags, _, _, _, mask, ..] = fields[..] else {
            return None;
        };
        let gateway = u32::from_str_radix(gateway, 16).ok()?;
        let is_default = u32::from_str_radix(destination, 16).ok()? == 0
            && u32::from_str_radix(mask, 16).ok()? == 0;
        Some(Route {
            gateway: Ipv4Addr::from(gateway.to_ne_bytes()).into(),
            carries_default: is_default && is_usable(flags)?,
        })
    })
}

/// The gateways of the IPv6 default routes, as [`default_gateways_v4`] gives those of IPv4.
///
/// # Errors
/// When a row is not in the known format.
pub fn default_gateways_v6(table: &str) -> Result<Vec<IpAddr>, Malformed> {
    collect(table, 0, |row| {
        let fields: Vec<_> = row.split_ascii_whitespace().collect();
        let [
            destination,
            prefix,
            _,
            source_prefix,
            gateway,
            _,
            _,
            _,
            flags,
            device,
        ] = fields[..]
        else {
            return None;
        };
        let gateway = u128::from_str_radix(gateway, 16).ok()?;
        // A route for some source addresses only is not everyone's default.
        let is_default = u128::from_str_radix(destination, 16).ok()? == 0
            && prefix == "00"
            && source_prefix == "00"
            && device != "lo";
        Some(Route {
            gateway: Ipv6Addr::from(gateway).into(),
            carries_default: is_default && is_usable(flags)?,
        })
    })
}

struct Route {
    gateway: IpAddr,
    carries_default: bool,
}

fn is_usable(flags: &str) -> Option<bool> {
    let flags = u32::from_str_radix(flags, 16).ok()?;
    Some(flags & UP != 0 && flags & REJECT == 0)
}

fn collect(
    table: &str,
    headings: usize,
    read: impl Fn(&str) -> Option<Route>,
) -> Result<Vec<IpAddr>, Malformed> {
    let mut gateways = Vec::new();
    for (index, row) in table.lines().enumerate().skip(headings) {
        let route = read(row).ok_or(Malformed { line: index + 1 })?;
        if route.carries_default && !gateways.contains(&route.gateway) {
            gateways.push(route.gateway);
        }
    }
    Ok(gateways)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_default_route_without_a_gateway_is_still_a_default_route() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n\
                     ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n";
        assert_eq!(
            default_gateways_v4(table).unwrap(),
            [IpAddr::V4(Ipv4Addr::UNSPECIFIED)]
        );
    }

    #[test]
    fn the_unreachable_route_every_kernel_has_is_no_default_route() {
        let table = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
                     00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
        assert_eq!(default_gateways_v6(table).unwrap(), [] as [IpAddr; 0]);
    }

    #[test]
    fn a_row_we_do_not_understand_is_said() {
        assert_eq!(
            default_gateways_v4("Iface\nppp0 what\n"),
            Err(Malformed { line: 2 })
        );
        assert_eq!(default_gateways_v6("what\n"), Err(Malformed { line: 1 }));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), rows in "[ 0-9a-f\n]{0,400}") {
            let _ = (default_gateways_v4(&text), default_gateways_v6(&text));
            let _ = (default_gateways_v4(&rows), default_gateways_v6(&rows));
        }
    }
}

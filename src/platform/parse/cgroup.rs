//! `/proc/PID/cgroup` (cgroups(7)): the systemd unit and the container that a process belongs to,
//! which systemd and the container engines write into the names of control groups.

use crate::evidence::Container;

/// The control group that tells most: that of the unified hierarchy, else systemd's own.
#[must_use]
pub fn path(table: &str) -> Option<&str> {
    let of = |hierarchy: &str| {
        let mut lines = table.lines();
        lines.find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            (controllers == hierarchy && path != "/").then_some(path)
        })
    };
    of("").or_else(|| of("name=systemd"))
}

/// The unit of a control group: the innermost service or socket, as `nginx.service` in
/// `/system.slice/nginx.service`. The scope of a login session is no unit that started anything.
#[must_use]
pub fn unit(path: &str) -> Option<&str> {
    let is_unit = |part: &&str| part.ends_with(".service") && !part.starts_with("user@");
    path.rsplit('/').find(is_unit)
}

/// The container of a control group.
#[must_use]
pub fn container(path: &str) -> Option<Container> {
    let mut before = "";
    for part in path.split('/') {
        if let Some(container) = container_in(part, before) {
            return Some(container);
        }
        before = part;
    }
    None
}

fn container_in(part: &str, before: &str) -> Option<Container> {
    let scope = part.strip_suffix(".scope").unwrap_or(part);
    let (prefix, id) = scope.rsplit_once('-').unwrap_or((before, scope));
    if let Some(name) = part.strip_prefix("lxc.payload.") {
        return Some(Container::new(Some("lxc"), name));
    }
    if !is_id(id) {
        return None;
    }
    let engine = ENGINES.iter().find(|(name, _)| *name == prefix);
    Some(Container::new(engine.map(|(_, engine)| *engine), short(id)))
}

/// The whole id of the container of a control group, by which its files are named.
#[must_use]
pub fn whole_id(path: &str) -> Option<&str> {
    path.split('/').find_map(|part| {
        let scope = part.strip_suffix(".scope").unwrap_or(part);
        let id = scope.rsplit_once('-').map_or(scope, |(_, id)| id);
        is_id(id).then_some(id)
    })
}

/// Whether this is the id of a container, as engines give them.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The start of an id, by which people and engines know a container.
#[must_use]
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// How engines begin the names of their control groups.
const ENGINES: [(&str, &str); 6] = [
    ("docker", "docker"),
    ("libpod", "podman"),
    ("libpod-conmon", "podman"),
    ("cri-containerd", "containerd"),
    ("crio", "cri-o"),
    ("nerdctl", "containerd"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_unified_hierarchy_comes_first() {
        let mixed =
            "9:name=systemd:/system.slice/a.service\n8:pids:/\n0::/system.slice/b.service\n";
        assert_eq!(path(mixed), Some("/system.slice/b.service"));
        let old = "9:name=systemd:/system.slice/a.service\n0::/\n";
        assert_eq!(path(old), Some("/system.slice/a.service"));
        assert_eq!(path("0::/\n"), None);
    }

    #[test]
    fn the_innermost_service_is_the_unit() {
        let template = "/system.slice/system-postgresql.slice/postgresql@15-main.service";
        assert_eq!(unit(template), Some("postgresql@15-main.service"));
        let of_user = "/user.slice/user-1000.slice/user@1000.service/app.slice/vite.service";
        assert_eq!(unit(of_user), Some("vite.service"));
        assert_eq!(unit("/user.slice/user-1000.slice/session-3.scope"), None);
        assert_eq!(
            unit("/user.slice/user-1000.slice/user@1000.service/x"),
            None
        );
    }

    #[test]
    fn containers_are_known_by_the_places_that_engines_give_them() {
        let id = "0123456789abcdef".repeat(4);
        let engine = |path: String| {
            let container = container(&path)?;
            assert!(id.starts_with(&container.id), "{container:?}");
            Some(container.engine.unwrap_or_default())
        };
        let found = |path: String| engine(path).unwrap();
        assert_eq!(found(format!("/system.slice/docker-{id}.scope")), "docker");
        assert_eq!(found(format!("/docker/{id}")), "docker");
        assert_eq!(
            found(format!("/machine.slice/libpod-{id}.scope/container")),
            "podman"
        );
        assert_eq!(found(format!("/kubepods/burstable/pod1/{id}")), "");
        assert_eq!(container("/system.slice/docker.service"), None);
        assert_eq!(container("/lxc.payload.web/init").unwrap().id, "web");
        let scope = format!("/system.slice/docker-{id}.scope");
        assert_eq!(whole_id(&scope), Some(id.as_str()));
        assert_eq!(whole_id("/system.slice/docker.service"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), path_ in "[-/a-z0-9.é]{0,90}") {
            let _ = (path(&text), unit(&text), container(&text), container(&path_));
        }
    }
}

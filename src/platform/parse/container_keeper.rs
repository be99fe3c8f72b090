//! The command lines of the programs that keep containers, and Docker's file about one: which
//! container it is, and what it is called.

use crate::evidence::{Container, Process};
use crate::platform::parse::cgroup::{is_id, short};

/// The container that a keeper keeps; nothing when the program is none that we know.
///
/// `containerd-shim-runc-v2 -namespace moby -id ID`, `conmon -c ID -n NAME` and
/// `lxc-start -n NAME`.
#[must_use]
pub fn container(keeper: &Process) -> Option<Container> {
    let words: Vec<&str> = keeper.command.as_deref()?.split(' ').collect();
    let engine = match option(&words, &["-namespace"]) {
        Some("moby") => Some("docker"),
        Some(_) => Some("containerd"),
        None => None,
    };
    match keeper.name.as_str() {
        name if name.starts_with("containerd-shim") => {
            let id = option(&words, &["-id"])?;
            Some(Container::new(engine, short(id)))
        }
        // CRI-O keeps its containers with it as well.
        "conmon" => {
            let id = option(&words, &["-c", "--cid"])?;
            let is_crio = words.iter().any(|word| word.contains("crio"));
            let engine = if is_crio { "cri-o" } else { "podman" };
            let name = option(&words, &["-n", "--name"]).map(str::to_owned);
            Some(Container {
                name: name.filter(|name| name != id),
                ..Container::new(Some(engine), short(id))
            })
        }
        "lxc-start" => {
            let name = option(&words, &["-n", "--name"]).or(words.get(1).copied())?;
            Some(Container::new(Some("lxc"), name))
        }
        _ => None,
    }
}

/// The whole id on a keeper's command line, by which its files are named.
#[must_use]
pub fn whole_id(keeper: &Process) -> Option<&str> {
    let words: Vec<&str> = keeper.command.as_deref()?.split(' ').collect();
    option(&words, &["-id", "-c", "--cid"]).filter(|id| is_id(id))
}

/// The name and the image in Docker's `config.v2.json`, which only root may read.
#[must_use]
pub fn docker_names(json: &str) -> Option<(String, Option<String>)> {
    let config: serde_json::Value = serde_json::from_str(json).ok()?;
    let name = config.get("Name")?.as_str()?;
    let name = name.strip_prefix('/').unwrap_or(name);
    let image = config.get("Config").and_then(|inner| inner.get("Image"));
    let image = image.and_then(serde_json::Value::as_str);
    (!name.is_empty()).then(|| (name.to_owned(), image.map(str::to_owned)))
}

fn option<'w>(words: &[&'w str], names: &[&str]) -> Option<&'w str> {
    let at = words.iter().position(|word| names.contains(word))?;
    words.get(at + 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keeper(name: &str, command: &str) -> Process {
        Process {
            pid: 40,
            name: name.to_owned(),
            command: Some(command.to_owned()),
        }
    }

    #[test]
    fn keepers_name_their_containers() {
        let id = "0123456789abcdef".repeat(4);
        let shim = format!(
            "/usr/bin/containerd-shim-runc-v2 -namespace moby -id {id} -address /run/x.sock"
        );
        let shim = keeper("containerd-shim", &shim);
        let docker = container(&shim).unwrap();
        assert_eq!(docker, Container::new(Some("docker"), "0123456789ab"));
        assert_eq!(whole_id(&shim), Some(id.as_str()));
        let conmon = format!("/usr/bin/conmon --api-version 1 -c {id} -u {id} -n web -s");
        let podman = container(&keeper("conmon", &conmon)).unwrap();
        assert_eq!(podman.name.as_deref(), Some("web"));
        assert_eq!(podman.engine.as_deref(), Some("podman"));
        let lxc = container(&keeper("lxc-start", "lxc-start -F -n box")).unwrap();
        assert_eq!(lxc, Container::new(Some("lxc"), "box"));
        assert_eq!(container(&keeper("bash", "bash -id 7")), None);
        assert_eq!(whole_id(&keeper("conmon", "conmon -c ../../etc")), None);
    }

    #[test]
    fn docker_tells_root_the_name_and_the_image() {
        let json = r#"{"ID":"01","Name":"/web","Config":{"Image":"nginx:1.27"},"State":{}}"#;
        let image = Some("nginx:1.27".to_owned());
        assert_eq!(docker_names(json), Some(("web".to_owned(), image)));
        assert_eq!(docker_names(r#"{"Name":"/"}"#), None);
        assert_eq!(docker_names("{"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>(), rest in "[-a-z0-9 é]{0,60}") {
            for name in ["containerd-shim", "conmon", "lxc-start"] {
                let keeper = keeper(name, &rest);
                let _ = (container(&keeper), whole_id(&keeper));
            }
            let _ = docker_names(&text);
        }
    }
}

//! `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion`: which Windows this is.

use crate::evidence::OsRelease;

/// The key that has the [`Values`].
pub const KEY: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";

/// What the key tells; nothing where a value is not there.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// `ProductName`: still “Windows 10 …” on Windows 11.
    pub product_name: Option<String>,
    /// `DisplayVersion`, such as `24H2`.
    pub display_version: Option<String>,
    /// `CurrentBuildNumber`.
    pub build: Option<String>,
    /// `UBR`: how often the build was updated.
    pub update: Option<u32>,
}

/// The first build of Windows 11.
const ELEVEN: u32 = 22_000;

/// The release; nothing without its product.
#[must_use]
pub fn release(values: &Values) -> Option<OsRelease> {
    let product = values.product_name.as_deref()?;
    let number = values.build.as_deref().and_then(|build| build.parse().ok());
    let name = match (product.strip_prefix("Windows 10"), number) {
        (Some(edition), Some(ELEVEN..)) => format!("Windows 11{edition}"),
        _ => product.to_owned(),
    };
    let name = match &values.display_version {
        Some(version) => format!("{name} {version}"),
        None => name,
    };
    let build = values.build.as_ref().map(|build| match values.update {
        Some(update) => format!("{build}.{update}"),
        None => build.clone(),
    });
    Some(OsRelease { name, build })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_11_is_told_by_its_build() {
        let mut values = Values {
            product_name: Some("Windows 10 Pro".to_owned()),
            display_version: Some("24H2".to_owned()),
            build: Some("26100".to_owned()),
            update: Some(4652),
        };
        let told = release(&values).unwrap();
        assert_eq!(told.name, "Windows 11 Pro 24H2");
        assert_eq!(told.build.as_deref(), Some("26100.4652"));
        values.build = Some("19045".to_owned());
        values.display_version = None;
        assert_eq!(release(&values).unwrap().name, "Windows 10 Pro");
        values.product_name = Some("Windows Server 2022 Standard".to_owned());
        values.build = None;
        let told = release(&values).unwrap();
        assert_eq!(told.name, "Windows Server 2022 Standard");
        assert_eq!(told.build, None);
        assert_eq!(release(&Values::default()), None);
    }
}

//! `/System/Library/CoreServices/SystemVersion.plist`: which macOS this is.

use super::property_list::{Value, dictionary};
use crate::evidence::OsRelease;

/// The release; nothing where the file is not as we know it.
#[must_use]
pub fn release(plist: &str) -> Option<OsRelease> {
    let mut values = dictionary(plist)?;
    let mut text = |key: &str| match values.remove(key) {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Number(_) | Value::Texts(_)) | None => None,
    };
    let version = text("ProductUserVisibleVersion").or_else(|| text("ProductVersion"))?;
    let product = text("ProductName").unwrap_or_else(|| "macOS".to_owned());
    Some(OsRelease {
        name: format!("{product} {version}"),
        build: text("ProductBuildVersion"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_version_and_build_are_read() {
        let plist = "<?xml version=\"1.0\"?>\n<plist version=\"1.0\">\n<dict>\n\
                     <key>ProductBuildVersion</key>\n<string>24B83</string>\n\
                     <key>ProductName</key>\n<string>macOS</string>\n\
                     <key>ProductVersion</key>\n<string>15.1</string>\n</dict>\n</plist>\n";
        let told = release(plist).unwrap();
        assert_eq!(told.name, "macOS 15.1");
        assert_eq!(told.build.as_deref(), Some("24B83"));
        assert_eq!(release("<plist><dict></dict></plist>"), None);
        assert_eq!(release("not a list"), None);
    }
}

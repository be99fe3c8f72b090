//! What a screen reader is told, asked of the real accessibility bus (AT-SPI 2) of a session of
//! its own: <https://gnome.pages.gitlab.gnome.org/at-spi2-core/devel-docs/>.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, MessageIterator};
use zbus::zvariant::{OwnedObjectPath, Structure, Value};
use zbus::{MatchRule, message};

/// A session bus with the accessibility bus behind it, and an ear on that.
pub struct Reader {
    session: Child,
    address: String,
    bus: Connection,
    heard: Arc<Mutex<Vec<String>>>,
}

/// One thing on the screen.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where the bus has it.
    pub path: OwnedObjectPath,
    /// What it is; nothing where that is no role that the window is known to use.
    pub role: Option<Role>,
    /// What it is called.
    pub name: String,
    /// What is said of it besides.
    pub description: String,
    states: u64,
    owner: String,
    parent: OwnedObjectPath,
    index: i32,
}

/// What a thing is, with the numbers of `AtspiRole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    CheckBox = 7,
    Frame = 23,
    Image = 27,
    Label = 29,
    List = 31,
    ListItem = 32,
    Tab = 37,
    Panel = 39,
    Menu = 33,
    Button = 43,
    Radio = 44,
    ScrollBar = 48,
    Toggle = 62,
    Application = 75,
    Entry = 79,
    Heading = 83,
}

impl Role {
    const ALL: [Self; 16] = [
        Self::CheckBox,
        Self::Frame,
        Self::Image,
        Self::Label,
        Self::List,
        Self::ListItem,
        Self::Tab,
        Self::Panel,
        Self::Menu,
        Self::Button,
        Self::Radio,
        Self::ScrollBar,
        Self::Toggle,
        Self::Application,
        Self::Entry,
        Self::Heading,
    ];
}

impl Item {
    /// Whether this is an enabled `role` of this name.
    pub fn is(&self, role: Role, name: &str) -> bool {
        self.role == Some(role) && self.name == name && self.is_enabled()
    }

    /// Whether it has the keyboard's focus.
    pub fn is_focused(&self) -> bool {
        self.has(12)
    }

    /// Whether the keyboard can come to it.
    pub fn is_focusable(&self) -> bool {
        self.has(11)
    }

    /// Whether it can be used now.
    ///
    /// A text to read and to select in is not called enabled, because it cannot be changed.
    pub fn is_enabled(&self) -> bool {
        self.has(8) || self.role == Some(Role::Entry)
    }

    /// Whether it is chosen, among a few or for itself.
    pub fn is_chosen(&self) -> bool {
        self.has(4) || self.has(23)
    }

    /// `AtspiStateType` numbers the bits.
    fn has(&self, state: u32) -> bool {
        self.states & (1 << state) != 0
    }

    /// One line about it.
    pub fn described(&self) -> String {
        let mark = |is_so: bool, word| if is_so { word } else { "" };
        format!(
            "{:?} “{}” ({}){}{}{} {}",
            self.role,
            self.name,
            self.description,
            mark(self.is_focusable(), " focusable"),
            mark(self.is_focused(), " FOCUSED"),
            mark(!self.is_enabled(), " disabled"),
            self.path.as_str(),
        )
    }
}

/// What `org.a11y.atspi.Cache.GetItems` gives for each thing: itself, the program, its parent, its
/// place there, how many are in it, what can be asked of it, name, role, description, states.
type Cached = (
    (String, OwnedObjectPath),
    (String, OwnedObjectPath),
    (String, OwnedObjectPath),
    i32,
    i32,
    Vec<String>,
    String,
    u32,
    String,
    Vec<u32>,
);

impl Reader {
    /// The program that is missing for it.
    pub fn what_is_missing() -> Option<&'static str> {
        let is_there = |program: &&str| Path::new(program).exists();
        if !is_there(&SERVICE) {
            return Some("at-spi2-core");
        }
        (!["/usr/bin/dbus-daemon", "/usr/bin/setpriv"]
            .iter()
            .all(is_there))
        .then_some("dbus-daemon and setpriv")
    }

    /// Opens a session that has nothing to offer but accessibility, and listens. `start` begins
    /// a program as the window will be.
    pub fn new(home: &Path, start: impl Fn(&str) -> Command) -> Self {
        let services = home.join(".services");
        std::fs::create_dir(&services).unwrap();
        std::fs::copy(SERVICE, services.join("org.a11y.Bus.service")).unwrap();
        let config = home.join(".bus.conf");
        let text = SESSION.replace("HOME", &home.display().to_string());
        std::fs::write(&config, text).unwrap();
        let mut session = start("/usr/bin/setpriv")
            .args(["--pdeathsig=KILL", "/usr/bin/dbus-daemon"])
            .args(["--nofork", "--print-address", "--config-file"])
            .arg(&config)
            // Else the switch would be kept where no service can write it, and fall back.
            .env("GSETTINGS_BACKEND", "memory")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut said = BufReader::new(session.stdout.take().unwrap());
        said.read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        let bus = accessibility_bus(&address);
        let heard = Arc::default();
        listen(&bus, &heard);
        Self {
            session,
            address,
            bus,
            heard,
        }
    }

    /// The session bus.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What is on the screen, in the order in which it is read; nothing before the program is
    /// there.
    pub fn screen(&self) -> Vec<Item> {
        let items = self.items().unwrap_or_default();
        let mut by_place: Vec<&Item> = items.iter().collect();
        by_place.sort_by_key(|item| item.index);
        let mut children: HashMap<&OwnedObjectPath, Vec<&Item>> = HashMap::new();
        for item in by_place {
            children.entry(&item.parent).or_default().push(item);
        }
        let application = items
            .iter()
            .find(|item| item.role == Some(Role::Application));
        let mut reading: Vec<&Item> = application.into_iter().collect();
        let mut ordered = Vec::new();
        while let Some(item) = reading.pop() {
            ordered.push(item.clone());
            let inside = children.get(&item.path).into_iter().flatten();
            reading.extend(inside.rev().filter(|child| child.path != item.path));
        }
        ordered
    }

    fn items(&self) -> zbus::Result<Vec<Item>> {
        let root = "/org/a11y/atspi/accessible/root";
        let (registry, accessible) = ("org.a11y.atspi.Registry", "org.a11y.atspi.Accessible");
        let programs = self.call(registry, root, accessible, "GetChildren", &())?;
        let programs: Vec<(String, OwnedObjectPath)> = programs.body().deserialize()?;
        let Some((program, _)) = programs.first() else {
            return Ok(Vec::new());
        };
        let (path, cache) = ("/org/a11y/atspi/cache", "org.a11y.atspi.Cache");
        let cached = self.call(program, path, cache, "GetItems", &())?;
        let cached: Vec<Cached> = cached.body().deserialize()?;
        Ok(cached.into_iter().map(item).collect())
    }

    /// The text within a field.
    pub fn text_in(&self, item: &Item) -> String {
        let text = "org.a11y.atspi.Text";
        let said = self.call(&item.owner, &item.path, text, "GetText", &(0_i32, -1_i32));
        said.unwrap().body().deserialize().unwrap()
    }

    /// Where the window is: left, top, width and height.
    pub fn window(&self) -> (i32, i32, i32, i32) {
        let screen = self.screen();
        let window = screen.iter().find(|item| item.role == Some(Role::Frame));
        self.extents(window.unwrap()).unwrap()
    }

    /// The middle of a thing; nothing once it is gone.
    pub fn middle_of(&self, item: &Item) -> Option<(i32, i32)> {
        let (left, top, width, height) = self.extents(item)?;
        Some((left + width / 2, top + height / 2))
    }

    fn extents(&self, item: &Item) -> Option<(i32, i32, i32, i32)> {
        const OF_SCREEN: u32 = 0;
        let component = "org.a11y.atspi.Component";
        let extents = self
            .call(&item.owner, &item.path, component, "GetExtents", &OF_SCREEN)
            .ok()?;
        let ((left, top, width, height),) = extents.body().deserialize().ok()?;
        Some((left, top, width, height))
    }

    /// What was read out by itself.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn call<B: serde::Serialize + zbus::zvariant::DynamicType>(
        &self,
        owner: &str,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> zbus::Result<zbus::Message> {
        self.bus
            .call_method(Some(owner), path, Some(interface), method, body)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // The accessibility bus ends with the session.
        let _ = self.session.kill();
        let _ = self.session.wait();
    }
}

/// Switches accessibility on, as a screen reader does when it starts, and joins its bus.
fn accessibility_bus(session: &str) -> Connection {
    let session = Builder::address(session).unwrap().build().unwrap();
    let (name, path) = ("org.a11y.Bus", "/org/a11y/bus");
    let properties = Some("org.freedesktop.DBus.Properties");
    for property in ["IsEnabled", "ScreenReaderEnabled"] {
        let on = ("org.a11y.Status", property, Value::from(true));
        session
            .call_method(Some(name), path, properties, "Set", &on)
            .unwrap();
    }
    let address = session
        .call_method(Some(name), path, Some(name), "GetAddress", &())
        .unwrap();
    let address: String = address.body().deserialize().unwrap();
    Builder::address(address.as_str()).unwrap().build().unwrap()
}

/// Keeps what programs ask to be read out.
fn listen(bus: &Connection, heard: &Arc<Mutex<Vec<String>>>) {
    let announcements = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .interface("org.a11y.atspi.Event.Object")
        .unwrap()
        .member("Announcement")
        .unwrap()
        .build();
    let signals = MessageIterator::for_match_rule(announcements, bus, Some(256)).unwrap();
    let heard = Arc::clone(heard);
    std::thread::Builder::new()
        .spawn(move || {
            for signal in signals.map_while(Result::ok) {
                let body = signal.body();
                let Ok(fields) = body.deserialize::<Structure<'_>>() else {
                    continue;
                };
                // Kind, two details, and the text, as every event of AT-SPI.
                if let Some(Value::Value(text)) = fields.fields().get(3)
                    && let Value::Str(text) = &**text
                {
                    heard.lock().unwrap().push(text.to_string());
                }
            }
        })
        .unwrap();
}

fn item(cached: Cached) -> Item {
    let ((owner, path), _, (_, parent), index, _, _, name, role, description, states) = cached;
    let states = states.iter().rev();
    Item {
        path,
        role: Role::ALL.into_iter().find(|known| *known as u32 == role),
        name,
        description,
        states: states.fold(0, |all, part| all << 32 | u64::from(*part)),
        owner,
        parent,
        index,
    }
}

/// What starts the accessibility bus, as Debian has it.
const SERVICE: &str = "/usr/share/dbus-1/services/org.a11y.Bus.service";

/// A session bus that knows no other service.
const SESSION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=HOME/.bus</listen>
  <servicedir>HOME/.services</servicedir>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

//! The session bus of a test, and what a desktop has on it: doubles of the notification service and
//! of the panel that shows trays. Written from their specifications, without any code of the
//! program's.

use crate::session::Session;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use switchhook_tests::server::eventually;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};
use zbus::{Connection, Proxy, interface};

/// A connection of the test's own.
pub async fn connect(session: &Session) -> Connection {
    let bus = session.variable("DBUS_SESSION_BUS_ADDRESS");
    let builder = zbus::connection::Builder::address(bus.as_str()).expect("an address");
    builder.build().await.expect("the bus answers")
}

/// One notification as the service got it.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: u32,
    pub summary: String,
    pub body: String,
    pub is_closed: bool,
}

/// A notification service (Desktop Notifications Specification 1.2).
pub struct Notifications {
    connection: Connection,
    told: Arc<Mutex<Vec<Told>>>,
}

struct Service(Arc<Mutex<Vec<Told>>>);

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[allow(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _app_name: String,
        _replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut told = self.0.lock().expect("no panic");
        let id = u32::try_from(told.len() + 1).expect("few");
        told.push(Told {
            id,
            summary,
            body,
            is_closed: false,
        });
        id
    }

    fn close_notification(&self, id: u32) {
        let mut told = self.0.lock().expect("no panic");
        for one in told.iter_mut().filter(|one| one.id == id) {
            one.is_closed = true;
        }
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;
}

impl Notifications {
    const PATH: &str = "/org/freedesktop/Notifications";

    pub async fn start(session: &Session) -> Self {
        let told = Arc::default();
        let connection = connect(session).await;
        let service = Service(Arc::clone(&told));
        let server = connection.object_server();
        server.at(Self::PATH, service).await.expect("a free path");
        let name = connection.request_name("org.freedesktop.Notifications");
        name.await.expect("a free name");
        Self { connection, told }
    }

    pub fn told(&self) -> Vec<Told> {
        self.told.lock().expect("no panic").clone()
    }

    /// Waits for a notification whose title and text hold these words.
    pub fn until_told(&self, words: &[&str]) -> Told {
        eventually(&format!("a notification of {words:?}"), || {
            self.told().into_iter().find(|one| {
                let whole = format!("{}\n{}", one.summary, one.body);
                words.iter().all(|word| whole.contains(word))
            })
        })
    }

    /// A person presses one.
    pub async fn press(&self, id: u32) {
        let emitter = SignalEmitter::new(&self.connection, Self::PATH).expect("a path");
        let pressed = Service::action_invoked(&emitter, id, "default");
        pressed.await.expect("the bus takes it");
    }
}

/// A panel that shows trays (StatusNotifierItem and com.canonical.dbusmenu).
pub struct Panel {
    connection: Connection,
    items: Arc<Mutex<Vec<String>>>,
}

struct Watcher(Arc<Mutex<Vec<String>>>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        service: String,
    ) {
        // Either a bus name, or a path at the caller's own.
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let name = if service.starts_with('/') {
            sender
        } else {
            service
        };
        self.0.lock().expect("no panic").push(name);
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// A line of a tray's menu.
#[derive(Clone, Debug)]
pub struct Line {
    id: i32,
    pub label: String,
    pub below: Vec<Line>,
}

impl Line {
    fn of(value: &Value<'_>) -> Option<Self> {
        let value = match value {
            Value::Value(inner) => inner,
            other => other,
        };
        let Value::Structure(parts) = value else {
            return None;
        };
        Self::of_parts(parts)
    }

    fn of_parts(parts: &Structure<'_>) -> Option<Self> {
        let [Value::I32(id), Value::Dict(properties), Value::Array(below)] = parts.fields() else {
            return None;
        };
        let label: Option<String> = properties.get(&"label").ok().flatten();
        // Underscores mark the letter that chooses a line.
        let label = label.unwrap_or_default().replace('_', "");
        let below = below.iter().filter_map(Self::of).collect();
        Some(Self {
            id: *id,
            label,
            below,
        })
    }

    /// The line with this label, here or below.
    pub fn find(&self, label: &str) -> Option<&Self> {
        if self.label.starts_with(label) {
            return Some(self);
        }
        self.below.iter().find_map(|line| line.find(label))
    }
}

impl Panel {
    pub async fn start(session: &Session) -> Self {
        let items = Arc::default();
        let connection = connect(session).await;
        let watcher = Watcher(Arc::clone(&items));
        let server = connection.object_server();
        let at = server.at("/StatusNotifierWatcher", watcher);
        at.await.expect("a free path");
        let name = connection.request_name("org.kde.StatusNotifierWatcher");
        name.await.expect("a free name");
        Self { connection, items }
    }

    async fn menu_proxy(&self) -> Proxy<'static> {
        let item = eventually("a tray", || {
            self.items.lock().expect("no panic").last().cloned()
        });
        let tray = Proxy::new(
            &self.connection,
            item.clone(),
            "/StatusNotifierItem",
            "org.kde.StatusNotifierItem",
        );
        let tray = tray.await.expect("the tray");
        let menu: OwnedObjectPath = tray.get_property("Menu").await.expect("its menu");
        Proxy::new(&self.connection, item, menu, "com.canonical.dbusmenu")
            .await
            .expect("the menu")
    }

    /// The menu as it is now.
    pub async fn menu(&self) -> Line {
        let proxy = self.menu_proxy().await;
        let everything = (0_i32, -1_i32, Vec::<&str>::new());
        let reply = proxy.call_method("GetLayout", &everything);
        let reply = reply.await.expect("a layout");
        let body = reply.body();
        let whole: Structure<'_> = body.deserialize().expect("a layout");
        let [Value::U32(_), root] = whole.fields() else {
            panic!("no layout: {whole:?}");
        };
        Line::of(root).expect("a menu")
    }

    /// Waits for a line and chooses it.
    pub async fn choose(&self, label: &str) {
        let line = self.line(label).await;
        let proxy = self.menu_proxy().await;
        let event = (line.id, "clicked", Value::from(0_i32), 0_u32);
        let _: () = proxy.call("Event", &event).await.expect("the menu hears");
    }

    /// Waits for a line of the menu.
    pub async fn line(&self, label: &str) -> Line {
        let started = std::time::Instant::now();
        loop {
            let menu = self.menu().await;
            if let Some(line) = menu.find(label) {
                return line.clone();
            }
            let patience = std::time::Duration::from_secs(60);
            assert!(started.elapsed() < patience, "no {label} in {menu:?}");
            tokio::task::yield_now().await;
        }
    }
}

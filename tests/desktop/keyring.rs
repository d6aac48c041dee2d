//! A real gnome-keyring in a test's session, and a reader of its own: the Secret Service protocol
//! spoken plainly, without any code of the program's.

use crate::session::Session;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::io::Write;
use std::process::Stdio;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy};

const SERVICE: &str = "org.freedesktop.secrets";

/// What a secret comes as: session, parameters, the secret, its type.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// An unlocked keyring.
pub struct Keyring {
    connection: Connection,
}

impl Keyring {
    /// Starts one in a session, before the program.
    pub async fn start(session: &mut Session) -> Self {
        let bus = session.variable("DBUS_SESSION_BUS_ADDRESS");
        let connection = zbus::connection::Builder::address(bus.as_str())
            .expect("an address")
            .build()
            .await
            .expect("the bus answers");
        let names = DBusProxy::new(&connection).await.expect("the bus");
        let mut owners = names
            .receive_name_owner_changed_with_args(&[(0, SERVICE)])
            .await
            .expect("the bus tells");
        let mut daemon = session.command("gnome-keyring-daemon");
        daemon
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped());
        let mut daemon = daemon.spawn().expect("gnome-keyring-daemon starts");
        let mut password = daemon.stdin.take().expect("stdin is a pipe");
        password
            .write_all(b"password of a test")
            .expect("it reads its password");
        drop(password);
        session.keep(daemon);
        let is_there = names
            .name_has_owner(BusName::try_from(SERVICE).expect("a name"))
            .await
            .expect("the bus");
        if !is_there {
            owners.next().await.expect("the keyring comes");
        }
        Self { connection }
    }

    /// Every secret in it.
    pub async fn secrets(&self) -> Vec<String> {
        let proxy = |path: &'static str, interface: &'static str| {
            Proxy::new(&self.connection, SERVICE, path, interface)
        };
        let service = proxy("/org/freedesktop/secrets", "org.freedesktop.Secret.Service")
            .await
            .expect("the keyring");
        let plain = ("plain", Value::from(""));
        let (_, session): (OwnedValue, OwnedObjectPath) = service
            .call("OpenSession", &plain)
            .await
            .expect("a session");
        let default = proxy(
            "/org/freedesktop/secrets/aliases/default",
            "org.freedesktop.Secret.Collection",
        );
        let default = default.await.expect("the default collection");
        let items: Vec<OwnedObjectPath> = default.get_property("Items").await.expect("a list");
        let secrets: HashMap<OwnedObjectPath, Secret> = service
            .call("GetSecrets", &(items, session))
            .await
            .expect("the secrets");
        secrets
            .into_values()
            .map(|secret| String::from_utf8_lossy(&secret.2).into_owned())
            .collect()
    }
}

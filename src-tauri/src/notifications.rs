//! Notifications: the desk phone rings, a call is over. They name the number and the agent and say
//! how it ended; never a key, never what was said. Whether the system shows them is the system's;
//! a desktop without any is no error.

use crate::calls::{Call, Ended};
use crate::preferences::{Preferences, Wanted};
use crate::{window, words};
use std::collections::HashMap;
use tauri::{AppHandle, Manager};

/// More calls than this that end at once are told of together.
const MOST_AT_ONCE: usize = 3;
/// A sentence longer than this is cut, in characters.
const LONGEST: usize = 200;

/// See the module.
pub struct Notifier {
    app: AppHandle,
    shown: Shown,
    /// The notifications of calls that ring, which go when they do.
    ringing: HashMap<i64, u32>,
}

impl Notifier {
    pub fn new(app: AppHandle) -> Self {
        Self {
            shown: Shown::new(app.clone()),
            app,
            ringing: HashMap::new(),
        }
    }

    fn is_wanted(&self) -> bool {
        match self.app.state::<Preferences>().now().notifications {
            Wanted::Never => false,
            Wanted::Always => true,
            Wanted::Away => !window::is_in_front(&self.app),
        }
    }

    /// The desk phone rings.
    pub async fn rings(&mut self, call: &Call) {
        if !self.is_wanted() {
            return;
        }
        let body = format!("{}\n{}", whom(call), words::ANSWER_HINT);
        if let Some(id) = self.shown.show(words::RINGING, &body, true).await {
            self.ringing.insert(call.run_id, id);
        }
    }

    /// Takes back what rings no more.
    pub async fn still_ringing(&mut self, live: &[Call]) {
        let rings = |run: &i64| {
            live.iter()
                .any(|call| call.run_id == *run && call.state == "ringing")
        };
        let over: Vec<i64> = self
            .ringing
            .keys()
            .filter(|run| !rings(run))
            .copied()
            .collect();
        for run in over {
            if let Some(id) = self.ringing.remove(&run) {
                self.shown.close(id).await;
            }
        }
    }

    /// Calls are over.
    pub async fn ended(&mut self, ended: &[Ended]) {
        if ended.is_empty() || !self.is_wanted() {
            return;
        }
        if ended.len() > MOST_AT_ONCE {
            self.shown.show(&words::ended(ended.len()), "", false).await;
            return;
        }
        for Ended { call, sentence } in ended {
            let sentence: String = sentence.chars().take(LONGEST).collect();
            let body = format!("{}\n{sentence}", whom(call));
            self.shown
                .show(&words::ended(1), body.trim_end(), false)
                .await;
        }
    }
}

fn whom(call: &Call) -> String {
    let mode = match call.mode.as_str() {
        "production" => words::PRODUCTION,
        _ => words::TEST,
    };
    format!("{} · {} · {mode}", call.number, call.agent)
}

#[cfg(not(target_os = "linux"))]
use elsewhere::Shown;
#[cfg(target_os = "linux")]
use linux::Shown;

/// The desktop's own service over D-Bus (Desktop Notifications Specification 1.2).
#[cfg(target_os = "linux")]
mod linux {
    use crate::window;
    use std::collections::{HashMap, VecDeque};
    use std::sync::Arc;
    use tauri::AppHandle;
    use tokio::sync::Mutex;
    use zbus::zvariant::Value;
    use zbus::{Connection, MatchRule, MessageStream};

    const SERVICE: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// Until the service's own time is over.
    const DEFAULT_TIME: i32 = -1;
    const CRITICAL: u8 = 2;
    const NORMAL: u8 = 1;
    /// How many of ours are remembered.
    const MOST: usize = 64;

    /// Numbers of our own, newest last: everybody hears of presses on anybody's. Held while one is
    /// being shown, so that a press on it is not heard before its number.
    type Ours = Arc<Mutex<VecDeque<u32>>>;

    pub struct Shown {
        app: AppHandle,
        connection: Option<Connection>,
        ours: Ours,
    }

    impl Shown {
        pub fn new(app: AppHandle) -> Self {
            Self {
                app,
                connection: None,
                ours: Ours::default(),
            }
        }

        /// Shows one and answers its number, if anybody shows notifications here.
        pub async fn show(&mut self, title: &str, body: &str, urgent: bool) -> Option<u32> {
            let urgency = if urgent { CRITICAL } else { NORMAL };
            let hints = HashMap::from([
                ("urgency", Value::from(urgency)),
                ("desktop-entry", Value::from("switchhook-desktop")),
            ]);
            // The body is markup (§ "Markup"): what stands in it is not.
            let body = body
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let actions = vec!["default", crate::words::OPEN];
            let content = (
                "Switchhook",
                0_u32,
                "switchhook-desktop",
                title,
                body.as_str(),
                actions,
                hints,
                DEFAULT_TIME,
            );
            let ours = Arc::clone(&self.ours);
            let mut ours = ours.lock().await;
            match self.call("Notify", &content).await {
                Ok(reply) => {
                    let id = reply.body().deserialize().ok()?;
                    ours.push_back(id);
                    if ours.len() > MOST {
                        ours.pop_front();
                    }
                    Some(id)
                }
                Err(error) => {
                    tracing::debug!(%error, "no notification is shown");
                    None
                }
            }
        }

        pub async fn close(&mut self, id: u32) {
            if let Err(error) = self.call("CloseNotification", &id).await {
                tracing::debug!(%error, "a notification stays");
            }
        }

        async fn call<B>(&mut self, method: &str, body: &B) -> zbus::Result<zbus::Message>
        where
            B: serde::Serialize + zbus::zvariant::DynamicType,
        {
            let connection = match &self.connection {
                Some(connection) => connection.clone(),
                None => {
                    let connection = Connection::session().await?;
                    raise_when_pressed(&connection, self.app.clone(), self.ours.clone()).await?;
                    self.connection.insert(connection).clone()
                }
            };
            connection
                .call_method(Some(SERVICE), PATH, Some(SERVICE), method, body)
                .await
        }
    }

    /// A press on any of ours brings the window to the front.
    async fn raise_when_pressed(
        connection: &Connection,
        app: AppHandle,
        ours: Ours,
    ) -> zbus::Result<()> {
        let rule = MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface(SERVICE)?
            .member("ActionInvoked")?
            .build();
        let mut pressed = MessageStream::for_match_rule(rule, connection, None).await?;
        tauri::async_runtime::spawn(async move {
            use futures_util::StreamExt;
            while let Some(Ok(message)) = pressed.next().await {
                let Ok((id, _)) = message.body().deserialize::<(u32, String)>() else {
                    continue;
                };
                if ours.lock().await.contains(&id) {
                    window::show(&app);
                }
            }
        });
        Ok(())
    }
}

/// Any other system, through its own library.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use tauri::AppHandle;

    pub struct Shown;

    impl Shown {
        pub fn new(_: AppHandle) -> Self {
            Self
        }

        /// Shows one; these systems give it no number to take it back by.
        pub async fn show(&mut self, title: &str, body: &str, _: bool) -> Option<u32> {
            let mut notification = notify_rust::Notification::new();
            notification.summary(title).body(body);
            let shown = tauri::async_runtime::spawn_blocking(move || {
                notification
                    .show()
                    .map(drop)
                    .map_err(|error| error.to_string())
            });
            if let Ok(Err(error)) = shown.await {
                tracing::debug!(error, "no notification is shown");
            }
            None
        }

        pub async fn close(&mut self, _: u32) {}
    }
}

//! Which stacks are open: one for each trunk that has calls, shared by them, and closed a while
//! after the last one. Nothing listens on this computer without a call.

use super::settings::Settings;
use super::stack::{Stack, Unready};
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use switchhook_core::ids::TelephonyConfigurationId;
use tokio::sync::Mutex;

/// How long a stack outlives its last call: what the far end repeats is answered until then (RFC
/// 3261 §17, 64·T1), and the next call finds it registered.
const LINGER: Duration = Duration::from_secs(40);

/// See the module.
#[derive(Default)]
pub(super) struct Trunks {
    open: Mutex<HashMap<TelephonyConfigurationId, Weak<Stack>>>,
}

impl Trunks {
    /// A stack for these settings, ready for a call. Nothing of a call is sent.
    pub async fn ready(
        &self,
        id: TelephonyConfigurationId,
        settings: &Settings,
    ) -> Result<Arc<Stack>, Unready> {
        let stack = self.stack(id, settings).await?;
        match stack.make_ready().await {
            Ok(()) => Ok(stack),
            Err(error) => {
                release(stack);
                Err(error)
            }
        }
    }

    async fn stack(
        &self,
        id: TelephonyConfigurationId,
        settings: &Settings,
    ) -> Result<Arc<Stack>, Unready> {
        let mut open = self.open.lock().await;
        open.retain(|_, stack| stack.strong_count() > 0);
        let held = open.get(&id).and_then(Weak::upgrade);
        if let Some(stack) = held.filter(|stack| stack.serves(settings)) {
            return Ok(stack);
        }
        let stack = Stack::open(settings.clone()).await?;
        open.insert(id, Arc::downgrade(&stack));
        Ok(stack)
    }
}

/// Lets a stack go when nothing more can come for the call that held it.
pub(super) fn release(stack: Arc<Stack>) {
    tokio::spawn(async move {
        tokio::time::sleep(LINGER).await;
        if let Some(last) = Arc::into_inner(stack) {
            last.close().await;
        }
    });
}

//! Opening the account that a run was dialled through, for runs that an earlier task left open. It
//! may fail for a while: the secret store is still locked, the database is busy. The run is watched
//! all the same and opening is tried again with its next question; until then the carrier cannot be
//! asked. What a dial needs is opened before its run begins, in [`super::fire`].

use super::Engine;
use super::calls::Call;
use std::sync::Arc;
use switchhook_core::ids::{TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::{Account, Run};

/// An account that could not be opened yet.
pub(super) struct Unopened {
    workspace_id: WorkspaceId,
    configuration_id: TelephonyConfigurationId,
    dialled_at: jiff::Timestamp,
    /// Why the last try failed, in words for people.
    why: String,
}

/// An open account.
struct Opened {
    account: Account,
    /// Whether it is still as it was when the run dialled: another account's "no such call" says
    /// nothing.
    is_unchanged: bool,
}

impl Unopened {
    /// The account that a run was dialled through, and what stands for it until it is open.
    pub fn of(run: &Run) -> (Self, Account) {
        let unopened = Self {
            workspace_id: run.workspace_id,
            configuration_id: run.configuration_id,
            dialled_at: run.created_at,
            why: "the telephony configuration was not opened yet".to_owned(),
        };
        let account = Account {
            configuration_id: run.configuration_id,
            settings: serde_json::Value::Null,
            credentials: None,
        };
        (unopened, account)
    }

    /// Why the carrier could not be asked, for the record.
    pub fn reason(&self) -> String {
        let why = &self.why;
        format!("the carrier could not be asked what became of the call: {why}")
    }

    async fn open(&self, engine: &Arc<Engine>) -> Result<Opened, String> {
        let configuration = engine
            .store
            .configuration(self.workspace_id, self.configuration_id)
            .await
            .map_err(|error| error.to_string())?;
        let gone = || "its telephony configuration was deleted".to_owned();
        let configuration = configuration.ok_or_else(gone)?;
        let account = engine.account(&configuration).await;
        Ok(Opened {
            account: account.map_err(|problem| problem.to_string())?,
            is_unchanged: configuration.updated_at <= self.dialled_at,
        })
    }
}

impl Call {
    /// Opens the account, where that was not done yet.
    ///
    /// # Errors
    /// Why the carrier cannot be asked, in words for people.
    pub(super) async fn open_account(&mut self) -> Result<(), String> {
        let Some(unopened) = &mut self.unopened else {
            return Ok(());
        };
        match unopened.open(&self.parts.engine).await {
            Ok(Opened {
                account,
                is_unchanged,
            }) => {
                self.parts.patience = self.parts.patience.with(&account.settings);
                self.parts.call.account = account;
                self.parts.believes_absence = is_unchanged;
                self.unopened = None;
                self.pace = self.parts.patience.pace(self.parts.state);
                Ok(())
            }
            Err(why) => {
                if unopened.why != why {
                    tracing::warn!(run_id = %self.parts.call.run_id, %why, "the carrier cannot be asked about an open run; it is tried again");
                    unopened.why.clone_from(&why);
                }
                Err(why)
            }
        }
    }
}

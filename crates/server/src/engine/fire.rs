//! One trigger request as one straight line: resolve the trigger, check the destination, resolve
//! telephony and caller ID, merge the context, commit the run, dial once, record, reply. The order
//! is pinned (INTERFACES, "Order of checks"). From the commit on the line runs in a task of its
//! own: a client that goes away cannot stop the answer of a dial from being recorded.

use super::calls::{Call, Parts};
use super::patience::Patience;
use super::reply::{Told, answer, failed, replay, stored};
use super::{DIAL_TIMEOUT, Engine, RING_TIMEOUT, callbacks};
use crate::body::rules::Integer;
use crate::body::trigger::TriggerRequest;
use crate::problem::Problem;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use switchhook_core::ErrorCode;
use switchhook_core::api_key::{Asker, Caller};
use switchhook_core::context::{self, Facts};
use switchhook_core::destination::{CountryCode, Destination, DestinationScheme};
use switchhook_core::ids::{AttemptId, PhoneNumberId, RunId, TelephonyConfigurationId};
use switchhook_core::ports::{
    Account, Begun, Callbacks, DialError, DialRequest, Dialed, Dialer, IdempotencyClaim, NewRun,
    StoredReply, TestCall, TriggerSnapshot,
};
use switchhook_core::run::{RunInput, RunState};
use switchhook_core::telephony::{self, TelephonyError};
use switchhook_core::trigger::{Candidate, Mode, Target, TriggerError, select};
use switchhook_core::walk;
use switchhook_wire::trigger::Warning;
use tokio::sync::oneshot;

/// Most unknown fields that a reply names.
const MAX_NAMED: usize = 20;

/// Who asks, route, idempotency key.
pub(super) type ClaimName = (Asker, String, String);

/// A parsed trigger request.
pub struct Fire {
    pub asker: Asker,
    pub mode: Mode,
    pub target: Target,
    pub body: TriggerRequest,
    pub claim: Option<IdempotencyClaim>,
    /// Set for a test call, which is named otherwise and may be a run's that waits.
    pub call: Option<TestCall>,
    pub request_id: String,
}

/// A reply that stands for a run; refusals before the commit are [`Problem`]s.
pub struct Fired {
    pub reply: StoredReply,
    pub run_id: RunId,
    /// Whether it is the reply of an earlier request with the same idempotency key.
    pub is_repeat: bool,
}

/// What became of a request.
pub struct Verdict {
    /// What it was judged by; `None` where it was turned away before that, or its key was wrong.
    pub by: Option<Arc<TriggerSnapshot>>,
    /// The error is every refusal before a number is dialled; nothing was written then.
    pub outcome: Result<Fired, Problem>,
}

/// Everything decided before the commit.
struct Plan {
    run: NewRun,
    call: Option<TestCall>,
    dialer: Arc<dyn Dialer>,
    request: DialRequest,
    told: Told,
}

impl Engine {
    /// Fires a trigger.
    pub async fn fire(self: &Arc<Self>, fire: Fire) -> Verdict {
        let refused = |problem| Verdict {
            by: None,
            outcome: Err(problem),
        };
        if self.is_stopping() {
            return refused(shutting_down());
        }
        let engine = self.clone();
        let straight_line = self.tasks.spawn(async move {
            let mut by = None;
            let outcome = engine.fire_detached(fire, &mut by).await;
            Verdict { by, outcome }
        });
        straight_line
            .await
            .unwrap_or_else(|error| refused(Problem::internal(&error)))
    }

    async fn fire_detached(
        self: Arc<Self>,
        fire: Fire,
        by: &mut Option<Arc<TriggerSnapshot>>,
    ) -> Result<Fired, Problem> {
        // The same key waits here until the first request has its answer on disk.
        let turn = fire
            .claim
            .as_ref()
            .map(|claim| self.turn(fire.asker, claim));
        let _turn = match &turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        match self.judge(&fire, true, by).await? {
            Some(fired) => Ok(fired),
            None => match self.judge(&fire, false, by).await? {
                Some(fired) => Ok(fired),
                None => unreachable!("only what was kept in memory can be out of date"),
            },
        }
    }

    /// Judges a request, begins its run and dials. `None` where what was kept in memory may be out
    /// of date: it lets runs begin but refuses nothing.
    async fn judge(
        self: &Arc<Self>,
        fire: &Fire,
        may_be_kept: bool,
        by: &mut Option<Arc<TriggerSnapshot>>,
    ) -> Result<Option<Fired>, Problem> {
        let at = self.clock.now();
        let claim = fire.claim.as_ref();
        let judgement = self
            .store
            .judgement(fire.asker, &fire.target, claim, at, may_be_kept)
            .await?
            .ok_or_else(Problem::invalid_api_key)?;
        let snapshot = judgement.by;
        *by = Some(snapshot.clone());
        if let Caller::Key(key) = &snapshot.caller
            && may_be_kept
        {
            self.store.touch_api_key(key.id, at);
            let per_second = snapshot.settings.requests_per_second;
            self.rate.check(key.workspace_id, key.id, per_second)?;
        }
        if let Some(earlier) = judgement.earlier {
            return replay(earlier, &fire.request_id).map(Some);
        }
        let plan = match self.plan(fire, &snapshot) {
            Ok(plan) => plan,
            Err(_) if judgement.kept.is_some() => return Ok(None),
            Err(problem) => return Err(problem),
        };
        self.begin(plan, &snapshot, judgement.kept).await
    }

    async fn begin(
        self: &Arc<Self>,
        mut plan: Plan,
        snapshot: &TriggerSnapshot,
        kept: Option<u64>,
    ) -> Result<Option<Fired>, Problem> {
        match self.equip(&mut plan, snapshot).await {
            Ok(()) => {}
            Err(_) if kept.is_some() => return Ok(None),
            Err(problem) => return Err(problem),
        }
        if self.is_stopping() {
            return Err(shutting_down());
        }
        // The keychain may have taken its time; the call is looked for around the dial itself.
        let at = self.clock.now();
        (plan.run.at, plan.request.at, plan.run.kept) = (at, at, kept);
        let run = plan.run.clone();
        let begun = match plan.call {
            None => self.store.begin_run(run).await?,
            Some(call) => self.store.begin_test_call(run, call).await?,
        };
        match begun {
            Begun::Started { run_id, name } => Ok(Some(Fired {
                reply: self.dial(plan, run_id, name).await,
                run_id,
                is_repeat: false,
            })),
            Begun::Repeated(earlier) => replay(earlier, &plan.told.request_id).map(Some),
            Begun::Outdated => Ok(None),
            Begun::NoSuchRun => Err(no_call(ErrorCode::NotFound, "Workflow run not found")),
            Begun::RunOfAnotherAgent => {
                let code = ErrorCode::InvalidRequest;
                Err(no_call(code, "workflow_run_workflow_mismatch"))
            }
            Begun::RunNotWaiting => {
                let (status, code) = (StatusCode::CONFLICT, ErrorCode::RunNotInThatState);
                let detail = "Workflow run already has an active call";
                Err(Problem::new(status, code, detail))
            }
            Begun::LimitReached => {
                let detail = "Concurrent call limit reached";
                let problem = Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    ErrorCode::LimitReached,
                    detail,
                );
                Err(problem.retry_after(RING_TIMEOUT.as_secs() as u32))
            }
        }
    }

    fn turn(&self, asker: Asker, claim: &IdempotencyClaim) -> Arc<tokio::sync::Mutex<()>> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.retain(|_, turn| turn.strong_count() > 0);
        let name = (asker, claim.route.clone(), claim.key.clone());
        let turn = claims
            .get(&name)
            .and_then(std::sync::Weak::upgrade)
            .unwrap_or_default();
        claims.insert(name, Arc::downgrade(&turn));
        turn
    }

    fn plan(&self, fire: &Fire, snapshot: &TriggerSnapshot) -> Result<Plan, Problem> {
        let at = self.clock.now();
        let selected = select(
            &fire.target,
            fire.mode,
            snapshot.candidate.as_ref(),
            &snapshot.caller,
        )
        .map_err(|error| refused(error, snapshot.candidate.as_ref()))?;
        let asked = fire
            .body
            .telephony_configuration_id
            .map(|id| TelephonyConfigurationId(known_id(id)));
        let facts = |provider: &str| self.provider(provider);
        let picked = telephony::pick(&snapshot.configurations, asked, &facts);
        // Without a configuration the carrier is not known: only what no carrier could dial is refused.
        let provider = picked
            .as_ref()
            .ok()
            .and_then(|configuration| self.provider(&configuration.provider));
        let scheme = provider.map_or(DestinationScheme::PhoneOrSip, |facts| facts.scheme);
        let destination = destination(&fire.body.phone_number, scheme, snapshot)?;
        let configuration = picked?;
        if let Some(reason) = telephony::blocked_reason(configuration, provider.as_ref()) {
            return Err(TelephonyError::NotReady {
                name: configuration.name.clone(),
                reason,
            }
            .into());
        }
        let dialer = self
            .dialer(&configuration.provider)
            .filter(|dialer| telephony::is_filled_in(configuration, dialer.facts()))
            .ok_or(TelephonyError::NotConfigured)?;
        let asked = fire
            .body
            .from_phone_number_id
            .map(|id| PhoneNumberId(known_id(id)));
        let caller_id = telephony::caller_id(configuration, asked)?
            .map(|number| number.address_normalized.clone());
        let merged = context::merge(
            &Facts {
                provider: &configuration.provider,
                phone_number: &fire.body.phone_number,
                caller_number: caller_id.as_deref(),
                mode: fire.mode,
                telephony_configuration_id: configuration.id,
                target: &fire.target,
                workflow_uuid: selected.agent.uuid,
                from_phone_number_id: asked,
                api_key_id: snapshot.caller.api_key_id(),
            },
            selected.version.template_context_variables.as_ref(),
            fire.body.initial_context.as_ref(),
        );
        let attempt_id = AttemptId(uuid::Uuid::new_v4());
        let warnings = warnings(&fire.body, &merged.dropped, &destination);
        let max_call = Duration::from_secs(selected.version.max_call_seconds.into());
        let request = DialRequest {
            attempt_id,
            run_id: RunId(0),
            agent_name: selected.agent.name.clone(),
            caller_id: caller_id.clone(),
            ring_timeout: RING_TIMEOUT,
            max_call,
            account: Account {
                configuration_id: configuration.id,
                settings: configuration.settings.clone(),
                credentials: None,
            },
            callbacks: None,
            greeting: None,
            destination,
            at,
        };
        let run = NewRun {
            workspace_id: selected.agent.workspace_id,
            agent_id: selected.agent.id,
            version_id: selected.version.id,
            version_status: selected.version.status,
            mode: fire.mode,
            draft_missing: selected.draft_missing,
            trigger_path: match &fire.target {
                Target::Path(path) => Some(path.clone()),
                Target::AgentUuid(_) => None,
            },
            api_key_id: snapshot.caller.api_key_id(),
            destination: request.destination.as_str().to_owned(),
            caller_id,
            configuration_id: configuration.id,
            provider: configuration.provider.clone(),
            initial_context: Arc::new(merged.context),
            attempt_id,
            idempotency: fire.claim.clone(),
            max_call_seconds: selected.version.max_call_seconds,
            workspace_limit: self
                .concurrent_calls
                .unwrap_or(snapshot.settings.concurrent_calls),
            configuration_limit: limit_of(&configuration.settings),
            callback_token_hash: None,
            kept: None,
            at,
        };
        Ok(Plan {
            run,
            call: fire.call,
            dialer,
            request,
            told: Told {
                version_number: selected.version.number,
                warnings,
                request_id: fire.request_id.clone(),
            },
        })
    }

    /// What a carrier outside needs besides: the account's secrets, a way to call back, the words
    /// that it speaks by itself. The desk phone needs none of it.
    async fn equip(&self, plan: &mut Plan, snapshot: &TriggerSnapshot) -> Result<(), Problem> {
        if plan.dialer.facts().connectivity == "local" {
            return Ok(());
        }
        let id = plan.run.configuration_id;
        let configuration = snapshot
            .configurations
            .iter()
            .find(|configuration| configuration.id == id);
        if let Some(configuration) = configuration {
            plan.request.account = self.account(configuration).await?;
        }
        if let Some(base_url) = &snapshot.settings.public_base_url {
            let (token, hash) = callbacks::mint();
            plan.run.callback_token_hash = Some(hash);
            let base_url = base_url.trim_end_matches('/').to_owned();
            plan.request.callbacks = Some(Callbacks { base_url, token });
        }
        let graph = self.graph(plan.run.version_id).await?;
        plan.request.greeting = walk::greeting(&graph, &plan.run.initial_context, plan.run.at);
        Ok(())
    }

    /// Dials once and records the answer with the reply, then leaves the run to its own task.
    async fn dial(self: &Arc<Self>, plan: Plan, run_id: RunId, name: String) -> StoredReply {
        let ears = self.open_run(run_id);
        let (sender, reply) = oneshot::channel();
        let Plan {
            run, dialer, told, ..
        } = plan;
        let request = DialRequest {
            run_id,
            ..plan.request
        };
        let facts = dialer.facts();
        let called_back = request.callbacks.is_some();
        let mut call = Call::new(Parts {
            engine: self.clone(),
            dialer: dialer.clone(),
            call: request.call_ref(),
            version_id: run.version_id,
            patience: Patience::new(
                facts,
                &request.account.settings,
                request.max_call,
                called_back,
            ),
            believes_absence: true,
            ears,
            state: RunState::Dialing,
            initial_context: run.initial_context.clone(),
        });
        // In a box of its own: what the dial needs room for is given back before the call, which may
        // last long, is followed.
        let placed = Box::pin(async move {
            let outcome = match tokio::time::timeout(DIAL_TIMEOUT, dialer.dial(request)).await {
                Ok(outcome) => outcome,
                Err(_) => {
                    let seconds = DIAL_TIMEOUT.as_secs();
                    Err(DialError::Unknown(format!(
                        "the carrier did not answer within {seconds} s"
                    )))
                }
            };
            let answer = answer(&run, told, run_id, name, &outcome);
            if let Ok(dialed) = &outcome {
                call.set_carrier_call_id(dialed.carrier_call_id.clone());
            }
            let input = input(outcome, dialer.facts().can_look_up);
            // The dial took its own time; the deadline is for what follows it.
            call.wait_anew();
            call.dialled(input, answer, run.idempotency.is_some(), sender)
                .await;
            call
        });
        self.keep(run_id, async move { placed.await.follow().await });
        reply.await.unwrap_or_else(|error| {
            let problem = Problem::internal(&error).with_run(run_id);
            stored(&problem, "")
        })
    }
}

/// 400 of a test call for a run that cannot be called (contract §6.6).
fn no_call(code: ErrorCode, detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, detail)
}

fn shutting_down() -> Problem {
    let detail = "Switchhook is shutting down; nothing was dialled";
    let status = StatusCode::SERVICE_UNAVAILABLE;
    Problem::new(status, ErrorCode::ShuttingDown, detail).retry_after(5)
}

/// A configuration's own limit of concurrent calls, where it has one.
fn limit_of(settings: &Value) -> Option<u32> {
    settings.get("concurrent_calls")?.as_u64()?.try_into().ok()
}

/// An id that does not fit the database's integers cannot be one of its ids; neither can -1.
fn known_id(id: Integer) -> i64 {
    id.id().unwrap_or(-1)
}

fn destination(
    raw: &str,
    scheme: DestinationScheme,
    snapshot: &TriggerSnapshot,
) -> Result<Destination, Problem> {
    let country = snapshot
        .settings
        .default_country
        .as_deref()
        .and_then(|code| code.parse::<CountryCode>().ok());
    Destination::parse(raw, scheme, country).map_err(|error| {
        let detail = json!([{
            "type": "value_error",
            "loc": ["body", "phone_number"],
            "msg": error.to_string(),
            "input": raw,
        }]);
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::InvalidDestination,
            detail,
        )
    })
}

fn warnings(body: &TriggerRequest, dropped: &[String], destination: &Destination) -> Vec<Warning> {
    let warning = |code: &str, field: String, message: String| Warning {
        code: code.to_owned(),
        field,
        message,
    };
    // A body may name thousands; the first ones say it.
    let unknown = body.unknown.iter().take(MAX_NAMED).map(|field| {
        let message = format!("\"{field}\" is not a field of this request and was ignored; variables belong in initial_context");
        warning("unknown-field", field.clone(), message)
    });
    let reserved = dropped.iter().map(|name| {
        let message = format!("\"{name}\" is set by the server; the value sent was dropped");
        warning(
            "reserved-context-key",
            format!("initial_context.{name}"),
            message,
        )
    });
    let not_valid = (!destination.valid()).then(|| {
        let message =
            "the number is possible but not in the numbering plan known here; it was dialled"
                .to_owned();
        warning("number-not-valid", "phone_number".to_owned(), message)
    });
    unknown.chain(reserved).chain(not_valid).collect()
}

fn input(outcome: Result<Dialed, DialError>, can_look_up: bool) -> RunInput {
    match outcome {
        Ok(Dialed {
            carrier_call_id,
            metadata,
        }) => RunInput::Accepted {
            carrier_call_id,
            metadata,
        },
        Err(DialError::Refused(message)) => RunInput::Refused {
            message: failed(&message),
        },
        Err(DialError::Unknown(message)) => RunInput::Unknown {
            message: failed(&message),
            is_final: !can_look_up,
        },
    }
}

/// A trigger that cannot be fired; with the reason, where a person disabled it.
fn refused(error: TriggerError, candidate: Option<&Candidate>) -> Problem {
    let is_disabled = error == TriggerError::TriggerNotActive;
    let disabled = candidate.and_then(|candidate| candidate.disabled.as_ref());
    let reason = disabled.filter(|_| is_disabled);
    Problem::from(error).because(reason.map(|disabled| disabled.reason.clone()))
}

impl From<TriggerError> for Problem {
    fn from(error: TriggerError) -> Self {
        let status = match error {
            TriggerError::AccessDenied => StatusCode::FORBIDDEN,
            _ => StatusCode::NOT_FOUND,
        };
        Self::new(status, error.code(), error.to_string())
    }
}

impl From<TelephonyError> for Problem {
    fn from(error: TelephonyError) -> Self {
        let status = match error {
            TelephonyError::NotFound => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.code(), error.to_string())
    }
}

/// Claims are few and short-lived; the map's type is only named here.
pub(super) type Claims = HashMap<ClaimName, std::sync::Weak<tokio::sync::Mutex<()>>>;

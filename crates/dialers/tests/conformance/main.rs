//! What the engine takes for granted of every carrier, as its row in the table of providers says it:
//! one story, told with each of them against its own far end. What only one carrier does is in that
//! carrier's own tests.

mod adapters;

use adapters::{Adapter, adapters, attempt_id};
use std::sync::PoisonError;
use switchhook_core::ports::{
    CallWord, CallbackRequest, DialError, ExchangeKind, HangUpError, LookUp, Proof, Refusal,
};
use switchhook_core::telephony::Polling;

/// Carriers whose far end needs a harness of its own; the file there tells the same story.
const ELSEWHERE: [&str; 1] = ["sip_trunk"];

fn with_each(story: impl AsyncFn(&Adapter)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for adapter in adapters() {
            eprintln!("{}", adapter.dialer.facts().id);
            story(&adapter).await;
        }
    });
}

#[test]
fn every_carrier_that_can_dial_is_held_to_it() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _inside = runtime.enter();
    let here: Vec<_> = adapters()
        .iter()
        .map(|adapter| adapter.dialer.facts().id)
        .collect();
    for facts in switchhook_dialers::providers()
        .iter()
        .filter(|facts| facts.can_dial)
    {
        let is_held = here.contains(&facts.id) || ELSEWHERE.contains(&facts.id);
        assert!(is_held || !adapters::has_asterisk(), "{}", facts.id);
    }
}

#[test]
fn the_table_contradicts_itself_nowhere() {
    let providers = switchhook_dialers::providers().iter();
    for facts in providers.filter(|facts| !ELSEWHERE.contains(&facts.id)) {
        let follows = facts.polling != Polling::None;
        assert!(
            !follows || facts.can_look_up,
            "{}: what is followed is asked",
            facts.id
        );
        assert!(facts.can_dial || !facts.can_hang_up, "{}", facts.id);
        let is_outside = facts.can_dial && facts.connectivity != "local";
        assert!(
            !is_outside || facts.can_hang_up,
            "{}: a call could not be ended",
            facts.id
        );
    }
}

#[test]
fn a_dial_that_is_refused_rang_nothing_and_says_so_in_words() {
    with_each(async |adapter| {
        let refused = adapter.dialer.dial(adapter.refused()).await;
        match refused {
            Err(DialError::Refused(words)) => assert!(!words.is_empty()),
            other => panic!("{other:?}"),
        }
        assert_eq!((adapter.rung)(), 0);
        assert!(
            adapter
                .heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_empty()
        );
    });
}

#[test]
fn an_account_without_its_secrets_is_refused_before_anything_is_sent() {
    with_each(async |adapter| {
        if adapter.dialer.facts().connectivity == "local" {
            return;
        }
        let mut request = adapter.refused();
        request.account.credentials = None;
        let refused = adapter.dialer.dial(request).await;
        assert!(matches!(refused, Err(DialError::Refused(_))), "{refused:?}");
        assert_eq!((adapter.rung)(), 0);
    });
}

#[test]
fn a_call_that_there_is_not_is_not_hung_up() {
    with_each(async |adapter| {
        let hung_up = adapter.dialer.hang_up(&adapter.unknown()).await;
        assert!(matches!(hung_up, Err(HangUpError::NotFound)), "{hung_up:?}");
    });
}

#[test]
fn a_call_that_there_is_not_is_never_said_to_ring() {
    with_each(async |adapter| {
        let found = adapter.dialer.look_up(&adapter.unknown()).await;
        let is_alive = matches!(
            found,
            LookUp::Waiting { .. }
                | LookUp::Found {
                    word: CallWord::Ringing | CallWord::Answered,
                    ..
                }
        );
        assert!(!is_alive, "{found:?}");
        if !adapter.dialer.facts().can_look_up {
            assert_eq!(found, LookUp::Unknown);
        }
    });
}

#[test]
fn an_account_is_proved_or_refused_and_nothing_rings() {
    with_each(async |adapter| {
        let proof = adapter.dialer.verify(&adapter.account).await;
        assert!(matches!(proof, Proof::Proved { .. }), "{proof:?}");
        if let Some(wrong) = &adapter.wrong_account {
            let proof = adapter.dialer.verify(wrong).await;
            assert!(matches!(proof, Proof::Refused { .. }), "{proof:?}");
        }
        assert_eq!((adapter.rung)(), 0);
    });
}

#[test]
fn a_callback_of_nobody_is_not_believed() {
    with_each(async |adapter| {
        let callback = CallbackRequest {
            url: format!("https://hooks.example.com/x?attempt={}", attempt_id()),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: b"CallSid=CA1&CallStatus=completed".to_vec(),
        };
        let refused = adapter.dialer.receive(&adapter.unknown(), &callback);
        assert!(matches!(
            refused,
            Err(Refusal::NotOffered | Refusal::Signature)
        ));
    });
}

#[test]
fn what_is_kept_of_a_dial_holds_no_secret() {
    with_each(async |adapter| {
        let _ = adapter.dialer.dial(adapter.refused()).await;
        let exchanges = adapter
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_outside = adapter.dialer.facts().connectivity != "local";
        let dials = exchanges
            .iter()
            .filter(|exchange| exchange.kind == ExchangeKind::Dial);
        assert_eq!(
            dials.count(),
            usize::from(is_outside),
            "each dial is one request"
        );
        for secret in &adapter.secrets {
            assert!(
                !format!("{exchanges:?}").contains(secret),
                "{secret} in {exchanges:?}"
            );
        }
    });
}

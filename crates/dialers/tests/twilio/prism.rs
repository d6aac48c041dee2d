//! Every request that is sent, held to Twilio's published OpenAPI document by Prism, which answers
//! 422 or 401 to whatever the document does not allow.

use crate::{CALL, SID, TOKEN, account, account_with, call, callbacks, peers, request, twilio};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use switchhook_core::ports::{CallWord, DialError, Dialer, LookUp, Proof};
use switchhook_core::run::EndCode;

struct Prism {
    process: Child,
    base_url: String,
}

impl Prism {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("loopback has a free port")
            .port();
        let document = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/twilio-calls.openapi.json"
        );
        let mut process = Command::new("node")
            .arg(peers::prism())
            .args(["mock", "--host", "127.0.0.1", "--errors", "--port"])
            .args([&port.to_string(), document])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js starts");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut lines = output.lines();
        let is_ready = lines.any(|line| line.is_ok_and(|line| line.contains("is listening on")));
        assert!(is_ready, "Prism ended before it was ready");
        // It blocks when nobody reads what it prints.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            process,
            base_url: format!("http://127.0.0.1:{port}"),
        }
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn every_request_is_one_that_the_carriers_own_document_allows() {
    let (prism, twilio) = (Prism::start(), twilio());
    let all = account_with(
        json!({ "base_url": prism.base_url, "amd_enabled": true }),
        json!({ "account_sid": SID, "auth_token": TOKEN }),
    );
    let mut dial = request(all.clone());
    dial.callbacks = callbacks();
    let dialed = twilio.dial(dial).await.expect("the dial is allowed");
    assert!(
        dialed
            .carrier_call_id
            .is_some_and(|sid| sid.starts_with("CA"))
    );

    let found = twilio.look_up(&call(all.clone(), Some(CALL))).await;
    let LookUp::Found { word, .. } = found else {
        panic!("the document's example is a call: {found:?}");
    };
    assert_eq!(word, CallWord::Ended(EndCode::Completed));

    // The document's examples are other calls; anything but a list would be an unknown.
    let listed = twilio.look_up(&call(all.clone(), None)).await;
    assert_eq!(listed, LookUp::NeverPlaced);

    let ended = twilio.hang_up(&call(all, Some(CALL))).await;
    assert!(ended.is_ok(), "{ended:?}");

    let proof = twilio.verify(&account(&prism.base_url)).await;
    assert_eq!(proof, Proof::Proved { note: None });

    let mut refused = request(account(&prism.base_url));
    refused.account.credentials = Some(
        json!({ "account_sid": "AC1", "auth_token": "t" })
            .to_string()
            .into(),
    );
    let refused = twilio
        .dial(refused)
        .await
        .expect_err("no account has that id");
    assert!(
        matches!(&refused, DialError::Refused(words) if words.starts_with("422: ")),
        "{refused}"
    );
}

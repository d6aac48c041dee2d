//! Recorded connections, byte for byte: what no client library would send.

use crate::chapters::judge;
use crate::compare;
use crate::differences;
use crate::recorded::{Kind, chapter};
use crate::world::World;
use serde_json::Value;
use std::io::BufReader;
use std::time::Duration;
use switchhook_tests::server::http::Response;

/// Silence after which a connection that stays open has said everything.
const QUIET: Duration = Duration::from_millis(700);

/// All answers on a connection; `100 Continue` is one.
fn answers(bytes: &[u8]) -> Vec<Response> {
    let mut from = BufReader::new(bytes);
    std::iter::from_fn(|| Response::read(&mut from)).collect()
}

fn request(world: &World, name: &str, recorded: &str) -> String {
    let key = world.desk.manage.as_str();
    let host = world.desk.server.public.authority.as_str();
    if name == "raw_header_100k" {
        // Recorded without most of its 100,000 letters.
        let head = recorded.split("X-Big:").next().unwrap_or_default();
        let tail =
            "Connection: close\r\nContent-Length: 32\r\n\r\n{\"phone_number\": \"+14155550100\"}";
        let whole = format!("{head}X-Big: {}\r\n{tail}", "a".repeat(100_000));
        return whole
            .replace("dgr_KEY01", key)
            .replace("127.0.0.1:58000", host);
    }
    recorded
        .replace("dgr_KEY01", key)
        .replace("127.0.0.1:58000", host)
}

fn differs(expected: &[Response], is: &[Response]) -> Vec<String> {
    let statuses = |answers: &[Response]| {
        answers
            .iter()
            .map(|answer| answer.status)
            .collect::<Vec<_>>()
    };
    let mut problems = Vec::new();
    if statuses(expected) != statuses(is) {
        problems.push(format!(
            "statuses {:?} instead of {:?}",
            statuses(is),
            statuses(expected)
        ));
        return problems;
    }
    for (expected, is) in expected.iter().zip(is) {
        for name in ["content-type", "allow", "vary"] {
            if expected.header(name) != is.header(name) {
                problems.push(format!(
                    "{name}: {:?} instead of {:?}",
                    is.header(name),
                    expected.header(name)
                ));
            }
        }
        let parse = |answer: &Response| serde_json::from_slice::<Value>(&answer.body).ok();
        match (parse(expected), parse(is)) {
            (Some(expected), Some(is)) => compare::value("", "", &expected, &is, &mut problems),
            _ if expected.body == is.body => {}
            _ => problems.push(format!(
                "the body is {:?} instead of {:?}",
                is.text(),
                expected.text()
            )),
        }
    }
    problems
}

#[test]
fn raw() {
    let world = World::new();
    let mut wrong = Vec::new();
    std::thread::scope(|scope| {
        let world = &world;
        let cases: Vec<_> = chapter("raw")
            .into_iter()
            .map(|case| {
                scope.spawn(move || {
                    let Kind::Raw {
                        raw_request,
                        raw_response,
                    } = &case.kind
                    else {
                        unreachable!("only raw cases are in this chapter")
                    };
                    let bytes = request(world, &case.case, raw_request);
                    let is = answers(&world.desk.server.public.raw(bytes.as_bytes(), QUIET));
                    let last = is.last().cloned().unwrap_or(Response {
                        status: 0,
                        headers: Vec::new(),
                        body: Vec::new(),
                    });
                    judge(
                        &case.case,
                        &differs(&answers(raw_response.as_bytes()), &is),
                        differences::check(&case.case, &last),
                    )
                })
            })
            .collect();
        wrong.extend(
            cases
                .into_iter()
                .filter_map(|case| case.join().expect("a verdict")),
        );
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

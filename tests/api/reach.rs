//! Whether the server is reached by its own addresses, and who may switch a listener.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use switchhook_tests::server::{Desk, Options, Person};

const CHECK: &str = "/api/switchhook/server/check";

fn checked(person: &Person) -> impl Fn(&str) -> Value {
    let answer = person.ask("POST", CHECK, &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let checks = answer.json()["checks"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    move |place| {
        let found = checks.iter().find(|check| check["place"] == place);
        found.cloned().unwrap_or_default()
    }
}

fn base(desk: &Desk, url: &str) {
    let put = desk.put("/api/switchhook/settings", &json!({"public_base_url": url}));
    assert_eq!(put.status, 200, "{}", put.text());
}

/// Answers everything with this, as long as the test runs; says its address.
fn somebody(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn a_listener_on_loopback_is_reached_here_and_nowhere_else() {
    let person = Person::open();
    let desk = &person.desk;
    let of = checked(&person);
    assert_eq!(of("this-computer")["outcome"], "reached");
    assert_eq!(of("this-computer")["url"], desk.server.ready["public"]);
    assert_eq!(of("control")["outcome"], "reached");
    for place in ["network", "outside"] {
        assert_eq!(
            (&of(place)["outcome"], &of(place)["url"]),
            (&json!("off"), &Value::Null)
        );
    }
}

#[test]
fn a_listener_on_every_address_names_the_one_that_the_network_uses() {
    let alone = Desk::open().get("/api/switchhook/server").json();
    assert_eq!(alone["public"]["network_url"], Value::Null);
    let options = Options::default().argument("--public=0.0.0.0:0");
    let person = Person::at(options.argument("--sign-in-link").start());
    let listens = person.desk.get("/api/switchhook/server").json()["public"].clone();
    let of = checked(&person);
    assert_eq!(listens["network_url"], of("network")["url"]);
    assert_ne!(listens["network_url"], listens["url"]);
}

#[test]
fn the_public_base_url_is_asked_and_only_an_own_answer_counts() {
    let person = Person::open();
    let desk = &person.desk;
    let public = desk.server.ready["public"]
        .as_str()
        .expect("an address")
        .to_owned();
    base(desk, &public);
    assert_eq!(checked(&person)("outside")["outcome"], "reached");
    // Says all that the health route says, and is another program.
    base(
        desk,
        &somebody(
            "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"status\":\"ok\"}",
        ),
    );
    assert_eq!(checked(&person)("outside")["outcome"], "elsewhere");
    let other = Desk::open();
    base(
        desk,
        other.server.ready["public"].as_str().expect("an address"),
    );
    assert_eq!(checked(&person)("outside")["outcome"], "elsewhere");
}

#[test]
fn a_redirect_back_here_is_not_followed() {
    let person = Person::open();
    let desk = &person.desk;
    let public = desk.server.ready["public"].as_str().expect("an address");
    let answer = format!(
        "HTTP/1.1 307 Elsewhere\r\nLocation: {public}/api/v1/health\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    base(desk, &somebody(answer.leak()));
    assert_eq!(checked(&person)("outside")["outcome"], "redirected");
}

#[test]
fn an_address_where_nothing_answers_is_silent() {
    let person = Person::open();
    let desk = &person.desk;
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("bound");
    drop(free);
    base(desk, &format!("http://{address}"));
    assert_eq!(checked(&person)("outside")["outcome"], "silent");
}

#[test]
fn a_listener_on_every_address_is_reached_from_the_network_too() {
    let options = Options::default().argument("--public=0.0.0.0:0");
    let person = Person::at(options.argument("--sign-in-link").start());
    let of = checked(&person);
    assert_eq!(of("this-computer")["outcome"], "reached");
    // A machine without a network has no other address.
    let network = of("network");
    if network["url"].is_string() {
        assert_eq!(network["outcome"], "reached");
    }
}

#[test]
fn a_key_switches_no_listener_and_has_no_address_tried() {
    let desk = Desk::open();
    assert_eq!(desk.post(CHECK, &json!({})).status, 403);
    let switched = desk.put("/api/switchhook/server/control", &json!({"is_on": false}));
    assert_eq!(switched.status, 403);
    assert_eq!(
        desk.get("/api/switchhook/server").json()["control_can_be_switched"],
        false
    );
}

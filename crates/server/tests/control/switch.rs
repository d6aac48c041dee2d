//! The switches of the listeners.

use crate::world::World;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use switchhook_store::running_server;

const CONTROL: &str = "/api/switchhook/server/control";
const NETWORK: &str = "/api/switchhook/server/network";
const SERVER: &str = "/api/switchhook/server";

fn free_address() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    free.local_addr().expect("bound")
}

async fn turn(world: &World, is_on: bool) -> Value {
    world.put(CONTROL, json!({ "is_on": is_on })).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_the_folder_taken_is_told_where_the_control_listener_is_now() {
    let address = free_address();
    let world = World::with_switch(address).await;
    let told = || {
        let held = running_server(&world.data()).expect("read").expect("held");
        held.control
    };
    assert_eq!(told(), None);
    turn(&world, true).await;
    assert_eq!(told(), Some(format!("http://{address}")));
    turn(&world, false).await;
    assert_eq!(told(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_off_ends_open_streams_and_gives_the_port_back() {
    let address = free_address();
    let world = World::with_switch(address).await;
    assert_eq!(turn(&world, true).await["problem"], Value::Null);
    let key = world.key("manage").await;
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "GET /api/switchhook/events HTTP/1.1\r\nHost: {address}\r\nX-API-Key: {key}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let mut lines = BufReader::new(stream).lines();
    let status = lines.next().expect("an answer").expect("read");
    assert_eq!(status, "HTTP/1.1 200 OK");

    turn(&world, false).await;
    assert!(TcpStream::connect(address).is_err(), "it listens no more");
    // Without an end this waits for ever.
    assert!(lines.all(|line| line.is_ok()), "the stream ended in order");

    let on = turn(&world, true).await;
    assert_eq!(on["problem"], Value::Null);
    assert!(TcpStream::connect(address).is_ok());
}

/// The address that a listener says it has, without its scheme.
fn port_of(listener: &Value) -> u16 {
    let url = listener["url"].as_str().expect("it listens");
    let port = url.rsplit(':').next().expect("a port");
    port.parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn triggers_are_taken_from_the_network_while_a_person_wants_it_on_the_same_port() {
    let world = World::with_switch(free_address()).await;
    let first = world.get(SERVER).await.ok()["public"].clone();
    assert_eq!(first["network_url"], Value::Null);

    let on = world.put(NETWORK, json!({ "is_on": true })).await.ok();
    assert_eq!(on["problem"], Value::Null);
    assert_eq!(on["url"], format!("http://0.0.0.0:{}", port_of(&first)));
    assert_eq!(world.get(SERVER).await.ok()["public"], on);
    assert!(TcpStream::connect(("127.0.0.1", port_of(&on))).is_ok());
    let held = running_server(&world.data()).expect("read").expect("held");
    assert_eq!(held.public.as_deref(), on["url"].as_str());

    let off = world.put(NETWORK, json!({ "is_on": false })).await.ok();
    assert_eq!(off, first);
    assert!(TcpStream::connect(("127.0.0.1", port_of(&off))).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_cannot_open_the_public_listener_to_the_network() {
    let address = free_address();
    let world = World::with_switch(address).await;
    turn(&world, true).await;
    let key = world.key("manage").await;
    let body = r#"{"is_on":true}"#;
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!(
        "PUT {NETWORK} HTTP/1.1\r\nHost: {address}\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut lines = BufReader::new(stream).lines();
    let status = lines.next().expect("an answer").expect("read");
    assert_eq!(status, "HTTP/1.1 403 Forbidden");
}

//! The switch of the control listener.

use crate::world::World;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use switchhook_store::running_server;

const CONTROL: &str = "/api/switchhook/server/control";

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

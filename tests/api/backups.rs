//! Backups: made, handed out, put back at the next start; and what is forgotten with time.

use serde_json::{Value, json};
use switchhook_tests::server::{Desk, Options, Person, eventually};

const BACKUPS: &str = "/api/switchhook/backups";
const RESTORE: &str = "/api/switchhook/restore";

fn made(person: &Person) -> String {
    let made = person.ask("POST", BACKUPS, &Value::Null);
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["backups"][0]["name"]
        .as_str()
        .expect("a name")
        .to_owned()
}

fn name_of(desk: &Desk) -> Value {
    desk.get("/api/v1/workflow/fetch/1").json()["name"].clone()
}

#[test]
fn a_backup_is_put_back_at_the_next_start() {
    let person = Person::open();
    let before = name_of(&person.desk);
    let backup = made(&person);
    let renamed = person
        .desk
        .put("/api/v1/workflow/1", &json!({"name": "Changed since"}));
    assert_eq!(renamed.status, 200);
    let prepared = person.ask("PUT", RESTORE, &json!({ "backup": backup }));
    assert_eq!(prepared.status, 200, "{}", prepared.text());
    assert!(prepared.json()["restore_since"].is_string());
    assert_eq!(
        name_of(&person.desk),
        "Changed since",
        "nothing changes under a running server"
    );

    let mut server = person.desk.server;
    let folder = server.folder.clone();
    let _ = server.terminate();
    let options = Options {
        folder: folder.clone(),
        ..Options::default()
    };
    let person = Person::at(options.argument("--sign-in-link").start());
    assert_eq!(name_of(&person.desk), before);
    let list = person.ask("GET", BACKUPS, &Value::Null).json();
    assert_eq!(list["restore_since"], Value::Null);
    assert_eq!(list["last_restore"]["carried_over"], true, "{list}");
    let kept = std::fs::read_dir(folder.data()).expect("the folder");
    let kept = kept.flatten().any(|file| {
        let name = file.file_name().into_string().unwrap_or_default();
        name.starts_with("replaced-") && name.ends_with(".db")
    });
    assert!(kept, "the database from before is kept");
}

#[test]
fn a_key_that_was_archived_since_the_backup_stays_so() {
    let desk = Desk::open();
    let folder = desk.server.folder.clone();
    let file = folder.data().with_file_name("copy.db");
    let file = file.to_str().expect("a name");
    assert!(folder.run(&["backup", "--to", file]).status.success());
    let keys = desk.get("/api/v1/user/api-keys").json();
    let keys = keys.as_array().expect("a list");
    let key = keys.iter().find(|key| key["scope"] == "trigger");
    let id = &key.expect("the desk's")["id"];
    let archived = desk.delete(&format!("/api/v1/user/api-keys/{id}"));
    assert_eq!(archived.status, 200, "{}", archived.text());
    assert!(folder.run(&["restore", file]).status.success());
    let Desk {
        mut server,
        key,
        manage,
        path,
    } = desk;
    let _ = server.terminate();
    let options = Options {
        folder,
        ..Options::default()
    };
    let desk = Desk {
        server: options.start(),
        key,
        manage,
        path,
    };
    assert_eq!(desk.get("/api/v1/user/api-keys").status, 200);
    let refused = desk.fire(&json!({"phone_number": "+14155550101"}));
    assert_eq!(refused.status, 401, "{}", refused.text());
}

#[test]
fn a_restore_can_be_taken_back() {
    let person = Person::open();
    let backup = made(&person);
    assert_eq!(
        person
            .ask("PUT", RESTORE, &json!({ "backup": backup }))
            .status,
        200
    );
    let cancelled = person.ask("DELETE", RESTORE, &Value::Null);
    assert_eq!(
        (cancelled.status, &cancelled.json()["restore_since"]),
        (200, &Value::Null)
    );
}

#[test]
fn a_backup_is_handed_out_as_a_file() {
    let person = Person::open();
    let backup = made(&person);
    let file = person.ask("GET", &format!("{BACKUPS}/{backup}"), &Value::Null);
    assert_eq!(file.status, 200);
    assert!(file.body.starts_with(b"SQLite format 3\0"));
    for other in ["nowhere.db", "..%2Fswitchhook.db", "%2e%2e"] {
        let refused = person.ask("GET", &format!("{BACKUPS}/{other}"), &Value::Null);
        assert_eq!(refused.status, 404, "{other}");
    }
}

#[test]
fn what_is_no_database_is_not_put_back() {
    let person = Person::open();
    let folder = person.desk.server.folder.data().join("backups");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("notes.db"), "no database").expect("written");
    let refused = person.ask("PUT", RESTORE, &json!({ "backup": "notes.db" }));
    assert_eq!(refused.status, 409, "{}", refused.text());
}

#[test]
fn backups_are_the_persons_alone() {
    let desk = Desk::open();
    assert_eq!(desk.get(BACKUPS).status, 403);
    assert_eq!(desk.post(BACKUPS, &json!({})).status, 403);
    assert_eq!(desk.get(&format!("{BACKUPS}/a.db")).status, 403);
    assert_eq!(desk.put(RESTORE, &json!({"backup": "a.db"})).status, 403);
    assert_eq!(desk.delete(RESTORE).status, 403);
}

#[test]
fn young_runs_outlive_the_shortest_retention() {
    let desk = Desk::open();
    let run = desk.call("+14155550101");
    let _ = desk.ended(run);
    let settings = json!({"keep_runs_days": 1, "keep_request_bodies_hours": 1});
    let put = desk.put("/api/switchhook/settings", &settings);
    assert_eq!(put.json()["keep_runs_days"], 1, "{}", put.text());
    let found = eventually("the run is listed", || {
        let runs = desk.get("/api/switchhook/runs").json();
        runs["runs"]
            .as_array()
            .filter(|runs| !runs.is_empty())
            .cloned()
    });
    assert_eq!(found[0]["id"], run);
    for wrong in [json!(0), json!("soon"), json!(-1)] {
        let refused = desk.put(
            "/api/switchhook/settings",
            &json!({"keep_runs_days": wrong}),
        );
        assert_eq!(refused.status, 422);
    }
}

#[test]
fn the_command_puts_a_file_back_and_takes_it_back() {
    let desk = Desk::open();
    let folder = desk.server.folder.clone();
    let file = folder.data().join("..").join("copy.db");
    let file = file.to_str().expect("a name").to_owned();
    assert!(folder.run(&["backup", "--to", &file]).status.success());
    assert!(folder.run(&["restore", &file]).status.success());
    assert!(folder.data().join("restore.db").exists());
    assert!(folder.run(&["restore", "--cancel"]).status.success());
    assert!(!folder.data().join("restore.db").exists());
    let refused = folder.run(&["restore", "/dev/null"]);
    assert!(!refused.status.success());
}

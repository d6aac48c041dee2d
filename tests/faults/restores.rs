//! A backup is put back while calls go on and programs repeat their requests: nothing that was dialled
//! since is dialled again, and no call is lost from sight.

use crate::world::{World, code, run_of};
use std::fs;
use switchhook_tests::carrier::{Answer, Life, number};

impl World {
    /// Makes a copy of the database as it is now.
    fn back_up(&self) -> String {
        let folder = &self.desk.server.folder;
        let file = folder.data().with_file_name("copy.db");
        let file = file.to_str().expect("a name").to_owned();
        let made = folder.run(&["backup", "--to", &file]);
        assert!(made.status.success(), "{made:?}");
        file
    }

    /// Has the copy put back by the next start.
    fn to_restore(&self, file: &str) {
        let prepared = self.desk.server.folder.run(&["restore", file]);
        assert!(prepared.status.success(), "{prepared:?}");
    }

    /// Puts the copy back.
    fn restored(self, file: &str) -> Self {
        self.to_restore(file);
        self.stop_and_start()
    }
}

#[test]
fn a_request_since_the_backup_is_known_after_its_restore() {
    let world = World::polled();
    let called = number(Answer::Taken, Life::Talks, 1);
    let copy = world.back_up();
    let first = world.fire_once("once", &called).expect("an answer");
    let _ = world.ended(run_of(&first));
    let world = world.restored(&copy);
    assert_eq!(world.runs().len(), 0, "the run is gone");
    let again = world.fire_once("once", &called).expect("an answer");
    assert_eq!((again.status, again.text()), (200, first.text()));
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 1));
    let other = number(Answer::Taken, Life::Talks, 2);
    assert!(run_of(&world.fire(&other)) > run_of(&first));
}

#[test]
fn a_call_that_ended_since_the_backup_is_over_after_its_restore() {
    let world = World::called_back().with_limit(1);
    let (run, sid) = world.talking(&number(Answer::Taken, Life::Waits, 1));
    let copy = world.back_up();
    assert_eq!(world.carrier.tell(&sid, "completed"), 200);
    let before = world.ended(run);
    let world = world.restored(&copy);
    assert_eq!(world.desk.run(run)["end"], before["end"]);
    assert_eq!(world.carrier.dials(), 1);
    let next = world.fire(&number(Answer::Taken, Life::Talks, 2));
    assert_eq!(next.status, 200, "its slot is free: {}", next.text());
}

#[test]
fn a_call_that_goes_on_is_watched_after_a_restore() {
    let world = World::called_back();
    let copy = world.back_up();
    let (run, sid) = world.talking(&number(Answer::Taken, Life::Waits, 1));
    let world = world.restored(&copy);
    assert_eq!(world.desk.run(run)["state"], "in-progress");
    assert_eq!(world.carrier.tell(&sid, "completed"), 200);
    assert_eq!(code(&world.ended(run)), "completed");
    assert_eq!(world.carrier.dials(), 1);
}

#[test]
fn where_the_replaced_database_cannot_be_read_an_open_run_is_looked_up_and_not_dialled() {
    let world = World::polled();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let sid = world.rung(&called).sid;
    let copy = world.back_up();
    world.carrier.turn(&sid, "completed");
    let _ = world.ended(run);
    world.to_restore(&copy);
    world.kill();
    let data = world.desk.server.folder.data();
    for file in ["switchhook.db", "switchhook.db-wal"] {
        fs::write(data.join(file), "x".repeat(8192)).expect("damaged");
    }
    let world = world.restart();
    assert_eq!(code(&world.ended(run)), "completed");
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 1));
    let log = world.desk.server.folder.log();
    assert!(log.contains("a program that repeats an old request may call again"));
}

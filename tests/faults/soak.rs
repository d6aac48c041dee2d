//! Random requests, random misbehaviour, random kills; then everything must add up. The long form
//! is `cargo xtask soak`, the short one, with a fixed seed, a test like any other.

use crate::world::{World, run_of};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use switchhook_tests::carrier::{Answer, Life, Moment, number};

/// A small generator of numbers (SplitMix64): a soak must be repeatable from its seed.
struct Dice(u64);

impl Dice {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let index = usize::try_from(self.next() % from.len() as u64).expect("a small number");
        from[index]
    }
}

/// What a short soak draws from: everything that is cleared up within seconds. Well-behaved calls
/// come more often, so that slots are there for the others.
const ANSWERS: &[Answer] = &[
    Answer::Taken,
    Answer::Taken,
    Answer::Taken,
    Answer::Drops,
    Answer::Fails,
    Answer::Refuses,
    Answer::Nameless,
];
const LIVES: &[Life] = &[
    Life::Talks,
    Life::Stutters,
    Life::Backwards,
    Life::Contradicts,
    Life::Busy,
];
const MOMENTS: &[Moment] = &[Moment::Rung, Moment::Answered];
/// A dial that never went out is given up after 90 s; the long form has the time for it.
const SLOW_ANSWERS: &[Answer] = &[Answer::Loses, Answer::Late];
const CLIENTS: usize = 4;

struct Plan {
    seed: u64,
    time: Duration,
    is_long: bool,
}

/// What clients saw.
#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    /// Run and number of every answer that names a run, and whether it was a 200.
    answers: Mutex<Vec<(i64, String, bool)>>,
    /// Key and number of the requests that got no answer.
    unanswered: Mutex<Vec<(String, String)>>,
}

impl Seen {
    /// Sends a request; `false` when the server went away meanwhile.
    fn fire(&self, world: &World, key: &str, called: &str) -> bool {
        let Some(answer) = world.fire_once(key, called) else {
            let mut unanswered = self.unanswered.lock().expect("no holder panics");
            unanswered.push((key.to_owned(), called.to_owned()));
            return false;
        };
        match answer.status {
            200 | 400 => {
                let taken = (run_of(&answer), called.to_owned(), answer.status == 200);
                self.answers.lock().expect("no holder panics").push(taken);
            }
            429 | 503 => {}
            other => panic!("{other}: {}", answer.text()),
        }
        true
    }

    /// Sends the requests that got no answer again, under their keys.
    fn repeat(&self, world: &World) {
        let unanswered = std::mem::take(&mut *self.unanswered.lock().expect("no holder panics"));
        for (key, called) in unanswered {
            assert!(self.fire(world, &key, &called), "the server answers");
        }
    }
}

/// Every number was asked for under one key: it has one run at most and rang once at most.
fn rang_once(world: &World) {
    let mut numbers = HashSet::new();
    for run in world.runs() {
        let called = run["destination"].as_str().expect("a number").to_owned();
        assert!(numbers.insert(called), "two runs for one key: {run}");
    }
    let mut rung = HashSet::new();
    for call in world.carrier.calls() {
        assert!(numbers.contains(&call.to), "{call:?} has no run");
        assert!(rung.insert(call.to.clone()), "{} rang twice", call.to);
    }
}

/// Fires until it is told to stop, each request under a key and a number of its own, some of them
/// twice.
fn client(
    world: &World,
    mut dice: Dice,
    name: usize,
    seen: &Seen,
    stop: &AtomicBool,
    is_long: bool,
) {
    while !stop.load(Ordering::Acquire) {
        let serial = seen.requests.fetch_add(1, Ordering::AcqRel);
        let is_slow = is_long && dice.next().is_multiple_of(50);
        let answers = if is_slow { SLOW_ANSWERS } else { ANSWERS };
        let called = number(dice.pick(answers), dice.pick(LIVES), serial);
        let key = format!("{name}-{serial}");
        let times = 1 + dice.next() % 2;
        for _ in 0..times {
            if !seen.fire(world, &key, &called) {
                // The server was killed; whoever restarts it waits for this client.
                return;
            }
        }
    }
}

/// Every answer that was sent is in the database, and says the same number.
fn is_kept(world: &World, seen: &Seen) {
    let runs: HashMap<i64, Value> = world
        .runs()
        .into_iter()
        .map(|run| (run["id"].as_i64().expect("an id"), run))
        .collect();
    for (id, called, was_taken) in seen.answers.lock().expect("no holder panics").iter() {
        let run = runs.get(id);
        let run = run.unwrap_or_else(|| panic!("the answered run {id} is not in the database"));
        assert_eq!(run["destination"], **called);
        assert!(
            !was_taken || run["end"]["code"] != "carrier-refused",
            "{run}"
        );
    }
}

fn soak(plan: &Plan) -> World {
    let Plan {
        seed,
        time,
        is_long,
    } = *plan;
    let mut dice = Dice(seed);
    let mut world = World::called_back().with_limit(50);
    let (seen, started) = (Seen::default(), Instant::now());
    let mut kills = 0;
    while started.elapsed() < time {
        // A kill comes at a moment of a dial, or between two dials.
        let stop = AtomicBool::new(false);
        let round = Duration::from_millis(200 + dice.next() % 1500);
        let moment = dice.pick(&[None, Some(MOMENTS[0]), Some(MOMENTS[1])]);
        std::thread::scope(|scope| {
            for name in 0..CLIENTS {
                let (world, seen, stop) = (&world, &seen, &stop);
                let dice = Dice(dice.next());
                scope.spawn(move || client(world, dice, name, seen, stop, is_long));
            }
            std::thread::park_timeout(round);
            if let Some(moment) = moment {
                world.carrier.kill(moment, world.desk.server.id());
                std::thread::park_timeout(round);
            }
            if moment.is_none() && dice.next().is_multiple_of(2) {
                world.kill();
            }
            stop.store(true, Ordering::Release);
        });
        world.carrier.spare();
        world = world.restart();
        seen.repeat(&world);
        kills += 1;
        is_kept(&world, &seen);
    }
    let requests = seen.requests.load(Ordering::Acquire);
    let calls = world.carrier.calls().len();
    // A lost dial is given up 90 s after it, and asked about with pauses of up to 30 s.
    world.all_over(Duration::from_secs(200));
    rang_once(&world);
    assert!(
        world.carrier.dials() <= requests,
        "more dials than requests"
    );
    is_kept(&world, &seen);
    // Every slot is free: as many calls as the limit fit.
    for serial in 0..50 {
        let answer = world.fire(&number(Answer::Taken, Life::Waits, serial));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    eprintln!("{requests} requests, {calls} phones rung, {kills} ends of the server");
    assert!(requests > 10 && calls > 10);
    world
}

#[test]
fn a_short_soak_adds_up() {
    let _ = soak(&Plan {
        seed: 4711,
        time: Duration::from_secs(8),
        is_long: false,
    });
}

/// `SWITCHHOOK_SOAK_MINUTES` (5) and `SWITCHHOOK_SOAK_SEED` (the time).
#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn a_long_soak_adds_up() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
    let seed = number("SWITCHHOOK_SOAK_SEED").unwrap_or(now.as_secs());
    let minutes = number("SWITCHHOOK_SOAK_MINUTES").unwrap_or(5);
    eprintln!("seed {seed}, {minutes} minutes");
    let _ = soak(&Plan {
        seed,
        time: Duration::from_mins(minutes),
        is_long: true,
    });
}

/// Kills the server under load so many times; every answer that was sent must be there afterwards.
fn crashes(times: usize) {
    let mut world = World::called_back().with_limit(1000);
    let seen = Seen::default();
    let mut dice = Dice(1);
    for _ in 0..times {
        let before = seen.answers.lock().expect("no holder panics").len();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for name in 0..CLIENTS {
                let (world, seen, stop) = (&world, &seen, &stop);
                let dice = Dice(dice.next());
                scope.spawn(move || client(world, dice, name, seen, stop, false));
            }
            let enough = before + 3 + usize::try_from(dice.next() % 8).expect("below 8");
            switchhook_tests::server::eventually("some answers came", || {
                let answers = seen.answers.lock().expect("no holder panics").len();
                (answers >= enough).then_some(())
            });
            world.kill();
            stop.store(true, Ordering::Release);
        });
        world = world.restart();
        seen.repeat(&world);
        is_kept(&world, &seen);
    }
    rang_once(&world);
}

#[test]
fn every_answer_survives_twenty_crashes_under_load() {
    crashes(20);
}

#[test]
#[ignore = "takes minutes: cargo xtask soak"]
fn every_answer_survives_a_hundred_crashes_under_load() {
    crashes(100);
}

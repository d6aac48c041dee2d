//! The keychain against a real gnome-keyring on a private D-Bus session, and without any. Each
//! session is a process of its own with its own home: the tests below start this very file again,
//! for one of the ignored tests at its end.
#![cfg(target_os = "linux")]

use secrecy::{ExposeSecret, SecretString};
use std::fs::{DirBuilder, Permissions, set_permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};
use switchhook_core::ports::Secrets;
use switchhook_store::{SecretsKind, open_secrets};

fn keychain() -> Box<dyn Secrets> {
    open_secrets(SecretsKind::Keychain, None, Path::new("unused"))
}

/// Runs a shell line in which `$TEST` runs one ignored test of this file, with nothing of this
/// process's desktop. The folders are set before any bus starts: services that it starts itself
/// take its environment.
fn in_session(line: &str, test: &str) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    set_permissions(home.path(), Permissions::from_mode(0o700)).expect("set");
    let exe = std::env::current_exe().expect("this test's own path");
    let mut command = Command::new("timeout");
    command
        .args(["60", "sh", "-c", line])
        .env_clear()
        .env("HOME", home.path());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env(
        "TEST",
        format!("{} --ignored --exact {test} --nocapture", exe.display()),
    );
    for (name, folder) in [
        ("XDG_DATA_HOME", "data"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CACHE_HOME", "cache"),
    ] {
        let path = home.path().join(folder);
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .expect("created");
        command.env(name, path);
    }
    command.output().expect("sh runs")
}

fn assert_passed(output: &Output) {
    let text = [&output.stdout[..], &output.stderr[..]]
        .map(String::from_utf8_lossy)
        .join("\n");
    let ran = text.contains("1 passed");
    assert!(
        output.status.success() && ran,
        "dbus and gnome-keyring are needed:\n{text}"
    );
}

const UNLOCKED: &str = "dbus-run-session -- sh -c \
    'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec $TEST'";

#[test]
fn a_secret_is_kept_in_a_real_keyring_and_forgotten() {
    assert_passed(&in_session(UNLOCKED, "inside_an_unlocked_session"));
}

#[test]
fn a_keyring_that_was_never_unlocked_is_said_with_the_way_out() {
    assert_passed(&in_session(
        "dbus-run-session -- $TEST",
        "inside_a_session_without_a_keyring",
    ));
}

#[test]
fn without_a_bus_every_call_says_so_at_once_with_the_way_out() {
    assert_passed(&in_session("$TEST", "without_a_session"));
}

#[test]
#[ignore = "started inside a session by the tests above"]
fn inside_an_unlocked_session() {
    let secrets = keychain();
    secrets.check().expect("usable");
    assert!(secrets.get("instance-1").expect("asked").is_none());
    for secret in ["dgr_first", "dgr_sécond"] {
        secrets
            .set("instance-1", &SecretString::from(secret))
            .expect("kept");
        let read = keychain().get("instance-1").expect("asked").expect("there");
        assert_eq!(read.expose_secret(), secret);
    }
    secrets.delete("instance-1").expect("forgotten");
    secrets
        .delete("instance-1")
        .expect("forgetting twice is fine");
    assert!(secrets.get("instance-1").expect("asked").is_none());
}

#[test]
#[ignore = "started inside a session by the tests above"]
fn inside_a_session_without_a_keyring() {
    let secrets = keychain();
    let problem = secrets
        .set("name", &SecretString::from("hidden"))
        .expect_err("nowhere to keep it");
    assert!(
        !problem.fix.is_empty() && !problem.to_string().contains("hidden"),
        "{problem}"
    );
    assert_eq!(secrets.check(), Err(problem));
}

#[test]
#[ignore = "started without a session by the tests above"]
fn without_a_session() {
    let secrets = keychain();
    for _ in 0..2 {
        let problem = secrets.check().expect_err("there is no bus");
        assert!(problem.message.contains("keychain"), "{problem}");
        assert!(problem.fix.contains("--secrets file"), "{problem}");
    }
    assert!(secrets.get("name").is_err());
    assert!(secrets.set("name", &SecretString::from("hidden")).is_err());
    assert_eq!(secrets.kind(), "keychain");
}

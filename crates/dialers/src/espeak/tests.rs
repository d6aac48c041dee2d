//! The voice: its sound, its bounds, and what is said of one that is not there.

use super::resample::resample;
use super::*;
use std::f64::consts::TAU;
use std::path::PathBuf;

/// A second of a tone of half the greatest loudness.
fn tone(hertz: f64, rate: u32) -> Vec<i16> {
    let sample = |at: u32| {
        let angle = TAU * hertz * f64::from(at) / f64::from(rate);
        #[allow(clippy::cast_possible_truncation, reason = "in range")]
        let sample = (angle.sin() * 16384.0) as i16;
        sample
    };
    (0..rate).map(sample).collect()
}

/// Without the edges, where a filter knows only one side.
fn middle(samples: &[i16]) -> &[i16] {
    &samples[samples.len() / 8..samples.len() * 7 / 8]
}

fn loudness(samples: &[i16]) -> f64 {
    let squares = samples.iter().map(|sample| f64::from(*sample).powi(2));
    (squares.sum::<f64>() / samples.len() as f64).sqrt()
}

/// How loud a tone is in a sound, and everything else. The tone may begin anywhere: a filter looks
/// ahead by less than a sample more or less.
fn split(samples: &[i16], hertz: f64) -> (f64, f64) {
    let angle = |at: usize| TAU * hertz * at as f64 / f64::from(SAMPLE_RATE);
    let share = |wave: fn(f64) -> f64| {
        let products = samples.iter().enumerate();
        let sum: f64 = products
            .map(|(at, sample)| wave(angle(at)) * f64::from(*sample))
            .sum();
        sum * 2.0 / samples.len() as f64
    };
    let (sine, cosine) = (share(f64::sin), share(f64::cos));
    let others = samples.iter().enumerate().map(|(at, sample)| {
        let tone = sine * angle(at).sin() + cosine * angle(at).cos();
        (f64::from(*sample) - tone).powi(2)
    });
    let other = (others.sum::<f64>() / samples.len() as f64).sqrt();
    (sine.hypot(cosine), other)
}

#[test]
fn speech_keeps_its_pitch_and_its_loudness() {
    for hertz in [300.0, 1000.0, 3000.0] {
        let phone = resample(&tone(hertz, 22050), 22050, 8000).expect("resampled");
        assert!(phone.len().abs_diff(8000) <= 1, "{}", phone.len());
        let (loud, other) = split(middle(&phone), hertz);
        assert!((loud - 16384.0).abs() < 200.0, "{hertz} Hz: {loud}");
        // 60 dB below the tone.
        assert!(other < 16.0, "{hertz} Hz: {other}");
    }
}

#[test]
fn what_a_phone_cannot_carry_does_not_come_back_as_noise() {
    for hertz in [4800.0, 6000.0, 9000.0] {
        let phone = resample(&tone(hertz, 22050), 22050, 8000).expect("resampled");
        let left = loudness(middle(&phone));
        // 60 dB below the tone.
        assert!(left < 16384.0 / 1000.0, "{hertz} Hz: {left}");
    }
}

#[tokio::test]
async fn a_text_is_said_at_the_rate_of_phones() {
    let voice = Espeak::new();
    voice.check().await.expect("espeak-ng is installed");
    let short = voice.say("Hello.").await.expect("said");
    let long = voice
        .say("Hello. This is a much longer sentence, said to the end.")
        .await;
    let long = long.expect("said");
    let seconds = |samples: &[i16]| samples.len() as f64 / f64::from(SAMPLE_RATE);
    assert!((0.3..2.0).contains(&seconds(&short)), "{}", seconds(&short));
    assert!(seconds(&long) > seconds(&short) * 2.0);
    assert!(loudness(&short) > 300.0, "{}", loudness(&short));
    assert!(voice.say(" \n").await.expect("said").is_empty());
}

#[tokio::test]
async fn what_looks_like_an_option_or_a_command_is_only_text() {
    let voice = Espeak::new();
    for text in [
        "--version",
        "$(false)",
        "[[_:ff]] & ; | `x`",
        "<speak>\0</speak>",
    ] {
        let said = voice.say(text).await.expect("said");
        assert!(said.len() > 1000, "{text}: {}", said.len());
    }
}

#[tokio::test]
async fn a_voice_that_is_not_there_says_what_to_install() {
    let voice = Espeak::with("no-such-espeak", PATIENCE);
    let error = voice.check().await.expect_err("not there");
    assert_eq!(error, VoiceError::NotThere(NOT_THERE.to_owned()));
}

#[tokio::test]
async fn a_text_without_end_is_not_said() {
    let error = Espeak::new().say(&"a".repeat(MAX_TEXT + 1)).await;
    assert_eq!(error, Err(VoiceError::TooLong));
}

/// A program that does this instead of speaking. Written by another process: one that this one has
/// open for writing cannot be run, and a child that is begun meanwhile would keep it open.
#[cfg(unix)]
fn program(script: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("voice");
    let write = r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod 700 "$0""#;
    let written = std::process::Command::new("sh")
        .args(["-c", write])
        .arg(&path)
        .arg(script)
        .status();
    assert!(written.expect("a shell").success());
    (dir, path)
}

#[cfg(unix)]
#[tokio::test]
async fn one_that_hangs_is_ended() {
    let (_dir, path) = program("exec tail -f /dev/null");
    let voice = Espeak::with(path, Duration::from_millis(50));
    let error = voice.say("Hello.").await;
    assert!(matches!(error, Err(VoiceError::Failed(_))), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn one_that_never_stops_talking_is_ended() {
    let (_dir, path) = program("exec cat /dev/zero");
    let error = Espeak::with(path, PATIENCE).say("Hello.").await;
    assert_eq!(error, Err(VoiceError::TooLong));
}

#[cfg(unix)]
#[tokio::test]
async fn one_that_fails_says_so() {
    for script in [
        "cat > /dev/null; exit 3",
        "cat > /dev/null; echo nothing",
        "exit 0",
    ] {
        let (_dir, path) = program(script);
        let error = Espeak::with(path, PATIENCE).say("Hello.").await;
        assert!(
            matches!(error, Err(VoiceError::Failed(_))),
            "{script}: {error:?}"
        );
    }
}

//! Sound that is told from any other, and how alike two of them are.

/// So many seconds of two gliding tones, at 8 kHz, which no delay makes alike to itself.
pub fn glide(seconds: usize) -> Vec<i16> {
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    (0..seconds * 8000)
        .map(|nth| {
            let at = nth as f64 / (seconds * 8000) as f64;
            low += (300.0 + 500.0 * at) * std::f64::consts::TAU / 8000.0;
            high += (2500.0 - 1100.0 * at) * std::f64::consts::TAU / 8000.0;
            ((low.sin() + high.sin()) * 6000.0) as i16
        })
        .collect()
}

/// How alike a sound is to what was heard of it, in parts of a tenth of a second, each with the place
/// that is most like it: that of the middle one. A part may be lost or late on a machine that is
/// busy with other tests; 1 where they are the same but for loudness.
pub fn likeness(sound: &[i16], heard: &[i16]) -> f64 {
    let mut parts: Vec<_> = sound.chunks(800).map(|part| best(part, heard)).collect();
    parts.sort_by(f64::total_cmp);
    parts[parts.len() / 2]
}

fn best(part: &[i16], heard: &[i16]) -> f64 {
    heard
        .windows(part.len())
        .map(|place| correlation(part, place))
        .fold(0.0, f64::max)
}

fn correlation(one: &[i16], other: &[i16]) -> f64 {
    let (mut both, mut ones, mut others) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (f64::from(*one), f64::from(*other));
        both += one * other;
        ones += one * one;
        others += other * other;
    }
    if ones == 0.0 || others == 0.0 {
        0.0
    } else {
        both / (ones * others).sqrt()
    }
}

/// Whether anything is to be heard in it.
pub fn is_loud(sound: &[i16]) -> bool {
    sound.iter().any(|sample| sample.unsigned_abs() > 1000)
}

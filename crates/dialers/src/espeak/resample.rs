//! From the voice's sampling rate to the phone's. What is above half of the new rate is filtered out
//! first: left in, it would come back mirrored as noise in the middle of the speech.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};
use switchhook_core::ports::VoiceError;

/// Samples on which the filter looks at once.
const FILTER: usize = 256;
const CHUNK: usize = 1024;

/// One track at another rate, in samples a second. Blocking: some hundredth of the sound's length.
pub fn resample(samples: &[i16], from: u32, to: u32) -> Result<Vec<i16>, VoiceError> {
    if from == to || samples.is_empty() {
        return Ok(samples.to_vec());
    }
    if from == 0 {
        return Err(VoiceError::Failed("it made sound of no rate".to_owned()));
    }
    let failed = |error: &dyn std::error::Error| VoiceError::Failed(error.to_string());
    let filter = SincInterpolationParameters::new(FILTER, WindowFunction::BlackmanHarris2)
        .interpolation(SincInterpolationType::Linear);
    let ratio = f64::from(to) / f64::from(from);
    let mut resampler = Async::<f32>::new_sinc(ratio, 1.0, &filter, CHUNK, 1, FixedAsync::Input)
        .map_err(|error| failed(&error))?;
    let sound: Vec<f32> = samples.iter().copied().map(f32::from).collect();
    let input = InterleavedSlice::new(&sound, 1, sound.len()).map_err(|error| failed(&error))?;
    let output = resampler
        .process_all(&input, sound.len(), None)
        .map_err(|error| failed(&error))?;
    // Beyond the range it is cut, as `as` does.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "rounded, and cut at the ends"
    )]
    let rounded = |sample: f32| sample.round() as i16;
    Ok(output.take_data().into_iter().map(rounded).collect())
}

//! Recordings as they are handed out: whole or one track of them, in parts, and as the few loudest
//! samples that a drawing needs. Nothing is ever read whole: an hour of two tracks is 115 MB. A
//! single track is made while it is read; its file would be a copy to forget and to restore.

use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::ops::Range;
use std::sync::Arc;
use switchhook_core::ErrorCode;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{Artifact, ArtifactError, ArtifactKind, Artifacts};
use switchhook_core::recording::{HEAD, Layout, OWN_HEAD, SAMPLE, head};

/// Read at a time.
const CHUNK: usize = 256 * 1024;

/// A track of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    Callee,
    Agent,
}

/// A recording, or one track of it, as a file of its own.
#[derive(Clone)]
pub struct Recording {
    artifacts: Arc<dyn Artifacts>,
    artifact: Artifact,
    layout: Layout,
    track: Option<Track>,
}

/// What a run's recording is, without opening it.
pub async fn of_run(
    artifacts: &Arc<dyn Artifacts>,
    run: RunId,
) -> Result<Option<Artifact>, ArtifactError> {
    let mut files = artifacts.of_run(run).await?.into_iter();
    Ok(files.find(|file| file.kind == ArtifactKind::Recording))
}

impl Recording {
    /// # Errors
    /// `Gone` where its file is not there any more.
    pub async fn open(
        artifacts: &Arc<dyn Artifacts>,
        artifact: Artifact,
    ) -> Result<Self, ArtifactError> {
        let begin = artifacts.read(artifact.id, 0, HEAD).await?;
        // Looked at when it was finished, so that another program changed it since.
        let layout = Layout::read(&begin, artifact.bytes).ok_or(ArtifactError::Gone)?;
        Ok(Self {
            artifacts: artifacts.clone(),
            artifact,
            layout,
            track: None,
        })
    }

    /// One track of it. A recording of one track is the same for both.
    #[must_use]
    pub fn only(self, track: Track) -> Self {
        Self {
            track: Some(track),
            ..self
        }
    }

    #[must_use]
    pub fn duration_ms(&self) -> u64 {
        self.layout.frames * 1000 / u64::from(self.layout.sample_rate.max(1))
    }

    fn bytes(&self) -> u64 {
        match self.track {
            None => self.artifact.bytes,
            Some(_) => OWN_HEAD + self.layout.frames * SAMPLE,
        }
    }

    /// Bytes of it from one on: some, none only behind its end.
    async fn read(&self, from: u64, at_most: usize) -> Result<Vec<u8>, ArtifactError> {
        let Some(track) = self.track else {
            return self.artifacts.read(self.artifact.id, from, at_most).await;
        };
        if from < OWN_HEAD {
            let head = head(1, self.layout.sample_rate, self.layout.frames);
            let from = usize::try_from(from).unwrap_or_default();
            return Ok(head[from..].iter().copied().take(at_most).collect());
        }
        // Whole samples, of which the first may have to be cut.
        let (first, cut) = ((from - OWN_HEAD) / SAMPLE, (from - OWN_HEAD) % SAMPLE);
        let frame = self.layout.frame();
        let frames = CHUNK as u64 / frame;
        let samples = self.frames(first, frames).await?;
        let offset = usize::from(track == Track::Agent && self.layout.tracks > 1) * 2;
        let frame = usize::try_from(frame).unwrap_or(4);
        let own = samples
            .chunks_exact(frame)
            .flat_map(|frame| [frame[offset], frame[offset + 1]]);
        let cut = usize::try_from(cut).unwrap_or_default();
        Ok(own.skip(cut).take(at_most).collect())
    }

    /// The bytes of some frames from one on.
    async fn frames(&self, first: u64, frames: u64) -> Result<Vec<u8>, ArtifactError> {
        let frames = frames.min(self.layout.frames.saturating_sub(first));
        let from = self.layout.samples_from + first * self.layout.frame();
        let bytes = usize::try_from(frames * self.layout.frame()).unwrap_or(CHUNK);
        self.artifacts.read(self.artifact.id, from, bytes).await
    }

    /// How loud each track is in each of so many equal parts: the greatest distance from silence,
    /// 0 to 255. Fewer parts where there are fewer samples.
    pub async fn peaks(&self, parts: u64) -> Result<[Vec<u8>; 2], ArtifactError> {
        let total = self.layout.frames;
        let parts = parts.min(total).max(1);
        let mut peaks = [vec![0; 0], vec![0; 0]];
        for track in &mut peaks {
            track.resize(usize::try_from(parts).unwrap_or_default(), 0u8);
        }
        let frame = usize::try_from(self.layout.frame()).unwrap_or(4);
        let agent = frame - 2;
        let mut at = 0u64;
        while at < total {
            let samples = self.frames(at, (CHUNK / frame) as u64).await?;
            if samples.len() < frame {
                return Err(ArtifactError::Gone);
            }
            for bytes in samples.chunks_exact(frame) {
                let part = usize::try_from(at * parts / total).unwrap_or_default();
                for (track, from) in [(0, 0), (1, agent.min(2))] {
                    let sample = i16::from_le_bytes([bytes[from], bytes[from + 1]]);
                    let loud = u8::try_from(sample.unsigned_abs().min(32_767) >> 7);
                    let peak = &mut peaks[track][part];
                    *peak = (*peak).max(loud.unwrap_or(u8::MAX));
                }
                at += 1;
            }
        }
        Ok(peaks)
    }

    /// Who made these bytes: the same for the same recording and track.
    fn etag(&self) -> String {
        let track = match self.track {
            None => "",
            Some(Track::Callee) => "-callee",
            Some(Track::Agent) => "-agent",
        };
        let hash: String = self.artifact.sha256[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("\"{hash}{track}\"")
    }

    /// The answer to a request: the file, or the part that it asks for (RFC 9110 §14).
    pub fn answer(self, headers: &HeaderMap, placing: &str) -> Response {
        let (bytes, etag) = (self.bytes(), self.etag());
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        // A part of another file than it has is of no use to who asks.
        let is_same = text(header::IF_RANGE).is_none_or(|known| known == etag);
        let wanted = text(header::RANGE).filter(|_| is_same);
        let part = match wanted.map(|wanted| part_of(wanted, bytes)) {
            None | Some(Part::Whole) => None,
            Some(Part::Of(range)) => Some(range),
            Some(Part::Outside) => {
                let range = format!("bytes */{bytes}");
                let headers = [(header::CONTENT_RANGE, range)];
                return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
            }
        };
        let status = match part {
            Some(_) => StatusCode::PARTIAL_CONTENT,
            None => StatusCode::OK,
        };
        let range = part.clone().unwrap_or(0..bytes);
        let length = range.end - range.start;
        let mut response = (
            status,
            [
                (header::CONTENT_TYPE, "audio/wav".to_owned()),
                (header::CONTENT_DISPOSITION, placing.to_owned()),
                (header::CONTENT_LENGTH, length.to_string()),
                (header::ACCEPT_RANGES, "bytes".to_owned()),
                (header::ETAG, etag),
                // Whoever shares a computer must not find it in a cache.
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ],
            Body::from_stream(self.stream(range.clone())),
        )
            .into_response();
        if part.is_some() {
            let range = format!("bytes {}-{}/{bytes}", range.start, range.end - 1);
            if let Ok(value) = HeaderValue::try_from(range) {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
        }
        response
    }

    /// Read while it is sent, never faster than it is taken.
    fn stream(
        self,
        range: Range<u64>,
    ) -> impl futures_util::Stream<Item = Result<Bytes, ArtifactError>> {
        stream::try_unfold((self, range), |(recording, range)| async move {
            if range.is_empty() {
                return Ok(None);
            }
            let left = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
            let read = recording.read(range.start, left.min(CHUNK)).await?;
            if read.is_empty() {
                return Err(ArtifactError::Gone);
            }
            let rest = range.start + read.len() as u64..range.end;
            Ok(Some((Bytes::from(read), (recording, rest))))
        })
    }
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Everything: also where several parts are asked for, or something that is no range of bytes.
    Whole,
    Of(Range<u64>),
    Outside,
}

fn part_of(wanted: &str, bytes: u64) -> Part {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let Some((first, last)) = wanted
        .strip_prefix("bytes=")
        .filter(|ranges| !ranges.contains(','))
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let range = match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(last) => bytes.saturating_sub(last)..bytes,
            None => return Part::Whole,
        },
        (first, "") => match number(first) {
            Some(first) => first..bytes,
            None => return Part::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(bytes),
            _ => return Part::Whole,
        },
    };
    if range.start < range.end {
        Part::Of(range)
    } else {
        Part::Outside
    }
}

/// A recording that cannot be had, as clients see it.
pub fn problem(error: &ArtifactError) -> Problem {
    match error {
        ArtifactError::Gone | ArtifactError::NotWhole | ArtifactError::NoSuchRun => {
            let detail =
                "The recording's file is not in the data folder any more, or it was changed there";
            Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
        }
        ArtifactError::AlreadyThere | ArtifactError::Unavailable(_) => {
            tracing::error!(%error, "a recording cannot be read");
            let detail = "The recording cannot be read: the server's log says why";
            let (status, code) = (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StorageUnavailable,
            );
            Problem::new(status, code, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_part_of_the_file() {
        for (wanted, part) in [
            ("bytes=0-99", Part::Of(0..100)),
            ("bytes=100-", Part::Of(100..1000)),
            ("bytes=-100", Part::Of(900..1000)),
            ("bytes=-5000", Part::Of(0..1000)),
            ("bytes=990-5000", Part::Of(990..1000)),
            ("bytes=1000-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=2000-3000", Part::Outside),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=5-1", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("seconds=0-1", Part::Whole),
        ] {
            assert_eq!(part_of(wanted, 1000), part, "{wanted}");
        }
    }
}

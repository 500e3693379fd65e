//! `Media`: size and length of images, videos and audio, as far as they are known.

use quantity::{Duration, Ratio};

/// What is known of each image, video or recording; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Media {
    /// Width, pixels.
    pub width_px: Option<Ratio>,
    /// Height, pixels.
    pub height_px: Option<Ratio>,
    /// Denoising steps.
    pub steps: Option<Ratio>,
    /// Frames of a video.
    pub frames: Option<Ratio>,
    /// Frames per second of a video.
    pub fps: Option<Ratio>,
    /// Length of a video.
    pub seconds: Option<Duration>,
    /// Whether a video has sound.
    pub sound: Option<bool>,
    /// What is done with audio.
    pub audio: Option<Audio>,
}

/// What is done with audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audio {
    /// Speech is turned into text.
    Asr,
    /// Text is turned into speech.
    Tts,
}

impl Audio {
    /// The direction that a model's name tells.
    pub(crate) fn of_model(model: &str) -> Option<Self> {
        let name = model.to_lowercase();
        let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if any(&["whisper", "transcri", "parakeet", "canary", "-asr", "-stt"]) {
            Some(Self::Asr)
        } else if any(&["tts", "kokoro"]) {
            Some(Self::Tts)
        } else {
            None
        }
    }
}

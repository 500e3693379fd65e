//! What only some activities have: media, tuning, contracts for electricity, and the word for a number format.

use super::AssessmentError;
use super::read::{At, Reader};
use lca::electricity::{Contract, ContractShare, Volume};
use lca::{Audio, Kind, Matching, Media, Tuning};
use quantity::{Duration, Ratio};

/// Keys of media.
pub(super) const MEDIA: &[&str] = &["width_px", "height_px", "steps", "frames", "fps", "video_seconds", "sound", "audio"];

/// Number formats with their bytes per weight.
const PRECISIONS: [(&str, f64); 9] = [
    ("fp32", 4.0),
    ("bf16", 2.0),
    ("fp16", 2.0),
    ("fp8", 1.0),
    ("int8", 1.0),
    ("mxfp4", 0.53),
    ("nvfp4", 0.56),
    ("fp4", 0.5),
    ("int4", 0.5),
];

/// Size and length of images, videos and audio.
pub(super) fn media(row: &Reader<'_>) -> Result<Option<Media>, AssessmentError> {
    if MEDIA.iter().all(|key| row.place(key).is_none()) {
        return Ok(None);
    }
    let ratio = |key: &str| -> Result<Option<Ratio>, AssessmentError> { Ok(row.positive(key)?.map(|number| Ratio::new(number.value))) };
    let audio = match row.text("audio")? {
        None => None,
        Some(At { value: "asr", .. }) => Some(Audio::Asr),
        Some(At { value: "tts", .. }) => Some(Audio::Tts),
        Some(word) => {
            return Err(row.unknown(
                "word for `audio`",
                word,
                ["asr", "tts"].into_iter(),
                " Known: asr (speech to text), tts (text to speech).",
            ));
        }
    };
    Ok(Some(Media {
        width_px: ratio("width_px")?,
        height_px: ratio("height_px")?,
        steps: ratio("steps")?,
        frames: ratio("frames")?,
        fps: ratio("fps")?,
        seconds: row.positive("video_seconds")?.map(|number| Duration::seconds(number.value)),
        sound: row.place("sound").map(|_| row.flag("sound")).transpose()?,
        audio,
    }))
}

/// How a model was tuned.
pub(super) fn tuning(row: &Reader<'_>, kind: Kind) -> Result<Tuning, AssessmentError> {
    let Some(word) = row.text("tuning")? else { return Ok(Tuning::Full) };
    if kind != Kind::Training {
        return Err(row.source.error(word.at, format!("`tuning` belongs to training, not to {kind}")));
    }
    match word.value {
        "full" => Ok(Tuning::Full),
        "lora" => Ok(Tuning::Lora),
        _ => Err(row.unknown("tuning", word, ["full", "lora"].into_iter(), " Known: full, lora.")),
    }
}

/// Contracts for electricity, written like `ppa:wind:0.6`.
pub(super) fn contracts(row: &Reader<'_>) -> Result<Vec<ContractShare>, AssessmentError> {
    let mut list = Vec::new();
    let mut last = row.at;
    for word in row.texts("contracts")? {
        last = word.at;
        let contract: Contract = word.value.parse().map_err(|error| row.source.error(word.at, format!("{error}")))?;
        let (Volume::Share(share), Matching::Year) = (contract.volume, contract.matching) else {
            let message =
                format!("`{}` needs a load by hour to be set against; write a share over the year, such as ppa:wind:0.6", word.value);
            return Err(row.source.error(word.at, message));
        };
        list.push(ContractShare { kind: contract.kind, technology: contract.technology, share, zone: contract.zone });
    }
    lca::electricity::check(&list).map_err(|error| row.source.error(last, format!("{error}")))?;
    Ok(list)
}

/// Bytes per weight, by the name of the number format.
pub(super) fn precision(row: &Reader<'_>) -> Result<Option<Ratio>, AssessmentError> {
    let Some(word) = row.text("precision")? else { return Ok(None) };
    let known = PRECISIONS.map(|(name, _)| name);
    match PRECISIONS.iter().find(|(name, _)| *name == word.value) {
        Some((_, bytes)) => Ok(Some(Ratio::new(*bytes))),
        None => Err(row.unknown("precision", word, known.into_iter(), &format!(" Known: {}.", known.join(", ")))),
    }
}

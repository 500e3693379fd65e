//! Videos in the profile `ecologits`: time of a clip by its size and length, one server for each clip.

use super::{COLUMNS, Ends, Range, RangeRow, Tables, use_row};
use crate::factors::FactorSet;
use crate::plan::weakness;
use crate::{Activity, Deployment, Indicator, Stage};
use quantity::Grade;

/// Frames per second that the method assumes.
const FPS: f64 = 24.0;

impl Tables {
    /// The row name of a video model and the part of it that names the provider.
    fn video_model(&self, deployment: &Deployment, set: &FactorSet) -> Option<(String, String)> {
        let reported = deployment.model.as_deref()?;
        let resolved = set.resolve_model(deployment.provider.as_deref().unwrap_or(""), reported).model;
        [reported.to_lowercase(), resolved.to_lowercase()].iter().find_map(|spelling| {
            // That method names Google by its first name and Hugging Face not at all.
            let plain = spelling.strip_prefix("huggingface_hub/").unwrap_or(spelling).replace("google_genai/", "google/");
            let name = plain.split("-generate").next().unwrap_or(&plain).to_owned();
            let provider = name.split('/').next().unwrap_or_default().to_owned();
            self.factors.contains_key(&format!("ecologits.video.{name}.without_sound")).then_some((name, provider))
        })
    }

    /// The server that makes a clip and its accelerators.
    fn video_server(&self, model: &str) -> Option<(String, f64)> {
        ["dgx_h800", "dgx_h200", "single_h200", "tpu_v6e"].iter().find_map(|server| {
            let count = self.ends(&format!("ecologits.video.{model}.{server}"))?.0;
            Some(((*server).to_owned(), count))
        })
    }

    /// Minimum and maximum of the videos of one deployment.
    pub(super) fn videos(&self, activity: &Activity, deployment: &Deployment, set: &FactorSet, mut range: Range) -> Range {
        let about = deployment.model.clone().unwrap_or_else(|| "model not stated".to_owned());
        let known = self.video_model(deployment, set).and_then(|(model, provider)| {
            let (server, accelerators) = self.video_server(&model)?;
            Some((model, provider, server, accelerators))
        });
        let Some((model, provider, server, accelerators)) = known else {
            range.weaknesses.insert(weakness(
                "not_in_ecologits",
                &about,
                "the tables of EcoLogits 0.11.3 do not hold this model; it is a gap in this profile",
            ));
            return range;
        };
        let media = deployment.media.unwrap_or_default();
        let frames = media.frames.map(quantity::Ratio::get);
        let frames = frames.or_else(|| media.seconds.map(|length| libm::floor(length.as_seconds() * FPS + 1.0)));
        let (Some(width), Some(height), Some(frames)) = (media.width_px, media.height_px, frames) else {
            range.weaknesses.insert(weakness(
                "video_size_missing",
                &about,
                "this profile values a video by its width, height and length; without them it is a gap",
            ));
            return range;
        };
        let zone = self.zone(&format!("video/{provider}"), deployment, set, &mut range);
        let Some(grid) = self.grid(&zone) else {
            range.weaknesses.insert(weakness(
                "zone_not_in_ecologits",
                &zone,
                "the tables of EcoLogits 0.11.3 do not hold this grid zone; it is a gap in this profile",
            ));
            return range;
        };
        let own = |name: &str| format!("ecologits.video.{name}");
        let at = |id: &str| self.ends(&own(id)).unwrap_or((f64::NAN, f64::NAN));
        self.cite(&mut range, &[own(&format!("{model}.without_sound")), own(&format!("server.{server}.power_kw"))]);
        self.cite(&mut range, &["gwp", "adpe", "pe", "water"].map(|name| format!("ecologits.zone.{zone}.{name}")));
        let videos = activity.stats.videos as f64;
        let without = if media.sound == Some(false) { at(&format!("{model}.without_sound")).0 } else { 1.0 };
        let modelled_s = videos * without * self.clip_s(&model, width.get() * height.get(), frames);
        let measured_s = activity.stats.duration_ms as f64 / 1e3;
        let time_s = if measured_s > 0.0 { modelled_s.min(measured_s) } else { modelled_s };
        let power_kw = at(&format!("server.{server}.power_kw"));
        let (pue, wue) = (at(&format!("provider.{provider}.pue")), at(&format!("provider.{provider}.wue")));
        let corner = |power_kw: f64, pue: f64, wue: f64| use_row(time_s / 3600.0 * power_kw, pue, wue, &grid);
        let (low, high) = (corner(power_kw.0, pue.0, wue.0), corner(power_kw.1, pue.1, wue.1));
        let used: RangeRow = std::array::from_fn(|column| low[column].zip(high[column]));
        let mut made: [Option<Ends>; COLUMNS] = [None; COLUMNS];
        let share = time_s / self.constant("lifetime_s");
        for (indicator, name) in [(Indicator::GwpKgco2e, "gwp"), (Indicator::AdpeKgsbeq, "adpe"), (Indicator::PeMj, "pe")] {
            let whole = at(&format!("server.{server}.{name}")).0 + accelerators * at(&format!("server.{server}.accelerator_{name}")).0;
            made[indicator as usize] = Some((share * whole, share * whole));
        }
        // zero: decides which grade weighs most; a row without energy has no weight
        range.kwh = used[Indicator::EnergyKwh as usize].map_or(0.0, |(low, high)| 0.5 * (low + high));
        range.grade = Grade::E;
        range.stages.insert(Stage::Decode, used);
        range.stages.insert(Stage::Manufacturing, made);
        range.weaknesses.insert(weakness(
            "profile_ecologits_video",
            "EcoLogits 0.11.3",
            "the time of a clip follows from its size and length, and a whole server makes one clip; tokens, idle, end of life and training are left out",
        ));
        range
    }

    /// Seconds that one clip with sound takes.
    fn clip_s(&self, model: &str, pixels: f64, frames: f64) -> f64 {
        let volume = pixels * frames / 1000.0;
        let terms = [
            ("n", frames * pixels * pixels),
            ("m", volume),
            ("m1", frames),
            ("m2", pixels * pixels),
            ("n1", frames * frames),
            ("n2", volume * volume),
            ("g", 1.0),
        ];
        terms
            .into_iter()
            // A coefficient that is zero in that method has no row.
            .filter_map(|(name, amount)| Some(self.ends(&format!("ecologits.video.{model}.{name}"))?.0 * amount))
            .sum()
    }
}

//! The one message table: every text in English and in German, side by side.

use quantity::Lang;

macro_rules! messages {
    (@de $en:literal =) => { $en };
    (@de $en:literal $de:literal) => { $de };
    (@same =) => { true };
    (@same $de:literal) => { false };
    ($($name:ident: $en:literal, $de:tt;)+) => {
        /// A text of the surface. A text without German does not compile; `=` says that both are the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Msg { $(#[doc = $en] $name),+ }
        impl Msg {
            /// Every text.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The text in a language.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::En) => $en, (Self::$name, Lang::De) => messages!(@de $en $de)),+
                }
            }
            /// Whether the table says that both languages share this text.
            #[must_use]
            pub const fn is_same(self) -> bool {
                match self { $(Self::$name => messages!(@same $de)),+ }
            }
        }
    };
}

/// A text with its `{0}`, `{1}` … filled in.
#[must_use]
pub fn fill(message: Msg, lang: Lang, parts: &[&str]) -> String {
    let mut text = message.text(lang).to_owned();
    for (place, part) in parts.iter().enumerate() {
        text = text.replace(&format!("{{{place}}}"), part);
    }
    text
}

messages! {
    // Indicators
    Energy: "Energy", "Energie";
    Ghg: "Greenhouse gas", "Treibhausgas";
    Water: "Water", "Wasser";
    Materials: "Materials", "Material";
    MaterialsLong: "Depletion of elements", "Verbrauch von Elementen";
    Primary: "Primary energy", "Primärenergie";
    Ewaste: "E-waste", "Elektroschrott";
    Money: "Money", "Geld";
    EnergyLong: "Electricity at the site's meter", "Strom am Zähler des Standorts";
    GhgLong: "GWP100, location-based", "GWP100, ortsbasiert";
    WaterLong: "Consumed, on site and off site", "Verbraucht, am Standort und im Kraftwerk";
    PrimaryLong: "All energy carriers upstream", "Alle Energieträger der Vorkette";
    EwasteLong: "Hardware that will be scrapped", "Hardware, die verschrottet wird";
    MoneyLong: "As billed, else by list price", "Wie abgerechnet, sonst nach Listenpreis";
    // Stages
    Manufacturing: "manufacturing", "Herstellung";
    Development: "development", "Entwicklung";
    PreTraining: "pre-training", "Vortraining";
    FineTuning: "fine-tuning", "Feinabstimmung";
    Reinforcement: "reinforcement", "Bestärkung";
    Prefill: "prefill", "Einlesen";
    Decode: "decode", "Ausgeben";
    Idle: "idle", "Bereitschaft";
    Network: "network", "Netz";
    EndOfLife: "end of life", "Lebensende";
    NoStages: "no stage", "keine Phase";
    // Grades
    GradeA: "metered at the plug", "an der Steckdose gemessen";
    GradeB: "metered by counter", "vom Zähler gemessen";
    GradeC: "metered share", "gemessener Anteil";
    GradeD: "modelled with known hardware", "modelliert, Hardware bekannt";
    GradeE: "modelled with guesses", "modelliert mit Annahmen";
    GradeF: "default", "Vorgabewert";
    // Profiles and groupings
    ProfileFull: "use and hardware", "Nutzung und Hardware";
    ProfileOperational: "use alone", "nur Nutzung";
    ProfileEcologits: "compatible with EcoLogits", "vergleichbar mit EcoLogits";
    ByAccount: "Account", "Konto";
    ByModel: "Model", "Modell";
    ByProvider: "Provider", "Anbieter";
    BySite: "Site", "Standort";
    ByStage: "Stage", "Phase";
    ByDay: "Day", "Tag";
    ByMonth: "Month", "Monat";
    // Boundary
    BoundaryFull: "Counts the use of the models and the hardware behind it, with each stage at its share: {0}. A contribution to a company's total, never the total; location-based.", "Zählt die Nutzung der Modelle und die Hardware dahinter, jede Phase mit ihrem Anteil: {0}. Ein Beitrag zur Summe eines Unternehmens, nie die Summe; ortsbasiert.";
    BoundaryOperational: "Counts the use of the models alone: {0}. A contribution to a company's total, never the total; location-based.", "Zählt allein die Nutzung der Modelle: {0}. Ein Beitrag zur Summe eines Unternehmens, nie die Summe; ortsbasiert.";
    BoundaryEcologits: "Counts by the formulas of EcoLogits 0.11.3, for comparison: {0}. The band is that method's range, not a 90 % interval.", "Zählt nach den Formeln von EcoLogits 0.11.3, zum Vergleich: {0}. Das Band ist die Spanne jener Methode, kein 90-%-Intervall.";
    ReasonTraining: "training of other people's models stands on a line of its own, never in the total; no factor yet", "das Training fremder Modelle steht auf einer eigenen Zeile, nie in der Summe; noch ohne Faktor";
    ReasonOperational: "left out by the profile", "vom Profil ausgelassen";
    ReasonEcologits: "not a stage of that method", "keine Phase jener Methode";
    ReasonNetwork: "no cited factor yet; see the weaknesses", "noch ohne belegten Faktor; siehe Schwachstellen";
    ReasonNothing: "nothing in the books falls under it", "nichts in den Büchern fällt darunter";
    GapEmpty: "no entries in this period", "keine Einträge in diesem Zeitraum";
    GapCost: "neither a billed cost nor a list price is known; import a bill or an export with cost", "weder abgerechnete Kosten noch ein Listenpreis sind bekannt; importiere eine Rechnung oder einen Export mit Kosten";
    GapFactor: "the factor set has no factor for it", "der Faktorsatz hat dafür keinen Faktor";
    // Words of a statement
    Title: "Footprint of AI", "Fußabdruck von KI";
    Total: "Total", "Summe";
    Gap: "gap", "Lücke";
    Unknown: "not stated", "nicht genannt";
    Unassigned: "unassigned", "nicht zugeordnet";
    Period: "Period", "Zeitraum";
    PeriodEmpty: "no entries", "keine Einträge";
    To: "to", "bis";
    Requests: "Requests", "Anfragen";
    Tokens: "Tokens", =;
    Entries: "Entries", "Einträge";
    Indicator: "Indicator", "Indikator";
    Median: "Median", =;
    Interval: "90 % interval", "90-%-Intervall";
    IntervalEcologits: "Range", "Spanne";
    Low: "Low", "Unten";
    High: "High", "Oben";
    Unit: "Unit", "Einheit";
    Grade: "Grade", "Güte";
    Profile: "Profile", "Profil";
    Drivers: "What makes the interval wide", "Was das Intervall breit macht";
    DriversNote: "Share of the variance", "Anteil an der Varianz";
    Weaknesses: "Weaknesses", "Schwachstellen";
    NoWeaknesses: "None noted.", "Keine bemerkt.";
    Coverage: "Coverage", "Abdeckung";
    CoverModel: "Tokens of models known to the factor set", "Tokens von Modellen, die der Faktorsatz kennt";
    CoverZone: "Tokens with a stated region or grid zone", "Tokens mit genannter Region oder Netzzone";
    CoverCache: "Requests with stated prompt-cache use", "Anfragen mit genannter Nutzung des Prompt-Cache";
    CoverMetered: "Energy that was metered", "Gemessene Energie";
    CoverDays: "Days without entries", "Tage ohne Einträge";
    StagesIn: "Stages counted", "Gezählte Phasen";
    StagesOut: "Stages left out", "Ausgelassene Phasen";
    Partial: "without {0} of the tokens, which have no figure", "ohne {0} der Tokens, zu denen eine Zahl fehlt";
    Gaps: "Gaps", "Lücken";
    NoGaps: "None: every indicator has a figure.", "Keine: jeder Indikator hat eine Zahl.";
    Boundary: "Boundary", "Systemgrenze";
    Disclosures: "What providers tell", "Was Anbieter sagen";
    Discloses: "tells", "nennt";
    Withholds: "withholds", "verschweigt";
    Inferred: "inferred", "erschlossen";
    NothingTold: "the factor set knows of no disclosure", "dem Faktorsatz ist keine Angabe bekannt";
    EnergyShare: "Share of energy", "Anteil der Energie";
    Findings: "Findings", "Befunde";
    NoFindings: "No findings: imports and sources agree.", "Keine Befunde: Importe und Quellen stimmen überein.";
    Rows: "rows", "Zeilen";
    RowsOne: "row", "Zeile";
    Note: "note", "Hinweis";
    Warning: "warning", "Warnung";
    Error: "error", "Fehler";
    Sources: "Sources", "Quellen";
    NoSources: "No factor was used, so no source is cited.", "Kein Faktor wurde benutzt, also wird keine Quelle genannt.";
    Retrieved: "retrieved", "abgerufen";
    Licence: "Licence", "Lizenz";
    Factors: "Factors", "Faktoren";
    Overrides: "Factors replaced by your own", "Durch eigene ersetzte Faktoren";
    Evidence: "To recompute to the same digit", "Zum Nachrechnen auf dieselbe Ziffer";
    LedgerHead: "Ledger head", "Stand der Bücher";
    FactorSet: "Factor set", "Faktorsatz";
    Method: "Method", "Methode";
    Outcomes: "Outcomes", "Ergebnisse";
    OutcomesOf: "{0} of {1} accepted ({2})", "{0} von {1} angenommen ({2})";
    OutcomesUnknown: "Unknown: no outcomes recorded.", "Unbekannt: keine Ergebnisse erfasst.";
    GroupsShown: "{0} more groups are in the JSON and CSV.", "{0} weitere Gruppen stehen in JSON und CSV.";
    More: "{0} more", "{0} weitere";
    Account: "Account", "Konto";
    Groups: "By {0}", "Nach {0}";
    // Numbers
    Million: "M", "Mio.";
    Billion: "bn", "Mrd.";
    Trillion: "tn", "Bio.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_exists_in_both_languages() {
        for message in Msg::ALL {
            let (en, de) = (message.text(Lang::En), message.text(Lang::De));
            assert!(!en.trim().is_empty() && !de.trim().is_empty(), "{message:?} is empty");
            assert_eq!(en == de, message.is_same(), "{message:?}: `{en}` and `{de}`; write `=` where both are the same");
        }
    }

    #[test]
    fn both_languages_take_the_same_parts() {
        for message in Msg::ALL {
            for part in ["{0}", "{1}", "{2}", "{3}"] {
                let (en, de) = (message.text(Lang::En), message.text(Lang::De));
                assert_eq!(en.matches(part).count(), de.matches(part).count(), "{message:?} fills {part} differently");
            }
        }
    }
}

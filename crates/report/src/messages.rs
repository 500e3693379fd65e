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
    ProfileOperational: "operation alone", "nur Betrieb";
    ProfileSciConsumer: "SCI for AI, consumer", "SCI für KI, Verbraucher";
    ProfileSciProvider: "SCI for AI, provider", "SCI für KI, Anbieter";
    ProfileGhgLocation: "GHG inventory, location-based", "Treibhausgasinventar, ortsbasiert";
    ProfileGhgMarket: "GHG inventory, market-based", "Treibhausgasinventar, marktbasiert";
    ProfileEcologits: "compatible with EcoLogits", "vergleichbar mit EcoLogits";
    ByAccount: "Account", "Konto";
    ByModel: "Model", "Modell";
    ByProvider: "Provider", "Anbieter";
    BySite: "Site", "Standort";
    ByStage: "Stage", "Phase";
    ByDay: "Day", "Tag";
    ByMonth: "Month", "Monat";
    // Boundary
    BoundaryFull: "Counts the use of the models and the hardware behind it, with each stage at its share: {0}. A contribution to a company's total, never the total; location-based, with the losses of the grid.", "Zählt die Nutzung der Modelle und die Hardware dahinter, jede Phase mit ihrem Anteil: {0}. Ein Beitrag zur Summe eines Unternehmens, nie die Summe; ortsbasiert, mit den Verlusten des Netzes.";
    BoundaryOperational: "Counts operation alone, without hardware: {0}. A contribution to a company's total, never the total; location-based.", "Zählt allein den Betrieb, ohne Hardware: {0}. Ein Beitrag zur Summe eines Unternehmens, nie die Summe; ortsbasiert.";
    BoundaryEcologits: "Counts by the formulas of EcoLogits 0.11.3, for comparison: {0}. The band is that method's range, not a 90 % interval.", "Zählt nach den Formeln von EcoLogits 0.11.3, zum Vergleich: {0}. Das Band ist die Spanne jener Methode, kein 90-%-Intervall.";
    BoundarySciConsumer: "Counts operation and a share of the hardware that serves, by reserved time: {0}. Consumer score of SCI for AI; training belongs to the provider's score; location-based.", "Zählt den Betrieb und einen Anteil der bedienenden Hardware, nach reservierter Zeit: {0}. Verbraucherwert von SCI für KI; das Training gehört zum Anbieterwert; ortsbasiert.";
    BoundarySciProvider: "Counts development, training and their hardware: {0}. Provider score of SCI for AI; use belongs to the consumer's score; location-based.", "Zählt Entwicklung, Training und deren Hardware: {0}. Anbieterwert von SCI für KI; die Nutzung gehört zum Verbraucherwert; ortsbasiert.";
    BoundaryGhgLocation: "Inventory view of the GHG Protocol: {0}. Purchased hardware counts in full in the year of purchase, so no share of it is attributed to use; electricity by place, with category 3 (upstream and losses).", "Inventarsicht des GHG Protocol: {0}. Gekaufte Hardware zählt voll im Jahr des Kaufs, der Nutzung wird daher kein Anteil zugerechnet; Strom nach dem Ort, mit Kategorie 3 (Vorkette und Verluste).";
    BoundaryGhgMarket: "Inventory view of the GHG Protocol: {0}. Purchased hardware counts in full in the year of purchase, so no share of it is attributed to use; electricity by contract, the rest by the residual mix, with category 3 (upstream and losses).", "Inventarsicht des GHG Protocol: {0}. Gekaufte Hardware zählt voll im Jahr des Kaufs, der Nutzung wird daher kein Anteil zugerechnet; Strom nach dem Vertrag, der Rest nach dem Restmix, mit Kategorie 3 (Vorkette und Verluste).";
    ReasonSciConsumer: "belongs to the provider's score", "gehört zum Anbieterwert";
    ReasonSciProvider: "belongs to the consumer's score", "gehört zum Verbraucherwert";
    ReasonInventory: "counted in full when it is bought, not by use", "zählt voll beim Kauf, nicht nach Nutzung";
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
    RequestsOf: "requests", "Anfragen";
    TokensOf: "tokens", "Tokens";
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
    Partial: "no figure for {0} of the energy", "ohne Zahl für {0} der Energie";
    PartialUnknown: "no figure for a part whose energy is not known", "ohne Zahl für einen Teil, dessen Energie nicht bekannt ist";
    Sums: "Medians of groups do not add up to the median of the total, because wide intervals lean to the high side; requests, tokens and money do add up.", "Die Mediane der Gruppen ergeben zusammen nicht den Median der Summe, weil breite Intervalle nach oben neigen; Anfragen, Tokens und Geld addieren sich.";
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
    // Dashboard: frame
    Skip: "Skip to content", "Zum Inhalt springen";
    NavMain: "Pages", "Seiten";
    NavLang: "Language", "Sprache";
    NavOverview: "Overview", "Überblick";
    NavBreakdown: "Breakdown", "Aufteilung";
    NavQuality: "Quality", "Qualität";
    NavApi: "API", =;
    RangeTitle: "Time range and profile", "Zeitraum und Profil";
    RangeFrom: "From", "Von";
    RangeTo: "Until", "Bis";
    RangePresets: "Up to the newest entry", "Bis zum neuesten Eintrag";
    RangeDays: "{0} days", "{0} Tage";
    RangeAll: "All", "Alles";
    RangeApply: "Show", "Zeigen";
    AccountClear: "all accounts", "alle Konten";
    OnlyAccount: "Only account {0}", "Nur Konto {0}";
    Footer: "Bilanz {0} · the books in {1} · nothing on this page leaves this machine.", "Bilanz {0} · die Bücher in {1} · nichts auf dieser Seite verlässt diesen Rechner.";
    // Dashboard: balance sheet
    SheetTitle: "Balance sheet of AI", "Bilanz der KI";
    SheetCost: "What AI cost", "Was KI gekostet hat";
    SheetBack: "What it gave back", "Was sie zurückgab";
    SheetEmpty: "The books are empty. Import usage with `bilanz import FILE`, or look around with `bilanz demo`.", "Die Bücher sind leer. Importiere Nutzung mit `bilanz import DATEI`, oder sieh dich um mit `bilanz demo`.";
    ColFigure: "Median and 90 % interval", "Median und 90-%-Intervall";
    ColFigureRange: "Midpoint and range", "Mitte und Spanne";
    ColWidth: "Width, ÷8 to ×8", "Breite, ÷8 bis ×8";
    SheetLegend: "The band shows the interval against the median, from an eighth to eightfold, on one scale for all. Grade {0}: {1}.", "Das Band zeigt das Intervall gegen den Median, vom Achtel bis zum Achtfachen, auf einer Skala für alle. Güte {0}: {1}.";
    ColChange: "Against the {0} days before", "Gegen die {0} Tage davor";
    ColChangePlain: "Change", "Änderung";
    WidthWords: "from {0} to {1} of the median", "vom {0}- bis zum {1}-Fachen des Medians";
    WidthExact: "exact", "genau";
    ChangeMore: "more, {0} sure", "mehr, zu {0} sicher";
    ChangeLess: "less, {0} sure", "weniger, zu {0} sicher";
    ChangeUnclear: "no clear change", "keine klare Änderung";
    ChangeMedian: "median {0}", "Median {0}";
    ChangeNone: "no earlier period of this length", "kein früherer Zeitraum dieser Länge";
    ChangeGap: "gap before or now", "Lücke davor oder jetzt";
    BackAccepted: "of the known outcomes were accepted", "der bekannten Ergebnisse wurden angenommen";
    BackCounts: "{0} accepted, {1} rejected; known for at most {2} of the requests", "{0} angenommen, {1} abgelehnt; bekannt für höchstens {2} der Anfragen";
    BackUnknown: "Unknown", "Unbekannt";
    BackUnknownWhy: "No outcomes are recorded.", "Es sind keine Ergebnisse erfasst.";
    BackHow: "Add the column `accepted` (yes or no) to an import, and this side fills. Until then the sheet has one side only, and says so.", "Ergänze in einem Import die Spalte `accepted` (ja oder nein), dann füllt sich diese Seite. Bis dahin hat die Bilanz nur eine Seite, und sagt es.";
    BackPer: "Per 1,000 requests", "Je 1.000 Anfragen";
    BackDone: "What was done with it", "Was damit getan wurde";
    BackNoOutcome: "Activity is not yet an outcome.", "Tätigkeit ist noch kein Ergebnis.";
    DoneRequests: "requests answered", "Anfragen beantwortet";
    DoneRead: "tokens read", "Tokens gelesen";
    DoneWritten: "tokens written", "Tokens geschrieben";
    // Dashboard: figures
    FigSeries: "{0} over time", "{0} im Verlauf";
    FindSeries: "Together {0}. The median was highest on {1}, at {2}.", "Zusammen {0}. Der Median war am höchsten: {1} mit {2}.";
    FindSeriesMonth: "Together {0}. The median was highest in {1}, at {2}.", "Zusammen {0}. Der Median war am höchsten: {1} mit {2}.";
    FindMissing: "{0} days have no entries; the line breaks there, it does not fall to zero.", "{0} Tage haben keine Einträge; die Linie bricht dort ab, sie fällt nicht auf null.";
    FindPartial: "A hollow dot marks a month the range cuts short.", "Ein hohler Punkt zeigt einen Monat, den der Zeitraum anschneidet.";
    FindNothing: "There is no figure for this: {0}.", "Dazu gibt es keine Zahl: {0}.";
    FigTop: "{0} by {1}", "{0} nach {1}";
    FindTop: "{0} leads with {1}; that is {2} of the medians added up.", "{0} führt mit {1}; das sind {2} der zusammengezählten Mediane.";
    FindTopUnsure: "{0} has the highest median, {1}, but the intervals overlap: the order of the first two is not certain.", "{0} hat den höchsten Median, {1}, doch die Intervalle überlappen: die Reihenfolge der ersten zwei ist nicht sicher.";
    FindOne: "All of it falls on {0}: {1}.", "Alles fällt auf {0}: {1}.";
    FindStage: "{0} weighs most, with {1}.", "Am schwersten wiegt {0}, mit {1}.";
    KeyMedian: "median", "Median";
    KeyBand: "90 % interval", "90-%-Intervall";
    KeyRange: "range of the method", "Spanne der Methode";
    KeyHint: "Move along the chart to read a figure.", "Fahre über das Diagramm, um eine Zahl zu lesen.";
    ShowLabel: "Indicator shown", "Gezeigter Indikator";
    ByLabel: "Grouped by", "Gruppiert nach";
    DataTitle: "Table, command line and sources", "Tabelle, Kommandozeile und Quellen";
    DataCli: "The same figures on the command line", "Dieselben Zahlen auf der Kommandozeile";
    DataJson: "as JSON", "als JSON";
    DataCsv: "as CSV", "als CSV";
    DataSources: "sources of these figures", "Quellen dieser Zahlen";
    DataAll: "the whole breakdown", "die ganze Aufteilung";
    AllGroups: "All groups", "Alle Gruppen";
    // Dashboard: quality and sources
    QualityTitle: "How well this is known", "Wie gut das bekannt ist";
    QualityLead: "An interval is only as good as what is behind it. This page lists what was assumed, what is missing, and what would narrow the figures.", "Ein Intervall ist nur so gut wie das, was dahintersteht. Diese Seite nennt, was angenommen wurde, was fehlt, und was die Zahlen einengen würde.";
    GradesTitle: "Energy by grade", "Energie nach Güte";
    GradesLead: "The total has grade {0}: the worst that holds at least a fifth of the energy.", "Die Summe hat Güte {0}: die schlechteste, auf die mindestens ein Fünftel der Energie fällt.";
    GradesNone: "Nothing was valued in this range, so there is no grade to show.", "In diesem Zeitraum wurde nichts bewertet, also gibt es keine Güte.";
    DriversLead: "Shares of the variance of the total energy. Better knowledge of the first lines narrows the interval most.", "Anteile an der Varianz der gesamten Energie. Besseres Wissen zu den ersten Zeilen engt das Intervall am meisten ein.";
    SourcesTitle: "Sources and factors", "Quellen und Faktoren";
    SourcesLead: "Every figure rests on cited factors. These are the sources behind the figures of this range, with the factors taken from each.", "Jede Zahl ruht auf belegten Faktoren. Dies sind die Quellen hinter den Zahlen dieses Zeitraums, mit den Faktoren aus jeder.";
    FactorsUsed: "Factors used", "Benutzte Faktoren";
    FactorId: "Factor", "Faktor";
    FactorValue: "Median", =;
    FactorSpread: "90 % of values", "90 % der Werte";
    FactorPlace: "Where, when", "Wo, wann";
    SourceId: "Source", "Quelle";
    // Dashboard: API and errors
    ApiTitle: "The same figures for programs", "Dieselben Zahlen für Programme";
    ApiLead: "Read-only, on this machine, without a key. The footprint is the same bytes as `bilanz report footprint --json`.", "Nur lesend, auf diesem Rechner, ohne Schlüssel. Der Fußabdruck hat dieselben Bytes wie `bilanz report footprint --json`.";
    ApiSpec: "The complete description with every schema", "Die vollständige Beschreibung mit allen Schemata";
    ApiTry: "Try", "Ausprobieren";
    ApiParameter: "Parameter", =;
    ApiMeaning: "Meaning", "Bedeutung";
    LostTitle: "There is no such page", "Diese Seite gibt es nicht";
    LostText: "The address leads nowhere. The overview knows all pages.", "Die Adresse führt nirgends hin. Der Überblick kennt alle Seiten.";
    WrongTitle: "This could not be shown", "Das ließ sich nicht zeigen";
    WrongBack: "Back to the overview", "Zurück zum Überblick";
    // Life cycle of an assessment
    NavLife: "Life cycle", "Lebensweg";
    LifeTitle: "Life cycle", "Lebensweg";
    LifeLead: "A whole system of activities, from making the hardware to its end, stage by stage.", "Ein ganzes System von Tätigkeiten, von der Herstellung der Hardware bis zu ihrem Ende, Phase für Phase.";
    LifeStages: "{0} by stage of the life cycle", "{0} nach Phase des Lebenswegs";
    LifeActivities: "{0} by activity", "{0} nach Tätigkeit";
    LifeActivity: "Activity", "Tätigkeit";
    LifeKind: "Kind", "Art";
    LifeShare: "Share of the total", "Anteil an der Summe";
    LifePart: "Median of what each activity adds to each stage", "Median dessen, was jede Tätigkeit zu jeder Phase beiträgt";
    LifePer: "Per {0} ({1} in all)", "Je {0} ({1} insgesamt)";
    LifeAmortised: "Beside the total: training by others", "Neben der Summe: Training durch andere";
    LifeAmortisedWhy: "The training of models by others at the stated share; it stands here and is never in the total.", "Das Training von Modellen durch andere, mit dem genannten Anteil; es steht hier und nie in der Summe.";
    LifeAgainst: "against the total", "gegen die Summe";
    LifeNoActivity: "no activity of the assessment falls under it", "keine Tätigkeit des Systems fällt darunter";
    LifeGaps: "What the totals lack: activities without a figure", "Was den Summen fehlt: Tätigkeiten ohne Zahl";
    LifeLeftOut: "left out", "ausgelassen";
    LifeNothing: "No activity has a figure for {0}.", "Keine Tätigkeit hat eine Zahl für {0}.";
    LifeFindSure: "{0} weighs most: {1} of {2}, {3} of the total.", "Am schwersten wiegt {0}: {1} von {2}, {3} der Summe.";
    LifeFindUnsure: "{0} has the highest median, {1} of {2}, but it is not surely above {3}: the order is not claimed below a probability of 90 %.", "Den höchsten Median hat {0}, {1} von {2}, doch nicht sicher über {3}: unter 90 % Wahrscheinlichkeit wird keine Reihenfolge behauptet.";
    LifeFindOnly: "All of it falls on {0}: {1}.", "Alles fällt auf {0}: {1}.";
    LifeKeyBar: "median, split by activity", "Median, geteilt nach Tätigkeit";
    LifeKeyBand: "90 % interval", "90-%-Intervall";
    LifeKeyNumbers: "The numbers in the bars are the activities:", "Die Zahlen in den Balken sind die Tätigkeiten:";
    LifeSplit: "A bar is split by the medians of the activities; medians do not add up exactly, draws do.", "Ein Balken ist nach den Medianen der Tätigkeiten geteilt; Mediane addieren sich nicht genau, Ziehungen schon.";
    LifeNote: "Note", "Anmerkung";
    LifeFile: "Assessment", "Bewertung";
    LifeNone: "There is no assessment in these books yet", "In diesen Büchern liegt noch keine Bewertung";
    LifeNoneHow: "An assessment is one file that describes a whole system: the hardware, its development and training, a year of use. Write it into {0}, and it is shown here. A small one:", "Eine Bewertung ist eine Datei, die ein ganzes System beschreibt: Hardware, Entwicklung und Training, ein Jahr Nutzung. Lege sie unter {0} ab, dann wird sie hier gezeigt. Eine kleine:";
    LifeBroken: "This assessment cannot be read", "Diese Bewertung lässt sich nicht lesen";
    LifeDrivers: "What makes the interval of the total wide", "Was das Intervall der Summe breit macht";
    KindInference: "inference", "Inferenz";
    KindTraining: "training", "Training";
    KindElectricity: "electricity", "Strom";
    KindHardware: "hardware", "Hardware";
    // What passes the gateway right now
    NavLive: "Live", =;
    LiveTitle: "What passes right now", "Was gerade durchläuft";
    LiveLead: "{0} on their way · {1} ended since the start · as of {2} UTC", "{0} unterwegs · {1} beendet seit dem Start · Stand {2} UTC";
    LivePause: "Pause", "Anhalten";
    LiveResume: "Go on", "Fortfahren";
    LiveOff: "No gateway runs in this process", "In diesem Prozess läuft kein Gateway";
    LiveOffHow: "The gateway passes calls of models on, meters their answers, holds them to the rules and writes them into the books. Start one, and point your programs at it:", "Das Gateway reicht Aufrufe von Modellen weiter, misst ihre Antworten, hält sie an die Regeln und schreibt sie in die Bücher. Starte eines und richte deine Programme darauf:";
    LiveNothing: "Nothing has passed yet.", "Noch ist nichts durchgelaufen.";
    LiveRequests: "The last calls", "Die letzten Aufrufe";
    LiveTime: "Time (UTC)", "Zeit (UTC)";
    LiveUpstream: "Upstream", =;
    LiveEnd: "Status, end", "Status, Ende";
    LiveTokensIn: "Tokens in", "Tokens ein";
    LiveTokensOut: "Tokens out", "Tokens aus";
    LiveDuration: "Duration", "Dauer";
    LiveFirstToken: "First token", "Erstes Token";
    LiveActed: "Rules and edits that acted", "Regeln und Eingriffe";
    LiveEstimated: "estimated", "geschätzt";
    LiveNoHead: "no answer", "keine Antwort";
    EndComplete: "complete", "vollständig";
    EndFailed: "error of the provider", "Fehler des Anbieters";
    EndClientGone: "the client went away", "der Client ging";
    EndUpstreamFault: "the upstream broke off", "der Upstream brach ab";
    LiveSums: "Since the start, by {0}", "Seit dem Start, nach {0}";
    LiveSumsNote: "Each figure is a median with its 90 % interval below; the grade says how well it is known.", "Jede Zahl ist ein Median mit dem 90-%-Intervall darunter; die Güte sagt, wie gut sie bekannt ist.";
    LiveMore: "{0} more are in the JSON.", "{0} weitere stehen im JSON.";
    LiveBudgets: "Budgets", =;
    LiveNoBudgets: "No rule has a limit; a `[[rule]]` in `bilanz.toml` with a metric and a limit is a budget.", "Keine Regel hat eine Grenze; eine `[[rule]]` in `bilanz.toml` mit Größe und Grenze ist ein Budget.";
    LiveBudgetIdle: "The windows are open, and nothing has been counted in them yet.", "Die Zeitfenster sind offen, und noch ist nichts darin gezählt.";
    LiveBudget: "{0} of {1} spent, {2} reserved for calls on their way, {3} left", "{0} von {1} verbraucht, {2} für Aufrufe unterwegs vorgemerkt, {3} übrig";
    LiveBudgetOpen: "{0} spent, {1} reserved for calls on their way, no hard limit", "{0} verbraucht, {1} für Aufrufe unterwegs vorgemerkt, keine harte Grenze";
    LiveBudgetSoft: "warns from {0}", "warnt ab {0}";
    LiveBudgetWarns: "above its soft limit", "über der weichen Grenze";
    LiveBudgetFull: "used up", "ausgeschöpft";
    LiveBudgetUntil: "until {0} UTC", "bis {0} UTC";
    LiveBudgetRefused: "{0} refused", "{0} abgewiesen";
    LiveBudgetUnvalued: "{0} calls have no value in this unit and are not in it", "{0} Aufrufe haben in dieser Einheit keinen Wert und sind nicht darin";
    LiveNone: "none", "keine";
    LiveGapMissing: "Usage that the provider did not tell", "Verbrauch, den der Anbieter nicht nannte";
    LiveGapDoubtful: "Usage that cannot be believed", "Verbrauch, der nicht zu glauben ist";
    LiveGapUnknown: "Calls of operations that are not metered", "Aufrufe, die nicht gemessen werden";
    LiveGapWaiting: "Records that wait in memory for the journal", "Einträge, die im Speicher auf das Journal warten";
    LiveGapLost: "Records that are lost", "Einträge, die verloren sind";
    LiveExport: "The export of metrics fails: {0}", "Die Ausgabe der Metriken schlägt fehl: {0}";
    LiveRefused: "Refusals, by rule or reason", "Abweisungen, nach Regel oder Grund";
    LiveOwn: "What the gateway itself costs", "Was das Gateway selbst kostet";
    LiveOwnTime: "{0} s of processor time since this process began, with everything it does beside", "{0} s Rechenzeit seit dem Start dieses Prozesses, mit allem, was er nebenher tut";
    LiveOwnSite: "Grid of the site {0}.", "Netz des Standorts {0}.";
    LiveOwnWorld: "Average grid of the world, since `bilanz.toml` names no site, or several.", "Mittleres Netz der Welt, da `bilanz.toml` keinen Standort nennt oder mehrere.";
    LiveOwnShare: "Share of what passed", "Anteil an dem, was durchlief";
    LiveOwnNone: "The processor time of this process cannot be read on this system: a gap, not zero.", "Die Rechenzeit dieses Prozesses lässt sich auf diesem System nicht lesen: eine Lücke, keine Null.";
    // Comparison of two assessments
    CompareTitle: "{0} against {1}", "{0} gegen {1}";
    CompareTotals: "The totals are compared.", "Verglichen werden die Summen.";
    ComparePer: "Compared per {0}.", "Verglichen je {0}.";
    CompareDifference: "Difference", "Unterschied";
    CompareRatio: "Ratio", "Verhältnis";
    CompareBelow: "P(first below second)", "P(Erste unter Zweiter)";
    CompareClaim: "What may be said", "Was sich sagen lässt";
    CompareFirst: "the first is lower", "die Erste liegt tiefer";
    CompareSecond: "the second is lower", "die Zweite liegt tiefer";
    CompareTie: "no order is claimed", "keine Reihenfolge behauptet";
    CompareRule: "A lower one is claimed only where it holds on at least 90 % of the draws; factors that both share cancel out.", "Ein Tieferes wird nur behauptet, wo es in mindestens 90 % der Ziehungen gilt; gemeinsame Faktoren heben sich auf.";
    CompareFirstName: "First", "Erste";
    CompareSecondName: "Second", "Zweite";
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

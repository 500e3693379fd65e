//! German for what the method and the imports notice, by code; the English text is their own.

use books::Finding;
use quantity::{Lang, Weakness};

/// German of the weaknesses; `{0}` is what it is about.
const WEAKNESSES: &[(&str, &str)] = &[
    (
        "accelerator_figure_missing",
        "zu diesem Beschleuniger fehlt eine Zahl; der Referenzbeschleuniger springt ein, oder der Teil bleibt eine Lücke",
    ),
    ("accelerator_from_parts", "für seine Herstellung ist keine Summe veröffentlicht; sie ist die Summe seiner Teile"),
    ("accelerator_not_in_table", "zu diesem Beschleuniger gibt es keine Faktoren; der Referenzbeschleuniger springt ein"),
    (
        "accelerator_split_missing",
        "Chipfläche, Speicher oder Prozess stehen nicht in den Tabellen; die Herstellung des Beschleunigers ist nicht in Teile zerlegt",
    ),
    (
        "accelerators_unknown",
        "wie viele Beschleuniger eine Kopie des Modells halten, ist nicht genannt; angenommen werden die wenigsten, die seine Gewichte fassen, oder doppelt so viele",
    ),
    ("active_unknown", "nur die Gesamtgröße ist genannt; das Modell gilt als dicht"),
    ("audio_direction_unknown", "ob Sprache zu Text oder Text zu Sprache wurde, ist nicht genannt; die Spanne beider springt ein"),
    (
        "audio_law_weak",
        "Sekunden Ton sind nach einem groben Gesetz aus Sekunden und Größe bewertet; offene Messungen an Audiomodellen gibt es kaum",
    ),
    ("batch_inferred", "wie viele Anfragen zusammen bedient wurden, ist aus der Zeit zwischen Tokens erschlossen, mit breiter Streuung"),
    (
        "batch_unknown",
        "wie viele Anfragen zusammen bedient wurden, ist nicht genannt; eine Annahme springt ein: Zeiten zwischen Tokens oder ein Wort des Anbieters würden sie einengen",
    ),
    ("boundary_narrow", "die Energie zählt nur an dieser Grenze, zum Vergleich mit Messungen; ein Fußabdruck zählt den ganzen Standort"),
    ("cache_unknown", "ob Eingaben aus einem Prompt-Cache kamen, ist für manche Anfragen nicht genannt; alles zählt als nicht gelesen"),
    (
        "contract_factor_missing",
        "der Faktorsatz hat keinen Wert für das, was dieser Vertrag erzeugt; Strom ohne Vertrag springt ein: nenne den Wert des Lieferanten in eigenen Faktoren",
    ),
    (
        "contract_zone_differs",
        "dieser Vertrag erzeugt in einer anderen Netzzone als der des Standorts; ob beide ein Markt sind, ist nachzuweisen",
    ),
    ("contracts_exceed_load", "die Verträge decken mehr als den Strom des Standorts; sie sind auf ihn gekürzt"),
    ("currency_unknown", "der Faktorsatz hat keinen Wechselkurs; die abgerechneten Kosten sind eine Lücke"),
    (
        "development_not_counted",
        "Versuche und gescheiterte Läufe gehören nicht zu einem gemessenen Lauf; sie zählen nur, wo sie selbst eingetragen sind oder ihr Verhältnis genannt ist",
    ),
    (
        "development_prior",
        "die Energie von Versuchen und gescheiterten Läufen ist nicht genannt; eine Annahme aus offenen Programmen springt ein: nenne das Verhältnis, oder 0, wo sie selbst eingetragen sind",
    ),
    (
        "device_unknown",
        "was gekauft wurde, ist nicht genannt oder steht in keiner Tabelle; der ganze Kauf ist eine Lücke: nenne einen Beschleuniger der Tabellen oder ergänze ihn in eigenen Faktoren",
    ),
    ("devices_unknown", "wie viele Geräte gekauft wurden, ist nicht genannt: es ließ sich nichts bewerten"),
    (
        "embodied_water_dies",
        "das Wasser der Herstellung ist das des Chips allein; für Speicher, Platine und Server ist keines veröffentlicht",
    ),
    (
        "embodied_water_gap",
        "für die Herstellung von Beschleunigern gibt es keine belegte Zahl in Litern; das Wasser der Summe ist das der Nutzung",
    ),
    ("end_of_life_gap", "gezählt wird nur die Masse des Elektroschrotts; für seine Behandlung gibt es keine belegte Zahl"),
    ("energy_missing", "der Eintrag gilt als gemessen, nennt aber keine Energie: es ließ sich nichts bewerten"),
    ("factor_missing", "der Faktorsatz hat diesen Faktor nicht; die Teile, die ihn brauchen, sind Lücken"),
    (
        "grid_combustion_only",
        "die Quelle dieses Werts zählt nur die Verbrennung; Brennstoffe und Anlagen kommen mit einem Verhältnis für die ganze Welt hinzu",
    ),
    ("grid_default", "keine Quelle nennt diesen Wert für die Netzzone; der Weltwert springt ein, mit GSD 2"),
    ("grid_gap", "es gibt gar keinen Faktor dafür; der Indikator ist eine Lücke"),
    ("grid_loss_default", "keine Quelle nennt die Verluste dieses Netzes; der Weltwert springt ein"),
    (
        "hardware_attributed_by_use",
        "in diesem Profil zählt gekaufte Hardware nach der Zeit ihrer Nutzung, bei dem, was sie tut; der Kauf selbst ist ausgelassen, nicht null: ein Inventar (ghg-location, ghg-market) zählt ihn voll",
    ),
    ("hardware_part_missing", "für dieses Teil gibt es keine Zahl; es fehlt in der Herstellung"),
    ("hardware_unknown", "welcher Beschleuniger rechnete, ist nicht genannt; dieser wird angenommen, mit breiterer Streuung"),
    (
        "input_unknown",
        "Eingabe-Tokens sind für manche Anfragen nicht genannt; ein typischer Prompt springt ein: nenne sie, oder 0 für keine",
    ),
    ("left_out_by_profile", "dieses Profil zählt diesen Teil des Lebenswegs nicht; er ist ausgelassen, nicht null"),
    (
        "media_accelerators_unknown",
        "wie viele Beschleuniger sich ein Bild oder Video teilen, ist nicht genannt; am wahrscheinlichsten gilt einer, höchstens acht",
    ),
    ("media_fps_unknown", "die Bildrate des Videos ist nicht genannt; eine übliche springt ein"),
    ("media_length_unknown", "die Länge des Videos ist nicht genannt; eine übliche springt ein"),
    (
        "media_model_inferred",
        "niemand hat dieses Modell gemessen; seine Energie folgt aus seiner Größe nach einem Gesetz, das an zwölf offenen Modellen angepasst ist",
    ),
    (
        "media_model_unknown",
        "weder eine Messung noch die Größe dieses Modells ist bekannt; die Spanne aller gemessenen Modelle springt ein, sehr breit",
    ),
    ("media_price_unknown", "weder Listenpreis je Bild, Video oder Sekunde noch abgerechnete Kosten; das Geld für Medien ist eine Lücke"),
    ("media_size_unknown", "Breite und Höhe sind nicht genannt; die übliche Größe springt ein, mit einer Streuung"),
    ("media_steps_unknown", "wie viele Schritte der Entrauschung liefen, ist nicht genannt; eine übliche Zahl springt ein"),
    ("model_shape_inferred", "Schichten und Key-Value-Cache dieses Modells sind nicht bekannt; sie sind aus seiner Größe erschlossen"),
    ("model_size_inferred", "der Anbieter veröffentlicht die Größe des Modells nicht; sie ist erschlossen, mit breiter Streuung"),
    (
        "model_unknown",
        "der Faktorsatz kennt dieses Modell nicht; die Vorgabe aller Modelle springt ein, mit sehr breitem Intervall: nenne es in eigenen Faktoren",
    ),
    ("not_in_ecologits", "die Tabellen von EcoLogits 0.11.3 enthalten dieses Modell nicht; in diesem Profil ist es eine Lücke"),
    (
        "output_unknown",
        "Ausgabe-Tokens sind für manche Anfragen nicht genannt; eine Annahme springt ein, oder die Anfragen bleiben außen vor",
    ),
    ("own_generation_other", "für Wasser, Elemente und Primärenergie des Stroms hinter dem Zähler springen die Werte des Netzes ein"),
    ("precision_unknown", "das Zahlenformat der Gewichte ist nicht genannt; eine Annahme springt ein"),
    ("price_unknown", "weder Listenpreis noch abgerechnete Kosten; das Geld ist eine Lücke"),
    (
        "processor_power",
        "der Strom der Maschine ist nicht gemessen: Zeit eines Kerns mal eine belegte Leistung; Arbeitsspeicher, ruhende Kerne und Herstellung sind nicht darin",
    ),
    (
        "profile_ecologits",
        "nur Ausgabe-Tokens; ein Beschleuniger und ein Stapel für alle; Eingabe, Cache, Bereitschaft, Lebensende und Training bleiben außen vor",
    ),
    (
        "profile_ecologits_video",
        "die Zeit eines Clips folgt aus Größe und Länge, und ein ganzer Server macht einen Clip; Tokens, Bereitschaft, Lebensende und Training bleiben außen vor",
    ),
    ("profile_without_meter", "dieses Profil bewertet Antworten nach ihren Tokens; gemessene Energie bleibt hier außen vor"),
    (
        "provider_assumed",
        "wer gerechnet hat, ist nicht genannt; PUE und WUE sind die des üblichen Anbieters dieses Modells: nenne Anbieter oder Standort",
    ),
    (
        "published_with_use",
        "der Hersteller hat Training und Nutzung als eine Zahl veröffentlicht; für das Training allein folgt daraus keine",
    ),
    ("residual_mix_unknown", "für diese Netzzone ist kein Restmix veröffentlicht; der ortsbasierte Wert springt ein"),
    (
        "rollout_length_unknown",
        "wie lang die Rollouts sind, ist nicht genannt; das Lesen ihres eigenen Kontexts bleibt außen vor: nenne ihre Anzahl",
    ),
    (
        "rollouts_unknown",
        "wie viele Tokens das Modell beim Training schrieb, ist nicht genannt; der übliche Anteil der Rollouts an einem solchen Training springt ein",
    ),
    (
        "scope2_life_cycle",
        "der Wert dieser Netzzone zählt den Lebensweg: Brennstoffe und Anlagen stecken ortsbasiert in Scope 2 und nicht noch einmal in Kategorie 3",
    ),
    (
        "served_tokens_prior",
        "wie viele Tokens das Modell in seinem Leben ausgibt, ist nicht veröffentlicht; eine Annahme mit sehr breiter Streuung springt ein",
    ),
    ("server_assumed", "ob die Beschleuniger mit ihren Servern kamen, ist nicht genannt; die Server und ihr Anteil am Netz zählen mit"),
    ("server_figure_missing", "zum Server fehlt eine Zahl; dieser Teil von Herstellung oder Lebensende ist eine Lücke"),
    ("site_default", "PUE oder WUE sind für diesen Standort nicht genannt; ein breiter Branchenwert springt ein"),
    ("tokens_estimated", "die Quelle hat die Tokens selbst geschätzt"),
    ("total_unknown", "nur die aktive Größe ist genannt; das Modell gilt als dicht"),
    (
        "training_bases",
        "Energie, Stunden oder Rechenoperationen sind nebeneinander genannt; die Energie folgt aus dem ersten davon, und Stunden geben den Anteil der Hardware",
    ),
    (
        "training_published",
        "keine Menge ist genannt; der Lauf, den der Hersteller veröffentlicht hat, springt ein, als Energie seiner Beschleuniger allein: die Grenzen der Hersteller unterscheiden sich",
    ),
    ("training_unknown", "weder Energie noch Stunden, Rechenoperationen oder Tokens sind genannt: es ließ sich nichts bewerten"),
    (
        "updates_unknown",
        "auf wie vielen Tokens das Modell angepasst wurde, ist nicht genannt; jedes Token der Rollouts gilt als einmal gelernt",
    ),
    ("video_size_missing", "dieses Profil bewertet ein Video nach Breite, Höhe und Länge; ohne sie ist es eine Lücke"),
    (
        "water_scarcity_default",
        "keine Quelle nennt die Wasserknappheit dieser Zone; der Weltwert springt ein, oder die Zahl bleibt eine Lücke",
    ),
    ("zone_not_in_ecologits", "die Tabellen von EcoLogits 0.11.3 enthalten diese Netzzone nicht; in diesem Profil ist sie eine Lücke"),
    ("zone_not_in_table", "keine Tabelle ordnet diese Region einer Netzzone zu; die Vorgabe des Anbieters springt ein"),
    (
        "zone_unknown",
        "wo gerechnet wurde, ist nicht genannt; diese Netzzone wird angenommen, mit breiterer Streuung: nenne Region oder Zone",
    ),
];

/// German of the findings; `{0}` is what it is about.
const FINDINGS: &[(&str, &str)] = &[
    (
        "account_unassigned",
        "Keine Regel ordnet diese Zeilen einem Konto zu; sie bleiben `unassigned`: ergänze eine Regel [[map]] oder default_account in bilanz.toml.",
    ),
    (
        "cache_beside",
        "Das Protokoll nennt gelesene Eingaben und sagt nicht, ob die Eingabe-Tokens sie enthalten; sie gelten als daneben gezählt, wie in den Antworten des Dienstes.",
    ),
    (
        "cache_not_inferred",
        "Die Kennungen der Blöcke zeigen, was ein Cache hätte nutzen können, nicht was er nutzte; alle Eingaben zählen als nicht gelesen.",
    ),
    ("empty_buckets", "Zeiträume ohne Nutzung wurden übersprungen."),
    (
        "journal_refused",
        "Die Datei {0} im Ordner der Journale ist kein Journal dieser Version; sie wurde in {0}.refused umbenannt, und nichts daraus steht in den Büchern. Ein Journal einer anderen Version siegelt jene, unter seinem alten Namen.",
    ),
    ("journal_torn", "Ein Absturz hinterließ in {0} unfertige Einträge; sie wurden abgeschnitten, jeder ganze Eintrag wurde gesiegelt."),
    (
        "json_unread",
        "Das Feld `{0}` dieser Zeilen ist kein JSON (einfache Anführungszeichen schreibt Python); was es zu gecachten Tokens, Reasoning oder Tags sagt, fehlt. Exportiere es als JSON.",
    ),
    ("model_missing", "Diese Zeilen nennen kein Modell; die Vorgabe springt ein, mit breitem Intervall: nenne es mit --model."),
    (
        "model_unknown",
        "Der Faktorsatz kennt das Modell `{0}` nicht; die Vorgabe springt ein, mit breitem Intervall: ergänze es in eigenen Faktoren.",
    ),
    ("more_pages", "Die Seite sagt has_more=true, spätere Zeiträume fehlen: hole und importiere die folgenden Seiten."),
    (
        "request_interrupted",
        "Diese Anfragen begannen, und von ihrem Ende war nichts mehr zu hören; sie stehen mit einer Schätzung in den Büchern.",
    ),
    (
        "requests_unknown",
        "Diese Zeilen sagen nicht, für wie viele Anfragen sie stehen; die Energie langer Kontexte bleibt für sie außen vor.",
    ),
    ("resource_late", "Die Ressource steht in der Datei hinter ihren Spans; der Name des Dienstes ist für sie unbekannt."),
    ("results_skipped", "Ergebnisse der Art `{0}` enthalten weder Tokens noch Bilder noch Ton und wurden übersprungen."),
    ("rows_rejected", "Zeilen dieser Datei wurden abgelehnt und fehlen in den Büchern; der Import nennt Zeile und Grund."),
    (
        "rows_span_days",
        "Diese Zeilen umfassen mehr als einen Tag; jede zählt ganz an ihrem ersten, darum stimmt eine Aufstellung nach Tagen oder über einen Teil ihrer Zeit nicht: exportiere nach Tagen.",
    ),
    (
        "sources_differ",
        "Zwei Quellen erzählen denselben Verkehr verschieden; die bessere gilt, und was die andere mehr nennt, füllt die Lücke. Suche nach Aufrufen an der besseren vorbei oder nach einer Lücke der anderen.",
    ),
    (
        "sources_overlap",
        "Mehrere Quellen gleichen Ranges erzählen von diesem Modell, und alle zählen. Ist es derselbe Verkehr, nimm einen Import zurück oder importiere beide unter einem --source.",
    ),
    ("spans_skipped", "Spans, die kein Aufruf eines Modells sind, wurden übersprungen; ihre Aufrufe haben eigene Spans."),
    (
        "spend_zero",
        "Die Quelle nennt Kosten von 0 für Zeilen mit Tokens, wie Gateways bei Modellen ohne Preis; die Kosten bleiben unbekannt.",
    ),
    ("time_zone_assumed", "Die Zeiten nennen keine Zone und gelten als UTC."),
    ("usage_missing", "Diese Zeilen nennen keine Tokens; sie zählen als Anfragen unbekannter Länge."),
];

/// German of what something is about, where that is no name.
const ABOUTS: &[(&str, &str)] =
    &[("model not stated", "Modell nicht genannt"), ("provider unknown", "Anbieter unbekannt"), ("manufacturing", "Herstellung")];

/// What a weakness or a finding is about; a name stays itself.
#[must_use]
pub fn about_text(about: &str, lang: Lang) -> String {
    match ABOUTS.iter().find(|(english, _)| lang == Lang::De && *english == about) {
        Some((_, german)) => (*german).to_owned(),
        None => about.to_owned(),
    }
}

/// The text of a weakness; an unknown code keeps its English text.
#[must_use]
pub fn weakness_text(weakness: &Weakness, lang: Lang) -> String {
    translate(WEAKNESSES, &weakness.code, &weakness.about, &weakness.text, lang)
}

/// The text of a finding; an unknown code keeps its English text.
#[must_use]
pub fn finding_text(finding: &Finding, lang: Lang) -> String {
    if finding.about.starts_with('+') && lang == Lang::De {
        return crate::messages::fill(crate::messages::Msg::More, lang, &[finding.about.trim_start_matches('+')]);
    }
    translate(FINDINGS, &finding.code, &finding.about, &finding.text, lang)
}

fn translate(table: &[(&str, &str)], code: &str, about: &str, english: &str, lang: Lang) -> String {
    match (lang, table.binary_search_by_key(&code, |(code, _)| code)) {
        (Lang::De, Ok(place)) => table[place].1.replace("{0}", &about_text(about, lang)),
        _ => english.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_so_that_they_can_be_searched() {
        assert!(WEAKNESSES.is_sorted_by_key(|(code, _)| code));
        assert!(FINDINGS.is_sorted_by_key(|(code, _)| code));
    }
}

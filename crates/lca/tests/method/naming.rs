//! One normaliser: dated snapshots, prefixes of hosts, aliases.

use crate::SET;

#[test]
fn spellings_of_one_model_meet() {
    for (provider, reported, model) in [
        ("openai", "gpt-4o", "openai/gpt-4o"),
        ("openai", "gpt-4o-2024-08-06", "openai/gpt-4o"),
        ("", "openai/gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
        ("azure", "gpt-4o", "openai/gpt-4o"),
        ("", "azure/gpt-4o", "openai/gpt-4o"),
        ("aws.bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic/claude-3-5-sonnet"),
        ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", "anthropic/claude-3-haiku"),
        ("anthropic", "claude-sonnet-4-20250514", "anthropic/claude-sonnet-4"),
        ("gcp.gemini", "gemini-2.5-flash", "google_genai/gemini-2.5-flash"),
        ("openai", "ft:gpt-4o:acme::1", "openai/gpt-4o"),
        ("", "openrouter/openai/gpt-4o:free", "openai/gpt-4o"),
        ("", "models/gemini-2.5-pro", "google_genai/gemini-2.5-pro"),
    ] {
        let name = SET.resolve_model(provider, reported);
        assert!(name.known, "{provider} {reported} -> {name:?}");
        assert_eq!(name.model, model, "{provider} {reported}");
    }
}

#[test]
fn the_host_stays_the_provider() {
    let name = SET.resolve_model("azure", "gpt-4o");
    assert_eq!(Some(name.provider.as_str()), SET.provider_id("azure"));
    assert_ne!(name.provider, "openai");
}

#[test]
fn an_unknown_model_keeps_its_name_and_the_nearest_is_found() {
    let name = SET.resolve_model("openai", "gpt-4oo");
    assert!(!name.known);
    assert_eq!(name.model, "openai/gpt-4oo");
    assert_eq!(SET.resolve_model("aurora", "aurora/polar-1").model, "aurora/polar-1", "no prefix twice");
    assert!(SET.nearest_models("openai/gpt-4oo").contains(&"openai/gpt-4o".to_owned()));
}

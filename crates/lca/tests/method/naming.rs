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

#[test]
fn hosts_regions_and_revisions_are_read_by_rule() {
    for (provider, reported, model) in [
        ("bedrock", "bedrock/us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic/claude-sonnet-4-5"),
        ("bedrock", "au.anthropic.claude-opus-4-6-v1", "anthropic/claude-opus-4-6"),
        ("bedrock", "anthropic.claude-fable-5-v1:0", "anthropic/claude-fable-5"),
        ("bedrock", "anthropic.claude-v2:1", "anthropic/claude-2"),
        ("bedrock", "us.meta.llama3-1-8b-instruct-v1:0", "huggingface_hub/meta-llama/Llama-3.1-8B-Instruct"),
        ("bedrock", "us.deepseek.v3.2", "deepseek/deepseek-v3.2"),
        (
            "aws.bedrock",
            "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-3-5-sonnet-20240620-v1:0",
            "anthropic/claude-3-5-sonnet",
        ),
        ("", "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "anthropic/claude-3-haiku"),
        ("azure", "azure/eu/gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
        ("azure_ai", "azure_ai/FW-GPT-OSS-120B", "openai/gpt-oss-120b"),
        (
            "fireworks_ai",
            "fireworks_ai/accounts/fireworks/models/llama-v3p1-8b-instruct",
            "huggingface_hub/meta-llama/Llama-3.1-8B-Instruct",
        ),
        ("deepinfra", "deepinfra/openai/gpt-oss-120b-Turbo", "openai/gpt-oss-120b"),
        ("vertex_ai", "vertex_ai/claude-sonnet-4-5@20250929", "anthropic/claude-sonnet-4-5"),
        ("vertex_ai", "vertex_ai/meta/llama-3.1-405b-instruct-maas", "huggingface_hub/meta-llama/Llama-3.1-405B-Instruct"),
        ("ollama", "llama3.1:8b-instruct-q4_K_M", "huggingface_hub/meta-llama/Llama-3.1-8B-Instruct"),
    ] {
        let name = SET.resolve_model(provider, reported);
        assert!(name.known, "{provider} {reported} -> {name:?}");
        assert_eq!(name.model, model, "{provider} {reported}");
    }
}

#[test]
fn rules_do_not_turn_one_closed_model_into_another() {
    for (provider, reported) in [
        ("openai", "gpt-7-turbo"),
        ("azure", "azure/gpt-5-turbo"),
        ("openai", "gpt-41"),
        ("anthropic", "claude-v9"),
        ("google", "gemini-9"),
    ] {
        let name = SET.resolve_model(provider, reported);
        assert!(!name.known, "{provider} {reported} -> {name:?}");
    }
}

#[test]
fn no_spelling_is_claimed_by_two_models() {
    let mut seen = std::collections::BTreeMap::new();
    for model in SET.models().values() {
        for spelling in model.aliases.iter().chain([&model.id]) {
            if let Some(other) = seen.insert(spelling.to_lowercase(), &model.id) {
                assert_eq!(other, &model.id, "`{spelling}` is claimed twice");
            }
        }
    }
}

#[test]
fn every_model_has_a_size_and_every_tier_is_a_parent() {
    // Makers of closed models of images, video and audio publish no size; the range of measured ones stands in.
    for model in SET.models().values().filter(|model| model.class != "media" || model.open).map(|model| &model.id) {
        for name in ["params_active_b", "params_total_b"] {
            assert!(SET.factor(&format!("model.{model}.{name}")).is_some(), "{model} has no {name}");
        }
    }
    for tier in ["small", "medium", "large", "xlarge"] {
        let bias = format!("bias.tier_size.{tier}");
        assert!(SET.factors().iter().any(|factor| factor.parent.as_ref() == Some(&bias)), "nothing uses {bias}");
    }
    for name in ["gpt-4.5-preview", "o3-pro", "text-embedding-3-small"] {
        assert!(SET.resolve_model("openai", name).known, "{name}");
    }
}

/// Shares of the chat models of our providers that a public price list names and the set knows.
#[test]
#[expect(clippy::disallowed_methods, reason = "the place of the price list")]
fn the_models_of_a_public_price_list_resolve() {
    let Some(folder) = std::env::var_os("BILANZ_DATA") else {
        eprintln!("skipped: BILANZ_DATA is not set, so models/litellm-prices.csv cannot be read");
        return;
    };
    let path = std::path::Path::new(&folder).join("models/litellm-prices.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: BILANZ_DATA has no models/litellm-prices.csv");
        return;
    };
    let mut shares: std::collections::BTreeMap<String, (u32, u32)> = std::collections::BTreeMap::new();
    let mut unknown = Vec::new();
    for line in text.lines().skip(1) {
        // The first three columns hold neither quotes nor commas.
        let [model, server, mode] = line.splitn(4, ',').take(3).collect::<Vec<_>>()[..] else { continue };
        if !matches!(mode, "chat" | "responses" | "completion") || SET.provider_id(server).is_none() {
            continue;
        }
        let name = SET.resolve_model(server, model);
        let share = shares.entry(name.provider.clone()).or_default();
        share.1 += 1;
        if name.known {
            share.0 += 1;
        } else {
            unknown.push(format!("{server} {model}"));
        }
    }
    for (provider, (known, all)) in &shares {
        eprintln!("{provider}: {known} of {all}");
    }
    let (known, all) = shares.values().fold((0, 0), |sum, share| (sum.0 + share.0, sum.1 + share.1));
    eprintln!("resolved {known} of {all}; not resolved:\n{}", unknown.join("\n"));
    assert!(all > 0 && known * 100 >= all * 95, "{known} of {all} names resolve");
}

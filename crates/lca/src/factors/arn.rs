//! Resource names of AWS (ARN): the model that one names.

/// The model that a resource name of AWS names: what stands behind its kind, and of a custom model its base.
pub(super) fn without_arn(name: &str) -> &str {
    let Some(resource) = name.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) else { return name };
    match resource.split_once('/') {
        Some(("foundation-model" | "inference-profile", model)) => model,
        Some(("custom-model", model)) => model.split_once('/').map_or(model, |(base, _)| base),
        // Profiles and throughput of one's own have a number for a name: it stays, with its kind, and is unknown.
        _ => resource,
    }
}

#[cfg(test)]
mod tests {
    use super::without_arn;

    #[test]
    fn resources() {
        for (arn, model) in [
            (
                "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
                "anthropic.claude-3-haiku-20240307-v1:0",
            ),
            ("arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0", "eu.amazon.nova-lite-v1:0"),
            (
                "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.titan-text-express-v1:0:8k/abc123",
                "amazon.titan-text-express-v1:0:8k",
            ),
            ("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123", "application-inference-profile/abc123"),
            ("arn:aws:bedrock:us-east-1", "arn:aws:bedrock:us-east-1"),
            ("gpt-4o", "gpt-4o"),
        ] {
            assert_eq!(without_arn(arn), model, "{arn}");
        }
    }
}

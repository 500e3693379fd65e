//! Regions from host names: some clouds write the region into the address of the model.

/// The region that an address names; empty when it names none.
pub(crate) fn region_of_address(address: &str) -> &str {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split(['/', ':', '?']).next().unwrap_or_default();
    if let Some(name) = host.strip_suffix(".amazonaws.com") {
        let mut parts = name.split('.');
        return if parts.any(|part| part.starts_with("bedrock")) { parts.next().unwrap_or_default() } else { "" };
    }
    if let Some(region) = host.strip_suffix("-aiplatform.googleapis.com") {
        return region;
    }
    if let Some(region) = host.strip_suffix(".api.cognitive.microsoft.com") {
        return region;
    }
    host.strip_suffix(".models.ai.azure.com").and_then(|name| name.rsplit('.').next().filter(|region| *region != name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::region_of_address;

    #[test]
    fn addresses() {
        for (address, region) in [
            ("https://bedrock-runtime.eu-central-1.amazonaws.com/model/x", "eu-central-1"),
            ("europe-west4-aiplatform.googleapis.com:443", "europe-west4"),
            ("https://swedencentral.api.cognitive.microsoft.com/openai", "swedencentral"),
            ("https://x.eastus2.models.ai.azure.com", "eastus2"),
            ("https://mine.openai.azure.com", ""),
            ("https://s3.eu-central-1.amazonaws.com", ""),
            ("api.openai.com", ""),
            ("", ""),
        ] {
            assert_eq!(region_of_address(address), region, "{address}");
        }
    }
}

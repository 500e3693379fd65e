//! Keys: what is written is read, secrets are nowhere, and only live keys open the door.

use crate::{KeyRefusal, KeyRing};
use proptest::prelude::*;

const NOW: i64 = super::NOW_MS;

#[test]
fn a_key_opens_until_it_ends_or_is_taken_back() {
    let mut ring = KeyRing::default();
    let (key, secret) = ring.create("chat", "acme/support", [7; 32], NOW, Some(NOW + 1_000)).unwrap();
    assert!(secret.starts_with("bk_") && secret.len() == 46 && secret[3..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(key.id.starts_with("k_") && key.id.len() == 10);
    assert_eq!(ring.find(secret.as_bytes(), NOW).unwrap(), key);
    assert_eq!(ring.find(secret.as_bytes(), NOW + 999).unwrap(), key);
    assert_eq!(ring.find(secret.as_bytes(), NOW + 1_000), Err(KeyRefusal::Expired));
    let other = secret.replace(&secret[20..21], if &secret[20..21] == "a" { "b" } else { "a" });
    for wrong in [&secret[..45], "", "bk_", other.as_str(), &secret.to_uppercase()] {
        assert_eq!(ring.find(wrong.as_bytes(), NOW), Err(KeyRefusal::Unknown), "{wrong}");
    }
    let revoked = ring.revoke("chat", NOW + 10).unwrap();
    assert_eq!(revoked.revoked_ms, Some(NOW + 10));
    assert_eq!(ring.find(secret.as_bytes(), NOW + 5), Err(KeyRefusal::Revoked));
    assert!(ring.revoke("chat", NOW + 20).unwrap_err().0.contains("taken back already"));
    assert!(ring.revoke(&key.id, NOW + 20).unwrap_err().0.contains("taken back already"));
    assert!(ring.revoke("nobody", NOW).unwrap_err().0.contains("no key"));
}

#[test]
fn a_name_is_borne_by_one_live_key() {
    let mut ring = KeyRing::default();
    let (first, _) = ring.create("chat", "acme", [1; 32], NOW, Some(NOW + 100)).unwrap();
    let taken = ring.create("chat", "acme", [2; 32], NOW + 50, None).unwrap_err();
    assert!(taken.0.contains("taken by the live key") && taken.0.contains(&*first.id), "{taken}");
    // Over is over: the name is free again, and the file with both is read.
    let (second, _) = ring.create("chat", "acme", [2; 32], NOW + 100, None).unwrap();
    assert_eq!(KeyRing::parse("keys.toml", &ring.to_text()).unwrap().keys(), ring.keys());
    assert_eq!(ring.revoke("chat", NOW + 200).unwrap().id, second.id);
    let (third, _) = ring.create("chat", "acme", [3; 32], NOW + 200, None).unwrap();
    assert_eq!(ring.keys().iter().map(|key| key.id.clone()).collect::<Vec<_>>(), [first.id.clone(), second.id.clone(), third.id.clone()]);
    // The same random bytes would be the same secret.
    assert!(ring.create("other", "acme", [3; 32], NOW, None).unwrap_err().0.contains("same id or secret"));
}

#[test]
fn accounts_are_paths() {
    let mut ring = KeyRing::default();
    for (place, account) in ["acme", "acme/support", "a-b_c.d/1", "größe/élan"].into_iter().enumerate() {
        ring.create(&format!("key {place}"), account, [place as u8; 32], NOW, None).unwrap();
    }
    for account in ["", "/", "acme/", "/acme", "acme//x", "acme/ x", "a\nb", "a/../b", ".", "a\u{7f}", "a:b", &"a".repeat(513)] {
        let error = ring.create("x", account, [99; 32], NOW, None).unwrap_err();
        assert!(error.0.contains("is no account"), "{account:?}: {error}");
    }
    for name in ["", "  ", "a\tb", &"n".repeat(129)] {
        assert!(ring.create(name, "acme", [99; 32], NOW, None).unwrap_err().0.contains("name"), "{name:?}");
    }
    assert!(ring.create("x", "acme", [99; 32], NOW, Some(NOW)).unwrap_err().0.contains("end before it begins"));
    assert!(ring.create("x", "acme", [99; 32], i64::MAX, None).is_err());
    assert_eq!(ring.keys().len(), 4);
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let sound = r#"[[key]]
id = "k_abcdefgh"
name = "chat"
account = "acme"
sha256 = "0000000000000000000000000000000000000000000000000000000000000001"
created = "2026-01-01T00:00:00Z"
"#;
    assert_eq!(KeyRing::parse("keys.toml", sound).unwrap().keys().len(), 1);
    assert_eq!(KeyRing::parse("keys.toml", "").unwrap().keys().len(), 0);
    let twice = format!("{sound}{}", sound.replace("00001", "00002").replace("abcdefgh", "abcdefgi"));
    for (text, word) in [
        (sound.replace("acme", "ac me"), "no account"),
        (sound.replace("00001", "0001"), "64 hexadecimal"),
        (sound.replace("00001", "0000x"), "64 hexadecimal"),
        (sound.replace("2026-01-01T00:00:00Z", "yesterday"), "is no time"),
        (sound.replace("k_abcdefgh", "abcdefgh"), "id"),
        (sound.replace("created", "secret"), "unknown field"),
        (format!("{sound}expires = \"2025-01-01T00:00:00Z\"\n"), "end before"),
        (twice, "is taken by the live key"),
        (format!("{sound}{sound}"), "same id or secret"),
    ] {
        let error = KeyRing::parse("keys.toml", &text).unwrap_err();
        assert!(error.0.starts_with("keys.toml: ") && error.0.contains(word), "{word}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_written_is_read(
        keys in prop::collection::vec((any::<[u8; 32]>(), "[ -~äöü]{1,20}", "[a-z]{1,5}(/[a-zA-Z0-9_.-]{1,5}x){0,3}", 0_i64..10_000_000, prop::option::of(1_i64..100_000), any::<bool>()), 0..12)
    ) {
        let mut ring = KeyRing::default();
        let mut secrets = Vec::new();
        for (random, name, account, at, lasts, revoke) in keys {
            let Ok((key, secret)) = ring.create(&name, &account, random, NOW + at, lasts.map(|lasts| NOW + at + lasts)) else { continue };
            if revoke {
                ring.revoke(&key.id, NOW + at + 7).unwrap();
            }
            secrets.push((key.id.clone(), secret));
        }
        let text = ring.to_text();
        let read = KeyRing::parse("keys.toml", &text).unwrap();
        prop_assert_eq!(read.keys(), ring.keys());
        prop_assert_eq!(&read.to_text(), &text);
        for (id, secret) in &secrets {
            let shown = format!("{:?}", ring);
            prop_assert!(!text.contains(&secret[3..]) && !shown.contains(&secret[3..]));
            for now in [NOW, NOW + 5_000_000, NOW + 20_000_000] {
                let (one, other) = (ring.find(secret.as_bytes(), now), read.find(secret.as_bytes(), now));
                prop_assert_eq!(&one, &other);
                prop_assert!(one.is_err() || one.unwrap().id == *id);
            }
        }
    }
}

//! 256 bits as 43 characters of letters and digits, which one click marks as a whole.

/// Characters of 256 bits: 62 to the power of 43 is just above 2 to the power of 256.
pub(super) const CHARACTERS: usize = 43;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The number that the bytes spell (big-endian), in base 62, padded with zeros to [`CHARACTERS`].
pub(super) fn encode(mut bytes: [u8; 32]) -> String {
    let mut digits = [b'0'; CHARACTERS];
    for digit in digits.iter_mut().rev() {
        let mut rest: u32 = 0;
        for byte in &mut bytes {
            let sum = rest * 256 + u32::from(*byte);
            // The quotient fits a byte: the rest is below 62.
            *byte = u8::try_from(sum / 62).unwrap_or(u8::MAX);
            rest = sum % 62;
        }
        *digit = ALPHABET[rest as usize];
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Back to bytes, by another way: multiply and add.
    fn decode(text: &str) -> [u8; 32] {
        let mut bytes = [0_u8; 32];
        for char in text.bytes() {
            let mut carry = ALPHABET.iter().position(|known| *known == char).unwrap() as u32;
            for byte in bytes.iter_mut().rev() {
                let sum = u32::from(*byte) * 62 + carry;
                *byte = (sum % 256) as u8;
                carry = sum / 256;
            }
            assert_eq!(carry, 0);
        }
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_bit_is_lost(bytes in any::<[u8; 32]>()) {
            let text = encode(bytes);
            prop_assert_eq!(text.len(), CHARACTERS);
            prop_assert_eq!(decode(&text), bytes);
        }
    }

    #[test]
    fn the_ends() {
        assert_eq!(encode([0; 32]), "0".repeat(43));
        assert_eq!(decode(&encode([255; 32])), [255; 32]);
    }
}

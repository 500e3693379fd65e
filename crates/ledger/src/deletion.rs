//! Deletion vectors: sorted row numbers, kept as gaps in variable-length integers.

/// Packs sorted row numbers.
pub(crate) fn encode(rows: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() + 8);
    let mut last = 0;
    for row in rows {
        let mut gap = row - last;
        last = *row;
        while gap >= 0x80 {
            bytes.push((gap as u8) | 0x80);
            gap >>= 7;
        }
        bytes.push(gap as u8);
    }
    bytes
}

/// Unpacks row numbers; `None` when the bytes are no deletion vector.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut rows = Vec::new();
    let (mut last, mut gap, mut shift) = (0u32, 0u32, 0);
    for byte in bytes {
        if shift > 28 {
            return None;
        }
        gap |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            last = last.checked_add(gap)?;
            rows.push(last);
            (gap, shift) = (0, 0);
        } else {
            shift += 7;
        }
    }
    (shift == 0).then_some(rows)
}

/// The union of two sorted vectors.
pub(crate) fn union(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut rows = [a, b].concat();
    rows.sort_unstable();
    rows.dedup();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(mut rows in proptest::collection::vec(any::<u32>(), 0..200)) {
            rows.sort_unstable();
            rows.dedup();
            prop_assert_eq!(decode(&encode(&rows)), Some(rows));
        }
    }
}

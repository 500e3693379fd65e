//! A small seeded generator, so that the demo's year is the same on every machine.

/// xoshiro256++ by Blackman and Vigna (public domain), seeded through splitmix64.
///
/// Both are written out here because the year must never change with a new
/// version of a library.
pub(super) struct Random {
    state: [u64; 4],
    spare_normal: Option<f64>,
}

impl Random {
    /// A generator for one (stream, day): order and number of the others do not matter.
    pub(super) fn new(stream: u64, day: u64) -> Self {
        let mut seed = 0xB11A_2025_u64 ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ day.rotate_left(32);
        Self { state: std::array::from_fn(|_| splitmix64(&mut seed)), spare_normal: None }
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// Uniform in (0, 1), never an end.
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller; the second of each pair is kept.
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        let angle = std::f64::consts::TAU * self.uniform();
        self.spare_normal = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }

    /// Poisson: by products below 30, by the rounded normal above.
    pub(super) fn poisson(&mut self, mean: f64) -> i64 {
        if mean > 30.0 {
            return libm::round(mean + libm::sqrt(mean) * self.normal()).max(0.0) as i64;
        }
        let floor = libm::exp(-mean);
        let (mut count, mut product) = (0, self.uniform());
        while product > floor {
            count += 1;
            product *= self.uniform();
        }
        count
    }

    /// How many of `count` happen, each with probability `share`: by the rounded normal, kept in range.
    pub(super) fn part(&mut self, count: i64, share: f64) -> i64 {
        let (n, deviation) = (count as f64, libm::sqrt(count as f64 * share * (1.0 - share)));
        (libm::round(n * share + deviation * self.normal()) as i64).clamp(0, count)
    }
}

fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First outputs of splitmix64 from seed 1234567, as published with the algorithm.
    #[test]
    fn splitmix64_gives_the_published_numbers() {
        let mut seed = 1_234_567;
        let got: [u64; 3] = std::array::from_fn(|_| splitmix64(&mut seed));
        assert_eq!(got, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn normal_and_poisson_have_their_moments() {
        let mut random = Random::new(1, 1);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let value = random.normal();
            sum += value;
            squares += value * value;
        }
        assert!((sum / f64::from(n)).abs() < 0.01 && (squares / f64::from(n) - 1.0).abs() < 0.02);
        for mean in [0.3, 12.0, 80.0] {
            let sum: i64 = (0..50_000).map(|_| random.poisson(mean)).sum();
            assert!((sum as f64 / 50_000.0 / mean - 1.0).abs() < 0.02, "{mean}");
        }
    }
}

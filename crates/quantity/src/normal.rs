//! The standard normal quantile, so that a draw is a function of its index alone.

/// The 95th percentile of the standard normal: half-width of a 90 % interval.
pub const Z90: f64 = 1.644_853_626_951_472_2;

/// Quantile of the standard normal distribution.
///
/// Acklam's rational approximation (relative error below 1.2e-9), evaluated
/// with `libm` so that every machine gives the same digits. `p` must lie
/// strictly between 0 and 1; outside, the result is infinite or NaN.
#[must_use]
pub fn quantile_normal(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] =
        [-5.447_609_879_822_406e1, 1.615_858_368_580_409e2, -1.556_989_798_598_866e2, 6.680_131_188_771_972e1, -1.328_068_155_288_572e1];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    const LOW: f64 = 0.024_25;
    if p < LOW {
        let q = libm::sqrt(-2.0 * libm::log(p));
        tail(q, &C, &D)
    } else if p > 1.0 - LOW {
        let q = libm::sqrt(-2.0 * libm::log(1.0 - p));
        -tail(q, &C, &D)
    } else {
        let q = p - 0.5;
        let r = q * q;
        let num = ((((A[0] * r + A[1]) * r + A[2]) * r + A[3]) * r + A[4]) * r + A[5];
        let den = ((((B[0] * r + B[1]) * r + B[2]) * r + B[3]) * r + B[4]) * r + 1.0;
        num * q / den
    }
}

fn tail(q: f64, c: &[f64; 6], d: &[f64; 4]) -> f64 {
    let num = ((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5];
    let den = (((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0;
    num / den
}

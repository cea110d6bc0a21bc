//! Percentiles.

/// The value below which `share` of the (sorted) values lie; null without values.
pub fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some((values[(last as f64 * share).round() as usize] * 1000.0).round() / 1000.0)
}

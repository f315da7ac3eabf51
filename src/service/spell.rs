//! Spans of time in English, for logs and commands.

use jiff::SignedDuration;

/// A span in its largest one or two units: `3 d 4 h`, `2 h 5 min`, `40 s`.
pub fn coarse(span: SignedDuration) -> String {
    let seconds = span.as_secs().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_two_largest_units() {
        let spelt = |seconds| coarse(SignedDuration::from_secs(seconds));
        assert_eq!(spelt(40), "40 s");
        assert_eq!(spelt(-125 * 60), "2 h 5 min");
        assert_eq!(spelt(3 * 86_400 + 4 * 3_600 + 59), "3 d 4 h");
        assert_eq!(spelt(86_400), "1 d");
    }
}

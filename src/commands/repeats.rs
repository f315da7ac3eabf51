//! A step with `every` may have hundreds of repeats: of each row of them the first are shown one by one, the rest are
//! counted in one line.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// So many repeats of a step are shown one by one.
const SHOWN: usize = 2;

/// A message to come, as far as it may be a repeat.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The referral it is about.
    pub referral: &'a str,
    /// Where it goes.
    pub destination: &'a str,
    /// Its step, a repeat with its offset: `after 1d + 12h`.
    pub step: &'a str,
    /// When.
    pub at: Timestamp,
}

/// How a message is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// By itself.
    Whole,
    /// Not: it is counted elsewhere.
    Hidden,
    /// As the first of so many repeats that are counted, until the last of them.
    Counted(usize, Timestamp),
}

/// The repeats of each step, referral and destination: how many were met so far, how many there are, and the last.
#[derive(Default)]
pub struct Repeats<'a>(BTreeMap<[&'a str; 3], (usize, usize, Timestamp)>);

impl<'a> Repeats<'a> {
    /// The repeats among these messages.
    pub fn of(messages: impl Iterator<Item = Message<'a>>) -> Self {
        let mut repeats = Self::default();
        for message in messages {
            if let Some(row) = row(message) {
                let (_, all, last) = repeats.0.entry(row).or_insert((0, 0, message.at));
                *all += 1;
                *last = message.at;
            }
        }
        repeats
    }

    /// How the next message is shown; they are asked about in their order.
    pub fn next(&mut self, message: Message<'a>) -> Shown {
        let row = row(message).and_then(|row| self.0.get_mut(&row));
        let Some((met, all, last)) = row else { return Shown::Whole };
        *met += 1;
        let rest = all.saturating_sub(SHOWN);
        match *met {
            met if met <= SHOWN || rest == 1 => Shown::Whole,
            met if met == SHOWN + 1 => Shown::Counted(rest, *last),
            _ => Shown::Hidden,
        }
    }
}

/// A step without the offset of its repeat.
pub fn bare(step: &str) -> &str {
    step.split(" + ").next().unwrap_or(step)
}

fn row(message: Message<'_>) -> Option<[&str; 3]> {
    let (step, _) = message.step.split_once(" + ")?;
    Some([message.referral, message.destination, step])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(steps: &[&str]) -> Vec<Shown> {
        let message = |(hour, step): (usize, &&'static str)| Message {
            referral: "r1",
            destination: "sellers",
            step,
            at: Timestamp::from_second(3_600 * i64::try_from(hour).unwrap()).unwrap(),
        };
        let steps: Vec<&'static str> = steps.iter().map(|step| &*step.to_string().leak()).collect();
        let messages: Vec<Message<'_>> = steps.iter().enumerate().map(message).collect();
        let mut repeats = Repeats::of(messages.iter().copied());
        messages.iter().map(|message| repeats.next(*message)).collect()
    }

    #[test]
    fn the_first_repeats_are_shown_and_the_rest_are_counted_until_the_last() {
        let six = ["after 1d", "after 1d + 1d", "after 1d + 2d", "new", "after 1d + 3d", "after 1d + 4d"];
        let counted = Shown::Counted(2, Timestamp::from_second(5 * 3_600).unwrap());
        let whole = Shown::Whole;
        assert_eq!(shown(&six), [whole, whole, whole, whole, counted, Shown::Hidden]);
    }

    #[test]
    fn a_single_repeat_that_is_left_is_shown_rather_than_counted() {
        assert!(shown(&["after 1d + 1d", "after 1d + 2d", "after 1d + 3d"]).iter().all(|shown| *shown == Shown::Whole));
    }
}

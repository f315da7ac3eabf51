//! What was measured over the run, and the judgement on it: whether a quantity at the end is what it was near the beginning.

use std::fmt::Write as _;

use super::sinks::Channel;

/// One look at everything.
#[derive(Clone, Default)]
pub struct Sample {
    /// Seconds since the run began, and since the sample before.
    pub at: f64,
    pub step: f64,
    pub resident: f64,
    pub peak: f64,
    pub threads: f64,
    pub descriptors: f64,
    /// Of the state folder, in MiB.
    pub folder: f64,
    /// Of one processor, in percent, since the sample before.
    pub cpu: f64,
    /// Messages that were taken since the sample before.
    pub messages: f64,
    /// Messages that wait in the outbox.
    pub waiting: f64,
    /// From a referral's arrival to its first message, in seconds, by channel: the median and the 99th of a hundred.
    pub p50: [f64; 3],
    pub p99: [f64; 3],
}

/// What must stay as it is, and how far it may stray: to `times` what it was and `plus` beside that.
struct Bound {
    name: String,
    unit: &'static str,
    of: Box<dyn Fn(&Sample) -> f64>,
    times: f64,
    plus: f64,
}

fn bounds() -> Vec<Bound> {
    let bound = |name: &str, unit, times, plus, of: fn(&Sample) -> f64| Bound {
        name: name.to_owned(),
        unit,
        times,
        plus,
        of: Box::new(of),
    };
    let mut all = vec![
        bound("memory", "MiB", 1.15, 4.0, |sample| sample.resident),
        bound("threads", "", 1.0, 2.0, |sample| sample.threads),
        bound("descriptors", "", 1.2, 16.0, |sample| sample.descriptors),
        bound("state folder", "MiB", 1.25, 8.0, |sample| sample.folder),
        bound("CPU per 1,000 messages", "s", 1.25, 0.05, |sample| sample.cpu_per_thousand()),
        bound("messages waiting", "", 2.0, 200.0, |sample| sample.waiting),
    ];
    for (place, channel) in Channel::ALL.into_iter().enumerate() {
        let name = format!("arrival to {}, half", channel.name());
        all.push(Bound { name, unit: "s", of: Box::new(move |sample| sample.p50[place]), times: 1.5, plus: 0.5 });
        let name = format!("arrival to {}, 99 of 100", channel.name());
        all.push(Bound { name, unit: "s", of: Box::new(move |sample| sample.p99[place]), times: 2.0, plus: 2.0 });
    }
    all
}

impl Sample {
    fn cpu_per_thousand(&self) -> f64 {
        if self.messages > 0.0 { self.cpu / 100.0 * self.step / self.messages * 1_000.0 } else { 0.0 }
    }
}

pub struct Course {
    pub samples: Vec<Sample>,
}

impl Course {
    /// Twenty lines of figures, each the medians of a twentieth of the run.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:>6} {:>8} {:>8} {:>4} {:>4} {:>9} {:>6} {:>8} {:>8}  arrival to message, half / 99 of 100, s\n\
             {:>6} {:>8} {:>8} {:>4} {:>4} {:>9} {:>6} {:>8} {:>8}  {:>13} {:>13} {:>13}\n",
            "min",
            "memory",
            "peak",
            "thr",
            "fds",
            "folder",
            "CPU",
            "msg/s",
            "waiting",
            "",
            "MiB",
            "MiB",
            "",
            "",
            "MiB",
            "%",
            "",
            "",
            "webhook",
            "Slack",
            "mail",
        );
        for part in self.samples.chunks(self.samples.len().div_ceil(20).max(1)) {
            let of = |what: fn(&Sample) -> f64| median(part.iter().map(what));
            let at = part.last().map_or(0.0, |sample| sample.at / 60.0);
            let _ = write!(
                text,
                "{at:>6.1} {:>8.1} {:>8.1} {:>4.0} {:>4.0} {:>9.1} {:>6.1} {:>8.0} {:>8.0} ",
                of(|s| s.resident),
                of(|s| s.peak),
                of(|s| s.threads),
                of(|s| s.descriptors),
                of(|s| s.folder),
                of(|s| s.cpu),
                of(|s| s.messages / s.step),
                of(|s| s.waiting),
            );
            for place in 0..3 {
                let half = median(part.iter().map(|sample| sample.p50[place]));
                let most = median(part.iter().map(|sample| sample.p99[place]));
                let _ = write!(text, " {:>13}", format!("{half:.2} / {most:.2}"));
            }
            text.push('\n');
        }
        text
    }

    /// All samples, for other programs.
    pub fn csv(&self) -> String {
        let mut text = String::from("seconds");
        let bounds = bounds();
        bounds.iter().for_each(|bound| text.extend([",", bound.name.replace(',', "").as_str()]));
        for sample in &self.samples {
            let _ = write!(text, "\n{:.1}", sample.at);
            for bound in &bounds {
                let _ = write!(text, ",{:.3}", (bound.of)(sample));
            }
        }
        text + "\n"
    }

    /// Each quantity as a line of bars, from nothing to its largest.
    pub fn plot(&self) -> String {
        const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let mut text = String::new();
        for Bound { name, of, unit, .. } in bounds() {
            let values: Vec<f64> = self
                .samples
                .chunks(self.samples.len().div_ceil(60).max(1))
                .map(|part| median(part.iter().map(&of)))
                .collect();
            let most = values.iter().copied().fold(0.0, f64::max);
            #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "a place among eight")]
            let bar = |value: &f64| BARS[if most > 0.0 { (value / most * 7.0).round() as usize } else { 0 }];
            let line: String = values.iter().map(bar).collect();
            let _ = writeln!(text, "{name:<30} {line}  at most {most:.1} {unit}");
        }
        text
    }

    /// Compares the medians of the second fifth and the last; what has grown beyond its bound is among the names.
    pub fn judgement(&self) -> (String, Vec<String>) {
        let fifth = self.samples.len() / 5;
        let (second, last) = (&self.samples[fifth..2 * fifth], &self.samples[4 * fifth..]);
        let mut text = format!("{:<30} {:>12} {:>12} {:>12}\n", "", "second fifth", "last fifth", "may be");
        let mut grown = Vec::new();
        for Bound { name, unit, of, times, plus } in bounds() {
            let (before, after) = (median(second.iter().map(&of)), median(last.iter().map(&of)));
            let most = before * times + plus;
            let verdict = if after > most { "GROWS" } else { "flat" };
            let _ = writeln!(text, "{name:<30} {before:>12.2} {after:>12.2} {most:>12.2} {unit:<4} {verdict}");
            if after > most {
                grown.push(name);
            }
        }
        (text, grown)
    }
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

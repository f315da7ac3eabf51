//! How long rendering takes. Run by hand in release: `cargo test --release --test it rendering -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use leadtime::messages::{
    Form, Templates,
    content::{ChannelKind, Event},
    sample,
};

#[test]
#[ignore = "a measurement, of use only in release"]
fn rendering_keeps_up_with_ten_thousand_messages_a_second() {
    let templates = Templates::default();
    let content = sample::full(Event::Escalation);
    for channel in ChannelKind::ALL {
        let rounds = 2_000;
        drop(templates.render(&content, channel, Form::Full));
        let begun = Instant::now();
        for _ in 0..rounds {
            drop(templates.render(&content, channel, Form::Full));
        }
        let each = begun.elapsed() / rounds;
        println!("{}: {each:?} a message", channel.as_str());
        // Four times what a quiet core takes, so that only a real loss fails.
        let most = if channel == ChannelKind::Webhook { 20 } else { 600 };
        assert!(each < Duration::from_micros(most), "{}: {each:?}", channel.as_str());
    }
}

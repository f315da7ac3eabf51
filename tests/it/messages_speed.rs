//! How long rendering takes. Run by hand in release: `cargo test --release --test it rendering -- --ignored --nocapture`.

use std::time::Instant;

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
        println!("{}: {:?} a message", channel.as_str(), begun.elapsed() / rounds);
    }
}

//! A mail server that takes every mail, and sees when one begins, is whole, and is answered. Must never relay.

use std::{io, sync::Arc};

use mail_parser::MessageParser;

use crate::{exchange::Message, snare::Moment, wire::Wire, world::Shared};

/// The one destination that mails are for.
const DESTINATION: &str = "email";
/// A mail has no more lines.
const MOST_LINES: usize = 100_000;

pub async fn converse(shared: Arc<Shared>, mut wire: Wire, life: u32) -> io::Result<()> {
    wire.say("220 mail.example takes every mail\r\n").await?;
    while let Some(line) = wire.line().await? {
        let verb = String::from_utf8_lossy(&line).split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" => wire.say("250-mail.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n").await?,
            "DATA" => take(&shared, &mut wire, life).await?,
            "QUIT" => return wire.say("221 bye\r\n").await,
            _ => wire.say("250 ok\r\n").await?,
        }
    }
    Ok(())
}

async fn take(shared: &Shared, wire: &mut Wire, life: u32) -> io::Result<()> {
    let place = shared.ledger().begins(DESTINATION, life);
    wire.say("354 go on\r\n").await?;
    shared.snare.passes(Moment::MessageBegun, life);
    let mut mail = Vec::new();
    for _ in 0..MOST_LINES {
        let Some(line) = wire.line().await? else { return Ok(()) };
        if line == b"." {
            break;
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        mail.extend_from_slice(b"\r\n");
    }
    shared.ledger().is_whole(place, read(&mail));
    shared.snare.passes(Moment::MessageReceived, life);
    shared.dawdle().await;
    wire.say("250 taken\r\n").await?;
    shared.ledger().is_answered(place);
    shared.snare.passes(Moment::MessageAnswered, life);
    Ok(())
}

fn read(mail: &[u8]) -> Message {
    let parsed = MessageParser::default().parse(mail).unwrap();
    let (subject, text) = (parsed.subject().unwrap_or_default(), parsed.body_text(0).unwrap_or_default());
    Message::read(parsed.message_id().unwrap_or_default(), &format!("{subject}\n{text}"))
}

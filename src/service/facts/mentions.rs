//! Mentions that a destination refuses: the message goes out without them, `[ops]` hears once whose they are, and they are
//! withheld there until settings are put in force again. Words nothing but that trouble.

use jiff::Timestamp;

use super::{State, troubles::Trouble};
use crate::{
    core::{ids::DestinationName, outbox::Form},
    store::StoreFault,
};

impl State {
    /// A message was accepted. One that went without its mentions had been refused with them, so it was for them; one that
    /// went with them ends the trouble with these.
    pub(super) fn judge_mentions(
        &mut self,
        destination: &DestinationName,
        form: Form,
        mentions: &[String],
        why: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        match form {
            Form::WithoutMentions if !mentions.is_empty() => self.raise_mention(destination, mentions, why, now),
            Form::Full => {
                let over = |name: &String| {
                    ids_in(name, destination).is_some_and(|mut ids| ids.all(|id| mentions.contains(&id)))
                };
                let over: Vec<String> = self.troubles.keys().filter(|name| over(name)).cloned().collect();
                let title = format!("{destination} takes these mentions again");
                over.iter().try_for_each(|name| self.clear(name, &title, &[], now))
            }
            Form::WithoutMentions | Form::Plain => Ok(()),
        }
    }

    fn raise_mention(
        &mut self,
        destination: &DestinationName,
        mentions: &[String],
        why: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let known = self.refused_mentions(destination);
        if mentions.iter().any(|id| known.contains(id)) {
            return Ok(());
        }
        let (ids, one) = (mentions.join(", "), mentions.len() == 1);
        let title = match one {
            true => format!("{destination} refuses the mention of {ids}"),
            false => format!("{destination} refuses the mention of one of {ids}"),
        };
        let mut text: Vec<String> =
            why.map(|why| format!("With it: {}.", why.trim_end_matches('.'))).into_iter().collect();
        text.push(
            "The message went out without, and so do the next ones: they name these people in their text.".to_owned(),
        );
        let todo =
            "Correct `slack` or `teams` of that person in [people] (or take it out, and the name alone stands there), \
                    then run `leadtime reload`."
                .to_owned();
        let name = format!("{}{}", prefix(destination), mentions.join(","));
        self.raise(&name, Trouble::new(now, title, &text, todo), now)
    }

    /// The mentions that a destination has refused.
    pub(super) fn refused_mentions(&self, destination: &DestinationName) -> Vec<String> {
        let prefix = prefix(destination);
        let named = self.troubles.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
        named.filter_map(|(name, _)| ids_in(name, destination)).flatten().collect()
    }

    /// Somebody has put settings in force, and may have corrected an id: all are tried again.
    pub(super) fn retry_mentions(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let refused: Vec<String> = self.troubles.keys().filter(|name| name.starts_with("mention/")).cloned().collect();
        for name in refused {
            let title = self.troubles.get(&name).map(|trouble| format!("To be tried again: {}", trouble.title));
            self.clear(&name, &title.unwrap_or_default(), &[], now)?;
        }
        Ok(())
    }
}

fn prefix(destination: &DestinationName) -> String {
    format!("mention/{destination}/")
}

/// The ids in the name of such a trouble at this destination.
fn ids_in(name: &str, destination: &DestinationName) -> Option<impl Iterator<Item = String>> {
    let ids = name.strip_prefix(&prefix(destination))?;
    Some(ids.split(',').map(str::to_owned))
}

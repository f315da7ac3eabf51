//! Mentions that a destination refuses: the message goes out without them, `[ops]` hears once whose they are, and they are
//! withheld there until settings are put in force again. Words nothing but that trouble.

use jiff::Timestamp;

use super::{State, troubles::Trouble};
use crate::{
    core::{
        ids::DestinationName,
        notice::{self, Recovery},
        outbox::Form,
    },
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
                let taken = Recovery::MentionsTaken { destination: destination.clone() };
                over.iter().try_for_each(|name| self.clear(name, taken.clone(), now))
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
        let name = format!("{}{}", prefix(destination), mentions.join(","));
        let (destination, ids, said) = (destination.clone(), mentions.to_vec(), why.map(str::to_owned));
        let what = notice::Trouble::MentionRefused { destination, ids, said };
        self.raise(&name, Trouble::new(now, what), now)
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
        refused.iter().try_for_each(|name| self.clear_as_gone(name, now))
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

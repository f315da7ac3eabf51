//! Names and numbers by which the rest of the program points at things.
//! Nothing here parses what comes from outside beyond refusing the empty string, and nothing here does I/O.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::{Uuid, fmt::Hyphenated};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it stands.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The text, as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

text_id! {
    /// A referral's `id` in Partner Center: in practice a lower-case GUID, by contract any text.
    ReferralId
}
text_id! {
    /// The name of an account in the settings (`[accounts.NAME]`).
    AccountName
}
text_id! {
    /// The name of a destination in the settings (`[destinations.NAME]`).
    DestinationName
}
text_id! {
    /// The name of a rule in the settings.
    RuleName
}

text_id! {
    /// The name of a person in the settings (`[people.NAME]`).
    PersonName
}
text_id! {
    /// The name of a digest in the settings (`[[digests]]`).
    DigestName
}

/// A referral's id where many are held in memory: a GUID, as in practice it is, without its text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ShortId {
    /// A GUID in lower case, from which the text can be told.
    Guid(Uuid),
    /// Any other text.
    Text(ReferralId),
}

impl ShortId {
    /// The id as the text that it came in.
    pub fn whole(&self) -> ReferralId {
        match self {
            Self::Guid(guid) => ReferralId::new(guid.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
            Self::Text(id) => id.clone(),
        }
    }
}

impl From<&ReferralId> for ShortId {
    fn from(id: &ReferralId) -> Self {
        let text = &mut [0; Hyphenated::LENGTH];
        match Uuid::try_parse(id.as_str()) {
            Ok(guid) if guid.hyphenated().encode_lower(text) == id.as_str() => Self::Guid(guid),
            _ => Self::Text(id.clone()),
        }
    }
}

/// A case's number in the store, given in the order of arrival and never given again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseNumber(pub u64);

/// What a reader and a channel know a message by: derived from its key (UUID v5), so a repeat carries the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(Uuid);

/// The namespace of message ids: itself `uuid5(NAMESPACE_DNS, "messages.leadtime")`, fixed for ever.
const MESSAGE_NAMESPACE: Uuid = Uuid::from_u128(0xf5f4_c977_35fd_5cf3_94be_f744_59b8_7e30);

impl MessageId {
    /// The id of the message whose key, written out in full, is `key`.
    pub fn of_key(key: &str) -> Self {
        Self(Uuid::new_v5(&MESSAGE_NAMESPACE, key.as_bytes()))
    }

    /// The id as a UUID.
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// Reads an id as a person pastes it; `None` where it is no UUID.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text.trim()).ok().map(Self)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_gives_back_the_text_it_came_in_and_no_two_texts_are_one() {
        let guid = "0000abcd-6f2e-4a3c-9f0e-0d7a7c1e1f01";
        let spellings = [
            guid.to_owned(),
            guid.to_uppercase(),
            guid.replace('-', ""),
            format!("{{{guid}}}"),
            format!("urn:uuid:{guid}"),
            "r-1".to_owned(),
        ];
        let short = spellings.each_ref().map(|text| ShortId::from(&ReferralId::new(text)));
        assert_eq!(short.each_ref().map(|id| id.whole().to_string()), spellings);
        assert!(matches!(short[0], ShortId::Guid(_)), "the usual one is kept short");
        let distinct: std::collections::HashSet<&ShortId> = short.iter().collect();
        assert_eq!(distinct.len(), spellings.len());
    }
}

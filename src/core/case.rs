//! A case: one referral and all that leadtime remembers of it. Readings turn one case into the next; `ladder` decides on
//! it. Nothing here knows rules or hours.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    claim::{Claim, SeenTo},
    deadline::{Deadline, Moved},
    ids::{AccountName, CaseNumber, DestinationName, MessageId, ReferralId, RuleName},
    key::{Key, Purpose},
    page::Read,
    period::Period,
    referral::{Closing, Referral, Standing},
};

/// A fact keeps so many characters of a text.
const FACT_MAX: usize = 120;
/// So many messages are remembered one by one, as far as the rest can be told from what was told last.
const LEDGER_MAX: usize = 200;
/// How soon a referral that is open but not listed is read again, at first.
const FIRST_REREAD: SignedDuration = SignedDuration::from_mins(5);
/// How far apart those readings grow.
pub const LAST_REREAD: SignedDuration = SignedDuration::from_hours(6);
/// How far apart two "not found" must lie before they can mean gone.
const GONE_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// One referral and what is remembered of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Case {
    /// Its number in the store.
    pub number: CaseNumber,
    /// The account that lists it.
    pub account: AccountName,
    /// As it was last read. Stored beside the case, as the text it came in: most writes of a case leave it as it is.
    #[serde(skip)]
    pub referral: Referral,
    /// When leadtime first saw it.
    pub first_seen: Timestamp,
    /// When it was created, as last read; else when it was first seen.
    pub created: Timestamp,
    /// When it expires.
    pub deadline: Deadline,
    /// Whether it is open, and how well it is seen.
    pub life: Life,
    /// How many times it was closed so far, while leadtime watched.
    #[serde(default)]
    pub closings: u32,
    /// What became of each message about it.
    #[serde(default)]
    pub ledger: Vec<Entry>,
    /// What each destination was last told.
    #[serde(default)]
    pub told: BTreeMap<DestinationName, Told>,
    /// How far up its ladder each destination's messages have come, sent or not: what stands below is superseded for good.
    #[serde(default)]
    pub spoken: BTreeMap<DestinationName, (Timestamp, Timestamp)>,
    /// Set by a person: nothing but `expired` is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Mute>,
    /// A person has said that they will answer it; the latest claim, while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// The destinations where a manager has said that they will see to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen_to: BTreeMap<DestinationName, SeenTo>,
    /// The latest instant as of which Partner Center is known to have held it open: the begin of the account's last whole
    /// listing, or of a read by id. Set by whoever loads the case, as a listing that brings nothing new writes nothing.
    #[serde(skip)]
    pub as_of: Option<Timestamp>,
}

/// Whether a referral is open.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// Open, and in the account's listing.
    Listed,
    /// Open by its id, but not in the listing.
    Unlisted(Reread),
    /// It has left the listing, and no read by id has said why.
    Unseen {
        /// When it was first missed.
        since: Timestamp,
        /// When Partner Center first answered "not found" in a row of such answers.
        not_found_since: Option<Timestamp>,
        /// When it is read again.
        reread: Reread,
    },
    /// Answered or expired.
    Closed {
        /// How.
        closing: Closing,
        /// When we read it.
        at: Timestamp,
    },
    /// Not found twice, while the account saw others.
    Gone {
        /// When we were sure.
        at: Timestamp,
    },
}

/// When an open referral that is not listed is read again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reread {
    /// The next reading.
    pub at: Timestamp,
    /// How long after that the one after it, in seconds.
    pub wait: i64,
    /// The last reading that showed it open.
    pub seen_open_at: Timestamp,
}

/// What became of one message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Which message.
    pub key: Key,
    /// What became of it.
    pub fate: Fate,
    /// Since when.
    pub at: Timestamp,
    /// Whether it is an escalation.
    #[serde(default)]
    pub escalation: bool,
    /// The rule that asked for it.
    pub rule: RuleName,
    /// Whether an attempt ended without our knowing how: the reader may have it.
    #[serde(default)]
    pub maybe: bool,
}

/// What became of one message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It waits in the outbox.
    Queued,
    /// An attempt is under way.
    Attempting,
    /// The channel took it. Final.
    Accepted,
    /// A later step spoke in its place. Final.
    Superseded,
    /// It was refused, or too long not accepted. Final.
    Dead,
    /// It went to the fallback in its place. Final.
    FellBack(DestinationName),
    /// It is no longer asked for; free again when what cancelled it is over.
    Cancelled,
}

/// What a destination was last told, so that changes can be seen and endings reach the right people.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The facts that it was told.
    pub facts: Particulars,
    /// When.
    pub at: Timestamp,
    /// The furthest point on the ladder that it has heard: place and place before the move.
    #[serde(default)]
    pub reached: Option<(Timestamp, Timestamp)>,
    /// Since when the referral differs from what was told.
    #[serde(default)]
    pub differs_since: Option<Timestamp>,
    /// How many `updated` it was sent, and when the last.
    #[serde(default)]
    pub updates: u32,
    /// When the last `updated` was accepted.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

/// What an `updated` is about.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Particulars {
    /// The customer's name.
    pub customer: Option<String>,
    /// The deal's value.
    pub value: Option<f64>,
    /// Its currency.
    pub currency: Option<String>,
    /// When the deal should close, as it stands.
    pub closing: Option<String>,
    /// A digest of the notes: who was told needs no second copy of them.
    pub notes: u64,
    /// The armed deadline.
    pub armed: Timestamp,
}

/// A person's wish to hear no more of a referral.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Mute {
    /// Since when.
    pub at: Timestamp,
    /// Until when, where it ends by itself.
    pub until: Option<Timestamp>,
    /// Why, in the person's words.
    pub reason: String,
    /// Who, as they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What a reading did to a case, as the journal tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// Nothing worth a line.
    Nothing,
    /// Something that it says has changed.
    Changed,
    /// It has left the listing and is still open.
    LeftTheList,
    /// It is in the listing again.
    Relisted,
    /// It cannot be read.
    Unseen,
    /// It was closed.
    Closed(Closing),
    /// It is not there any more.
    Gone,
    /// It is open again.
    Reopened,
}

impl Case {
    /// A referral seen for the first time.
    pub fn first_sight(
        number: CaseNumber,
        account: AccountName,
        referral: Referral,
        expires_after: Period,
        now: Timestamp,
    ) -> Self {
        let deadline = Deadline::first(&referral, expires_after, now);
        // One that was over before leadtime saw it is no closing: nobody hears of it.
        let life = match referral.standing() {
            Standing::Open => Life::Listed,
            Standing::Closed(closing) => Life::Closed { closing, at: now },
        };
        Self {
            number,
            account,
            created: referral.created_at().unwrap_or(now),
            referral,
            first_seen: now,
            deadline,
            life,
            closings: 0,
            ledger: Vec::new(),
            told: BTreeMap::new(),
            spoken: BTreeMap::new(),
            muted: None,
            claim: None,
            seen_to: BTreeMap::new(),
            as_of: Some(now),
        }
    }

    /// Its id in Partner Center.
    pub fn id(&self) -> &ReferralId {
        self.referral.id()
    }

    /// Whether its countdown goes on.
    pub fn is_open(&self) -> bool {
        !matches!(self.life, Life::Closed { .. } | Life::Gone { .. })
    }

    /// When its countdown ended, where it has.
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self.life {
            Life::Closed { at, .. } | Life::Gone { at } => Some(at),
            Life::Listed | Life::Unlisted(_) | Life::Unseen { .. } => None,
        }
    }

    /// Since when it cannot be read, where it cannot.
    pub fn unseen_since(&self) -> Option<Timestamp> {
        match self.life {
            Life::Unseen { since, .. } => Some(since),
            _ => None,
        }
    }

    /// When it must be read by id again, where it is open and not listed.
    pub fn reread_at(&self) -> Option<Timestamp> {
        match self.life {
            Life::Unlisted(reread) | Life::Unseen { reread, .. } => Some(reread.at),
            _ => None,
        }
    }

    /// The mute that holds at `now`.
    pub fn muted_at(&self, now: Timestamp) -> Option<&Mute> {
        self.muted.as_ref().filter(|mute| mute.until.is_none_or(|until| now < until))
    }

    /// As of when it is known to have been open, given when the account's last whole listing began.
    pub fn known_open_as_of(&self, last_whole_listing: Option<Timestamp>) -> Option<Timestamp> {
        match self.life {
            Life::Listed => last_whole_listing,
            Life::Unlisted(reread) | Life::Unseen { reread, .. } => Some(reread.seen_open_at),
            _ => None,
        }
    }

    /// The facts that an `updated` compares.
    pub fn facts(&self) -> Particulars {
        // Each destination keeps a copy, so no text of a stranger's may be long.
        let end = |text: &str| text.char_indices().nth(FACT_MAX).map_or(text.len(), |(end, _)| end);
        let brief = |text: Option<&str>| text.and_then(|text| text.get(..end(text))).map(str::to_owned);
        Particulars {
            customer: brief(self.referral.customer()),
            value: self.referral.deal_value(),
            currency: brief(self.referral.currency()),
            closing: brief(self.referral.closing()),
            notes: self.referral.notes().map_or(0, digest),
            armed: self.deadline.armed,
        }
    }

    /// The listing holds it; `referral` is given where its text differs from what was read last.
    pub fn listed(&mut self, referral: Option<Referral>, now: Timestamp) -> Happened {
        let was_listed = self.life == Life::Listed;
        let changed = referral.is_some_and(|referral| self.take(referral, now));
        match self.referral.standing() {
            Standing::Closed(closing) => self.close(closing, now),
            Standing::Open if !self.is_open() => {
                self.life = Life::Listed;
                Happened::Reopened
            }
            Standing::Open => {
                self.life = Life::Listed;
                match (was_listed, changed) {
                    (false, _) => Happened::Relisted,
                    (true, true) => Happened::Changed,
                    (true, false) => Happened::Nothing,
                }
            }
        }
    }

    /// A whole listing that began at `began` did not hold it; its reading by id is due at once.
    pub fn missed(&mut self, began: Timestamp, last_listed: Option<Timestamp>) {
        if self.life == Life::Listed {
            let seen_open_at = last_listed.unwrap_or(self.first_seen);
            self.life = Life::Unlisted(Reread { at: began, wait: FIRST_REREAD.as_secs(), seen_open_at });
        }
    }

    /// A read by id. `sees_since`: when the account last returned an open referral, the proof that it still sees.
    pub fn read(&mut self, read: Read, sees_since: Option<Timestamp>, now: Timestamp) -> Happened {
        match read {
            Read::Found(referral) => self.found(referral, now),
            Read::NotFound => self.not_seen(true, sees_since, now),
            Read::Forbidden => self.not_seen(false, sees_since, now),
        }
    }

    fn found(&mut self, referral: Referral, now: Timestamp) -> Happened {
        let was_open = self.is_open();
        let changed = self.take(referral, now);
        match self.referral.standing() {
            Standing::Closed(closing) => self.close(closing, now),
            Standing::Open => {
                // The first reading after it was missed still has the first pause before it.
                let was_unlisted = matches!(self.life, Life::Unlisted(reread) if reread.wait > FIRST_REREAD.as_secs());
                let reread = match self.life {
                    Life::Unlisted(reread) => later(reread, now),
                    _ => Reread { at: now + FIRST_REREAD, wait: FIRST_REREAD.as_secs() * 2, seen_open_at: now },
                };
                self.life = Life::Unlisted(Reread { seen_open_at: now, ..reread });
                match (was_open, was_unlisted, changed) {
                    (false, ..) => Happened::Reopened,
                    (true, false, _) => Happened::LeftTheList,
                    (true, true, true) => Happened::Changed,
                    (true, true, false) => Happened::Nothing,
                }
            }
        }
    }

    fn not_seen(&mut self, not_found: bool, sees_since: Option<Timestamp>, now: Timestamp) -> Happened {
        let (since, earlier, reread, first) = match self.life {
            Life::Unseen { since, not_found_since, reread } => (since, not_found_since, later(reread, now), false),
            Life::Unlisted(reread) => (now, None, later(reread, now), true),
            Life::Listed => {
                let reread = Reread { at: now, wait: FIRST_REREAD.as_secs(), seen_open_at: self.first_seen };
                (now, None, later(reread, now), true)
            }
            Life::Closed { .. } | Life::Gone { .. } => return Happened::Nothing,
        };
        if let (true, Some(earlier), Some(sees)) = (not_found, earlier, sees_since)
            && now.duration_since(earlier) >= GONE_AFTER
            && earlier < sees
        {
            self.end(Life::Gone { at: now });
            return Happened::Gone;
        }
        let not_found_since = if not_found { earlier.or(Some(now)) } else { None };
        self.life = Life::Unseen { since, not_found_since, reread };
        if first { Happened::Unseen } else { Happened::Nothing }
    }

    fn close(&mut self, closing: Closing, now: Timestamp) -> Happened {
        // The first outcome read closes it: Accepted, later Won, is Accepted.
        if matches!(self.life, Life::Closed { .. }) {
            return Happened::Nothing;
        }
        self.end(Life::Closed { closing, at: now });
        Happened::Closed(closing)
    }

    /// What people have said about answering it is over with it, also where it is opened again.
    pub(super) fn end(&mut self, life: Life) {
        self.closings += 1;
        self.life = life;
        self.claim = None;
        self.seen_to.clear();
    }

    /// Takes a new body; says whether it differs.
    fn take(&mut self, referral: Referral, now: Timestamp) -> bool {
        if referral == self.referral {
            return false;
        }
        self.referral = referral;
        // A date once read is not forgotten because one answer lacks it.
        self.created = self.referral.created_at().unwrap_or(self.created);
        if self.deadline.reread(&self.referral, now) == (Moved::Rearmed { is_news: false }) {
            let armed = self.deadline.armed;
            self.told.values_mut().for_each(|told| told.facts.armed = armed);
        }
        let facts = self.facts();
        for told in self.told.values_mut() {
            told.differs_since = (told.facts != facts).then(|| told.differs_since.unwrap_or(now));
        }
        true
    }

    /// The id of a message about it.
    pub fn message_id(&self, key: &Key) -> MessageId {
        key.message_id(&self.account, self.id())
    }

    /// What is remembered of a message.
    pub fn entry(&self, key: &Key) -> Option<&Entry> {
        self.ledger.iter().find(|entry| entry.key == *key)
    }

    /// Whether a destination was told of the referral, or may have been.
    pub fn was_told(&self, destination: &DestinationName) -> bool {
        self.told.contains_key(destination)
    }

    /// Remembers what became of a message.
    pub fn record(&mut self, entry: Entry) {
        match self.ledger.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = Entry { maybe: known.maybe || entry.maybe, ..entry },
            None => {
                self.ledger.push(entry);
                self.forget_the_oldest();
            }
        }
    }

    /// Bounds the ledger: repeats and days of being overdue may be many, and what was told last speaks for the oldest.
    fn forget_the_oldest(&mut self) {
        if self.ledger.len() > LEDGER_MAX
            && let Some(oldest) = self.ledger.iter().position(|entry| {
                entry.key.purpose.is_one_of_many() && matches!(entry.fate, Fate::Accepted | Fate::Superseded)
            })
        {
            self.ledger.remove(oldest);
        }
    }

    /// Remembers that a destination has been told, or may have been. `place` is where the message stood on the ladder.
    pub fn tell(&mut self, key: &Key, place: Option<(Timestamp, Timestamp)>, now: Timestamp) {
        let facts = self.facts();
        let told = self.told.entry(key.destination.clone()).or_insert_with(|| Told {
            facts: facts.clone(),
            at: now,
            reached: None,
            differs_since: None,
            updates: 0,
            updated_at: None,
        });
        told.facts = facts;
        told.at = now;
        told.differs_since = None;
        told.reached = told.reached.max(place);
        if let Purpose::Updated(number) = key.purpose {
            told.updates = told.updates.max(number);
            told.updated_at = Some(now);
        }
    }

    /// Corrects what a destination was told to what stood in the message: the referral may have changed on its way.
    pub fn told_as(&mut self, destination: &DestinationName, facts: Particulars, now: Timestamp) {
        let differs = facts != self.facts();
        if let Some(told) = self.told.get_mut(destination) {
            told.facts = facts;
            told.differs_since = differs.then_some(now);
        }
    }
}

/// The reading after one that is made now.
fn later(reread: Reread, now: Timestamp) -> Reread {
    let wait = reread.wait.clamp(FIRST_REREAD.as_secs(), LAST_REREAD.as_secs());
    let next = (wait * 2).min(LAST_REREAD.as_secs());
    Reread { at: now + SignedDuration::from_secs(wait), wait: next, ..reread }
}

/// A stable digest of a text (FNV-1a): it is stored, so it must not change between versions.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

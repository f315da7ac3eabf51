//! What people say on the page of a claim link: that they will answer a referral, that they will see to it, that they
//! cannot after all. The journal has each, and the referral is decided on at once. What a claim moves is the ladder's affair.

use jiff::Timestamp;

use super::{State, journal::Line};
use crate::{
    core::{
        case::Case,
        claim::{self, Claim, Claimant, SeenTo},
        ids::{CaseNumber, DestinationName},
        key::Purpose,
        ladder::counting_hours,
        rules::Rules,
    },
    store::StoreFault,
};

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub enum Claiming {
    /// It holds, or held already.
    Done(Box<Case>),
    /// The referral is answered, expired or gone: there is nothing to claim.
    Over(Box<Case>),
    /// So near its deadline nothing is held back any more.
    TooLate(Box<Case>),
    /// There is nothing that this person could give back.
    NotTheirs(Box<Case>),
    /// No such referral is kept.
    Unknown,
}

/// Who has a referral at `now`, as it is shown: the claim, and when it ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The claim.
    pub claim: Claim,
    /// When it ends: as it was wished, or where the deadline ends it.
    pub end: Timestamp,
}

impl Standing {
    /// The claim of an open referral that holds at `now`.
    pub fn of(case: &Case, rules: &Rules, now: Timestamp) -> Option<Self> {
        let (claim, end) = claim::standing(case, rules, now).filter(|_| case.is_open())?;
        Some(Self { claim: claim.clone(), end })
    }
}

/// Whether it is a step of the ladder itself, as against a repeat of one, and news beside it.
pub fn is_step(purpose: Purpose) -> bool {
    purpose.is_on_ladder() && !purpose.is_one_of_many()
}

impl State {
    /// Somebody says that they will answer an open referral; the last one who does has it. The same said twice is said once.
    ///
    /// # Errors
    /// The store's.
    pub fn claim(&mut self, number: CaseNumber, wish: Claim, now: Timestamp) -> Result<Claiming, StoreFault> {
        let mut case = match self.open(number)? {
            Ok(case) => case,
            Err(came) => return Ok(came),
        };
        let orders = self.orders.clone();
        let latest = claim::latest(&case, counting_hours(&orders.rules, &wish.from, None));
        if latest <= now || wish.until <= now {
            return Ok(Claiming::TooLate(Box::new(case)));
        }
        let standing = claim::standing(&case, &orders.rules, now).map(|(claim, _)| claim);
        let before = standing.filter(|claim| claim.by == wish.by && claim.from == wish.from);
        if before.is_some_and(|before| before.until == wish.until) {
            return Ok(Claiming::Done(Box::new(case)));
        }
        // Who only takes longer has had it since the first time.
        let wish = Claim { at: before.map_or(now, |before| before.at), ..wish };
        let line = Line::Claimed { by: wish.by.clone(), until: wish.until.min(latest), from: wish.from.clone() };
        case.claim = Some(wish);
        self.say(case, &line, now)
    }

    /// A manager says that they will see to it. `asked_at`: when the page was made on which the button was pressed; a second
    /// press of the same button says nothing new.
    ///
    /// # Errors
    /// The store's.
    pub fn see_to(
        &mut self,
        number: CaseNumber,
        at: &DestinationName,
        by: Claimant,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<Claiming, StoreFault> {
        let mut case = match self.open(number)? {
            Ok(case) => case,
            Err(came) => return Ok(came),
        };
        if case.seen_to.get(at).is_some_and(|seen| seen.by == by && seen.at >= asked_at) {
            return Ok(Claiming::Done(Box::new(case)));
        }
        case.seen_to.insert(at.clone(), SeenTo { by: by.clone(), at: now });
        self.say(case, &Line::SeenTo { by, at: at.clone() }, now)
    }

    /// A claim that was made at this destination is given back: by whoever made it, or where nobody is named (in a channel,
    /// whose link all of it holds), by anybody.
    ///
    /// # Errors
    /// The store's.
    pub fn give_back(
        &mut self,
        number: CaseNumber,
        at: &DestinationName,
        by: Option<&Claimant>,
        now: Timestamp,
    ) -> Result<Claiming, StoreFault> {
        let mut case = match self.open(number)? {
            Ok(case) => case,
            Err(came) => return Ok(came),
        };
        let theirs = |claim: &mut Claim| claim.from == *at && by.is_none_or(|by| *by == claim.by);
        match case.claim.take_if(theirs) {
            Some(claim) => self.say(case, &Line::GivenBack { by: claim.by }, now),
            None => Ok(Claiming::NotTheirs(Box::new(case))),
        }
    }

    /// A manager will not see to it after all; as [`State::give_back`].
    ///
    /// # Errors
    /// The store's.
    pub fn leave_it(
        &mut self,
        number: CaseNumber,
        at: &DestinationName,
        by: Option<&Claimant>,
        now: Timestamp,
    ) -> Result<Claiming, StoreFault> {
        let mut case = match self.open(number)? {
            Ok(case) => case,
            Err(came) => return Ok(came),
        };
        let theirs = case.seen_to.get(at).is_some_and(|seen| by.is_none_or(|by| *by == seen.by));
        match case.seen_to.remove(at).filter(|_| theirs) {
            Some(seen) => self.say(case, &Line::GivenBack { by: seen.by }, now),
            None => Ok(Claiming::NotTheirs(Box::new(self.case(number)?))),
        }
    }

    /// A referral of which something can be said: it is kept, and open.
    fn open(&self, number: CaseNumber) -> Result<Result<Case, Claiming>, StoreFault> {
        Ok(match self.known(number)? {
            None => Err(Claiming::Unknown),
            Some(case) if !case.is_open() => Err(Claiming::Over(Box::new(case))),
            Some(case) => Ok(case),
        })
    }

    /// Enters what was said, and decides on the referral with it.
    fn say(&mut self, case: Case, line: &Line, now: Timestamp) -> Result<Claiming, StoreFault> {
        let number = case.number;
        self.journal(Some(number), now, line)?;
        self.decide_on(case, None, now)?;
        Ok(Claiming::Done(Box::new(self.case(number)?)))
    }

    /// A case, where it is still kept. A damaged one is told of where it is worked on, not to whoever holds a link.
    ///
    /// # Errors
    /// The store's.
    pub fn known(&self, number: CaseNumber) -> Result<Option<Case>, StoreFault> {
        match self.case(number) {
            Ok(case) => Ok(Some(case)),
            Err(StoreFault::Damaged { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

//! A fault of one account. What can go wrong is the core's to know; here is whose it was.

pub use crate::core::fault::{SignInTrouble, Trouble};
use crate::core::ids::AccountName;

/// A failed poll, read by id, or sign-in of one account.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("account {account}: {trouble}. {}", trouble.remedy(account))]
pub struct PollFault {
    /// Whose poll it was.
    pub account: AccountName,
    /// What went wrong.
    pub trouble: Trouble,
}

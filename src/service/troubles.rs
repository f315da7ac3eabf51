//! Troubles that more than one of the others tells of, or none of them: as values. Decides nothing.

use jiff::Timestamp;

use super::facts::Trouble;
use crate::{
    core::{ids::AccountName, notice},
    messages::TemplateFault,
};

/// The name of the trouble of an account that may have lost its role.
pub fn of_role(account: &AccountName) -> String {
    format!("role/{account}")
}

/// So many of an account's open referrals left the list at once, and none of them can be read.
pub fn role(account: &AccountName, unread: usize, open: usize, now: Timestamp) -> Trouble {
    Trouble::new(now, notice::Trouble::RoleLost { account: account.clone(), unread, open })
}

/// A user's template that failed at run time: its name as a trouble, and the trouble.
pub fn template(fault: &TemplateFault) -> (String, impl FnOnce(Timestamp) -> Trouble + use<>) {
    let (file, said) = (fault.file.display().to_string(), fault.to_string());
    let name = format!("template/{file}");
    (name, move |now| Trouble::new(now, notice::Trouble::TemplateFails { file, said }))
}

//! Troubles that more than one of the others tells of, or none of them: in words. Decides nothing.

use jiff::Timestamp;

use super::facts::Trouble;
use crate::{core::ids::AccountName, messages::TemplateFault};

/// The name of the trouble of an account that may have lost its role.
pub fn of_role(account: &AccountName) -> String {
    format!("role/{account}")
}

/// So many of an account's open referrals left the list at once, and none of them can be read.
pub fn role(account: &AccountName, unread: usize, open: usize, now: Timestamp) -> Trouble {
    let text = [
        format!("{unread} of {open} open referrals left the list at once, and none of them can be read."),
        "None is taken for answered: their countdown and their escalations go on.".to_owned(),
    ];
    let todo = "Give the account the role Referrals admin for the whole company, then see `leadtime check --online`.";
    Trouble::new(now, format!("{account} may have lost its role in Partner Center"), &text, todo)
}

/// A user's template that failed at run time: its name as a trouble, and the trouble.
pub fn template(fault: &TemplateFault) -> (String, impl FnOnce(Timestamp) -> Trouble + use<>) {
    let text = fault.to_string();
    let file = fault.file.display().to_string();
    let name = format!("template/{file}");
    let title = format!("The template {file} fails");
    let trouble = move |now| {
        let goes_out = "Its messages go out by the built-in template meanwhile.".to_owned();
        Trouble::new(
            now,
            title,
            &[text, goes_out],
            "Mend the template, run `leadtime check`, then run `leadtime reload`.",
        )
    };
    (name, trouble)
}

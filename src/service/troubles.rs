//! Troubles that do not come from the store or a poll, in words.

use jiff::Timestamp;

use super::facts::Trouble;
use crate::messages::TemplateFault;

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

//! Names of rows and buttons, and other words that stand alone. Templates see them as `words`.

/// The fields, and the ids of their texts.
macro_rules! labels {
    ($($field:ident = $id:literal,)*) => {
        /// The names of rows and buttons.
        #[derive(Clone, Debug, serde::Serialize)]
        #[allow(missing_docs, reason = "each is the word that it is named after")]
        pub struct Labels {
            $(pub $field: String,)*
        }

        impl Labels {
            pub(super) fn read(text: impl Fn(&str) -> String) -> Self {
                Self { $($field: text($id),)* }
            }
        }
    };
}

labels! {
    value = "label-value",
    place = "label-place",
    from = "label-from",
    answer_by = "label-answer-by",
    expires = "label-expires",
    expired = "label-expired",
    contact = "label-contact",
    contact_requested = "label-contact-requested",
    contact_person = "label-contact-person",
    owner = "label-owner",
    claimed = "label-claimed",
    estimated = "label-estimated",
    open_in = "label-open-in",
    claim = "label-claim",
    claim_escalation = "label-claim-escalation",
    tried = "label-tried",
    changed = "label-changed",
    nothing = "label-nothing",
    notes = "label-notes",
    todo = "label-todo",
    since = "label-since",
    id = "label-id",
    repeat = "label-repeat",
    if_unanswered = "label-if-unanswered",
    quote_open = "label-quote-open",
    quote_close = "label-quote-close",
}

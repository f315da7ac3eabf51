//! The page of a claim link as HTML. Strangers' text becomes text: the template escapes whatever it is given. Must never
//! hold a script, nor anything that the browser would fetch.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use handlebars::Handlebars;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::messages::words::Words;

const TEMPLATE: &str = include_str!("page.html.hbs");
const STYLE: &str = include_str!("page.css");

/// Everything on the page.
#[derive(Clone, Default, Serialize)]
pub struct Page {
    /// The language.
    pub lang: &'static str,
    /// Of the window. Previews of links show it, so it names no customer.
    pub title: String,
    /// `claim`, `manager`, `done` or `over`: its colour, which says nothing that the text does not.
    pub tone: &'static str,
    /// What the link is for.
    pub eyebrow: Option<String>,
    /// The customer.
    pub heading: String,
    /// How much time is left.
    pub left: Option<String>,
    /// Whether that is little.
    pub soon: bool,
    /// What is known of the referral.
    pub facts: Vec<Fact>,
    /// What went wrong with what was pressed.
    pub note: Option<String>,
    /// Who has it.
    pub has: Option<String>,
    /// Whether that is the reader.
    pub yours: bool,
    /// More sentences.
    pub text: Vec<String>,
    /// What can be pressed.
    pub form: Option<Form>,
    /// What alone stops the clock.
    pub clock: Option<String>,
    /// The way to Partner Center.
    pub link: Option<String>,
    /// Whether that is what is left to do.
    pub act_there: bool,
    /// What that link is called.
    pub open_in: String,
    /// What to look for there.
    pub way: String,
    /// The button that gives it back.
    pub give_back: Option<String>,
    /// Goes back with what is pressed.
    pub slip: String,
}

/// A row of what is known.
#[derive(Clone, Serialize)]
pub struct Fact {
    /// Its name.
    pub label: String,
    /// What it is.
    pub text: String,
}

/// What can be pressed.
#[derive(Clone, Default, Serialize)]
pub struct Form {
    /// Where it is folded away, what stands there.
    pub summary: Option<String>,
    /// Whether it is unfolded all the same.
    pub open: bool,
    /// Goes back with what is pressed.
    pub slip: String,
    /// Whether it asks who the reader is.
    pub asks: bool,
    /// That question.
    pub who: String,
    /// What was wrong with the answer.
    pub fault: Option<String>,
    /// Who the reader may be.
    pub people: Vec<Choice>,
    /// What is said of anybody else.
    pub other: String,
    /// What the name's field is called.
    pub name_label: String,
    /// What was typed there.
    pub typed: String,
    /// What the buttons are for, where they do not say it.
    pub lead: Option<String>,
    /// Them.
    pub buttons: Vec<Button>,
}

/// Somebody whom the reader may be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub name: String,
    /// Whether it was chosen before.
    pub chosen: bool,
}

/// A button.
#[derive(Clone, Serialize)]
pub struct Button {
    /// What is sent.
    pub act: &'static str,
    /// What is read.
    pub label: String,
    /// What follows from it.
    pub more: Option<String>,
}

impl Page {
    /// A page that says one thing.
    pub fn plain(words: &Words, heading: String, text: Option<String>) -> Self {
        let title = heading.clone();
        Self {
            lang: words.locale().as_str(),
            tone: "over",
            title,
            heading,
            text: text.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The page as an answer.
    pub fn answer(&self, status: StatusCode) -> Response {
        static HANDLEBARS: LazyLock<Option<Handlebars<'static>>> = LazyLock::new(|| {
            let mut handlebars = Handlebars::new();
            handlebars.set_strict_mode(true);
            handlebars.register_template_string("page", TEMPLATE).ok().map(|()| handlebars)
        });
        #[derive(Serialize)]
        struct Styled<'a> {
            #[serde(flatten)]
            page: &'a Page,
            style: &'static str,
        }
        let html =
            HANDLEBARS.as_ref().and_then(|known| known.render("page", &Styled { page: self, style: STYLE }).ok());
        match html {
            Some(html) => (status, headers(), html).into_response(),
            // A test renders every kind of page, so nobody meets this.
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// What the page may do, which is next to nothing. Its own address is the key, so nobody else hears of it; but with
/// `no-referrer` browsers send `Origin: null` with its form, which could not be told from a page that is not ours.
fn headers() -> [(header::HeaderName, HeaderValue); 4] {
    static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
        let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    });
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
    ]
}

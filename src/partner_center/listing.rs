//! A listing, page by page.
//!
//! Every sample of `@odata.nextLink` that Microsoft has published is plain `http` with a path that the API does not have.
//! So only its query is used, on our own address: the token goes nowhere else, and a link cannot lead anywhere else.
//! `@odata.count` is wrong in the same samples and is not read. A listing is whole only when its last page said so;
//! whatever else ends it is a fault.

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    AccountSettings, Client,
    answer::{Answer, without_mark},
    fault::{PollFault, Trouble},
    patience::Patience,
};
use crate::core::{
    ids::ShortId,
    page::{Item, Page},
};

/// How many pages a listing may have.
pub const PAGES_LIMIT: usize = 1000;
/// How long a link's query may be. Those that were seen have about a thousand characters.
const QUERY_LIMIT: usize = 16 << 10;
/// All but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A listing under way.
pub struct Walk<'a> {
    client: &'a Client,
    patience: Patience,
    top: Option<u32>,
    next: Next,
    /// The queries of the pages read.
    queries: HashSet<String>,
    /// The referrals on them.
    ids: HashSet<ShortId>,
    /// How many items the pages held, repeated and unreadable ones included.
    held: usize,
}

#[derive(Clone)]
enum Next {
    Page(String),
    End,
    Fault(Trouble),
}

impl<'a> Walk<'a> {
    pub(super) fn new(client: &'a Client, patience: Patience) -> Self {
        let AccountSettings { filter, top, .. } = client.settings.as_ref();
        Self::from_first(client, patience, first_query(filter, *top), *top)
    }

    pub(super) fn by(client: &'a Client, patience: Patience, filter: &str) -> Self {
        Self::from_first(client, patience, first_query(filter, None), None)
    }

    fn from_first(client: &'a Client, patience: Patience, query: String, top: Option<u32>) -> Self {
        Self { client, patience, top, next: Next::Page(query), queries: HashSet::new(), ids: HashSet::new(), held: 0 }
    }

    /// The next page; `None` when the listing is whole. A page before a fault was read all the same and may be used;
    /// after a fault only the fault comes, so it cannot be taken for the end.
    pub async fn next_page(&mut self) -> Result<Option<Page>, PollFault> {
        let outcome = match self.next.clone() {
            Next::Page(query) => self.read(query).await,
            Next::End => return Ok(None),
            Next::Fault(trouble) => Err(trouble),
        };
        outcome.map(Some).map_err(|trouble| {
            self.next = Next::Fault(trouble.clone());
            self.client.fault(trouble)
        })
    }

    /// Whether the last page that was read is the last there is.
    pub fn is_whole(&self) -> bool {
        matches!(self.next, Next::End)
    }

    async fn read(&mut self, query: String) -> Result<Page, Trouble> {
        if self.queries.len() >= PAGES_LIMIT {
            return Err(Trouble::TooManyPages { limit: PAGES_LIMIT });
        }
        let mut url = self.client.referrals_url();
        // Encodes what may not stand in a query (a space, a quote) and leaves alone what is encoded already.
        url.set_query(Some(&query));
        let answer = self.client.get(&url, &mut self.patience).await?;
        let text = String::from_utf8_lossy(without_mark(&answer.body));
        let wire = read_page(&text)?;
        let held = wire.value.len();
        let page = self.page(&wire, &answer);
        self.held += held;
        self.queries.insert(query);
        self.next = self.after(wire.next_link.as_deref(), held);
        tracing::debug!(account = %self.client.settings.name, page = self.queries.len(), items = page.items.len(), held,
            unreadable = page.unreadable, bytes = page.bytes, "read a page");
        Ok(page)
    }

    /// What can be read of a page and was not on an earlier one: a list shifts while it is walked.
    fn page(&mut self, wire: &WirePage<'_>, answer: &Answer) -> Page {
        let mut page = Page {
            items: Vec::with_capacity(wire.value.len()),
            unreadable: 0,
            server_date: answer.server_date,
            bytes: answer.body.len(),
        };
        for raw in &wire.value {
            match Item::read(raw) {
                Ok(item) if self.ids.insert((&item.id).into()) => page.items.push(item),
                Ok(_) => {}
                Err(fault) => {
                    page.unreadable += 1;
                    tracing::warn!(account = %self.client.settings.name, %fault, "an item of the listing is left out");
                }
            }
        }
        page
    }

    /// What follows a page that held so many items.
    fn after(&self, link: Option<&str>, held: usize) -> Next {
        let Some(link) = link.map(str::trim).filter(|link| !link.is_empty()) else {
            return match self.top {
                // Where `$top` is a page's size a last page that is full is odd; where it is a total, reaching it is.
                Some(top) if reaches(held, top) || self.held == usize::try_from(top).unwrap_or(usize::MAX) => {
                    Next::Fault(Trouble::FullPageWithoutLink { top })
                }
                _ => Next::End,
            };
        };
        match query_of(link) {
            Ok(query) if self.queries.contains(query) => Next::Fault(Trouble::Loop),
            Ok(query) => Next::Page(query.to_owned()),
            Err(why) => Next::Fault(Trouble::BadLink { why: why.to_owned() }),
        }
    }
}

fn reaches(held: usize, top: u32) -> bool {
    u32::try_from(held).map_or(true, |held| held >= top)
}

/// One page as it comes. Items stay text; of the rest only the link is of use.
#[derive(Deserialize)]
struct WirePage<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(rename = "@odata.nextLink", default)]
    next_link: Option<String>,
}

fn read_page(text: &str) -> Result<WirePage<'_>, Trouble> {
    // Asked first because serde would also read an array as the struct.
    if !text.trim_start().starts_with('{') {
        return Err(Trouble::NotAListing { why: "not a JSON object".to_owned() });
    }
    serde_json::from_str(text).map_err(|fault| Trouble::NotAListing { why: complaint(&fault) })
}

/// What is wrong with a body, without quoting from it: serde's texts can.
fn complaint(fault: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match fault.classify() {
        Category::Eof => "the JSON is cut off",
        Category::Syntax => "broken JSON",
        Category::Data => "`value` is no array, or the next link no text",
        Category::Io => "unreadable",
    };
    format!("{what} (line {}, column {})", fault.line(), fault.column())
}

/// A link's query: all between the first `?` and a `#`, as it stands.
fn query_of(link: &str) -> Result<&str, &'static str> {
    let whole = link.split_once('#').map_or(link, |(whole, _)| whole);
    match whole.split_once('?') {
        Some((_, query)) if query.len() > QUERY_LIMIT => Err("its query is too long"),
        Some((_, query)) if !query.is_empty() => Ok(query),
        // Without one it would begin the listing anew, and without our filter.
        _ => Err("it has no query"),
    }
}

/// The first page's query: filter, newest first, and `$top` where it is set.
fn first_query(filter: &str, top: Option<u32>) -> String {
    let filter = filter.trim();
    let filter = (!filter.is_empty()).then(|| format!("$filter={}", utf8_percent_encode(filter, ENCODED)));
    let top = top.map(|top| format!("$top={top}"));
    let order = Some("$orderby=createdDateTime%20desc".to_owned());
    [filter, order, top].into_iter().flatten().collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_query_of_a_link_counts_and_it_stays_as_it_is() {
        assert_eq!(
            query_of("http://elsewhere/v1.0/referrals?$skiptoken=a%2fb%2Bc+d?e"),
            Ok("$skiptoken=a%2fb%2Bc+d?e")
        );
        assert_eq!(query_of("?$skip=10#top"), Ok("$skip=10"));
        assert!(query_of("https://elsewhere/v1.0/referrals").is_err());
        assert!(query_of("https://elsewhere/#?$skip=10").is_err());
        assert!(query_of(&format!("?{}", "x".repeat(QUERY_LIMIT + 1))).is_err());
    }

    #[test]
    fn a_body_that_is_no_listing_is_never_an_empty_one() {
        for body in [
            "",
            "<html>sign in</html>",
            "null",
            "[]",
            "[[], null]",
            "{}",
            r#"{"value":null}"#,
            r#"{"value":{}}"#,
            r#"{"value":[{"id":"r1"}"#,
            r#"{"value":[],"@odata.nextLink":7}"#,
            r#"{"value":[]} trailing"#,
        ] {
            assert!(matches!(read_page(body), Err(Trouble::NotAListing { .. })), "{body}");
        }
        assert!(read_page(r#" {"value":[],"@odata.nextLink":null} "#).is_ok());
    }

    #[test]
    fn a_complaint_quotes_nothing_from_the_body() {
        let Err(trouble) = read_page(r#"{"value":"Fabrikam"}"#) else { panic!("a fault") };
        assert!(!trouble.to_string().contains("Fabrikam"), "{trouble}");
    }

    #[test]
    fn a_link_written_with_json_escapes_is_unescaped() {
        let page = read_page(r#"{"value":[],"@odata.nextLink":"http://x/y?a=1\u0026b=2"}"#).ok().unwrap();
        assert_eq!(page.next_link.as_deref().map(query_of), Some(Ok("a=1&b=2")));
    }
}

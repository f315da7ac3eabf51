//! A page as a browser reads it (html5ever's tokenizer), taken apart into what acts: elements, attributes, comments, and
//! of its texts what a program could make a link of.

use std::cell::RefCell;

use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
};

use super::links;

#[derive(Default)]
struct Sink {
    acts: RefCell<Vec<String>>,
    text: RefCell<String>,
    /// The element whose text is no markup, while it is open.
    raw: RefCell<Option<String>>,
}

impl Sink {
    fn end_text(&self) {
        let text = std::mem::take(&mut *self.text.borrow_mut());
        let mut acts = self.acts.borrow_mut();
        match self.raw.borrow().as_deref() {
            Some("style") => acts.push(format!("style {text}")),
            _ => acts.extend(links::acts(&text)),
        }
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::CharacterTokens(text) = &token {
            self.text.borrow_mut().push_str(text);
            return TokenSinkResult::Continue;
        }
        if !matches!(token, Token::ParseError(_)) {
            self.end_text();
        }
        let mut acts = self.acts.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let end = tag.kind == TagKind::EndTag;
                acts.push(format!("{}{}", if end { "/" } else { "" }, tag.name));
                for attribute in &tag.attrs {
                    let (name, value) = (&attribute.name.local, &attribute.value);
                    match &**name {
                        // These are shown.
                        "title" | "alt" => {
                            acts.push(format!("@{name}"));
                            acts.extend(links::acts(value));
                        }
                        _ => acts.push(format!("@{name}={value}")),
                    }
                }
                *self.raw.borrow_mut() = None;
                if !end && ["style", "script", "title", "textarea"].contains(&&*tag.name) {
                    *self.raw.borrow_mut() = Some(tag.name.to_string());
                    return TokenSinkResult::RawData(match &*tag.name {
                        "title" | "textarea" => RawKind::Rcdata,
                        _ => RawKind::Rawtext,
                    });
                }
            }
            Token::CommentToken(text) => acts.push(format!("comment {text}")),
            Token::DoctypeToken(doctype) => acts.push(format!("doctype {:?}", doctype.name)),
            Token::NullCharacterToken => acts.push("a null".to_owned()),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Everything that acts, in the order of the page.
pub fn acts(page: &str) -> Vec<String> {
    let input = BufferQueue::default();
    input.push_back(page.into());
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.end_text();
    tokenizer.sink.acts.into_inner()
}

#[test]
fn what_a_browser_acts_on_is_found() {
    assert_eq!(acts("<p class=x>a &lt;b&gt; 1.5</p>"), ["p", "@class=x", "/p"]);
    assert_eq!(acts("<title><b></title><!--x-->"), ["title", "/title", "comment x"]);
    assert_eq!(acts("x evil.com").len(), 1);
}

//! Writes HTML in which strangers' text cannot become markup: markup can only be written from what stands in this
//! program's source, everything else goes through one escape. Must never take markup that was made at run time.

/// HTML being written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Html(String);

/// The tags' attributes: names are ours, values anybody's.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// Writes our own markup as it stands.
    pub fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Writes text, escaped.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(c),
            }
        }
        self
    }

    /// Writes text in which a line's end is one.
    pub fn lines(&mut self, text: &str) -> &mut Self {
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                self.markup("<br>");
            }
            self.text(line);
        }
        self
    }

    /// Opens a tag.
    pub fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.markup("<").markup(tag);
        for (name, value) in attributes {
            self.markup(" ").markup(name).markup("=\"").text(value).markup("\"");
        }
        self.markup(">")
    }

    /// Closes a tag.
    pub fn close(&mut self, tag: &'static str) -> &mut Self {
        self.markup("</").markup(tag).markup(">")
    }

    /// A tag with text in it.
    pub fn element(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) -> &mut Self {
        self.open(tag, attributes).text(text).close(tag)
    }

    /// A tag around what is written inside.
    pub fn around(
        &mut self,
        tag: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.open(tag, attributes);
        inside(self);
        self.close(tag)
    }

    /// A link that opens in a tab of its own; an address that is neither web nor mail is only shown.
    pub fn link(&mut self, address: &str, class: &str, label: &str) -> &mut Self {
        let lower = address.to_ascii_lowercase();
        if !["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
            return self.element("span", &[("class", "dead link"), ("title", address)], label);
        }
        let attributes = [("class", class), ("href", address), ("target", "_blank"), ("rel", "noopener noreferrer")];
        self.element("a", &attributes, label)
    }

    /// All that was written.
    pub fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_an_element_or_an_attribute() {
        let mut html = Html::default();
        html.element("p", &[("title", "\"><script>'")], "</p><script>&amp;");
        assert_eq!(html.finish(), "<p title=\"&quot;&gt;&lt;script&gt;&#39;\">&lt;/p&gt;&lt;script&gt;&amp;amp;</p>");
    }

    #[test]
    fn only_web_and_mail_addresses_become_links() {
        for address in ["javascript:alert(1)", " https://x.example", "data:text/html,x", "//x.example"] {
            let mut html = Html::default();
            html.link(address, "", "x");
            assert!(!html.finish().contains("href"), "{address}");
        }
        let mut html = Html::default();
        html.link("HTTPS://x.example/?a=1&b='", "", "x");
        assert!(html.finish().contains("href=\"HTTPS://x.example/?a=1&amp;b=&#39;\""));
    }
}

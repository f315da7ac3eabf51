//! From which page a form was sent, as far as the browser says. Must never let another site press a button.

use axum::http::{HeaderMap, HeaderName, header};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a form was sent by a page of ours, or the browser does not say. `external`: the origin of `external_url`. Where
/// browsers trust the connection they say it themselves, in a header that no page can set. Elsewhere an origin comes with
/// every form; it is `null` where a proxy has put `no-referrer` on the page, and another name where one has set `Host`.
pub fn is_own(headers: &HeaderMap, external: Option<&str>) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(FETCH_SITE) {
        return site == "same-origin";
    }
    let host = text(header::HOST).filter(|host| !host.is_empty());
    text(header::ORIGIN).is_none_or(|origin| {
        let named = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        (named.is_some() && named == host) || Some(origin) == external
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        map.insert("host", "leadtime:8080".parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        is_own(&map, Some("https://leadtime.contoso.com"))
    }

    #[test]
    fn a_form_of_our_own_page_passes_by_both_of_its_names() {
        assert!(own(&[]));
        assert!(own(&[("origin", "http://leadtime:8080")]));
        assert!(own(&[("origin", "https://leadtime.contoso.com"), ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn a_browser_that_says_so_itself_is_believed_whatever_a_proxy_has_made_of_the_origin() {
        for origin in ["null", "https://another-name-of-it.contoso.com"] {
            assert!(own(&[("origin", origin), ("sec-fetch-site", "same-origin")]), "{origin}");
        }
    }

    #[test]
    fn a_form_of_any_other_page_does_not() {
        for origin in
            ["https://evil.example", "null", "", "leadtime:8080", "http://leadtime:8081", "ftp://leadtime:8080"]
        {
            assert!(!own(&[("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!own(&[("origin", "http://leadtime:8080"), ("sec-fetch-site", site)]), "{site}");
        }
    }
}

//! The address that a browser is redirected to at the end of a sign-in, as a person pastes it or as it comes in. Must never
//! put any part of it into an error: the code is in it.

use std::collections::HashMap;

use url::form_urlencoded;

use super::trouble::LoginTrouble;

/// A terminal takes lines of so many characters and drops the rest.
const TERMINAL_LINE: usize = 4_095;

/// The code in it, where it belongs to the sign-in with that state.
pub(super) fn read(text: &str, state: &str) -> Result<String, LoginTrouble> {
    // A terminal that wraps puts line breaks in, a chat puts quotes or angle brackets around.
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '<' | '>')).collect();
    if text.is_empty() {
        return Err(LoginTrouble::NotTheAnswer("nothing was pasted"));
    }
    let query = text.split_once('?').map_or(text.as_str(), |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let said: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    let get = |name: &str| said.get(name).map(AsRef::as_ref).filter(|value: &&str| !value.is_empty());
    if get("client_id").is_some() {
        return Err(LoginTrouble::NotTheAnswer("that is the address to open, not the one that it leads to"));
    }
    if get("code").or(get("error")).is_none() {
        return Err(LoginTrouble::NotTheAnswer("no answer of a sign-in stands in it"));
    }
    if get("state").is_none() && text.len() >= TERMINAL_LINE {
        let why = "the terminal has cut it off; run `stty -icanon` before, then begin again";
        return Err(LoginTrouble::NotTheAnswer(why));
    }
    if get("state") != Some(state) {
        return Err(LoginTrouble::StateDiffers);
    }
    match (get("error"), get("code")) {
        (None, Some(code)) => Ok(code.to_owned()),
        (error, _) => Err(LoginTrouble::said(error.unwrap_or_default(), get("error_description"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner_center::SignInTrouble;

    #[test]
    fn the_code_is_read_from_whatever_somebody_copies() {
        for pasted in [
            "http://localhost/?code=0.AX%2Fb-c&state=s1&session_state=9",
            "http://localhost:4711/?state=s1&code=0.AX%2Fb-c",
            "  \"http://localhost/?code=0.AX%2Fb-c&state=s1#\"\r\n",
            "<http://localhost?code=0.AX%2F\nb-c&sta\nte=s1>",
            "code=0.AX%2Fb-c&state=s1",
            "?code=0.AX%2Fb-c&state=s1",
        ] {
            assert_eq!(read(pasted, "s1"), Ok("0.AX/b-c".to_owned()), "{pasted}");
        }
    }

    #[test]
    fn the_code_of_another_sign_in_is_refused() {
        for pasted in ["http://localhost/?code=c&state=s2", "http://localhost/?code=c", "code=c&state="] {
            assert_eq!(read(pasted, "s1"), Err(LoginTrouble::StateDiffers), "{pasted}");
        }
        assert_eq!(read("?error=access_denied&state=s2", "s1"), Err(LoginTrouble::StateDiffers));
    }

    #[test]
    fn what_is_no_answer_is_told_from_one() {
        for pasted in
            ["", " \n", "http://localhost/", "y", "https://login/t/authorize?client_id=c&state=s1&response_type=code"]
        {
            assert!(matches!(read(pasted, "s1"), Err(LoginTrouble::NotTheAnswer(_))), "{pasted}");
        }
    }

    #[test]
    fn an_address_that_a_terminal_has_cut_is_no_strangers() {
        let cut = format!("http://localhost/?code={}", "x".repeat(TERMINAL_LINE));
        assert!(matches!(read(&cut[..TERMINAL_LINE], "s1"), Err(LoginTrouble::NotTheAnswer(_))));
        assert_eq!(read(&cut[..TERMINAL_LINE - 1], "s1"), Err(LoginTrouble::StateDiffers));
    }

    #[test]
    fn a_refusal_has_its_meaning() {
        assert_eq!(read("?error=access_denied&error_subcode=cancel&state=s1", "s1"), Err(LoginTrouble::Denied));
        assert_eq!(
            read("?error=consent_required&error_description=AADSTS65001%3a+The+user&state=s1", "s1"),
            Err(SignInTrouble::ConsentMissing { aadsts: Some(65001) }.into())
        );
    }
}

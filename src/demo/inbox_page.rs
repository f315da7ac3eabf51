//! The inbox as a page: each medium in a column of its own, drawn as its own program would draw it, under the day of the
//! story. No script, no remote asset, and a mail's HTML only in a sandbox. Must never let a message's text be markup.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    html::Html,
    inbox::{Count, Inbox, Medium, Received},
    mail::Mail,
    slack_drawing, teams_drawing,
};

/// How many messages a column shows.
const SHOWN: usize = 40;

/// How many lines of the story are shown without being asked.
const LINES_SHOWN: usize = 3;

/// The newest mails stand open.
const MAILS_OPEN: usize = 1;

/// How much of a text is shown, in bytes.
const LONGEST: usize = 20_000;

const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A mail is a document of its own, which may hold styles but runs nothing, loads nothing, and opens links elsewhere.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// `/`, `/mail/{number}`, `/messages.json`.
pub fn router(inbox: Inbox) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/inbox.css", get(style))
        .route("/mail/{number}", get(mail))
        .route("/messages.json", get(messages))
        .with_state(inbox)
}

/// How the page is looked at.
struct View {
    /// One medium only.
    only: Option<Medium>,
    /// Without refreshing itself.
    still: bool,
}

async fn page(State(inbox): State<Inbox>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let asked = |word: &str| query.split('&').any(|part| part == word);
    let view = View { only: Medium::ALL.into_iter().find(|medium| asked(medium.slug())), still: asked("still") };
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        draw_page(&inbox, &view),
    )
        .into_response()
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("inbox.css"))
}

async fn messages(State(inbox): State<Inbox>) -> Json<Vec<Arc<Received>>> {
    Json(inbox.messages())
}

async fn mail(State(inbox): State<Inbox>, Path(number): Path<u64>) -> Response {
    let html = inbox.message(number).filter(|message| message.medium == Medium::Email);
    let Some(html) = html.and_then(|message| Mail::read(&message.body).html) else {
        return (StatusCode::NOT_FOUND, "no such mail").into_response();
    };
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, with_links_elsewhere(html)).into_response()
}

/// Has a mail's links open in a tab of their own, as a mail program does.
fn with_links_elsewhere(html: String) -> String {
    let head = html.find("<head").and_then(|at| html.get(at..)?.find('>').map(|end| at + end + 1));
    match head.and_then(|at| html.split_at_checked(at)) {
        Some((before, after)) => format!("{before}<base target=\"_blank\">{after}"),
        None => html,
    }
}

fn draw_page(inbox: &Inbox, view: &View) -> String {
    let mut html = Html::default();
    let now = inbox.now();
    let day = inbox.stage().day(now);
    html.markup("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.markup("<meta name=\"color-scheme\" content=\"light dark\"><link rel=\"stylesheet\" href=\"/inbox.css\">");
    if !view.still && !inbox.has_ended() {
        html.markup("<meta http-equiv=\"refresh\" content=\"3\">");
    }
    html.element("title", &[], &format!("Day {day} · leadtime demo"));
    html.markup("</head>").open("body", &[("class", if view.only.is_some() { "single" } else { "all" })]);
    draw_header(&mut html, inbox, view, now);
    let messages = inbox.messages();
    html.around("main", &[], |html| {
        for medium in Medium::ALL {
            let column: Vec<&Received> =
                messages.iter().filter(|message| message.medium == medium).map(|message| &**message).collect();
            let wanted = view.only.is_none_or(|only| only == medium);
            // Most stories have no webhook: its column appears with its first message.
            if wanted && (medium != Medium::Webhook || !column.is_empty() || view.only.is_some()) {
                draw_column(html, inbox, medium, &column, view);
            }
        }
    });
    html.markup("<footer>Everything here is made up and stays on this machine. <a href=\"/messages.json\">messages.json</a></footer>");
    html.markup("</body></html>");
    html.finish()
}

fn draw_header(html: &mut Html, inbox: &Inbox, view: &View, now: Timestamp) {
    let stage = inbox.stage();
    let day = stage.day(now);
    html.around("header", &[], |html| {
        html.around("div", &[("class", "clock")], |html| {
            html.markup("<p class=\"brand\">leadtime <span>demo</span></p>");
            html.around("h1", &[], |html| {
                html.text(&format!("Day {day}")).element("small", &[], &format!(" of {}", stage.days));
            });
            let shown = shown(inbox, now, "%a %-d %b %Y, %H:%M");
            html.around("p", &[("class", "now")], |html| {
                html.element("time", &[("datetime", &now.to_string())], &shown);
                html.element("span", &[], &format!(" {}", city(inbox)));
            });
            draw_days(html, inbox, day);
        });
        draw_story(html, inbox);
        draw_nav(html, inbox, view);
    });
}

/// One mark for each day, weekends apart.
fn draw_days(html: &mut Html, inbox: &Inbox, today: u32) {
    let stage = inbox.stage();
    html.around("ol", &[("class", "days"), ("aria-hidden", "true")], |html| {
        // More days than these would not be seen apart.
        for day in 1..=stage.days.min(60) {
            let passed = jiff::SignedDuration::from_hours(24 * i64::from(day - 1));
            let date = stage.start.saturating_add(passed).unwrap_or(stage.start).to_zoned(stage.zone.clone());
            let weekend = matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
            let tense = match day.cmp(&today) {
                std::cmp::Ordering::Less => "past",
                std::cmp::Ordering::Equal => "today",
                std::cmp::Ordering::Greater => "ahead",
            };
            let class = format!("{tense}{}", if weekend { " weekend" } else { "" });
            html.element(
                "li",
                &[("class", &class)],
                &date.strftime("%a").to_string().chars().take(1).collect::<String>(),
            );
        }
    });
}

fn draw_story(html: &mut Html, inbox: &Inbox) {
    let lines = inbox.lines();
    html.around("section", &[("class", "story"), ("aria-label", "What happens")], |html| {
        html.markup("<h2>What happens</h2>");
        if lines.is_empty() {
            html.markup("<p class=\"quiet\">Nothing yet.</p>");
        }
        let (newest, older) = lines.split_at(lines.len().min(LINES_SHOWN));
        let draw = |html: &mut Html, lines: &[super::inbox::Line]| {
            html.around("ol", &[], |html| {
                for line in lines {
                    html.around("li", &[], |html| {
                        html.element("time", &[], &shown(inbox, line.at, "%a %H:%M"));
                        html.element("span", &[], &line.text);
                    });
                }
            });
        };
        draw(html, newest);
        if !older.is_empty() {
            html.around("details", &[], |html| {
                html.element("summary", &[], &format!("{} earlier", older.len()));
                draw(html, older);
            });
        }
    });
}

fn draw_nav(html: &mut Html, inbox: &Inbox, view: &View) {
    let counts = inbox.counts();
    let still = if view.still { "&still" } else { "" };
    html.around("nav", &[("aria-label", "Channels")], |html| {
        let pill = |html: &mut Html, class: &str, here: bool, address: &str, name: &str, count: Count| {
            let current = if here { "page" } else { "false" };
            html.around("a", &[("class", class), ("href", address), ("aria-current", current)], |html| {
                html.text(name).element("b", &[], &count.taken.to_string());
            });
        };
        let all = counts.values().fold(Count::default(), |sum, count| Count {
            taken: sum.taken + count.taken,
            refused: sum.refused + count.refused,
        });
        pill(html, "everything", view.only.is_none(), if view.still { "/?still" } else { "/" }, "All", all);
        for medium in Medium::ALL {
            let count = counts.get(&medium).copied().unwrap_or_default();
            if medium != Medium::Webhook || count != Count::default() {
                let address = format!("/?{}{still}", medium.slug());
                pill(html, medium.slug(), view.only == Some(medium), &address, medium.name(), count);
            }
        }
        draw_pause(html, inbox, view);
    });
}

fn draw_pause(html: &mut Html, inbox: &Inbox, view: &View) {
    let only = view.only.map(Medium::slug).unwrap_or_default();
    if inbox.has_ended() {
        html.markup("<span class=\"pause\">The story is over</span>");
    } else if view.still {
        html.element("a", &[("class", "pause"), ("href", &format!("/?{only}"))], "Refresh again");
    } else {
        html.element("a", &[("class", "pause"), ("href", &format!("/?{only}&still"))], "Hold still");
    }
}

fn draw_column(html: &mut Html, inbox: &Inbox, medium: Medium, messages: &[&Received], view: &View) {
    let class = format!("column {}", medium.slug());
    let count = inbox.counts().get(&medium).copied().unwrap_or_default();
    html.around("section", &[("class", &class), ("id", medium.slug())], |html| {
        html.around("h2", &[], |html| {
            html.text(medium.name()).element("span", &[], &count.taken.to_string());
            if count.refused > 0 {
                html.element("em", &[], &format!("{} refused", count.refused));
            }
        });
        html.around("div", &[("class", "feed")], |html| {
            if messages.is_empty() {
                html.markup("<p class=\"quiet\">Nothing has arrived.</p>");
            }
            let mut last_date = String::new();
            for (place, message) in messages.iter().take(SHOWN).enumerate() {
                let date = shown(inbox, message.at, "%A %-d %B");
                if date != last_date {
                    let words = format!("{date} · day {}", inbox.stage().day(message.at));
                    html.element("h3", &[], &words);
                    last_date = date;
                }
                draw_message(html, inbox, message, place < MAILS_OPEN);
            }
            if messages.len() > SHOWN {
                html.element("p", &[("class", "quiet")], &format!("and {} older", messages.len() - SHOWN));
            }
        });
        if view.only.is_none() && messages.len() > 2 {
            let address = format!("/?{}", medium.slug());
            html.element("a", &[("class", "more"), ("href", &address)], &format!("All of {}", medium.name()));
        }
    });
}

fn draw_message(html: &mut Html, inbox: &Inbox, message: &Received, open: bool) {
    let body = || serde_json::from_str::<Value>(&message.body).unwrap_or(Value::Null);
    html.around("article", &[("id", &format!("m{}", message.number))], |html| {
        html.around("div", &[("class", "from")], |html| {
            html.markup("<i aria-hidden=\"true\">lt</i><b>leadtime</b>");
            let sign = if message.medium == Medium::Slack { "#" } else { "" };
            html.element("span", &[("class", "sink")], &format!("{sign}{}", message.sink));
            if message.again {
                html.element("strong", &[("class", "again")], "again");
            }
            html.element("time", &[("datetime", &message.at.to_string())], &shown(inbox, message.at, "%H:%M"));
        });
        html.around("div", &[("class", "said")], |html| match message.medium {
            Medium::Slack => slack_drawing::draw(html, &body()),
            Medium::Teams => teams_drawing::draw(html, &body()),
            Medium::Email => draw_mail(html, message, open),
            Medium::Webhook => draw_json(html, message, &body()),
        });
    });
}

fn draw_mail(html: &mut Html, message: &Received, open: bool) {
    let mail = Mail::read(&message.body);
    let subject = if message.first_line.is_empty() { "(no subject)" } else { &message.first_line };
    html.element("h4", &[], subject);
    let text = mail.text.unwrap_or_default();
    if mail.html.is_none() {
        html.around("p", &[], |html| {
            html.lines(clipped(text.trim()));
        });
        return;
    }
    // The first line of a text is often its subject again.
    let rest = text.trim_start().strip_prefix(subject).unwrap_or(&text);
    let preview: String = rest.split_whitespace().take(24).collect::<Vec<_>>().join(" ");
    html.around("details", if open { &[("open", "")] } else { &[] }, |html| {
        html.element("summary", &[], &preview);
        let address = format!("/mail/{}", message.number);
        let sandbox = "allow-popups allow-popups-to-escape-sandbox";
        html.element("iframe", &[("src", &address), ("sandbox", sandbox), ("loading", "lazy"), ("title", subject)], "");
    });
}

fn draw_json(html: &mut Html, message: &Received, body: &Value) {
    html.element("h4", &[], if message.first_line.is_empty() { "(no type)" } else { &message.first_line });
    let pretty = serde_json::to_string_pretty(body).unwrap_or_default();
    let shown = if body.is_null() { &message.body } else { &pretty };
    if let Some(customer) = message.customer() {
        html.element("p", &[], clipped(&customer));
    }
    html.around("details", &[], |html| {
        html.element("summary", &[], message.message_id.as_deref().unwrap_or("no id"));
        html.element("pre", &[], clipped(shown));
    });
}

fn clipped(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

fn shown(inbox: &Inbox, at: Timestamp, form: &str) -> String {
    at.to_zoned(inbox.stage().zone.clone()).strftime(form).to_string()
}

/// `Budapest` of `Europe/Budapest`.
fn city(inbox: &Inbox) -> String {
    let zone = inbox.stage().zone.iana_name().unwrap_or("UTC");
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::demo::inbox::{Arrival, Stage};

    fn inbox() -> Inbox {
        let start: Timestamp = "2026-11-02T07:00:00Z".parse().unwrap();
        let now: Timestamp = "2026-11-11T10:25:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Budapest").unwrap();
        Inbox::new(Arc::new(move || now), Stage { start, days: 14, zone })
    }

    fn take(inbox: &Inbox, medium: Medium, first_line: &str, body: &str) {
        let (first_line, body) = (first_line.to_owned(), body.to_owned());
        inbox.take(Arrival { medium, sink: "<b>sink</b>".to_owned(), message_id: None, first_line, body });
    }

    fn whole(inbox: &Inbox) -> String {
        draw_page(inbox, &View { only: None, still: false })
    }

    #[test]
    fn the_page_says_which_day_it_is() {
        let page = whole(&inbox());
        assert!(page.contains("Day 10<small> of 14</small>"), "{page}");
        assert!(page.contains(">Wed 11 Nov 2026, 11:25</time>"), "{page}");
    }

    #[test]
    fn hostile_text_of_every_medium_stays_text() {
        let inbox = inbox();
        for medium in Medium::ALL {
            take(&inbox, medium, "<script>", "<script>");
            take(
                &inbox,
                medium,
                "x",
                r#"{"text":"<script>","blocks":["<script>",1,null],"attachments":[7,{"content":[]}]}"#,
            );
        }
        take(&inbox, Medium::Email, "x", "Subject: <script>\r\n\r\n<script>alert(1)</script>");
        inbox.tell("<script>");
        let page = whole(&inbox);
        assert!(!page.contains("<script") && !page.contains("<b>sink"), "{page}");
    }

    #[test]
    fn the_html_of_a_mail_is_only_in_its_frame() {
        let inbox = inbox();
        take(&inbox, Medium::Email, "x", "Content-Type: text/html\r\n\r\n<table>of the mail</table>");
        let page = whole(&inbox);
        assert!(!page.contains("of the mail"), "{page}");
        assert!(page.contains("src=\"/mail/1\" sandbox="), "{page}");
    }

    #[test]
    fn a_page_of_a_story_that_is_over_no_longer_refreshes() {
        let inbox = inbox();
        assert!(whole(&inbox).contains("http-equiv=\"refresh\""));
        inbox.end();
        assert!(!whole(&inbox).contains("http-equiv=\"refresh\""));
    }

    #[test]
    fn the_links_of_a_mail_open_elsewhere() {
        let mail = with_links_elsewhere("<!doctype html><html><head lang=x><title>a</title>".to_owned());
        assert_eq!(mail, "<!doctype html><html><head lang=x><base target=\"_blank\"><title>a</title>");
        assert_eq!(with_links_elsewhere("<p>a".to_owned()), "<p>a");
    }
}

//! `leadtime report`: how well referrals are answered, as a page that one may show one's boss.

use std::{io::IsTerminal as _, time::Duration};

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{
    BAD_USAGE, Common, DONE, answer, bare,
    margin::hanging,
    paper::{self, Side, Table},
    reach::{GivenUp, Reached, reach},
};
use crate::{
    channels::one_line,
    core::{
        ids::AccountName,
        story::report::{Figures, Rate, Row, Sum},
    },
    messages::{
        sentences::{Teller, report::money},
        words::{Locale, of},
    },
    service::clock::{Clock as _, RealClock},
    web::{
        report::{Told, Wanted, tell},
        since::Since,
    },
};

/// So long the service has to answer: it may read a hundred thousand referrals.
const WITHIN: Duration = Duration::from_secs(120);
/// So many rows of a table are shown.
const ROWS_MAX: usize = 10;
/// So many weeks, the latest ones.
const WEEKS_MAX: usize = 13;
/// The width of a bar, and of a name beside it.
const BAR: usize = 10;
const NAME_MAX: usize = 20;

/// Shows how well referrals are answered: the rate within 24 hours that Microsoft ranks by, what was answered, what expired,
/// the median time to answer, and the value at risk; by owner, country, rule and week.
///
/// The rate counts the referrals that came in the period and whose 24 hours are over; answered and expired count what ended
/// in it; open, overdue and at risk are as of now. Owners are those who were asked when a referral ended, covers included.
/// Sends nothing and changes nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime report\n  leadtime report --since 2026-10-01 --until 2026-11-01\n  \
    leadtime report --since 90d --json | jq '.total.within_24h'\n\n\
    With --json (instants in RFC 3339, sums in `currency`):\n  \
    {\"running\", \"time_zone\", \"account\", \"verdict\", \"notes\": [TEXT], \"from\", \"until\", \"now\", \"currency\",\n   \
    \"total\": FIGURES, \"by_country\": [{\"name\", \"id\", and FIGURES}], \"by_owner\", \"by_rule\",\n   \
    \"by_week\": [{\"monday\", and FIGURES}],\n   \
    \"left_out\": {\"shelved\", \"gone\", \"undated\", \"unreadable\"}}\n  \
    FIGURES: {\"came\", \"within_24h\": {\"within\", \"of\"}, \"young\" (24 h not over), \"late\" (first seen when\n   \
    they were; came = of + young + late), \"answered\", \"expired\", \"expired_value\": SUM,\n   \
    \"median_seconds\" (to answer), \"open\", \"overdue\", \"muted\", \"at_risk\": SUM}\n  \
    SUM: {\"amount\", \"no_rate\" and \"no_value\" (so many more referrals)}")]
pub struct Args {
    /// From when on: how long ago (30d, 4w, 12h), or a day (2026-10-01).
    #[arg(long, value_name = "TIME", default_value = "30d")]
    since: Since,
    /// Until when, without it: until now.
    #[arg(long, value_name = "TIME")]
    until: Option<Since>,
    /// This account alone.
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    match look(common, args).await {
        Ok(told) if args.json => paper::print_json(&told),
        Ok(told) => paper::print(&page(&told, std::io::stdout().is_terminal())),
        Err(GivenUp(code)) => return code,
    }
    DONE
}

async fn look(common: &Common, args: &Args) -> Result<Told, GivenUp> {
    match reach(common).await? {
        Reached::Service(way) => {
            let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let since = Some(format!("since={}", encoded(&args.since.to_string())));
            let until = args.until.map(|until| format!("until={}", encoded(&until.to_string())));
            let account = args.account.as_ref().map(|name| format!("account={}", encoded(name.as_str())));
            let query: Vec<String> = [since, until, account].into_iter().flatten().collect();
            answer::ask(&way, &format!("/api/v1/report?{}", query.join("&")), WITHIN).await
        }
        Reached::Store(store, prepared) => {
            if let Some(name) = args.account.as_ref().filter(|name| !prepared.settings.accounts.contains_key(*name)) {
                eprintln!("there is no account {name} in the settings");
                return Err(GivenUp(BAD_USAGE));
            }
            let wanted = Wanted { since: args.since, until: args.until, account: args.account.clone() };
            let span = wanted.span(&prepared.settings, RealClock.now()).map_err(|fault| {
                eprintln!("{fault}");
                GivenUp(BAD_USAGE)
            })?;
            let read = store.clone();
            bare::look(store, prepared, move |_, prepared, _| {
                tell(read.as_ref(), &prepared.settings, span, wanted.account, false)
            })
            .await
        }
    }
}

/// The whole page, with styles; with bars at a terminal.
fn page(told: &Told, pretty: bool) -> String {
    let report = &told.report;
    let zone = TimeZone::get(&told.time_zone).unwrap_or(TimeZone::UTC);
    let teller = Teller::new(zone, report.now);
    let style = of_rate(report.total.within_24h).bold();
    let mut page = format!("{style}{}{style:#}\n", hanging("", &told.verdict).trim_end());
    let account = told.account.as_ref().map_or(String::new(), |account| format!(", account {account}"));
    let (from, until) = (teller.when(report.from), teller.when(report.until));
    page += &hanging("", &format!("{from} to {until}, {}{account}", told.time_zone));
    if !report.total.is_empty() {
        page += &totals(&report.total, report.currency.as_deref());
        let tables: [(&'static str, &[Row], &'static str); 3] = [
            ("OWNER", &report.by_owner, "nobody"),
            ("COUNTRY", &report.by_country, "not said"),
            ("RULE", &report.by_rule, "none"),
        ];
        for (head, rows, nameless) in tables {
            page += &of_rows(head, rows, nameless, report.currency.as_deref(), pretty);
        }
        page += &weeks(told, &teller, pretty);
    }
    if !told.notes.is_empty() {
        page.push('\n');
    }
    let dim = Style::new().dimmed();
    for note in &told.notes {
        page += &format!("{dim}{}{dim:#}\n", hanging("", &one_line(note, 1_000)).trim_end());
    }
    page
}

/// The lines below the verdict.
fn totals(total: &Figures, currency: Option<&str>) -> String {
    let bold = Style::new().bold();
    let median =
        total.median_seconds.map_or(String::new(), |median| format!("median time to answer {}", duration(median)));
    let worth = |sum: &Sum| if sum_is_naught(sum) { String::new() } else { money(sum, currency) };
    let beside = [(total.overdue, "overdue"), (total.muted, "muted")];
    let beside: String =
        beside.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("; {count} {what}")).collect();
    let at_risk = match worth(&total.at_risk) {
        sum if sum.is_empty() => beside.trim_start_matches("; ").to_owned(),
        sum => format!("{sum} at risk{beside}"),
    };
    let lines = [
        ("Came", total.came, String::new()),
        ("Answered", total.answered, median),
        ("Expired", total.expired, worth(&total.expired_value)),
        ("Open now", total.open, at_risk),
    ];
    let line = |(what, count, more): &(&str, u32, String)| {
        let text = format!("{bold}{what:<8}{bold:#}  {count:>6}  {more}");
        text.trim_end().to_owned() + "\n"
    };
    std::iter::once("\n".to_owned()).chain(lines.iter().map(line)).collect()
}

/// A table of owners, countries or rules; none where it would say the same as the lines above.
fn of_rows(head: &'static str, rows: &[Row], nameless: &str, currency: Option<&str>, pretty: bool) -> String {
    if rows.len() < 2 && rows.iter().all(|row| row.id.is_none() || head == "RULE") {
        return String::new();
    }
    let mut table = table(head, pretty);
    for row in rows.iter().take(ROWS_MAX) {
        let name = row.name.as_deref().map_or_else(|| nameless.to_owned(), |name| cut(&one_line(name, 200), NAME_MAX));
        table.row(Style::new(), cells(name, &row.figures, currency, pretty));
    }
    let more = match rows.len().saturating_sub(ROWS_MAX) {
        0 => String::new(),
        more => format!("… and {more} more; --json has them\n"),
    };
    format!("\n{}{more}", table.show())
}

fn weeks(told: &Told, teller: &Teller, pretty: bool) -> String {
    let weeks = &told.report.by_week;
    if weeks.len() < 2 {
        return String::new();
    }
    let mut table = table("WEEK FROM", pretty);
    for week in weeks.iter().skip(weeks.len().saturating_sub(WEEKS_MAX)) {
        let name = teller.day(week.monday);
        table.row(Style::new(), cells(name, &week.figures, told.report.currency.as_deref(), pretty));
    }
    format!("\n{}", table.show())
}

fn table(head: &'static str, pretty: bool) -> Table {
    let within = if pretty { Side::Left } else { Side::Right };
    Table::new(&[
        (head, Side::Left),
        ("WITHIN 24 H", within),
        ("OF", Side::Right),
        ("MEDIAN", Side::Right),
        ("EXPIRED", Side::Right),
        ("OPEN", Side::Right),
    ])
}

fn cells(name: String, figures: &Figures, currency: Option<&str>, pretty: bool) -> Vec<String> {
    let rate = figures.within_24h;
    let with = |count: u32, sum| match count {
        0 => "-".to_owned(),
        count if sum_is_naught(sum) => count.to_string(),
        count => format!("{count}, {}", money(sum, currency)),
    };
    vec![
        name,
        rate.percent().map_or_else(
            || "-".to_owned(),
            |percent| {
                if pretty { format!("{} {percent:>3} %", bar(percent)) } else { format!("{percent} %") }
            },
        ),
        rate.of.to_string(),
        figures.median_seconds.map_or_else(|| "-".to_owned(), duration),
        with(figures.expired, &figures.expired_value),
        with(figures.open, &figures.at_risk),
    ]
}

/// Whether a sum says nothing: no value is known, or none in this currency.
fn sum_is_naught(sum: &Sum) -> bool {
    sum.amount <= 0.0
}

/// So much of a whole, in eighths of a character.
fn bar(percent: u32) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (usize::try_from(percent.min(100)).unwrap_or(100) * BAR * 8).div_ceil(100);
    let (whole, part) = (eighths / 8, EIGHTHS.get(eighths % 8).copied().unwrap_or_default());
    let text = "█".repeat(whole) + part;
    let pad = BAR.saturating_sub(text.width());
    text + &"░".repeat(pad)
}

/// A name that fits its column, wide characters counted as two.
pub fn cut(name: &str, width: usize) -> String {
    if name.width() <= width {
        return name.to_owned();
    }
    let mut short = String::new();
    for c in name.chars() {
        if short.width() + c.width().unwrap_or_default() + 1 > width {
            break;
        }
        short.push(c);
    }
    short.trim_end().to_owned() + "…"
}

/// Green where nearly all are answered in time, red where hardly half.
fn of_rate(rate: Rate) -> Style {
    let colour = match rate.percent() {
        Some(90..) => AnsiColor::Green,
        Some(..60) => AnsiColor::Red,
        Some(_) => AnsiColor::Yellow,
        None => return Style::new(),
    };
    Style::new().fg_color(Some(colour.into()))
}

/// A length of time, in English as the rest of the page.
fn duration(seconds: i64) -> String {
    of(Locale::EN).duration(seconds)
}

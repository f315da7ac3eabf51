//! `[hours.*]`: named working hours, `default` among them.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::Builder;
use crate::{
    core::hours::{ClockEnd, Hours, HoursFault, HoursSpec, holidays_from_ics},
    settings::{
        files::read_text,
        raw::{self, DAYS, Holidays, Root},
        report::KeyPath,
    },
};

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

impl Builder<'_> {
    /// Compiles all hours and returns `default`; what a table leaves out is as in the built-in hours.
    pub(super) fn all_hours(&mut self, root: &Root, time_zone: &TimeZone) -> Option<Arc<Hours>> {
        let built_in = raw::Hours::default();
        let default = root.hours.get("default").unwrap_or(&built_in);
        let others = root.hours.iter().filter(|(name, _)| *name != "default");
        for (name, hours) in std::iter::once((&"default".to_owned(), default)).chain(others) {
            let path = KeyPath::of(&["hours", name]);
            self.check_name(&path, name);
            if name == "always" {
                self.report.key_fault(&path, "the name always means no hours at all; choose another");
            }
            if let Some(hours) = self.compile(&path, hours, time_zone) {
                self.hours.insert(name.clone(), Arc::new(hours));
            }
        }
        self.hours.get("default").cloned()
    }

    fn compile(&mut self, path: &KeyPath, hours: &raw::Hours, time_zone: &TimeZone) -> Option<Hours> {
        let own = hours.time_zone.as_ref().map(|name| self.time_zone(&path.key("time_zone"), name));
        let zone = own.unwrap_or_else(|| time_zone.clone());
        let days = hours.days.iter().filter_map(|day| DAYS.iter().position(|known| known == day));
        let days = days.filter_map(|day| WEEK.get(day).copied()).collect();
        let from = self.clock(&path.key("from"), &hours.from);
        let to = match hours.to.trim() {
            "24:00" => Some(ClockEnd::EndOfDay),
            text => self.clock(&path.key("to"), text).map(ClockEnd::At),
        };
        let holidays = self.holidays(&path.key("holidays"), &hours.holidays);
        let spec = HoursSpec { time_zone: zone, days, from: from?, to: to?, holidays: holidays? };
        match Hours::compile(spec) {
            Ok(hours) => Some(hours),
            // None of the days was one, which is told already.
            Err(_) if self.report.has_fault_within(&path.key("days")) => None,
            Err(fault) => {
                let key = match fault {
                    HoursFault::NoDays => "days",
                    HoursFault::Never { .. } => "to",
                };
                self.report.fault(&path.key(key), fault.to_string());
                None
            }
        }
    }

    fn clock(&mut self, path: &KeyPath, text: &str) -> Option<Time> {
        let time = Time::strptime("%H:%M", text.trim()).ok();
        if time.is_none() {
            self.report.fault(path, format!("{text:?} is no time of day; write it like \"08:30\""));
        }
        time
    }

    fn holidays(&mut self, path: &KeyPath, holidays: &Holidays) -> Option<BTreeSet<Date>> {
        let file = match holidays {
            Holidays::Dates(dates) => {
                let dates: Vec<Option<Date>> =
                    dates.iter().enumerate().map(|(index, text)| self.date(&path.index(index), text)).collect();
                return dates.into_iter().collect();
            }
            Holidays::Calendar(_) if self.report.has_fault_within(path) => return None,
            Holidays::Calendar(calendar) => self.required(&path.key("file"), calendar.file.as_ref())?,
        };
        let file = self.folder.join(file);
        match read_text(&file).and_then(|text| holidays_from_ics(&text).map_err(|fault| fault.to_string())) {
            Ok(dates) => Some(dates),
            Err(what) => {
                self.report.fault(&path.key("file"), format!("{}: {what}", file.display()));
                None
            }
        }
    }
}

//! The built-in templates, inside the program. A list and nothing else.

macro_rules! shipped {
    ($($path:literal,)*) => {
        /// Every built-in template: its path below the templates' folder, and its text.
        pub const FILES: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../templates/", $path))),)*];
    };
}

shipped! {
    "email/_parts/changes.html.hbs",
    "email/_parts/changes.txt.hbs",
    "email/_parts/claimed.html.hbs",
    "email/_parts/claimed.txt.hbs",
    "email/_parts/close.html.hbs",
    "email/_parts/close.txt.hbs",
    "email/_parts/facts.html.hbs",
    "email/_parts/facts.txt.hbs",
    "email/_parts/forecast.html.hbs",
    "email/_parts/forecast.txt.hbs",
    "email/_parts/items.html.hbs",
    "email/_parts/items.txt.hbs",
    "email/_parts/links.html.hbs",
    "email/_parts/links.txt.hbs",
    "email/_parts/notice.html.hbs",
    "email/_parts/notice.txt.hbs",
    "email/_parts/open.html.hbs",
    "email/_parts/opening.html.hbs",
    "email/_parts/opening.txt.hbs",
    "email/_parts/tried.html.hbs",
    "email/_parts/tried.txt.hbs",
    "email/answered.html.hbs",
    "email/answered.subject.hbs",
    "email/answered.txt.hbs",
    "email/digest.html.hbs",
    "email/digest.subject.hbs",
    "email/digest.txt.hbs",
    "email/escalation.html.hbs",
    "email/escalation.subject.hbs",
    "email/escalation.txt.hbs",
    "email/expired.html.hbs",
    "email/expired.subject.hbs",
    "email/expired.txt.hbs",
    "email/gone.html.hbs",
    "email/gone.subject.hbs",
    "email/gone.txt.hbs",
    "email/keepalive.html.hbs",
    "email/keepalive.subject.hbs",
    "email/keepalive.txt.hbs",
    "email/new.html.hbs",
    "email/new.subject.hbs",
    "email/new.txt.hbs",
    "email/overdue.html.hbs",
    "email/overdue.subject.hbs",
    "email/overdue.txt.hbs",
    "email/recovered.html.hbs",
    "email/recovered.subject.hbs",
    "email/recovered.txt.hbs",
    "email/reminder.html.hbs",
    "email/reminder.subject.hbs",
    "email/reminder.txt.hbs",
    "email/reopened.html.hbs",
    "email/reopened.subject.hbs",
    "email/reopened.txt.hbs",
    "email/test.html.hbs",
    "email/test.subject.hbs",
    "email/test.txt.hbs",
    "email/trouble.html.hbs",
    "email/trouble.subject.hbs",
    "email/trouble.txt.hbs",
    "email/updated.html.hbs",
    "email/updated.subject.hbs",
    "email/updated.txt.hbs",
    "slack/_parts/changes.json.hbs",
    "slack/_parts/claimed.json.hbs",
    "slack/_parts/close.json.hbs",
    "slack/_parts/facts.json.hbs",
    "slack/_parts/forecast.json.hbs",
    "slack/_parts/items.json.hbs",
    "slack/_parts/links.json.hbs",
    "slack/_parts/notice.json.hbs",
    "slack/_parts/open.json.hbs",
    "slack/_parts/opening.json.hbs",
    "slack/_parts/tried.json.hbs",
    "slack/answered.json.hbs",
    "slack/digest.json.hbs",
    "slack/escalation.json.hbs",
    "slack/expired.json.hbs",
    "slack/gone.json.hbs",
    "slack/keepalive.json.hbs",
    "slack/new.json.hbs",
    "slack/overdue.json.hbs",
    "slack/recovered.json.hbs",
    "slack/reminder.json.hbs",
    "slack/reopened.json.hbs",
    "slack/test.json.hbs",
    "slack/trouble.json.hbs",
    "slack/updated.json.hbs",
    "stdout/answered.txt.hbs",
    "stdout/digest.txt.hbs",
    "stdout/escalation.txt.hbs",
    "stdout/expired.txt.hbs",
    "stdout/gone.txt.hbs",
    "stdout/keepalive.txt.hbs",
    "stdout/new.txt.hbs",
    "stdout/overdue.txt.hbs",
    "stdout/recovered.txt.hbs",
    "stdout/reminder.txt.hbs",
    "stdout/reopened.txt.hbs",
    "stdout/test.txt.hbs",
    "stdout/trouble.txt.hbs",
    "stdout/updated.txt.hbs",
    "teams/_parts/changes.json.hbs",
    "teams/_parts/claimed.json.hbs",
    "teams/_parts/close.json.hbs",
    "teams/_parts/fact.json.hbs",
    "teams/_parts/facts.json.hbs",
    "teams/_parts/forecast.json.hbs",
    "teams/_parts/items.json.hbs",
    "teams/_parts/links.json.hbs",
    "teams/_parts/notice.json.hbs",
    "teams/_parts/open.json.hbs",
    "teams/_parts/opening.json.hbs",
    "teams/_parts/tried.json.hbs",
    "teams/answered.json.hbs",
    "teams/digest.json.hbs",
    "teams/escalation.json.hbs",
    "teams/expired.json.hbs",
    "teams/gone.json.hbs",
    "teams/keepalive.json.hbs",
    "teams/new.json.hbs",
    "teams/overdue.json.hbs",
    "teams/recovered.json.hbs",
    "teams/reminder.json.hbs",
    "teams/reopened.json.hbs",
    "teams/test.json.hbs",
    "teams/trouble.json.hbs",
    "teams/updated.json.hbs",
    "webhook/answered.json.hbs",
    "webhook/digest.json.hbs",
    "webhook/escalation.json.hbs",
    "webhook/expired.json.hbs",
    "webhook/gone.json.hbs",
    "webhook/keepalive.json.hbs",
    "webhook/new.json.hbs",
    "webhook/overdue.json.hbs",
    "webhook/recovered.json.hbs",
    "webhook/reminder.json.hbs",
    "webhook/reopened.json.hbs",
    "webhook/test.json.hbs",
    "webhook/trouble.json.hbs",
    "webhook/updated.json.hbs",
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::FILES;
    use crate::messages::{
        content::{ChannelKind, Event},
        engine::read_path,
    };

    fn below(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, root, found);
            } else if path.extension().is_some_and(|ending| ending == "hbs") {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn every_template_of_the_folder_is_in_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = BTreeSet::new();
        below(&root, &root, &mut found);
        assert_eq!(found, FILES.iter().map(|(path, _)| (*path).to_owned()).collect());
    }

    #[test]
    fn every_event_of_every_channel_has_its_template() {
        for event in Event::ALL {
            for (channel, endings) in ChannelKind::ALL.into_iter().zip([
                &["json"][..],
                &["json"],
                &["subject", "txt", "html"],
                &["json"],
                &["txt"],
            ]) {
                for ending in endings {
                    let path = format!("{}/{}.{ending}.hbs", channel.as_str(), event.as_str());
                    assert!(FILES.iter().any(|(file, _)| *file == path), "{path}");
                }
            }
        }
        assert!(FILES.iter().all(|(path, _)| read_path(path).is_some()));
    }
}

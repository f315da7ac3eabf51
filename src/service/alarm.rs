//! The one message that goes out unrecorded: that nothing can be recorded. It goes straight through the channels of
//! `[ops]`. Must never be used for anything else: what is not in the store can be lost, or sent twice.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use jiff::Timestamp;

use super::{
    compose::{channel_kind, compose},
    facts::{Job, Lane},
    prepare::Prepared,
};
use crate::{
    channels::Reply,
    core::{
        ids::{DestinationName, MessageId},
        notice::{News, Notice, Trouble},
    },
    messages::Form,
};

/// A channel has so long to take it.
const ATTEMPT_MAX: Duration = Duration::from_secs(20);

/// Tells `[ops]` that nothing can be recorded; says whether somebody took it.
pub async fn cannot_record(prepared: &Prepared, why: &str, since: Timestamp, now: Timestamp) -> bool {
    let news = News::Trouble(Trouble::NotRecorded { said: why.to_owned() });
    let notice = Notice { news, since: Some(since) };
    let sent = join_all(lanes(prepared).into_iter().map(|lane| send(prepared, lane, notice.clone(), since, now))).await;
    sent.contains(&true)
}

fn lanes(prepared: &Prepared) -> Vec<Lane> {
    let of = |destination: &DestinationName| {
        let destination = destination.clone();
        let recipients = prepared.orders.lanes.get(&destination).map(|lanes| lanes.recipients.clone());
        let recipients: Vec<Option<Arc<str>>> = match recipients {
            Some(recipients) if !recipients.is_empty() => recipients.into_iter().map(Some).collect(),
            // Its recipients follow from each referral, and this is about none.
            _ if asks_each(prepared, &destination) => Vec::new(),
            _ => vec![None],
        };
        recipients.into_iter().map(move |recipient| (destination.clone(), recipient))
    };
    prepared.orders.ops.iter().flat_map(of).collect()
}

fn asks_each(prepared: &Prepared, destination: &DestinationName) -> bool {
    prepared.orders.rules.destinations.get(destination).is_some_and(|destination| !destination.asks.is_nobody())
}

async fn send(prepared: &Prepared, lane: Lane, notice: Notice, since: Timestamp, now: Timestamp) -> bool {
    let job = Job {
        rows: Vec::new(),
        id: MessageId::of_key(&format!("cannot-record\n{}\n{since}", lane.0)),
        items: Vec::new(),
        notice: Some(notice),
        scheduled: None,
        digest: false,
        form: Form::Full,
        withheld: Vec::new(),
        among: Vec::new(),
        possible_repeat: false,
        at: now,
        lane,
    };
    let parts = (compose(&job, prepared, now), channel_kind(prepared, &job.lane.0), prepared.channels.get(&job.lane.0));
    let (Some(content), Some(kind), Some(channel)) = parts else { return false };
    let (rendered, _) = prepared.templates.render(&content, kind, Form::Full);
    let attempt = channel.send(&rendered, job.lane.1.as_deref(), now);
    matches!(tokio::time::timeout(ATTEMPT_MAX, attempt).await, Ok(Reply::Accepted { .. }))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{channels::Channel, messages::rendered::Rendered, service::prepare, settings};

    const NOW: Timestamp = Timestamp::constant(1_793_602_800, 0);

    struct Hears(Mutex<Vec<String>>);

    #[async_trait::async_trait]
    impl Channel for Hears {
        async fn send(&self, message: &Rendered, _: Option<&str>, _: Timestamp) -> Reply {
            self.0.lock().unwrap().push(format!("{message:?}"));
            Reply::Accepted { detail: None }
        }
    }

    /// With these as `[ops]`: name and locale.
    fn with_ops(ops: &[(&str, &str)]) -> Prepared {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leadtime.toml");
        let names: Vec<&str> = ops.iter().map(|(name, _)| *name).collect();
        let mut text = format!(
            "time_zone = \"UTC\"\nnotify = [\"desk\"]\nescalate_to = [\"desk\"]\n[ops]\nnotify = {names:?}\n\
             [accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n[destinations.desk]\ntype = \"stdout\"\n"
        );
        for (name, locale) in ops {
            text += &format!("[destinations.{name}]\ntype = \"stdout\"\nlocale = {locale:?}\n");
        }
        std::fs::write(&file, text).unwrap();
        let (settings, _) = settings::load(&file, std::iter::empty()).unwrap();
        prepare::with(settings).unwrap()
    }

    #[tokio::test]
    async fn only_ops_hears_that_nothing_can_be_recorded_and_why() {
        let mut prepared = with_ops(&[("ops", "en")]);
        let (ops, desk) = (Arc::new(Hears(Mutex::default())), Arc::new(Hears(Mutex::default())));
        prepared.channels.insert("ops".into(), ops.clone());
        prepared.channels.insert("desk".into(), desk.clone());
        assert!(cannot_record(&prepared, "no room on the disk", NOW, NOW).await);
        let heard = ops.0.lock().unwrap().clone();
        assert!(heard.len() == 1 && heard[0].contains("no room on the disk"), "{heard:?}");
        assert!(desk.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn each_of_ops_hears_it_in_its_own_language_and_what_the_system_said_as_it_came() {
        let mut prepared = with_ops(&[("budapest", "hu"), ("praha", "cs")]);
        let (budapest, praha) = (Arc::new(Hears(Mutex::default())), Arc::new(Hears(Mutex::default())));
        prepared.channels.insert("budapest".into(), budapest.clone());
        prepared.channels.insert("praha".into(), praha.clone());
        assert!(cannot_record(&prepared, "no room on the disk", NOW, NOW).await);
        for (ops, title, why, todo) in [
            (budapest, "Hiba: Semmit sem lehet rögzíteni", "„no room on the disk”", "Szabadítson fel helyet"),
            (praha, "Porucha: Nic nelze zaznamenat", "„no room on the disk“", "Uvolněte místo"),
        ] {
            let heard = ops.0.lock().unwrap().clone();
            let [heard] = &heard[..] else { panic!("{heard:?}") };
            assert!([title, why, todo].iter().all(|text| heard.contains(text)), "{heard}");
            assert!(!heard.contains("What falls due"), "{heard}");
        }
    }
}

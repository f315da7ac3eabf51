//! Settings and templates together, made ready: what `check`, start and reload call. Sends nothing.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use super::facts::Orders;
pub use super::orders::orders;
use crate::{
    channels::{
        self, BuildFault, Channel,
        email::{Email, EmailSettings, Security, SmtpLimits},
        slack::{Slack, SlackSettings},
        stdout::Stdout,
        teams::{Teams, TeamsSettings},
        webhook::{Webhook, WebhookSettings},
    },
    core::ids::DestinationName,
    messages::{TemplateFault, Templates, content::ChannelKind},
    settings::{self, DestinationKind, DestinationSettings, Faults, Settings, SmtpSecurity, SmtpSettings, Warning},
};

/// Everything that the service needs of the settings.
#[derive(Clone)]
pub struct Prepared {
    /// The settings themselves.
    pub settings: Arc<Settings>,
    /// What the writer works by.
    pub orders: Arc<Orders>,
    /// The templates, every one of them tried.
    pub templates: Templates,
    /// A channel for each destination.
    pub channels: BTreeMap<DestinationName, Arc<dyn Channel>>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unprepared {
    /// Faults of the settings.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// Faults of the user's templates.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Templates(Vec<TemplateFault>),
    /// A destination that cannot be built.
    #[error("destinations.{0}: {1}")]
    Destination(DestinationName, BuildFault),
    /// `[tls]`.
    #[error("tls: {0}")]
    Tls(BuildFault),
}

/// Reads settings and templates and builds the channels.
///
/// # Errors
/// Every fault that there is.
pub fn prepare(
    path: &Path,
    env: impl Iterator<Item = (String, String)>,
) -> Result<(Prepared, Vec<Warning>), Unprepared> {
    let (settings, warnings) = settings::load(path, env)?;
    let prepared = with(settings)?;
    Ok((prepared, warnings))
}

/// Makes settings ready that were read already.
///
/// # Errors
/// As [`prepare`].
pub fn with(settings: Settings) -> Result<Prepared, Unprepared> {
    let templates = Templates::load(settings.templates.as_deref()).map_err(Unprepared::Templates)?;
    let tls = channels::TlsSettings { ca_file: settings.tls.ca_file.clone() };
    let http = channels::connect_http(&tls).map_err(Unprepared::Tls)?;
    let mut built = BTreeMap::new();
    for (name, destination) in &settings.destinations {
        let channel = channel(destination, settings.smtp.as_ref(), &tls, &http);
        built.insert(name.clone(), channel.map_err(|fault| Unprepared::Destination(name.clone(), fault))?);
    }
    let orders = Arc::new(orders(&settings));
    Ok(Prepared { settings: Arc::new(settings), orders, templates, channels: built })
}

fn channel(
    destination: &DestinationSettings,
    smtp: Option<&SmtpSettings>,
    tls: &channels::TlsSettings,
    http: &reqwest::Client,
) -> Result<Arc<dyn Channel>, BuildFault> {
    Ok(match &destination.kind {
        DestinationKind::Slack { webhook_url } => {
            Arc::new(Slack::build(&SlackSettings { webhook_url: webhook_url.clone() }, http.clone())?)
        }
        DestinationKind::Teams { webhook_url } => {
            Arc::new(Teams::build(&TeamsSettings { webhook_url: webhook_url.clone() }, http.clone())?)
        }
        DestinationKind::Webhook { url, secret, headers } => {
            let settings = WebhookSettings { url: url.clone(), secret: secret.clone(), headers: headers.clone() };
            Arc::new(Webhook::build(&settings, http.clone())?)
        }
        DestinationKind::Email { to, cc } => {
            // Settings refuse an e-mail destination without [smtp]; nothing is sent should one come all the same.
            let smtp = smtp.ok_or(BuildFault::NoRecipients)?;
            Arc::new(Email::build(&email(smtp, to, cc), tls)?)
        }
        DestinationKind::Stdout => Arc::new(Stdout::build()),
    })
}

fn email(smtp: &SmtpSettings, to: &[lettre::message::Mailbox], cc: &[lettre::message::Mailbox]) -> EmailSettings {
    EmailSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::StartTls => Security::Starttls,
            SmtpSecurity::Tls => Security::Tls,
            SmtpSecurity::None => Security::None,
        },
        login: smtp.credentials.clone(),
        from: smtp.from.to_string(),
        to: to.iter().map(ToString::to_string).collect(),
        cc: cc.iter().map(ToString::to_string).collect(),
        limits: SmtpLimits::default(),
    }
}

/// The kind of channel, as wording knows it.
pub fn kind(destination: &DestinationSettings) -> ChannelKind {
    match destination.kind {
        DestinationKind::Slack { .. } => ChannelKind::Slack,
        DestinationKind::Teams { .. } => ChannelKind::Teams,
        DestinationKind::Email { .. } => ChannelKind::Email,
        DestinationKind::Webhook { .. } => ChannelKind::Webhook,
        DestinationKind::Stdout => ChannelKind::Stdout,
    }
}

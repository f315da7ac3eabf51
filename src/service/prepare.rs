//! Settings and templates together, made ready: what `check`, start and reload call. Sends nothing.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{account, claim_link::ClaimKey, facts::Orders};
pub use super::{orders::orders, post::Post};
use crate::{
    channels::{
        self, BuildFault, Channel,
        slack::{Slack, SlackSettings},
        stdout::Stdout,
        teams::{Teams, TeamsSettings},
        webhook::{Webhook, WebhookSettings},
    },
    core::{case::Case, ids::DestinationName},
    messages::{TemplateFault, Templates, content::ChannelKind},
    partner_center::Http,
    settings::{
        self, Addressee, DestinationKind, DestinationSettings, Faults, Finding, KeyPath, Place, Places, Settings,
        Warning,
    },
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
    /// The mail server, where there is one: what its destinations share.
    pub post: Option<Post>,
    /// The client that the channels post by.
    pub http: reqwest::Client,
    /// The client by which every account is read.
    pub partner_center: Http,
    /// What claim links are signed with; none before the service has its store.
    pub claim_key: Option<ClaimKey>,
}

impl Prepared {
    /// The page of a referral in Partner Center; none where its account has left the settings.
    pub fn referral_link(&self, case: &Case) -> Option<String> {
        let account = self.settings.accounts.get(&case.account)?;
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let engagement = case.referral.text("engagementId").unwrap_or_default();
        let link = account.referral_url.replace("{id}", &encoded(case.id().as_str()));
        Some(link.replace("{engagementId}", &encoded(engagement)))
    }
}

/// Reads settings and templates and builds the channels.
///
/// # Errors
/// Every fault that there is: of the settings, of the user's templates, of a destination that cannot be built.
pub fn prepare(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<(Prepared, Vec<Warning>), Faults> {
    let env: Vec<_> = env.collect();
    match settings::load(path, env.iter().cloned()) {
        Ok((settings, warnings)) => match with(settings) {
            Ok(prepared) => Ok((prepared, warnings)),
            Err(faults) => Err(Faults { faults, warnings }),
        },
        Err(mut found) => {
            // Faults of templates come out together with those of the settings.
            let folder = settings::glance(path, env.into_iter()).templates;
            let templates = folder
                .filter(|folder| folder.is_dir())
                .and_then(|folder| Templates::load(Some(&folder)).err())
                .unwrap_or_default();
            found.faults.extend(templates.into_iter().map(of_template));
            Err(found)
        }
    }
}

/// Makes settings ready that were read already.
///
/// # Errors
/// Every fault of the user's templates, and of destinations that cannot be built.
pub fn with(settings: Settings) -> Result<Prepared, Vec<Finding>> {
    let mut faults = Vec::new();
    let templates = Templates::load(settings.templates.as_deref());
    let templates = templates.map_err(|found| faults.extend(found.into_iter().map(of_template)));
    let tls = channels::TlsSettings { ca_file: settings.tls.ca_file.clone() };
    let (http, partner_center) = match (channels::connect_http(&tls), account::http(&settings)) {
        (Ok(http), Ok(partner_center)) => (http, partner_center),
        (Err(fault), _) | (_, Err(fault)) => {
            faults.push(of_channel(&settings.places, "tls.ca_file", &fault));
            return Err(faults);
        }
    };
    let post = settings.smtp.as_ref().map(|smtp| Post::of(smtp, tls, &http));
    let mut built = BTreeMap::new();
    for (name, destination) in &settings.destinations {
        match channel(destination, post.as_ref(), &http) {
            Ok(channel) => drop(built.insert(name.clone(), channel)),
            Err(fault) => {
                let finding = of_channel(&settings.places, &key_of(name, &destination.kind, &fault), &fault);
                // One mail server serves many.
                if !faults.iter().any(|other| (&other.key, &other.what) == (&finding.key, &finding.what)) {
                    faults.push(finding);
                }
            }
        }
    }
    match templates {
        Ok(templates) if faults.is_empty() => {
            let orders = Arc::new(Orders { templates: templates.fingerprint(), ..orders(&settings) });
            Ok(Prepared {
                settings: Arc::new(settings),
                orders,
                templates,
                channels: built,
                post,
                http,
                partner_center,
                claim_key: None,
            })
        }
        _ => Err(faults),
    }
}

fn of_template(fault: TemplateFault) -> Finding {
    let file = fault.file.display().to_string();
    let place = match fault.line {
        Some(line) => Place::Bare(file, line, 1),
        None => Place::File(file),
    };
    Finding { place, key: String::new(), what: fault.message }
}

fn of_channel(places: &Places, key: &str, fault: &BuildFault) -> Finding {
    places.finding(key, fault.to_string())
}

/// The key that a fault of a destination's channel is about.
fn key_of(name: &DestinationName, kind: &DestinationKind, fault: &BuildFault) -> String {
    let own = match (fault, kind) {
        (BuildFault::Roots { .. } | BuildFault::Client(_), _) => return "tls.ca_file".to_owned(),
        (BuildFault::PlainLogin, _) => return "smtp.security".to_owned(),
        (BuildFault::Header(_), _) => "headers",
        (BuildFault::Secret, _) => "secret",
        (BuildFault::Address(_) | BuildFault::NoRecipients, _) => "to",
        (BuildFault::Url | BuildFault::PlainHttp, DestinationKind::Webhook { .. }) => "url",
        (BuildFault::Url | BuildFault::PlainHttp, _) => "webhook_url",
    };
    KeyPath::of(&["destinations", name.as_str(), own]).to_string()
}

fn channel(
    destination: &DestinationSettings,
    post: Option<&Post>,
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
            let post = post.ok_or(BuildFault::NoRecipients)?;
            Arc::new(post.mail(&Addressee::fixed(to), &Addressee::fixed(cc))?)
        }
        DestinationKind::Stdout => Arc::new(Stdout::build()),
    })
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

//! E-mail through a real mail server: what arrives in the mailboxes is what was meant.
//! OpenSMTPD has fixed folders, so it runs with a /run and /var/spool of its own (which takes root).

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use leadtime::{
    channels::{
        Channel, HttpLimits, Knock, Reply, TlsSettings,
        email::{Email, EmailSettings, Security, SmtpLimits},
    },
    core::ids::MessageId,
    messages::rendered::{Body, Mail, Rendered},
};
use mail_parser::{MessageParser, MimeHeaders};

use crate::optional::{left_out, tool};

/// A running OpenSMTPD that puts each mail into a file of its own under `mail`.
struct Opensmtpd {
    port: u16,
    process: Child,
    folder: tempfile::TempDir,
}

impl Opensmtpd {
    /// None, with a word, where this machine cannot run one.
    async fn start() -> Option<Self> {
        let (smtpd, unshare) = (tool("smtpd")?, tool("unshare")?);
        let own_mounts = Command::new(&unshare).args(["--mount", "mount", "-t", "tmpfs", "tmpfs", "/run"]).output();
        if !own_mounts.is_ok_and(|tried| tried.status.success()) {
            left_out("OpenSMTPD needs root and mounts of its own");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // OpenSMTPD delivers as another user.
        let mailboxes = folder.path().join("mail");
        fs::create_dir(&mailboxes).unwrap();
        for open in [folder.path(), &mailboxes] {
            fs::set_permissions(open, fs::Permissions::from_mode(0o777)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (config, mailboxes) = (folder.path().join("smtpd.conf"), mailboxes.display());
        let deliver = format!("cat > {mailboxes}/.$$ && mv {mailboxes}/.$$ {mailboxes}/$$");
        let text = format!(
            "table everybody {{ \"@\" = \"nobody\" }}\n\
             listen on 127.0.0.1 port {port} hostname mail.test\n\
             action \"keep\" mda \"/bin/sh -c '{deliver}'\" virtual <everybody>\n\
             match from any for any action \"keep\"\n"
        );
        fs::write(&config, text).unwrap();
        let script = "mount -t tmpfs tmpfs /var/spool && mount -t tmpfs tmpfs /run && exec \"$0\" -d -f \"$1\"";
        let process = Command::new(unshare)
            .args(["--mount", "--propagation", "private", "sh", "-c", script])
            .args([smtpd.as_os_str(), config.as_os_str()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let server = Self { port, process, folder };
        let up = until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        assert!(up, "OpenSMTPD did not start: {}", server.log());
        Some(server)
    }

    fn mails(&self) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(self.folder.path().join("mail")).unwrap().map(|entry| entry.unwrap().path());
        let done = |path: &Path| !path.file_name().unwrap().to_string_lossy().starts_with('.');
        entries.filter(|path| done(path)).map(|path| fs::read(path).unwrap()).collect()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Opensmtpd {
    fn drop(&mut self) {
        // SIGTERM lets it end its own processes; they hold the mounts.
        Command::new("kill").arg(self.process.id().to_string()).status().ok();
        self.process.wait().ok();
    }
}

/// Looks again and again until `done`, ten seconds at most: another program's work can only be watched.
async fn until(done: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while !done() {
        if Instant::now() > end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}

fn email(port: u16) -> Email {
    let settings = EmailSettings {
        host: "localhost".to_owned(),
        port,
        security: Security::None,
        login: None,
        from: "Leadtime Übersicht <leadtime@contoso.example>".to_owned(),
        to: vec!["Árvíztűrő Anna <anna@fabrikam.example>".to_owned(), "bela@fabrikam.example".to_owned()],
        cc: Vec::new(),
        limits: SmtpLimits::default(),
    };
    Email::build(&settings, &TlsSettings::default()).unwrap()
}

fn message() -> Rendered {
    let mail = Mail {
        subject: "Új co-sell: Gyümölcs és Társa Kft., HU, €80k. Válasz: nov. 19., csütörtök".to_owned(),
        text: "Első sor: tükörfúrógép\n.\n..pontok\n\nVége".to_owned(),
        html: Some("<p>Első sor: <b>tükörfúrógép</b></p>\n.\n".to_owned()),
        thread: Some("contoso.abc.sellers".to_owned()),
        urgent: true,
        to: Vec::new(),
    };
    Rendered { message_id: MessageId::of_key("key"), body: Body::Mail(mail), mentions: Vec::new() }
}

#[tokio::test]
async fn two_recipients_get_the_same_mail_as_it_was_written() {
    let Some(server) = Opensmtpd::start().await else { return };
    rustls::crypto::ring::default_provider().install_default().ok();
    let (email, message) = (email(server.port), message());
    let Body::Mail(sent) = &message.body else { unreachable!() };
    let knock = Knock::build(&TlsSettings::default(), &HttpLimits::default()).unwrap();
    let verified = email.verify(&knock, "2026-11-20T08:00:00Z".parse().unwrap()).await;
    assert_eq!(verified, Reply::Accepted { detail: Some("greeted; no mail was sent".to_owned()) });
    for recipient in ["anna@fabrikam.example", "bela@fabrikam.example"] {
        let reply = email.send(&message, Some(recipient), "2026-11-20T08:00:00Z".parse().unwrap()).await;
        assert!(matches!(&reply, Reply::Accepted { detail: Some(_) }), "{reply:?}");
    }
    assert!(until(|| server.mails().len() == 2).await, "mails are missing: {}", server.log());
    let mut delivered = Vec::new();
    for bytes in server.mails() {
        let mail = MessageParser::default().parse(&bytes).unwrap();
        delivered.push(mail.header_raw("Delivered-To").unwrap().trim().to_owned());
        assert_eq!(mail.subject(), Some(sent.subject.as_str()));
        assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("Leadtime Übersicht"));
        let to: Vec<_> = mail.to().unwrap().iter().map(|to| (to.name(), to.address().unwrap())).collect();
        let (anna, bela) = ("anna@fabrikam.example", "bela@fabrikam.example");
        assert_eq!(to, [(Some("Árvíztűrő Anna"), anna), (None, bela)]);
        assert_eq!(mail.message_id(), Some(format!("{}@contoso.example", message.message_id).as_str()));
        assert_eq!(mail.header_raw("Importance").map(str::trim), Some("high"));
        assert_eq!(mail.content_type().unwrap().subtype(), Some("alternative"));
        assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), sent.text);
        assert_eq!(
            mail.body_html(0).unwrap().replace("\r\n", "\n").trim_end(),
            sent.html.as_deref().unwrap().trim_end()
        );
    }
    delivered.sort();
    assert_eq!(delivered, ["anna@fabrikam.example", "bela@fabrikam.example"]);
}

//! A mail server's answers, in the order in which it gives them: the greeting, then one for each line that it hears.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use leadtime::{
    channels::{
        Channel as _, Reply, TlsSettings,
        email::{Email, EmailSettings, Login, Security, SmtpLimits},
    },
    core::ids::MessageId,
    messages::rendered::{Body, Mail, Rendered},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{
    Held, Target, hold, of_sections, sections,
    stage::{SECRET, block_on, is_discreet, now},
};

pub const TARGET: Target = Target {
    name: "smtp",
    about: "a mail server's answers",
    corpus,
    words: WORDS,
    feed,
    cases: 400,
    memory: (8 << 20, 40),
};

const WORDS: &[&str] = &[
    "220 mail.test ESMTP\r\n",
    "250-mail.test\r\n",
    "250-STARTTLS\r\n",
    "250-AUTH PLAIN LOGIN XOAUTH2\r\n",
    "250 8BITMIME\r\n",
    "250-SIZE 99999999999999999999\r\n",
    "235 2.7.0 welcome\r\n",
    "334 \r\n",
    "334 VXNlcm5hbWU6\r\n",
    "334 !!!\r\n",
    "250 2.1.0 ok\r\n",
    "354 go ahead\r\n",
    "250 2.0.0 queued\r\n",
    "221 bye\r\n",
    "421 4.7.0 too busy\r\n",
    "535 5.7.139 \r\n",
    "550 5.1.1 no such user\r\n",
    "999 \r\n",
    "000 \r\n",
    "-",
    " ",
    "250",
    "5.7.30",
    "4.2.0",
    "SendAsDenied",
    "MapiExceptionLogonFail",
    "plain",
    "login",
    "starttls",
    "\r\n",
    "\n",
];

const GREETING: &str = "220 mail.test ESMTP\r\n";
const HELLO: &str = "250-mail.test\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n";

fn corpus() -> Vec<Vec<u8>> {
    let ok = "250 2.1.0 ok\r\n";
    let bye = "221 bye\r\n";
    let (go, queued) = ("354 go ahead\r\n", "250 2.0.0 queued as 4711\r\n");
    vec![
        of_sections(&["plain", GREETING, HELLO, ok, ok, go, queued, bye]),
        of_sections(&["login", GREETING, HELLO, "235 2.7.0 welcome\r\n", ok, ok, go, queued, bye]),
        of_sections(&[
            "login",
            GREETING,
            "250-x\r\n250 AUTH LOGIN\r\n",
            "334 VXNlcm5hbWU6\r\n",
            "334 UGFzc3dvcmQ6\r\n",
            "235 ok\r\n",
            ok,
            ok,
            go,
            queued,
        ]),
        of_sections(&["login", GREETING, HELLO, "535 5.7.139 SmtpClientAuthentication is disabled\r\n", bye]),
        of_sections(&["plain", GREETING, HELLO, ok, "550 5.1.1 no such user\r\n", bye]),
        of_sections(&["plain", GREETING, HELLO, ok, ok, go, "554 5.2.252 SendAsDenied; x not allowed\r\n", bye]),
        of_sections(&["starttls", GREETING, "250-x\r\n250 STARTTLS\r\n", "220 go\r\n", "\x16\x03\x03\0\x02\x02\x28"]),
        of_sections(&["plain", "421 4.7.0 too busy\r\n"]),
    ]
}

/// What a script's server did.
#[derive(Default)]
struct Deeds {
    script: Vec<Vec<u8>>,
    /// Its answer to the end of the content.
    verdict: Option<Vec<u8>>,
}

struct Rig {
    port: u16,
    deeds: Arc<Mutex<Deeds>>,
}

thread_local! {
    static RIG: Rig = block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let deeds = Arc::new(Mutex::new(Deeds::default()));
        let served = Arc::clone(&deeds);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        Rig { port, deeds }
    });
}

/// Who says nothing for so long will say nothing more.
const PAUSE: Duration = Duration::from_millis(20);

async fn serve(stream: TcpStream, deeds: Arc<Mutex<Deeds>>) -> Option<()> {
    let script = deeds.lock().ok()?.script.clone();
    let mut stream = BufReader::new(stream);
    let (mut in_content, mut ended) = (false, false);
    for said in script {
        if ended {
            deeds.lock().ok()?.verdict = Some(said.clone());
            in_content = false;
        }
        stream.write_all(&said).await.ok()?;
        in_content |= said.starts_with(b"354");
        loop {
            let mut line = Vec::new();
            let heard = timeout(PAUSE, stream.read_until(b'\n', &mut line)).await.ok()?.ok()?;
            if heard == 0 {
                return None;
            }
            ended = in_content && line == b".\r\n";
            // Of the content only its end is answered.
            if !in_content || ended {
                break;
            }
        }
    }
    None
}

fn feed(input: &[u8]) -> Held {
    let sections = sections(input);
    RIG.with(|rig| {
        let (way, script) = (sections[0], &sections[1..]);
        let script = script.iter().map(|said| said.to_vec()).collect();
        *rig.deeds.lock().expect("not poisoned") = Deeds { script, verdict: None };
        let short = Duration::from_secs(1);
        let settings = EmailSettings {
            host: "127.0.0.1".to_owned(),
            port: rig.port,
            security: if way == b"starttls" { Security::Starttls } else { Security::None },
            login: (way == b"login")
                .then(|| Login::Password("leadtime".to_owned(), format!("{SECRET}-password").into())),
            from: "Leadtime <leadtime@contoso.com>".to_owned(),
            to: vec!["anna@contoso.com".to_owned()],
            cc: Vec::new(),
            limits: SmtpLimits { connect: short, answer: short, content: short, whole: 2 * short, farewell: PAUSE },
        };
        let mail = Mail {
            subject: "New co-sell: Fabrikam Kft.".to_owned(),
            text: "Answer by Thu 19 Nov".to_owned(),
            html: None,
            thread: None,
            urgent: false,
            to: Vec::new(),
        };
        let message = Rendered { message_id: MessageId::of_key("key"), body: Body::Mail(mail), mentions: Vec::new() };
        let reply = block_on(async {
            let email = Email::build(&settings, &TlsSettings::default()).expect("settings that are good");
            email.send(&message, Some("anna@contoso.com"), now()).await
        });
        if matches!(reply, Reply::Accepted { .. }) {
            let verdict = rig.deeds.lock().expect("not poisoned").verdict.clone().unwrap_or_default();
            let verdict = String::from_utf8_lossy(&verdict).into_owned();
            hold!(verdict.starts_with("250"), "a mail is accepted by a 250 to its content alone", "{verdict}");
        }
        is_discreet(&format!("{reply:?}"))
    })
}

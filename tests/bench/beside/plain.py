#!/usr/bin/env python3
"""Watches incoming referrals and tells of each new one: what an engineer writes in an afternoon, with nothing but Python.

It polls the listing, sends one message for each referral that it has not seen, and remembers that in SQLite as soon as the
message is accepted; what could not be sent is tried again at the next poll. Settings come from the environment:
LISTING, TOKEN_URL, CHANNEL (webhook, slack or mail), URL or SMTP (host:port), SEEN (the file), EVERY (seconds).
"""

import http.client
import json
import os
import smtplib
import sqlite3
import time
import urllib.parse
import urllib.request
from email.message import EmailMessage

LISTING = os.environ["LISTING"]
EVERY = float(os.environ.get("EVERY", "300"))


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
        return json.load(answer)


def open_referrals():
    """All pages of the listing."""
    form = {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "plain"}
    with urllib.request.urlopen(os.environ["TOKEN_URL"], urllib.parse.urlencode(form).encode(), timeout=30) as answer:
        token = json.load(answer)["access_token"]
    query = urllib.parse.urlencode({"$filter": "direction eq 'Incoming' and substatus eq 'Pending'"})
    found = []
    while query is not None:
        page = get(f"{LISTING}?{query}", Authorization=f"Bearer {token}")
        found += page["value"]
        link = page.get("@odata.nextLink")
        query = link.split("?", 1)[1] if link else None
    return found


def headline(referral):
    value = referral["details"].get("dealValue")
    country = referral["customerProfile"]["address"]["country"]
    last_day = referral["expirationDateTime"][:10]
    return f"New co-sell: {referral['customerProfile']['name']}, {country}, {value} EUR. Answer by {last_day}"


class Http:
    """A webhook, or Slack's: one connection that is kept, opened anew where it was lost."""

    def __init__(self, url, body):
        self.url, self.body, self.connection = urllib.parse.urlsplit(url), body, None

    def send(self, referral):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.url.netloc, timeout=30)
        body = json.dumps(self.body(referral))
        try:
            self.connection.request("POST", self.url.path, body, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            answer.read()
        except Exception:
            self.connection = None
            raise
        if answer.status >= 300:
            raise RuntimeError(f"answered {answer.status}")


class Mail:
    """A mail server: one connection that is kept, opened anew where it was lost."""

    def __init__(self, address):
        self.address, self.server = address, None

    def send(self, referral):
        mail = EmailMessage()
        mail["Subject"] = headline(referral)
        mail["From"] = "Leadtime <leadtime@contoso.com>"
        mail["To"] = "sellers@contoso.com"
        mail.set_content(f"{headline(referral)}\n\n{referral['details'].get('notes', '')[:160]}\n")
        mail.add_alternative(f"<p>{headline(referral)}</p>", subtype="html")
        try:
            if self.server is None:
                self.server = smtplib.SMTP(*self.address.split(":"), timeout=30)
            self.server.send_message(mail)
        except Exception:
            self.server = None
            raise


def slack_message(referral):
    notes = referral["details"].get("notes", "")[:160]
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in (headline(referral), notes)]
    return {"text": headline(referral), "blocks": blocks}


def channel():
    match os.environ["CHANNEL"]:
        case "webhook":
            return Http(os.environ["URL"], lambda referral: {"type": "referral.new", "data": referral})
        case "slack":
            return Http(os.environ["URL"], slack_message)
        case "mail":
            return Mail(os.environ["SMTP"])


def main():
    seen = sqlite3.connect(os.environ["SEEN"])
    seen.execute("create table if not exists seen (id text primary key)")
    out = channel()
    while True:
        try:
            for referral in open_referrals():
                if seen.execute("select 1 from seen where id = ?", (referral["id"],)).fetchone():
                    continue
                out.send(referral)
                seen.execute("insert into seen values (?)", (referral["id"],))
                seen.commit()
        except Exception as fault:
            print(f"again in {EVERY} s: {fault}", flush=True)
        time.sleep(EVERY)


main()

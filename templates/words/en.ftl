### English. Every other language has the same ids; what it lacks is said in English.
### How these files are written, and how a language is added, stands in ../README.md.

## Rows, buttons and marks

label-value = Value
label-place = Place
label-from = From
label-answer-by = Answer by
label-expires = Expires
label-expired = Deadline
label-contact = Contact
label-contact-requested = The customer asked to be contacted.
label-contact-person = Customer
label-owner = Owner
label-claimed = Claimed
label-estimated = estimated: Partner Center gave no date
label-open-in = Open in Partner Center
label-claim = I’ll answer this one
label-claim-escalation = I’ll see to it
label-tried = What was tried
label-changed = What has changed
label-nothing = nothing
label-notes = Notes
label-todo = What to do
label-since = Since
label-id = Id
label-if-unanswered = If nobody answers
label-repeat = This may be a repeat: what became of the last attempt is not known.
label-quote-open = “
label-quote-close = ”

## Days, instants, lengths of time

weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec

# A day of these months. $weekday and $month are words, $day a number, $month-number too.
date = { $weekday } { $day } { $month }
# A day of another year: $weekday, $day, $month, $month-number, $year.
date-with-year = { $weekday } { $day } { $month } { $year }
# The last day of something, within a headline. $weekday, $day, $month and $month-number as above.
until = by { $weekday } { $day } { $month }
# The same where room is short, so without $weekday where a language needs much room for it; $month or $month-number.
until-short = by { $weekday } { $day } { $month }
# An instant of these days; $time is 09:00.
clock = { $date }, { $time }
# An instant with its zone: CET.
moment = { $date }, { $time } { $zone }

# A length of time is made of at most two of these, one after the other.
duration-days = { $n } d
duration-hours = { $n } h
duration-minutes = { $n } min
in-time = in { $left }
ago = { $age } ago

## Periods of the settings, each one or two of these
## $form is "span" for a length alone, "distance" before "before expiry" and "after creation".

period-working-days = { $n ->
    [one] { $n } working day
   *[other] { $n } working days
}
period-working-hours = { $n ->
    [one] { $n } working hour
   *[other] { $n } working hours
}
period-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
period-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
period-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
period-seconds = { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}
period-both = { $first } and { $second }

## Sums

# What parts whole units from tenths.
decimal = { "." }
# A rounded number: $size is how large its unit is. Spaces become no-break spaces.
amount = { $size ->
    [thousand] { $number }k
    [million] { $number }M
    [billion] { $number }B
    [trillion] { $number }T
    [beyond] >999T
   *[one] { $number }
}
# A number with its currency, whose code is $code. Spaces become no-break spaces.
money = { $code ->
    [EUR] €{ $number }
    [USD] ${ $number }
    [GBP] £{ $number }
    [JPY] ¥{ $number }
    [INR] ₹{ $number }
   *[other] { $number } { $code }
}

## Lists

# All of them: $rest is the ones before the last, with commas.
all-of = { $rest } and { $last }
# Any of them will do.
any-of = { $rest } or { $last }
any-of-many = { $rest } or { $count } others

## The first 60 characters of a message
## $about is customer, value and country; $sentence the same with a full stop; $until as above; $date a day.

unnamed = unnamed customer
headline-new = { $category ->
    [MarketplaceLead] New marketplace lead
    [QualifiedLead] New lead
   *[CoSellOpportunity] New co-sell
}: { $sentence } Answer { $until }
headline-updated = Changed: { $sentence } Answer { $until }
headline-reopened = Open again: { $sentence } Answer { $until }
headline-days-left = { $days ->
    [one] { $days } working day left
   *[other] { $days } working days left
}: { $sentence } Not answered
headline-today = Answer today: { $sentence } Not answered
# $left is a length of time.
headline-remaining = Expires in { $left }: { $sentence } Not answered
headline-unanswered = Unanswered, answer { $until }: { $about }
headline-overdue = Overdue since { $date }: { $about }
headline-overdue-unconfirmed = May have expired on { $date }: { $about }
# How a referral ended.
closed = { $closing ->
    [accepted] Accepted
    [declined] Declined
    [won] Won
    [lost] Lost
    [expired] Expired
   *[ended] Closed
}
# $after is a length of time.
headline-closed = { closed } after { $after }: { $about }
headline-closed-by = { closed } after { $after }: { $about } by { $by }
headline-expired = Expired unanswered: { $about }
headline-gone = No longer in Partner Center: { $about }

# Of a message about several. digest-until and a sum follow, with commas.
digest-waiting = { $count ->
    [one] { $count } referral waits for you
   *[other] { $count } referrals wait for you
}
digest-new = { $count ->
    [one] { $count } new referral waits for you
   *[other] { $count } new referrals wait for you
}
digest-unanswered = { $count ->
    [one] { $count } referral is unanswered
   *[other] { $count } referrals are unanswered
}
# $date or $until.
digest-until = { $count ->
    [one] until { $date }
   *[other] the first until { $date }
}
digest-over = { $count ->
    [one] { $count } referral no longer waits
   *[other] { $count } referrals no longer wait
}
# Of a report, by its name in the settings.
headline-notice = { severity }: { $title }

## The body of a message

# What kind of message it is.
severity = { $event ->
    [new] New referral
    [updated] Changed
    [reminder] Reminder
    [escalation] Escalation
    [overdue] Overdue
    [answered] Answered
    [expired] Expired
    [gone] Gone
    [reopened] Open again
    [digest] Summary
    [trouble] Trouble
    [recovered] Recovered
    [keepalive] All well
   *[test] Test
}

# What is asked of the reader, by the event. $owners are names; -nobody where none is known.
opening-escalation = Accept or decline today; otherwise it expires and cannot be reopened.
opening-escalation-owners = Ask { $owners } to accept or decline today; otherwise it expires and cannot be reopened.
opening-escalation-nobody = Find somebody to accept or decline today; otherwise it expires and cannot be reopened.
opening-overdue = Accept or decline now: it is past its deadline, still open, and may be closed at any moment.
opening-overdue-owners = Ask { $owners } to accept or decline now: it is past its deadline, still open, and may be closed at any moment.
opening-overdue-nobody = Find somebody to accept or decline now: it is past its deadline, still open, and may be closed at any moment.
opening-unconfirmed = Look in Partner Center now: it may have expired, and that could not be confirmed.
opening-unconfirmed-owners = Ask { $owners } to look in Partner Center now: it may have expired, and that could not be confirmed.
opening-unconfirmed-nobody = Find somebody to look in Partner Center now: it may have expired, and that could not be confirmed.
opening-expired = Nobody answered in time. It cannot be reopened.
opening-answered = Nothing more to do here.
opening-gone = Partner Center does not have it any more, so its countdown has ended.
opening-reopened = It was closed and is open again: the countdown goes on.
opening-escalations = Ask their owners to accept or decline today; otherwise they expire and cannot be reopened.

# The way to it in Partner Center.
menu = { $category ->
    [CoSellOpportunity] Referrals › Co-sell › Inbound
   *[other] Referrals › Leads
}
look-for = look for “{ $what }”
partner = another partner

# One line about what was sent before: when, what, where to, and what became of it.
told = { $when }: { $what } to { $destination }, { $became ->
    [accepted] sent
    [refused] refused
    [failing] not sent yet, still trying
    [waiting] waiting
   *[unknown] may have been sent
}
# What it was: an event's name, or how a step begins in the settings.
step = { $name ->
    [new] first message
    [after] reminder
    [before_expiry] reminder
    [reminder] reminder
    [escalation] escalation
    [updated] updated
    [overdue] overdue
    [answered] answered
    [expired] expired
    [gone] gone
    [reopened] reopened
   *[other] { $name }
}
# $since is a day.
claimed = { $by } has had it since { $since }; reminders rest until { $until }.
claimed-before = { $by } said on { $since } “{ label-claim }”; the time for that ended on { $until }.

# What follows if nobody answers; stands after "If nobody answers:".
next-nothing = nothing more is sent before it expires.
next-one = { $who } will hear on { $when }.
next-two = { $who } will hear on { $when }, then { $whom } on { $then }.

# What has changed.
field = { $field ->
    [customer] Customer
    [value] Value
    [currency] Currency
    [closing] Closing date
    [notes] Notes
   *[deadline] Expires
}

as-of = As of { $when }: Partner Center could not be read since.
unseen = Not seen in Partner Center since { $when }; it may have been answered there.
at-once = It comes outside working hours because the next opening would leave too little time.

# An item of a message about several: $after is a length of time.
item-closed = { $closing ->
    [accepted] accepted
    [declined] declined
    [won] won
    [lost] lost
    [expired] expired
   *[ended] closed
} after { $after }
item-open = answer by { $date }
more = …and { $count } more

## People

# Somebody who stands in for $whom, whose last day away is $until.
stands-in = { $who }, for { $whom }, away until { $until }
stands-in-for-good = { $who }, for { $whom }, who has left
is-owner = You are its owner.
is-owner-for = You stand in for its owner, { $whom }, who is away until { $until }.
is-owner-for-good = You stand in for its owner, { $whom }, who has left.
is-manager = You are the manager of its owner.
is-manager-for = You stand in for the manager of its owner, { $whom }, who is away until { $until }.
is-manager-for-good = You stand in for the manager of its owner, { $whom }, who has left.
# For whom a message was that would have reached nobody, and what to do.
in-place-no-owner = It was for its owner, and it has none: put somebody of ours on its team in Partner Center, or add a last [[owners]] without `when`.
in-place-no-manager = It was for the manager of its owner, and there is none: set `manager` in [people].
in-place-owners-away = It was for its owners, who are all away with nobody to stand in: give them a `cover` or a `manager` in [people].
in-place-managers-away = It was for its managers, who are all away with nobody to stand in: give them a `cover` in [people].
in-place-no-way = It was for people whom no destination reaches: give them a `notify` in [people], or an `email` and an [smtp] server.
# Those who cannot be mentioned in a channel and are named instead.
attention = For { $names }.
# $since is a day.
refuses-mail = Mail to { $name } has been refused since { $since }, so what was sent may not be known there.

## The page of a claim link
## Instants come finished; $name is who has claimed it.

# How much time is left to answer, today included.
claim-days-left = { $days ->
    [one] { $days } working day left to answer
   *[other] { $days } working days left to answer
}
claim-last-day = Today is the last day to answer
claim-overdue = Past its deadline and still open
# Stands above buttons such as "2 working days".
claim-lead = How long should reminders rest?
claim-until = until { $until }
claim-has = { $name } has had it since { $since }. Reminders rest until { $until }.
claim-yours = You have it. Reminders rest until { $until }.
claim-take-over = Somebody else takes it
claim-too-late = It expires so soon that reminders cannot be held back any more. Accept or decline it now.
claim-back = I can’t after all
# Accept and Decline are buttons in Partner Center.
claim-clock = Only Accept or Decline in Partner Center stops the clock. Until then escalations still come.
# Of an escalation, at the destination where it was read.
claim-see-lead = This escalation is not repeated here until the next step.
claim-see-lead-on = This escalation is not repeated here until the next step, on { $next }.
claim-sees = { $name } has been seeing to it since { $since }.
claim-you-see = You have said that you will see to it.
claim-who = Who are you?
claim-other = Somebody else
claim-name = Your name
claim-say-who = Say who you are, so that the others know who has it.
claim-stale = Nothing was recorded: this page had been open for too long. It is up to date now; press again.
claim-unclear = Nothing was recorded: press one of the buttons.
claim-foreign = Nothing was recorded: the button was not pressed on this page. Press it here.
claim-ended = { $closing ->
    [accepted] It was accepted in Partner Center
    [declined] It was declined in Partner Center
    [won] It was closed as won
    [lost] It was closed as lost
    [expired] It expired without an answer
   *[ended] It was closed
} on { $when }.
claim-gone = Partner Center does not have it any more.
claim-over = There is nothing to do here.
claim-nothing = There is nothing here
claim-not-now = Not now
claim-later = leadtime cannot answer at the moment, so nothing was recorded. Open the link again in a minute.
claim-unreadable = Nothing was recorded: what was sent could not be read. Open the link again and press one of the buttons.

## Why its reader gets a message
## $here is its destination, $rule the rule that speaks, $period a period in the form "distance".

reason = You get this because { $why }.
# $origin takes no messages, so this destination has them.
reason-instead = You get this in place of { $origin }, which takes no messages: { $why }.
reason-new = rule “{ $rule }” tells { $here } of new referrals
reason-after = { $escalates ->
    [yes] rule “{ $rule }” escalates to { $here }
   *[no] rule “{ $rule }” reminds { $here }
} { $period } after creation
reason-before-expiry = { $escalates ->
    [yes] rule “{ $rule }” escalates to { $here }
   *[no] rule “{ $rule }” reminds { $here }
} { $period } before expiry
reason-updated = what { $here } was told has changed
reason-overdue = rule “{ $rule }” told { $here } of its last days, and it is still open
reason-answered = { $here } was told of it, and it is answered
reason-expired = { $here } hears of every expiry under rule “{ $rule }”
reason-gone = { $here } was told of it, and it is not there any more
reason-reopened = { $here } was told that it had ended, and it is open again
reason-escalations = You get escalations because nobody has answered, and the last days are running.
reason-reminders = You get reminders until somebody answers in Partner Center.
reason-news = You get news of referrals that this team is to answer.
reason-scheduled = digest “{ $digest }” is for { $here }
reason-ops = You get this because [ops] notify names this destination.
reason-ops-unnamed = You get this because leadtime's own troubles go where escalations go ([ops] notify is not set).
reason-keepalive = You get this because `keepalive` asks for it.
reason-test = You get this because somebody tried this destination.

### notices

## What leadtime tells of itself: a title without a full stop, sentences, and what to do
## $account and $destination are names of the settings; $said is what somebody else said, in English as it came.
## Commands, settings and paths stay as they are.

# A length of time under a minute.
notice-seconds = { $n } s

# An account cannot be read. $fault is one of the texts fault-…, $remedy one of remedy-….
notice-unread = { $account } cannot be read
notice-unread-fault = Account { $account }: { $fault }.
notice-unread-passing = Account { $account }: { $fault }. { $remedy }.
notice-unread-store = What was read could not be kept: { $said }.
notice-unread-clocks = Our clock and Partner Center's differ by more than an hour.
notice-unread-known = Known referrals go on being counted down and escalated from the store.
notice-unread-todo = { $remedy }.
notice-unread-todo-noticed = { $remedy }; leadtime notices within the hour, and at once by `leadtime reload`.
notice-unread-todo-passing = Look at the network and at Microsoft's service status; { $account } is tried again by itself. `leadtime check --online` tries it at once.

# $off is a length of time, $ours and $theirs instants.
notice-clock = The clock is { $off } off
notice-clock-both = leadtime has { $ours }, Partner Center { $theirs }.
notice-clock-stops = Nothing new is decided until they agree; what is queued goes on.
notice-clock-goes-on = Countdowns may be off by as much.
notice-clock-todo = Set the machine's clock (NTP).
notice-clock-todo-stops = Set the machine's clock (NTP). If Partner Center's is the wrong one, start with --trust-clock.

# So many of $open referrals.
notice-role = { $account } may have lost its role in Partner Center
notice-role-unread = { $unread } of { $open } open referrals left the list at once, and none of them can be read.
notice-role-goes-on = None is taken for answered: their countdown and their escalations go on.
notice-role-todo = Give the account the role Referrals admin for the whole company, then see `leadtime check --online`.

notice-template = The template { $file } fails
notice-template-said = { $said }
notice-template-meanwhile = Its messages go out by the built-in template meanwhile.
notice-template-todo = Mend the template, run `leadtime check`, then run `leadtime reload`.

notice-unrecorded = Nothing can be recorded, so nothing is sent
notice-unrecorded-said = { $said }
notice-unrecorded-meanwhile = What falls due meanwhile goes out when that is mended.
notice-unrecorded-todo = Make room in the state folder, or mend what stands above; leadtime goes on by itself.

# A destination refuses everything. $short and $said are what it answered, $place where it stands in the settings.
notice-refuses = { $destination } refuses every message ({ $short })
notice-refuses-said = { $said }.
notice-refuses-fallback = Its messages go to { $fallback } meanwhile.
notice-refuses-waits = Its messages wait meanwhile, as it has no fallback.
# $remedy is one of mend-….
notice-refuses-todo = { $remedy }, then run `leadtime reload` (what comes from a variable needs a new start): it is tried again at once, else every 15 minutes.

notice-fails = { $destination } takes no messages
notice-fails-said = { $said }
# $left is a length of time.
notice-fails-left-alone = It asks to be left alone for { $left }; its messages wait so long.
notice-fails-waits = Its messages wait, and are tried again at least every 15 minutes.
notice-fails-todo = Look whether it is reachable (`leadtime send-test { $destination }` tries it); once it is, `leadtime reload` sends what waits at once.

notice-no-mail = { $address } ({ $destination }) gets no mail
notice-no-mail-todo = Have its mailbox mended; then `leadtime outbox retry --all --destination { $destination }` sends what was given up. Or correct the address in the settings, then run `leadtime reload`.
notice-no-mail-falls-back = What nobody else takes goes to the fallback meanwhile.
# $person is a name of the settings.
notice-no-mail-todo-person = Have the mailbox mended, or correct `email` in [people.{ $person }]; for somebody who has left, write an `away` with `from` and without `to` there. Then run `leadtime reload`; `leadtime outbox retry --all --destination { $destination }` sends what was given up.
notice-no-mail-todo-team = Have the mailbox mended; then `leadtime outbox retry --all --destination { $destination }` sends what was given up. If it belongs to somebody who has left, take it out of the team in Partner Center, or put that person into [people] with an `away` without `to`, and a `cover`.
# $ids are member ids or user names.
notice-mention = { $destination } refuses the mention of { $ids }
notice-mention-without = The message went out without it, and so do the next ones: their text names the person.
notice-mention-todo = Correct `slack` or `teams` of that person in [people], or take it out; then run `leadtime reload`.
notice-mention-again = { $destination } takes mentions again
# $short is what was answered, or one of notice-given-up-….
notice-given-up = A message to { $destination } was given up ({ $short })
notice-given-up-deadline = not accepted before the deadline
notice-given-up-too-long = too long not accepted
notice-given-up-died = the process died in it four times
notice-given-up-said = { $said }.
notice-given-up-why = { $why }.
notice-given-up-kept = What was given up is kept: `leadtime outbox list` shows it, and `drop` takes it out.
notice-given-up-todo = Find out why { $destination } does not take it and have that mended; then `leadtime outbox retry --all --destination { $destination }` sends what was given up.

notice-no-rule = A referral of { $account } is taken by no rule, so nobody hears of it
notice-no-rule-first = The first one is { $referral }.
notice-no-rule-todo = Add a rule without `when` at the end (with `steps = []` it keeps silent on purpose), then run `leadtime reload`.
notice-account-gone = The account { $account } has left the settings, so its referrals are shelved
notice-shelved = Nothing is sent about them.
notice-account-gone-todo = If that was not meant, put the account back and run `leadtime reload`: they go on where they were.
notice-filtered = The filter of { $account } no longer takes some open referrals; they are shelved
notice-filtered-todo = If that was not meant, widen the account's `filter` and run `leadtime reload`: they go on where they were.
# $currency is a currency's code.
notice-rate = No rate is known for { $currency }
notice-rate-meanwhile = Rules that compare `value` take no referral in that currency.
notice-rate-todo = Add the rate to the settings, [money] rates = { "{" } { $currency } = … { "}" }, then run `leadtime reload`.

notice-damaged = A referral cannot be read from the store
notice-damaged-said = { $said }
notice-damaged-todo = Stop leadtime and restore the state folder from a backup; nothing was deleted.

notice-settings-line = { $said }
notice-settings = The settings have faults; the old ones stay in force
notice-settings-todo = Run `leadtime check`, mend what it shows, then run `leadtime reload`.

notice-heartbeat = The heartbeat is not taken
notice-heartbeat-answers = It answers { $status }.
notice-heartbeat-silent = It does not answer within 10 s.
notice-heartbeat-unreachable = It cannot be reached.
notice-heartbeat-alarm = Whoever watches from there may raise an alarm although leadtime runs.
notice-heartbeat-todo = Look whether `heartbeat_url` of [ops] is the right address and can be reached from here; after a change run `leadtime reload`.

# $date is a day as 2026-11-20; $over says whether it is past.
notice-secret = { $over ->
    [yes] The client secret of { $account } ended on { $date }
   *[no] The client secret of { $account } ends on { $date }
}
notice-secret-meanwhile = From then on nothing new is seen; known referrals go on being counted down.
notice-secret-todo = { $when ->
    [today] Make a new one in Entra today
    [days] Make a new one in Entra in the next days
   *[soon] Make a new one in Entra
}, put it into [accounts.{ $account }] with its `client_secret_expires`, then run `leadtime reload` (where it comes from a variable, start leadtime anew).

# $date is a day with its name, $time as 09:00.
notice-sign-in = The sign-in of { $account } ends on { $date }
notice-sign-in-idle = Nothing has renewed it since { $date }: Microsoft ends a sign-in after 90 idle days, and then nothing new is seen.
notice-sign-in-poll = The next good poll renews it too.
notice-sign-in-todo = { $when ->
    [today] Run `leadtime login { $account }` today, before { $date } { $time }.
    [days] Run `leadtime login { $account }` in the next days, before { $date } { $time }.
   *[soon] Run `leadtime login { $account }` before { $date } { $time }.
}

## What is over

# $title is what was told before.
notice-no-longer = No longer so: { $title }
notice-read-again = { $account } is read again
notice-unwatched = leadtime did not watch { $account } for { $away }
notice-read-again-away = It was not read for { $away }.
notice-role-back = { $account } sees its referrals again
notice-clock-agrees = The clock agrees with Partner Center's again
notice-heartbeat-taken = The heartbeat is taken again
notice-settings-in-force = The settings are in force
notice-takes-again = { $destination } takes messages again
notice-mail-again = { $address } gets mail again
notice-none-given-up = No message to { $destination } is left that was given up
notice-no-mail-given-up = No mail to { $address } is left that was given up
notice-secret-unwatched = The end of { $account }'s client secret is no longer watched
notice-secret-later = The client secret of { $account } ends on { $date }, which is later than it was
notice-sign-in-renewed = The sign-in of { $account } was renewed
notice-recorded-again = What happens is recorded again

# What nobody saw meanwhile. $names are customers, some with notice-missed-name.
notice-missed-name = { $name } (answer by { $date })
notice-missed-open = { $count ->
    [one] { $count } open referral was not watched meanwhile: { $names }.
   *[other] { $count } open referrals were not watched meanwhile: { $names }.
}
notice-missed-open-nearest = { $count ->
    [one] { $count } open referral was not watched meanwhile. The nearest: { $names }.
   *[other] { $count } open referrals were not watched meanwhile. The nearest: { $names }.
}
# $age is a length of time.
notice-missed-new = { $count ->
    [one] { $count } new one was found; it arrived { $age } ago, unseen till now.
   *[other] { $count } new ones were found; the oldest arrived { $age } ago, unseen till now.
}
notice-missed-answered = { $count ->
    [one] { $count } was answered meanwhile.
   *[other] { $count } were answered meanwhile.
}
notice-missed-expired = { $count ->
    [one] { $count } expired meanwhile: { $names }
   *[other] { $count } expired meanwhile: { $names }
}
notice-missed-more = { $count } more
notice-missed-late = { $count ->
    [one] { $count } message goes out late.
   *[other] { $count } messages go out late.
}
notice-missed-late-at-least = { $count ->
    [one] At least { $count } message goes out late.
   *[other] At least { $count } messages go out late.
}
notice-missed-nothing = Nothing new was found, and none was answered or expired.

# What a destination's trouble has cost. $longest is a length of time.
notice-cost-waited = { $count ->
    [one] { $count } message waited for { $longest }.
   *[other] { $count } messages waited, the longest for { $longest }.
}
notice-cost-fell-back = { $count ->
    [one] { $count } went to { $fallback } meanwhile.
   *[other] { $count } went to { $fallback } meanwhile.
}
notice-cost-fell-back-somewhere = { $count ->
    [one] { $count } went to its fallback meanwhile.
   *[other] { $count } went to its fallback meanwhile.
}
notice-cost-given-up = { $count ->
    [one] { $count } was given up; `leadtime outbox list` shows what.
   *[other] { $count } were given up; `leadtime outbox list` shows what.
}

## Signs of life and tests

notice-keepalive = leadtime is running
notice-keepalive-why = No referral needed this destination; this line keeps its workflow from being switched off.
notice-test = this destination works
notice-test-sent = Somebody ran `leadtime send-test { $destination }`. Nothing needs to be done.
notice-test-again = this destination works again
notice-test-reload = It had refused messages, and somebody has put settings in force.

## Why Partner Center or the sign-in is of no use: the rest of a sentence, without a full stop
## $why is a technical cause, in English.

# A fault with what the other side said about it.
fault-quoted = { $fault }: “{ $said }”
fault-unauthorized = Partner Center refuses the access token (401), a fresh one as well
fault-mfa = Partner Center asks for a sign-in with multi-factor authentication (401, 900421)
fault-forbidden = Partner Center denies access (403)
fault-bad-request = Partner Center cannot read the request (400)
fault-not-found = Partner Center knows nothing at this address ({ $status })
fault-refused = Partner Center refuses the request ({ $status })
fault-throttled = Partner Center asks for fewer requests (429)
fault-unavailable = Partner Center is unavailable ({ $status })
fault-timed-out = Partner Center did not answer in time
fault-connection-lost = the connection to Partner Center failed: { $why }
fault-redirected = the answer is a redirect ({ $status }), which is not followed
fault-no-listing = the answer is no listing: { $why }
fault-not-that-referral = the answer is not the referral that was asked for: { $why }
fault-too-large = the answer is larger than { $limit } bytes
fault-bad-link = the link to the next page cannot be used: { $why }
fault-loop = the link to the next page leads back to a page already read
fault-too-many-pages = the listing does not end after { $limit } pages
fault-full-page = the listing stops at { $top }, the number that `top` asks for, so there may be more
fault-no-token = there is no refresh token
fault-token-expired = the refresh token has expired
fault-token-revoked = the refresh token is no longer valid
fault-sign-in-mfa = Microsoft asks for a sign-in with multi-factor authentication
fault-consent = the app registration lacks consent
fault-policy = a Conditional Access policy blocks the sign-in
fault-secret-expired = the client secret has expired
fault-client-refused = Microsoft refuses the client id or its secret
# $error is OAuth's name of it.
fault-sign-in-refused = Microsoft refuses the sign-in: { $error }
fault-token-unavailable = the token endpoint is unavailable: { $why }
fault-token-malformed = the token endpoint's answer makes no sense: { $why }
fault-token-not-saved = the rotated refresh token could not be saved: { $why }
fault-token-not-loaded = the refresh token could not be read: { $why }
fault-token-sealed = the refresh token is sealed and cannot be opened: { $why }

## What to do about it: a sentence without its full stop

remedy-login = Run `leadtime login { $account }`
remedy-login-mfa = Run `leadtime login { $account }` and sign in with a second factor
remedy-login-mfa-anew = Run `leadtime login { $account }` and sign in with a second factor; refreshing the old sign-in cannot mend this
remedy-scope = Check `scope` and `base_url` of [accounts.{ $account }] and run `leadtime reload`; where they are right, run `leadtime login { $account }`
remedy-role = Give the account the role Referrals admin for the whole company in Partner Center, and ask your administrator about Conditional Access
remedy-filter = Check `filter` of [accounts.{ $account }], then run `leadtime reload`
remedy-proxy = Check any proxy on the way and `base_url` of [accounts.{ $account }], then run `leadtime reload`
remedy-proxy-answers = Check whether a proxy answers in Partner Center's place, and `base_url` of [accounts.{ $account }], then run `leadtime reload`
remedy-poll-less = It is tried again by itself; if it stays, raise `poll_every` of [accounts.{ $account }]
remedy-service-status = It is tried again by itself; if it stays, look at Microsoft's service status
remedy-network = It is tried again by itself; if it stays, check the network, HTTPS_PROXY and [tls] ca_file
remedy-token-network = It is tried again by itself; if it stays, check the network and HTTPS_PROXY
remedy-narrow-filter = Narrow `filter` of [accounts.{ $account }], then run `leadtime reload`
remedy-report = The next poll starts anew; if it stays, report it with the log of this poll
remedy-top = Take `top` out of [accounts.{ $account }], or raise it, then run `leadtime reload`
remedy-consent = Have an administrator consent to the app registration in Entra, then run `leadtime login { $account }`
remedy-policy = Ask your Entra administrator to let this machine's address through, then run `leadtime login { $account }`
remedy-secret = Make a new client secret in Entra, put it into `client_secret` of [accounts.{ $account }], then run `leadtime reload` (where it comes from a variable, start leadtime anew)
remedy-client = Check `client_id`, `client_secret` and `tenant_id` of [accounts.{ $account }], then run `leadtime reload` (what comes from a variable needs a new start)
remedy-token-url = Check any proxy on the way and `tenant_id`, `token_url` and `scope` of [accounts.{ $account }], then run `leadtime reload`
remedy-make-room = Make room in the state folder, and see that leadtime may write there; the token before it stays good
remedy-state-folder = See that leadtime may read the state folder, and that its disk is well
remedy-key = Put the key that it was sealed with back into [state] key and run `leadtime reload` (start anew where it comes from a variable), or without that key run `leadtime login { $account }`

## How a destination that refuses everything is mended: a sentence without its full stop

# $remedy is one of the texts below with a capital letter; $place where the destination stands in the settings; $form is "named"
# where the remedy names a place of its own, "url" where it ends with the name of a setting.
mend = { $form ->
    [named] { $remedy }
    [url] { $remedy } in { $place }
   *[other] { $remedy } ({ $place })
}
# $remedy is what an older leadtime knew, in English.
mend-quoted = Mend { $place } (“{ $remedy }”)
mend-nothing-said = Mend { $place }

# What a channel knows: the rest of a sentence, whose first letter becomes a capital one.
mend-new-webhook = make a new webhook and put it into webhook_url
mend-valid-webhook = set a valid webhook_url
mend-enable-workspace = have the workspace enabled again
mend-user-gone = the webhook's user or channel is gone; make a new webhook and put it into webhook_url
mend-channel-gone = the webhook's channel is gone; make a webhook for another channel
mend-unarchive = unarchive the channel, or make a webhook for another one
mend-allow = ask a workspace admin to allow it, or choose another channel
mend-anyone = set the workflow's trigger to "Anyone" and copy its URL again
mend-whole-url = the URL has lost its query; copy it whole into webhook_url
mend-workflow-on = turn the workflow on again in Power Automate
mend-workflow-gone = the workflow is gone; make a new one and put its URL into webhook_url
mend-signature = the URL's signature is not taken; copy the workflow's URL again, trigger set to "Anyone"
mend-look-at-workflow = look at the workflow in Power Automate, and copy its URL again
mend-url-and-proxy = check webhook_url and any proxy on the way
mend-redirect = set the URL that it leads to
mend-headers = check its headers and secret
mend-check-url = check its url
mend-proxy-login = put one into HTTPS_PROXY
mend-no-token = check host and port of [smtp]; for Exchange Online smtp.office365.com, 587 and starttls
mend-smtp-auth = switch SMTP AUTH on for the mailbox: Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false (and see that no security default or policy blocks it)
mend-mailbox-rights = check that username of [smtp] is the mailbox; in Entra give the app SMTP.SendAsApp (Office 365 Exchange Online) with admin consent; in Exchange run New-ServicePrincipal with the object id of the enterprise application (not of the registration), Add-MailboxPermission for it, and Set-CASMailbox -SmtpClientAuthenticationDisabled $false. Changes count after up to half an hour
mend-password-off = Exchange Online has password login for SMTP switched off; write [smtp] oauth2 in place of password, or use another server
mend-check-login = check username and password of [smtp]
mend-send-as = let the mailbox send as [smtp] from
mend-check-server = check host, port, security and login of [smtp]
mend-check-from = check [smtp] from, and that it may send here
mend-token-endpoint = check token_url and scope of [smtp] oauth2, and any proxy on the way
mend-token-client = check tenant_id, client_id and client_secret of [smtp] oauth2 (the secret's value, not its id)
mend-token-secret = make a new client secret in Entra (App registrations, Certificates & secrets) and put it into client_secret of [smtp] oauth2
mend-token-consent = in Entra give the app the application permission SMTP.SendAsApp of Office 365 Exchange Online, and have an admin consent to it
mend-token-scope = write scope of [smtp] oauth2 as https://outlook.office365.com/.default, or leave it out
### digest

## A digest at a set time. $count and $all are numbers of referrals, $sum is what they are worth, $date a day.

# The headline; forecast-named puts the digest's name behind one of the others.
forecast-quiet = Nothing expires this week. That is normal.
forecast-expires = { $count ->
    [one] { $count } referral expires this week
   *[other] { $count } referrals expire this week
}
forecast-expires-sum = { forecast-expires }, { $sum } at risk
forecast-named = { $headline }: { $name }

# What the reader is to do.
forecast-all-claimed = { $count ->
    [one] Somebody has claimed it.
   *[other] Somebody has claimed each of them.
}
forecast-all-owned = { $count ->
    [one] It has an owner.
   *[other] Each of them has an owner.
}
forecast-none-claimed = { $count ->
    [one] Nobody has claimed it. Ask today who takes it
   *[other] Nobody has claimed any of them. Ask today who takes them
}: what has expired cannot be reopened.
forecast-some-unclaimed = { $count ->
    [one] Nobody has claimed one of them. Ask today who takes it
   *[other] Nobody has claimed { $count } of them. Ask today who takes them
}: what has expired cannot be reopened.
forecast-none-owned = { $count ->
    [one] It has no owner. Find one today
   *[other] None of them has an owner. Find one today
}: what has expired cannot be reopened.
forecast-some-unowned = { $count ->
    [one] One of them has no owner. Find one today
   *[other] { $count } of them have no owner. Find one today
}: what has expired cannot be reopened.

forecast-figure-at-risk = At risk this week
forecast-figure-in-time = Answered within 24 h
forecast-figure-lost = Expired last week
forecast-referrals = { $count ->
    [one] { $count } referral
   *[other] { $count } referrals
}
# What is not in a sum.
forecast-no-value = { $count } without a value
forecast-no-rate = { $count } in another currency
percent = { $number }%
forecast-part-of = { $part } of { $all }
forecast-before = the week before { $before }
forecast-nothing-came = nothing came

forecast-title-week = Expires this week
forecast-title-unclaimed = Expires later, not claimed yet
forecast-title-expired = Expired last week
forecast-title-muted = Muted

# Who has a referral, within its row.
forecast-has-it = { $name } has had it since { $date }
forecast-not-claimed = not claimed, belongs to { $owners }
forecast-nobody = no owner
forecast-overdue = past its deadline, still open
# $details: who muted it, forecast-mute-since and forecast-mute-until, with commas.
forecast-mute = { $reason } ({ $details })
forecast-mute-since = since { $date }
forecast-mute-until = until { $date }

# How it came that a referral expired. $count is how often the destination was told, between $first and $last.
forecast-told = { $destination }: told { $count ->
    [one] once
    [2] twice
   *[other] { $count } times
}, { $first } to { $last }
forecast-told-on = { $destination }: told { $count ->
    [one] once
    [2] twice
   *[other] { $count } times
}, { $first }
forecast-told-perhaps = { $destination }: may have been told, { $date }
forecast-told-refused = { $destination }: took no message, { $date }
forecast-told-nobody = Nobody was told.
forecast-was-claimed = { $name } claimed it, { $date }
forecast-was-not-claimed = Nobody had claimed it.
forecast-was-muted = Muted: { $mute }
forecast-seen-late = It had been there for { $age } when leadtime first saw it.

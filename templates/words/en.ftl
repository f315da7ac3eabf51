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
next-one = { $who } hear on { $when }.
next-two = { $who } hear on { $when }, then { $whom } on { $then }.

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
stands-in-for-good = { $who }, for { $whom }, who is not there any more
is-owner = You are its owner.
is-owner-for = You stand in for its owner, { $whom }, who is away until { $until }.
is-owner-for-good = You stand in for its owner, { $whom }, who is not there any more.
is-manager = You are the manager of its owner.
is-manager-for = You stand in for the manager of its owner, { $whom }, who is away until { $until }.
is-manager-for-good = You stand in for the manager of its owner, { $whom }, who is not there any more.
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
claim-has = { $name } has it since { $since }. Reminders rest until { $until }.
claim-yours = You have it. Reminders rest until { $until }.
claim-take-over = Somebody else takes it
claim-too-late = It expires so soon that reminders cannot be held back any more. Accept or decline it now.
claim-back = I can’t after all
# Accept and Decline are buttons in Partner Center.
claim-clock = Only Accept or Decline in Partner Center stops the clock. Until then escalations still come.
# Of an escalation, at the destination where it was read.
claim-see-lead = This escalation is not repeated here until the next step.
claim-see-lead-on = This escalation is not repeated here until the next step, on { $next }.
claim-sees = { $name } sees to it since { $since }.
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

### digest

## A digest at a set time. $count and $all are numbers of referrals, $sum is what they are worth, $date a day.

# The headline; forecast-named puts the digest's name behind one of the others.
forecast-quiet = Nothing expires this week. That is normal.
forecast-expires = { $count ->
    [one] { $count } expires this week
   *[other] { $count } expire this week
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
    [one] One of them nobody has claimed. Ask today who takes it
   *[other] { $count } of them nobody has claimed. Ask today who takes them
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
forecast-title-unclaimed = Later, and nobody has claimed it
forecast-title-expired = Expired last week
forecast-title-muted = Muted

# Who has a referral, within its row.
forecast-has-it = { $name } has it since { $date }
forecast-not-claimed = not claimed ({ $owners })
forecast-nobody = nobody
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

### Čeština. Vyká se; jména se neskloňují (stojí po dvojtečce, v závorce nebo za slovem „příjemce“). Za předložkou nestojí zkratka dne:
### „do po 16. 11.“ by se četlo jako „do“ a „po“.

## Rows, buttons and marks

label-value = Hodnota
label-place = Místo
label-from = Od
label-answer-by = Lhůta
label-expires = Vyprší
label-expired = Termín
label-contact = Kontakt
label-contact-requested = Zákazník si přeje, abyste se mu ozvali.
label-contact-person = Zákazník
label-owner = Zodpovídá
label-claimed = Převzato
label-estimated = odhad: Partnerské centrum datum neuvádí
label-open-in = Otevřít v Partnerském centru
label-claim = Odpovím já
label-claim-escalation = Postarám se o to
label-tried = Co už proběhlo
label-changed = Co se změnilo
label-nothing = nic
label-notes = Poznámka
label-todo = Co dělat
label-since = Od
label-id = ID
label-if-unanswered = Pokud nikdo neodpoví
label-repeat = Možná jste tuto zprávu už dostali: výsledek minulého pokusu není znám.
label-quote-open = „
label-quote-close = “

## Days, instants, lengths of time

weekday-1 = po
weekday-2 = út
weekday-3 = st
weekday-4 = čt
weekday-5 = pá
weekday-6 = so
weekday-7 = ne

month-1 = ledna
month-2 = února
month-3 = března
month-4 = dubna
month-5 = května
month-6 = června
month-7 = července
month-8 = srpna
month-9 = září
month-10 = října
month-11 = listopadu
month-12 = prosince

# Uvnitř data stojí nezlomitelné mezery (U+00A0).
date = { $weekday } { $day }. { $month-number }.
date-with-year = { $weekday } { $day }. { $month-number }. { $year }
until = do { $day }. { $month-number }. ({ $weekday })
until-short = do { $day }. { $month-number }.
clock = { $date } { $time }
moment = { $date } { $time } { $zone }

# Zkratky se neskloňují, a tak stojí za každou předložkou.
duration-days = { $n } d
duration-hours = { $n } h
duration-minutes = { $n } min
in-time = za { $left }
ago = před { $age }

## Periods of the settings

period-working-days = { $n ->
    [one] { $n } pracovní den
    [few] { $n } pracovní dny
    [many] { $n } pracovního dne
   *[other] { $n } pracovních dní
}
period-working-hours = { $n ->
    [one] { $n } pracovní hodinu
    [few] { $n } pracovní hodiny
    [many] { $n } pracovní hodiny
   *[other] { $n } pracovních hodin
}
period-days = { $n ->
    [one] { $n } den
    [few] { $n } dny
    [many] { $n } dne
   *[other] { $n } dní
}
period-hours = { $n ->
    [one] { $n } hodinu
    [few] { $n } hodiny
    [many] { $n } hodiny
   *[other] { $n } hodin
}
period-minutes = { $n ->
    [one] { $n } minutu
    [few] { $n } minuty
    [many] { $n } minuty
   *[other] { $n } minut
}
period-seconds = { $n ->
    [one] { $n } sekundu
    [few] { $n } sekundy
    [many] { $n } sekundy
   *[other] { $n } sekund
}
period-both = { $first } a { $second }

## Sums

decimal = ,
amount = { $size ->
    [thousand] { $number } tis.
    [million] { $number } mil.
    [billion] { $number } mld.
    [trillion] { $number } bil.
    [beyond] > 999 bil.
   *[one] { $number }
}
money = { $code ->
    [EUR] { $number } €
    [USD] { $number } $
    [GBP] { $number } £
    [CZK] { $number } Kč
   *[other] { $number } { $code }
}

## Lists

all-of = { $rest } a { $last }
any-of = { $rest } nebo { $last }
any-of-many = { $count ->
    [one] { $rest } nebo { $count } další
    [few] { $rest } nebo { $count } další
    [many] { $rest } nebo { $count } dalších
   *[other] { $rest } nebo { $count } dalších
}

## The first 60 characters of a message

unnamed = zákazník beze jména
headline-new = { $category ->
    [MarketplaceLead] Nový zájemce z tržiště
    [QualifiedLead] Nový zájemce
   *[CoSellOpportunity] Nový co-sell
}: { $sentence } Lhůta { $until }
headline-updated = Změna: { $sentence } Lhůta { $until }
headline-reopened = Opět čeká: { $sentence } Lhůta { $until }
headline-days-left = { $days ->
    [one] Zbývá { $days } prac. den
    [few] Zbývají { $days } prac. dny
    [many] Zbývá { $days } prac. dne
   *[other] Zbývá { $days } prac. dní
}: { $sentence } Nevyřízeno
headline-today = Odpovězte dnes: { $sentence } Nevyřízeno
headline-remaining = Vyprší za { $left }: { $sentence } Nevyřízeno
headline-unanswered = Čeká na odpověď { $until }: { $about }
headline-overdue = Po termínu ({ $date }): { $about }
headline-overdue-unconfirmed = Možná vypršelo ({ $date }): { $about }
closed = { $closing ->
    [accepted] Přijato
    [declined] Odmítnuto
    [won] Vyhráno
    [lost] Prohráno
    [expired] Vypršelo
   *[ended] Uzavřeno
}
headline-closed = { closed } po { $after }: { $about }
headline-closed-by = { closed } po { $after }: { $about }, { $by }
headline-expired = Vypršelo bez odpovědi: { $about }
headline-gone = Už není v Partnerském centru: { $about }

digest-waiting = { $count ->
    [one] { $count } poptávka čeká na odpověď
    [few] { $count } poptávky čekají na odpověď
    [many] { $count } poptávky čeká na odpověď
   *[other] { $count } poptávek čeká na odpověď
}
digest-new = { $count ->
    [one] { $count } nová poptávka čeká
    [few] { $count } nové poptávky čekají
    [many] { $count } nové poptávky čeká
   *[other] { $count } nových poptávek čeká
}
digest-unanswered = { $count ->
    [one] { $count } poptávka je bez odpovědi
    [few] { $count } poptávky jsou bez odpovědi
    [many] { $count } poptávky je bez odpovědi
   *[other] { $count } poptávek je bez odpovědi
}
digest-until = { $count ->
    [one] lhůta { $until }
    [few] první { $until }
    [many] první { $until }
   *[other] první { $until }
}
digest-over = { $count ->
    [one] { $count } poptávka už nečeká
    [few] { $count } poptávky už nečekají
    [many] { $count } poptávky už nečeká
   *[other] { $count } poptávek už nečeká
}
headline-notice = { severity }: { $title }

## The body of a message

severity = { $event ->
    [new] Nová poptávka
    [updated] Změna
    [reminder] Připomínka
    [escalation] Eskalace
    [overdue] Po termínu
    [answered] Zodpovězeno
    [expired] Vypršelo
    [gone] Zmizelo
    [reopened] Znovu otevřeno
    [digest] Souhrn
    [trouble] Porucha
    [recovered] Opět v pořádku
    [keepalive] Vše v pořádku
   *[test] Test
}

opening-escalation = Poptávku ještě dnes přijměte nebo odmítněte; jinak vyprší a nelze ji znovu otevřít.
opening-escalation-owners = Zajistěte, aby poptávku odpovědná osoba ({ $owners }) ještě dnes přijala nebo odmítla; jinak vyprší a nelze ji znovu otevřít.
opening-escalation-nobody = Najděte někoho, kdo poptávku ještě dnes přijme nebo odmítne; jinak vyprší a nelze ji znovu otevřít.
opening-overdue = Poptávku hned přijměte nebo odmítněte: je po termínu, stále otevřená a může být kdykoli uzavřena.
opening-overdue-owners = Zajistěte, aby poptávku odpovědná osoba ({ $owners }) hned přijala nebo odmítla: je po termínu, stále otevřená a může být kdykoli uzavřena.
opening-overdue-nobody = Najděte někoho, kdo poptávku hned přijme nebo odmítne: je po termínu, stále otevřená a může být kdykoli uzavřena.
opening-unconfirmed = Podívejte se hned do Partnerského centra: poptávka možná vypršela, ale nepodařilo se to ověřit.
opening-unconfirmed-owners = Zajistěte, aby se odpovědná osoba ({ $owners }) hned podívala do Partnerského centra: poptávka možná vypršela, ale nepodařilo se to ověřit.
opening-unconfirmed-nobody = Najděte někoho, kdo se hned podívá do Partnerského centra: poptávka možná vypršela, ale nepodařilo se to ověřit.
opening-expired = Nikdo včas neodpověděl. Poptávku nelze znovu otevřít.
opening-answered = Tady už není co dělat.
opening-gone = V Partnerském centru už poptávka není, odpočet proto skončil.
opening-reopened = Poptávka byla uzavřena a je znovu otevřená: odpočet pokračuje.
opening-escalations = Zajistěte, aby odpovědné osoby tyto poptávky ještě dnes přijaly nebo odmítly; jinak vyprší a nelze je znovu otevřít.

menu = { $category ->
    [CoSellOpportunity] Referrals › Co-sell › Inbound
   *[other] Referrals › Leads
}
look-for = hledejte „{ $what }“
partner = jiný partner

told = { $when }: { $what }, příjemce { $destination }, { $became ->
    [accepted] odesláno
    [refused] odmítnuto
    [failing] zatím neodesláno, zkoušíme dál
    [waiting] čeká
   *[unknown] možná odesláno
}
step = { $name ->
    [new] první zpráva
    [after] připomínka
    [before_expiry] připomínka
    [reminder] připomínka
    [escalation] eskalace
    [updated] změna
    [overdue] po termínu
    [answered] zodpovězeno
    [expired] vypršelo
    [gone] zmizelo
    [reopened] znovu otevřeno
   *[other] { $name }
}
claimed = Poptávku má { $by } (od: { $since }). Připomínky jsou pozastaveny (konec: { $until }).
claimed-before = { $by } ({ $since }): „{ label-claim }“. Čas na to už uplynul: { $until }.

next-nothing = do vypršení už nic dalšího nepřijde.
next-one = zprávu dostane { $who } ({ $when }).
next-two = zprávu dostane { $who } ({ $when }), potom { $whom } ({ $then }).

field = { $field ->
    [customer] Zákazník
    [value] Hodnota
    [currency] Měna
    [closing] Datum uzavření
    [notes] Poznámka
   *[deadline] Vyprší
}

as-of = Poslední načtení: { $when }. Od té doby se Partnerské centrum nepodařilo načíst.
unseen = V Partnerském centru už není vidět (naposledy: { $when }); možná už tam byla zodpovězena.
at-once = Přichází mimo pracovní dobu, protože na začátku příští pracovní doby by už zbývalo příliš málo času.

item-closed = { $closing ->
    [accepted] přijato
    [declined] odmítnuto
    [won] vyhráno
    [lost] prohráno
    [expired] vypršelo
   *[ended] uzavřeno
} po { $after }
item-open = lhůta: { $date }
more = … a { $count ->
    [one] { $count } další
    [few] { $count } další
    [many] { $count } dalších
   *[other] { $count } dalších
}

## People

stands-in = { $who } v zastoupení ({ $whom } je mimo, konec: { $until })
stands-in-for-good = { $who } v zastoupení ({ $whom } už zde není)
is-owner = Zodpovídáte za tuto poptávku.
is-owner-for = Zastupujete odpovědnou osobu: { $whom } (nepřítomnost do: { $until }).
is-owner-for-good = Zastupujete odpovědnou osobu: { $whom } (už zde není).
is-manager = Jste vedoucí odpovědné osoby.
is-manager-for = Zastupujete vedoucího odpovědné osoby: { $whom } (nepřítomnost do: { $until }).
is-manager-for-good = Zastupujete vedoucího odpovědné osoby: { $whom } (už zde není).
in-place-no-owner = Zpráva byla určena odpovědné osobě, ale žádná není: přidejte někoho od nás do jejího týmu v Partnerském centru, nebo na konec nastavení [[owners]] bez `when`.
in-place-no-manager = Zpráva byla určena vedoucímu odpovědné osoby, ale žádný není uveden: doplňte `manager` v [people].
in-place-owners-away = Zpráva byla určena odpovědným osobám, ale všechny jsou mimo a nikdo je nezastupuje: doplňte `cover` nebo `manager` v [people].
in-place-managers-away = Zpráva byla určena vedoucím, ale všichni jsou mimo a nikdo je nezastupuje: doplňte `cover` v [people].
in-place-no-way = Zpráva byla určena lidem, ke kterým nevede žádná cesta: doplňte jim `notify` v [people], nebo `email` a server [smtp].
attention = Pro: { $names }.
refuses-mail = { $name }: adresa odmítá poštu (od: { $since }), zprávy tam tedy nemusely dojít.

## The page of a claim link

claim-days-left = { $days ->
    [one] Na odpověď zbývá { $days } pracovní den
    [few] Na odpověď zbývají { $days } pracovní dny
    [many] Na odpověď zbývá { $days } pracovního dne
   *[other] Na odpověď zbývá { $days } pracovních dní
}
claim-last-day = Dnes je poslední den na odpověď
claim-overdue = Po termínu a stále otevřená
claim-lead = Na jak dlouho pozastavit připomínky?
claim-until = konec: { $until }
claim-has = Poptávku má { $name } (od: { $since }). Připomínky jsou pozastaveny (konec: { $until }).
claim-yours = Poptávku máte vy. Připomínky jsou pozastaveny (konec: { $until }).
claim-take-over = Převezme ji někdo jiný
claim-too-late = Vyprší tak brzy, že připomínky už pozastavit nelze. Přijměte ji nebo odmítněte hned.
claim-back = Přece jen nemohu
claim-clock = Odpočet zastaví jen přijetí nebo odmítnutí v Partnerském centru (Accept nebo Decline). Do té doby eskalace chodí dál.
claim-see-lead = Tato eskalace se zde do dalšího kroku neopakuje.
claim-see-lead-on = Tato eskalace se zde do dalšího kroku neopakuje ({ $next }).
claim-sees = Postará se o to { $name } (od: { $since }).
claim-you-see = Dali jste vědět, že se o to postaráte.
claim-who = Kdo jste?
claim-other = Někdo jiný
claim-name = Vaše jméno
claim-say-who = Uveďte, kdo jste, aby ostatní věděli, kdo poptávku má.
claim-stale = Nic nebylo zaznamenáno: tato stránka byla otevřená příliš dlouho. Teď je aktuální; stiskněte tlačítko znovu.
claim-unclear = Nic nebylo zaznamenáno: stiskněte jedno z tlačítek.
claim-foreign = Nic nebylo zaznamenáno: tlačítko nebylo stisknuto na této stránce. Stiskněte ho zde.
claim-ended = { $closing ->
    [accepted] V Partnerském centru byla přijata
    [declined] V Partnerském centru byla odmítnuta
    [won] Byla uzavřena jako vyhraná
    [lost] Byla uzavřena jako prohraná
    [expired] Vypršela bez odpovědi
   *[ended] Byla uzavřena
} ({ $when }).
claim-gone = V Partnerském centru už není.
claim-over = Tady už není co dělat.
claim-nothing = Tady nic není
claim-not-now = Teď to nejde
claim-later = leadtime teď nemůže odpovědět, nic proto nebylo zaznamenáno. Otevřete odkaz za minutu znovu.
claim-unreadable = Nic nebylo zaznamenáno: odeslaná data nelze přečíst. Otevřete odkaz znovu a stiskněte jedno z tlačítek.

## Why its reader gets a message

reason = Proč to dostáváte: { $why }.
reason-instead = Proč to dostáváte: příjemce { $origin } zprávy nepřijímá, proto přišla sem; { $why }.
reason-new = nová poptávka (pravidlo „{ $rule }“, příjemce { $here })
reason-after = { $escalates ->
    [yes] eskalace
   *[no] připomínka
} { $period } po vytvoření (pravidlo „{ $rule }“, příjemce { $here })
reason-before-expiry = { $escalates ->
    [yes] eskalace
   *[no] připomínka
} { $period } před vypršením (pravidlo „{ $rule }“, příjemce { $here })
reason-updated = změnilo se to, o čem jste už dostali zprávu (příjemce { $here })
reason-overdue = dostali jste i zprávy o posledních dnech a poptávka je stále otevřená (pravidlo „{ $rule }“, příjemce { $here })
reason-answered = o poptávce jste už dostali zprávu a je zodpovězena (příjemce { $here })
reason-expired = dostáváte zprávu o každém vypršení (pravidlo „{ $rule }“, příjemce { $here })
reason-gone = o poptávce jste už dostali zprávu a teď zmizela (příjemce { $here })
reason-reopened = dostali jste zprávu, že poptávka skončila, a je znovu otevřená (příjemce { $here })
reason-escalations = Proč to dostáváte: nikdo neodpověděl a běží poslední dny.
reason-reminders = Proč to dostáváte: připomínky chodí, dokud někdo neodpoví v Partnerském centru.
reason-news = Proč to dostáváte: na tyto poptávky má odpovědět tento tým.
reason-scheduled = souhrn „{ $digest }“ (příjemce { $here })
reason-ops = Proč to dostáváte: tohoto příjemce uvádí [ops] notify.
reason-ops-unnamed = Proč to dostáváte: poruchy samotného leadtime chodí tam, kam eskalace ([ops] notify není nastaveno).
reason-keepalive = Proč to dostáváte: žádá o to nastavení `keepalive`.
reason-test = Proč to dostáváte: někdo tohoto příjemce vyzkoušel.

### notices

## What leadtime tells of itself

notice-seconds = { $n } s

notice-unread = Účet { $account } nelze načíst
notice-unread-fault = Účet { $account }: { $fault }.
notice-unread-passing = Účet { $account }: { $fault }. { $remedy }.
notice-unread-store = Načtená data se nepodařilo uložit: „{ $said }“.
notice-unread-clocks = Hodiny tohoto stroje a Partnerského centra se liší o víc než hodinu.
notice-unread-known = Odpočet i eskalace známých poptávek pokračují podle uložených dat.
notice-unread-todo = { $remedy }.
notice-unread-todo-noticed = { $remedy }; leadtime změnu zjistí do hodiny, po `leadtime reload` hned.
notice-unread-todo-passing = Zkontrolujte síť a stav služeb Microsoftu; leadtime zkouší účet { $account } znovu sám. Hned ho vyzkouší `leadtime check --online`.

notice-clock = Hodiny se liší o { $off }
notice-clock-both = leadtime má { $ours }, Partnerské centrum { $theirs }.
notice-clock-stops = Dokud se neshodnou, o ničem novém se nerozhoduje; co je ve frontě, odejde.
notice-clock-goes-on = Odpočet se může o stejnou dobu mýlit.
notice-clock-todo = Nastavte hodiny stroje (NTP).
notice-clock-todo-stops = Nastavte hodiny stroje (NTP). Jdou-li špatně hodiny Partnerského centra, spusťte leadtime s --trust-clock.

notice-role = Účet { $account } možná ztratil svou roli
notice-role-unread = Ze seznamu najednou zmizely otevřené poptávky ({ $unread } z { $open }) a žádnou z nich nelze načíst.
notice-role-goes-on = Žádná se nepovažuje za zodpovězenou: odpočet i eskalace pokračují.
notice-role-todo = Přidělte účtu v Partnerském centru roli „Referrals admin“ pro celou společnost a potom spusťte `leadtime check --online`.

notice-template = Šablona { $file } selhává
notice-template-said = Chyba: „{ $said }“.
notice-template-meanwhile = Její zprávy zatím odcházejí podle vestavěné šablony.
notice-template-todo = Opravte šablonu, spusťte `leadtime check` a potom `leadtime reload`.

notice-unrecorded = Nic nelze zaznamenat, proto se nic neodesílá
notice-unrecorded-said = Důvod: „{ $said }“.
notice-unrecorded-meanwhile = Co mezitím přijde na řadu, odejde po nápravě.
notice-unrecorded-todo = Uvolněte místo ve složce stavu nebo opravte, co je uvedeno výše; leadtime pak pokračuje sám.

notice-refuses = Příjemce { $destination } odmítá všechny zprávy ({ $short })
notice-refuses-said = Odpověď: „{ $said }“.
notice-refuses-fallback = Jeho zprávy zatím dostává příjemce { $fallback }.
notice-refuses-waits = Jeho zprávy zatím čekají, protože nemá náhradního příjemce.
notice-refuses-todo = { $remedy }, potom spusťte `leadtime reload` (co pochází z proměnné, vyžaduje nový start): zkusí se to hned znovu, jinak každých 15 minut.

notice-fails = Příjemce { $destination } nepřijímá zprávy
notice-fails-said = Poslední pokus: „{ $said }“.
notice-fails-left-alone = Žádá, aby mu { $left } nic nechodilo; tak dlouho jeho zprávy čekají.
notice-fails-waits = Jeho zprávy čekají a zkoušejí se znovu nejméně každých 15 minut.
notice-fails-todo = Ověřte, zda je dostupný (vyzkouší to `leadtime send-test { $destination }`); až bude, `leadtime reload` hned odešle, co čeká.

notice-no-mail = Pošta nechodí: { $address } ({ $destination })
notice-no-mail-todo = Nechte opravit její schránku; potom `leadtime outbox retry --all --destination { $destination }` odešle nedoručené zprávy. Nebo opravte adresu v nastavení a spusťte `leadtime reload`.
notice-no-mail-falls-back = Co nikdo jiný nepřijme, jde zatím k náhradnímu příjemci.
notice-no-mail-todo-person = Nechte opravit schránku, nebo opravte `email` v [people.{ $person }]; kdo odešel, tomu tam zapište `away` s `from` a bez `to`. Potom spusťte `leadtime reload`; `leadtime outbox retry --all --destination { $destination }` odešle nedoručené zprávy.
notice-no-mail-todo-team = Nechte opravit schránku; potom `leadtime outbox retry --all --destination { $destination }` odešle nedoručené zprávy. Patří-li někomu, kdo odešel, odeberte ji z týmu v Partnerském centru, nebo ho zapište do [people] s `away` bez `to` a s `cover`.
notice-mention = Příjemce { $destination } odmítá zmínku: { $ids }
notice-mention-without = Zpráva odešla bez zmínky a další půjdou také tak: osobu jmenují v textu.
notice-mention-todo = Opravte této osobě `slack` nebo `teams` v [people], nebo ho odeberte; potom spusťte `leadtime reload`.
notice-mention-again = Příjemce { $destination } zase přijímá zmínky
notice-given-up = Zpráva pro { $destination } nebyla doručena ({ $short })
notice-given-up-deadline = do termínu ji nepřijal
notice-given-up-too-long = příliš dlouho ji nepřijímal
notice-given-up-died = proces leadtime při ní čtyřikrát skončil
notice-given-up-said = Odpověď: „{ $said }“.
notice-given-up-why = Důvod: { $why }.
notice-given-up-kept = Nedoručené zprávy zůstávají uložené: ukáže je `leadtime outbox list`, odstraní je `drop`.
notice-given-up-todo = Zjistěte, proč ji příjemce { $destination } nepřijímá, a nechte to opravit; potom `leadtime outbox retry --all --destination { $destination }` odešle nedoručené zprávy.

notice-no-rule = Poptávka bez pravidla, nikdo o ní neví: { $account }
notice-no-rule-first = První z nich je { $referral }.
notice-no-rule-todo = Přidejte na konec pravidlo bez `when` (se `steps = []` mlčí záměrně) a spusťte `leadtime reload`.
notice-account-gone = Účet { $account } už není v nastavení
notice-shelved = Jeho poptávky jsou odloženy: nic se o nich neposílá.
notice-account-gone-todo = Pokud to nebyl záměr, vraťte účet zpět a spusťte `leadtime reload`: poptávky pokračují tam, kde byly.
notice-filtered = Filtr účtu { $account } vyřadil otevřené poptávky
notice-filtered-todo = Pokud to nebyl záměr, rozšiřte `filter` účtu a spusťte `leadtime reload`: poptávky pokračují tam, kde byly.
notice-rate = Není znám kurz měny { $currency }
notice-rate-meanwhile = Pravidla, která porovnávají `value`, nezachytí žádnou poptávku v této měně.
notice-rate-todo = Doplňte kurz do nastavení, [money] rates = { "{" } { $currency } = … { "}" }, a spusťte `leadtime reload`.

notice-damaged = Poptávku nelze načíst z úložiště
notice-damaged-said = Důvod: „{ $said }“.
notice-damaged-todo = Zastavte leadtime a obnovte složku stavu ze zálohy; nic nebylo smazáno.

notice-settings-line = „{ $said }“
notice-settings = Nastavení má chyby, v platnosti zůstává staré
notice-settings-todo = Spusťte `leadtime check`, opravte, co ukáže, a spusťte `leadtime reload`.

notice-heartbeat = Známka života není přijímána
notice-heartbeat-answers = Odpověď je { $status }.
notice-heartbeat-silent = Do 10 s nepřišla odpověď.
notice-heartbeat-unreachable = Adresa není dostupná.
notice-heartbeat-alarm = Kdo tam hlídá, může vyhlásit poplach, ačkoli leadtime běží.
notice-heartbeat-todo = Ověřte, zda je `heartbeat_url` v [ops] správná adresa a zda je odsud dostupná; po změně spusťte `leadtime reload`.

notice-secret = { $over ->
    [yes] Tajný klíč klienta vypršel ({ $date }): { $account }
   *[no] Tajný klíč klienta vyprší ({ $date }): { $account }
}
notice-secret-meanwhile = Od té doby se neobjeví nic nového; odpočet známých poptávek pokračuje.
notice-secret-todo = { $when ->
    [today] Ještě dnes vytvořte v Entra nový klíč
    [days] V nejbližších dnech vytvořte v Entra nový klíč
   *[soon] Vytvořte v Entra nový klíč
}, vložte ho do [accounts.{ $account }] spolu s `client_secret_expires` a spusťte `leadtime reload` (pochází-li z proměnné, spusťte leadtime znovu).

notice-sign-in = Přihlášení končí ({ $date }): { $account }
notice-sign-in-idle = Poslední obnovení: { $date } – Microsoft přihlášení po 90 dnech nečinnosti ukončí a pak se neobjeví nic nového.
notice-sign-in-poll = Obnoví ho i příští úspěšné načtení.
notice-sign-in-todo = { $when ->
    [today] Spusťte `leadtime login { $account }` ještě dnes (nejpozději: { $date } { $time }).
    [days] Spusťte `leadtime login { $account }` v nejbližších dnech (nejpozději: { $date } { $time }).
   *[soon] Spusťte `leadtime login { $account }` (nejpozději: { $date } { $time }).
}

## What is over

notice-no-longer = Už neplatí: { $title }
notice-read-again = Účet { $account } lze zase načíst
notice-unwatched = leadtime nehlídal účet { $account } po dobu { $away }
notice-read-again-away = Nešlo ho načíst po dobu { $away }.
notice-role-back = Účet { $account } zase vidí své poptávky
notice-clock-agrees = Hodiny se zase shodují s Partnerským centrem
notice-heartbeat-taken = Známka života je zase přijímána
notice-settings-in-force = Nastavení je v platnosti
notice-takes-again = Příjemce { $destination } zase přijímá zprávy
notice-mail-again = Pošta zase chodí: { $address }
notice-none-given-up = Nezbývá žádná nedoručená zpráva: { $destination }
notice-no-mail-given-up = Nezbývá žádný nedoručený e-mail: { $address }
notice-secret-unwatched = Konec tajného klíče se už nehlídá: { $account }
notice-secret-later = Nový tajný klíč, konec { $date }: { $account }
notice-sign-in-renewed = Přihlášení účtu { $account } bylo obnoveno
notice-recorded-again = Události se zase zaznamenávají

notice-missed-name = { $name } (lhůta: { $date })
notice-missed-open = { $count ->
    [one] Mezitím nebyla hlídána { $count } otevřená poptávka: { $names }.
    [few] Mezitím nebyly hlídány { $count } otevřené poptávky: { $names }.
    [many] Mezitím nebylo hlídáno { $count } otevřené poptávky: { $names }.
   *[other] Mezitím nebylo hlídáno { $count } otevřených poptávek: { $names }.
}
notice-missed-open-nearest = { $count ->
    [one] Mezitím nebyla hlídána { $count } otevřená poptávka. Nejbližší termíny: { $names }.
    [few] Mezitím nebyly hlídány { $count } otevřené poptávky. Nejbližší termíny: { $names }.
    [many] Mezitím nebylo hlídáno { $count } otevřené poptávky. Nejbližší termíny: { $names }.
   *[other] Mezitím nebylo hlídáno { $count } otevřených poptávek. Nejbližší termíny: { $names }.
}
notice-missed-new = { $count ->
    [one] Našla se { $count } nová poptávka; přišla před { $age } a dosud ji nikdo neviděl.
    [few] Našly se { $count } nové poptávky; nejstarší přišla před { $age } a dosud je nikdo neviděl.
    [many] Našlo se { $count } nové poptávky; nejstarší přišla před { $age } a dosud je nikdo neviděl.
   *[other] Našlo se { $count } nových poptávek; nejstarší přišla před { $age } a dosud je nikdo neviděl.
}
notice-missed-answered = { $count ->
    [one] Mezitím byla zodpovězena { $count } poptávka.
    [few] Mezitím byly zodpovězeny { $count } poptávky.
    [many] Mezitím bylo zodpovězeno { $count } poptávky.
   *[other] Mezitím bylo zodpovězeno { $count } poptávek.
}
notice-missed-expired = { $count ->
    [one] Mezitím vypršela { $count } poptávka: { $names }
    [few] Mezitím vypršely { $count } poptávky: { $names }
    [many] Mezitím vypršelo { $count } poptávky: { $names }
   *[other] Mezitím vypršelo { $count } poptávek: { $names }
}
notice-missed-more = { $count ->
    [one] { $count } další
    [few] { $count } další
    [many] { $count } dalších
   *[other] { $count } dalších
}
notice-missed-late = { $count ->
    [one] { $count } zpráva odchází pozdě.
    [few] { $count } zprávy odcházejí pozdě.
    [many] { $count } zprávy odchází pozdě.
   *[other] { $count } zpráv odchází pozdě.
}
notice-missed-late-at-least = { $count ->
    [one] Nejméně { $count } zpráva odchází pozdě.
    [few] Nejméně { $count } zprávy odcházejí pozdě.
    [many] Nejméně { $count } zprávy odchází pozdě.
   *[other] Nejméně { $count } zpráv odchází pozdě.
}
notice-missed-nothing = Nic nového se nenašlo a žádná poptávka mezitím nebyla zodpovězena ani nevypršela.

notice-cost-waited = { $count ->
    [one] { $count } zpráva čekala { $longest }.
    [few] { $count } zprávy čekaly, nejdéle { $longest }.
    [many] { $count } zprávy čekalo, nejdéle { $longest }.
   *[other] { $count } zpráv čekalo, nejdéle { $longest }.
}
notice-cost-fell-back = { $count ->
    [one] { $count } zprávu mezitím dostal příjemce { $fallback }.
    [few] { $count } zprávy mezitím dostal příjemce { $fallback }.
    [many] { $count } zprávy mezitím dostal příjemce { $fallback }.
   *[other] { $count } zpráv mezitím dostal příjemce { $fallback }.
}
notice-cost-fell-back-somewhere = { $count ->
    [one] { $count } zprávu mezitím dostal náhradní příjemce.
    [few] { $count } zprávy mezitím dostal náhradní příjemce.
    [many] { $count } zprávy mezitím dostal náhradní příjemce.
   *[other] { $count } zpráv mezitím dostal náhradní příjemce.
}
notice-cost-given-up = { $count ->
    [one] { $count } zpráva nebyla doručena; ukáže ji `leadtime outbox list`.
    [few] { $count } zprávy nebyly doručeny; ukáže je `leadtime outbox list`.
    [many] { $count } zprávy nebylo doručeno; ukáže je `leadtime outbox list`.
   *[other] { $count } zpráv nebylo doručeno; ukáže je `leadtime outbox list`.
}

## Signs of life and tests

notice-keepalive = leadtime běží
notice-keepalive-why = Pro tohoto příjemce nebylo co posílat; tento řádek brání tomu, aby byl jeho pracovní postup vypnut.
notice-test = tento příjemce funguje
notice-test-sent = Někdo spustil `leadtime send-test { $destination }`. Není třeba nic dělat.
notice-test-again = tento příjemce zase funguje
notice-test-reload = Dříve zprávy odmítal a někdo mezitím uvedl v platnost nové nastavení.

## Why Partner Center or the sign-in is of no use

fault-quoted = { $fault }: „{ $said }“
fault-unauthorized = Partnerské centrum odmítá přístupový token (401), a to i nový
fault-mfa = Partnerské centrum vyžaduje vícefaktorové přihlášení (401, 900421)
fault-forbidden = Partnerské centrum odepírá přístup (403)
fault-bad-request = Partnerské centrum nerozumí požadavku (400)
fault-not-found = Partnerské centrum na této adrese nic nemá ({ $status })
fault-refused = Partnerské centrum požadavek odmítá ({ $status })
fault-throttled = Partnerské centrum chce méně požadavků (429)
fault-unavailable = Partnerské centrum není dostupné ({ $status })
fault-timed-out = Partnerské centrum neodpovědělo včas
fault-connection-lost = spojení s Partnerským centrem selhalo: „{ $why }“
fault-redirected = odpověď je přesměrování ({ $status }), které leadtime nenásleduje
fault-no-listing = odpověď není seznam poptávek: „{ $why }“
fault-not-that-referral = odpověď není požadovaná poptávka: „{ $why }“
fault-too-large = odpověď je větší než { $limit } bajtů
fault-bad-link = odkaz na další stránku nelze použít: „{ $why }“
fault-loop = odkaz na další stránku vede zpět na stránku, která už byla načtena
fault-too-many-pages = seznam nekončí ani po { $limit } stránkách
fault-full-page = seznam končí na počtu { $top }, o který žádá `top`, takže jich může být víc
fault-no-token = chybí obnovovací token
fault-token-expired = platnost obnovovacího tokenu vypršela
fault-token-revoked = obnovovací token už neplatí
fault-sign-in-mfa = Microsoft vyžaduje vícefaktorové přihlášení
fault-consent = registraci aplikace chybí souhlas
fault-policy = přihlášení blokuje zásada podmíněného přístupu
fault-secret-expired = tajný klíč klienta vypršel
fault-client-refused = Microsoft odmítá ID klienta nebo jeho tajný klíč
fault-sign-in-refused = Microsoft odmítá přihlášení: „{ $error }“
fault-token-unavailable = koncový bod pro tokeny není dostupný: „{ $why }“
fault-token-malformed = odpověď koncového bodu pro tokeny nedává smysl: „{ $why }“
fault-token-not-saved = nový obnovovací token se nepodařilo uložit: „{ $why }“
fault-token-not-loaded = obnovovací token se nepodařilo načíst: „{ $why }“
fault-token-sealed = obnovovací token je zašifrován a nelze ho otevřít: „{ $why }“

## What to do about it

remedy-login = Spusťte `leadtime login { $account }`
remedy-login-mfa = Spusťte `leadtime login { $account }` a přihlaste se s druhým faktorem
remedy-login-mfa-anew = Spusťte `leadtime login { $account }` a přihlaste se s druhým faktorem; obnovení starého přihlášení to nenapraví
remedy-scope = Zkontrolujte `scope` a `base_url` v [accounts.{ $account }] a spusťte `leadtime reload`; jsou-li správně, spusťte `leadtime login { $account }`
remedy-role = Přidělte účtu v Partnerském centru roli „Referrals admin“ pro celou společnost a zeptejte se správce na podmíněný přístup
remedy-filter = Zkontrolujte `filter` v [accounts.{ $account }] a spusťte `leadtime reload`
remedy-proxy = Zkontrolujte proxy na cestě a `base_url` v [accounts.{ $account }] a spusťte `leadtime reload`
remedy-proxy-answers = Zkontrolujte, zda místo Partnerského centra neodpovídá proxy, a `base_url` v [accounts.{ $account }] a spusťte `leadtime reload`
remedy-poll-less = leadtime to zkouší znovu sám; pokud to trvá, zvyšte `poll_every` v [accounts.{ $account }]
remedy-service-status = leadtime to zkouší znovu sám; pokud to trvá, podívejte se na stav služeb Microsoftu
remedy-network = leadtime to zkouší znovu sám; pokud to trvá, zkontrolujte síť, HTTPS_PROXY a [tls] ca_file
remedy-token-network = leadtime to zkouší znovu sám; pokud to trvá, zkontrolujte síť a HTTPS_PROXY
remedy-narrow-filter = Zužte `filter` v [accounts.{ $account }] a spusťte `leadtime reload`
remedy-report = Příští načtení začne znovu; pokud to trvá, nahlaste to s protokolem tohoto načtení
remedy-top = Odstraňte `top` z [accounts.{ $account }] nebo ho zvyšte a spusťte `leadtime reload`
remedy-consent = Nechte správce udělit v Entra souhlas registraci aplikace a spusťte `leadtime login { $account }`
remedy-policy = Požádejte správce Entra, aby povolil adresu tohoto stroje, a spusťte `leadtime login { $account }`
remedy-secret = Vytvořte v Entra nový tajný klíč klienta, vložte ho do `client_secret` v [accounts.{ $account }] a spusťte `leadtime reload` (pochází-li z proměnné, spusťte leadtime znovu)
remedy-client = Zkontrolujte `client_id`, `client_secret` a `tenant_id` v [accounts.{ $account }] a spusťte `leadtime reload` (co pochází z proměnné, vyžaduje nový start)
remedy-token-url = Zkontrolujte proxy na cestě a `tenant_id`, `token_url` a `scope` v [accounts.{ $account }] a spusťte `leadtime reload`
remedy-make-room = Uvolněte místo ve složce stavu a ověřte, že do ní leadtime smí zapisovat; předchozí token platí dál
remedy-state-folder = Ověřte, že leadtime smí číst složku stavu a že je její disk v pořádku
remedy-key = Vraťte do [state] key klíč, kterým byl zašifrován, a spusťte `leadtime reload` (pochází-li z proměnné, spusťte leadtime znovu), nebo bez toho klíče spusťte `leadtime login { $account }`

## How a destination that refuses everything is mended

mend = { $form ->
    [named] { $remedy }
    [url] { $remedy } ({ $place })
   *[other] { $remedy } ({ $place })
}
mend-quoted = Opravte { $place } („{ $remedy }“)
mend-nothing-said = Opravte { $place }

mend-new-webhook = vytvořte nový webhook a vložte ho do webhook_url
mend-valid-webhook = nastavte platnou webhook_url
mend-enable-workspace = nechte pracovní prostor znovu povolit
mend-user-gone = uživatel nebo kanál webhooku už neexistuje; vytvořte nový webhook a vložte ho do webhook_url
mend-channel-gone = kanál webhooku už neexistuje; vytvořte webhook pro jiný kanál
mend-unarchive = zrušte archivaci kanálu nebo vytvořte webhook pro jiný
mend-allow = požádejte správce pracovního prostoru o povolení nebo zvolte jiný kanál
mend-anyone = nastavte spouštěč pracovního postupu na „Anyone“ a zkopírujte znovu jeho URL
mend-whole-url = v URL chybí dotaz; zkopírujte ji celou do webhook_url
mend-workflow-on = zapněte pracovní postup znovu v Power Automate
mend-workflow-gone = pracovní postup už neexistuje; vytvořte nový a vložte jeho URL do webhook_url
mend-signature = podpis v URL není přijat; zkopírujte znovu URL pracovního postupu se spouštěčem „Anyone“
mend-look-at-workflow = podívejte se na pracovní postup v Power Automate a zkopírujte znovu jeho URL
mend-url-and-proxy = zkontrolujte webhook_url a proxy na cestě
mend-redirect = nastavte URL, na kterou přesměrování vede
mend-headers = zkontrolujte jeho hlavičky a tajný klíč
mend-check-url = zkontrolujte jeho url
mend-proxy-login = proxy vyžaduje přihlášení: doplňte ho do HTTPS_PROXY
mend-no-token = zkontrolujte host a port v [smtp]; pro Exchange Online smtp.office365.com, 587 a starttls
mend-smtp-auth = zapněte pro schránku SMTP AUTH: Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false (a ověřte, že to neblokuje výchozí zabezpečení ani zásada)
mend-mailbox-rights = zkontrolujte, zda username v [smtp] je tato schránka; v Entra přidělte aplikaci SMTP.SendAsApp (Office 365 Exchange Online) se souhlasem správce; v Exchange spusťte New-ServicePrincipal s ID objektu podnikové aplikace (ne registrace), k ní Add-MailboxPermission a Set-CASMailbox -SmtpClientAuthenticationDisabled $false. Změny se mohou projevit až po půl hodině
mend-password-off = Exchange Online má přihlášení heslem pro SMTP vypnuté; místo password použijte [smtp] oauth2 nebo jiný server
mend-check-login = zkontrolujte username a password v [smtp]
mend-send-as = povolte schránce odesílat jako [smtp] from
mend-check-server = zkontrolujte host, port, security a přihlášení v [smtp]
mend-check-from = zkontrolujte [smtp] from a ověřte, že odtud smí odesílat
mend-token-endpoint = zkontrolujte token_url a scope v [smtp] oauth2 a proxy na cestě
mend-token-client = zkontrolujte tenant_id, client_id a client_secret v [smtp] oauth2 (hodnotu tajného klíče, ne jeho ID)
mend-token-secret = vytvořte v Entra nový tajný klíč klienta (App registrations, Certificates & secrets) a vložte ho do client_secret v [smtp] oauth2
mend-token-consent = přidělte v Entra aplikaci oprávnění aplikace SMTP.SendAsApp pro Office 365 Exchange Online a nechte správce udělit souhlas ([smtp] oauth2)
mend-token-scope = nastavte scope v [smtp] oauth2 na https://outlook.office365.com/.default, nebo ho vynechte
### digest

## Souhrn ve stanovený čas

forecast-quiet = Tento týden nic nevyprší. To je v pořádku.
forecast-expires = { $count ->
    [one] { $count } poptávka vyprší tento týden
    [few] { $count } poptávky vyprší tento týden
    [many] { $count } poptávky vyprší tento týden
   *[other] { $count } poptávek vyprší tento týden
}
forecast-expires-sum = { forecast-expires }, v sázce { $sum }
forecast-named = { $headline }: { $name }

forecast-all-claimed = { $count ->
    [one] Někdo ji už převzal.
    [few] Všechny už někdo převzal.
    [many] Všechny už někdo převzal.
   *[other] Všechny už někdo převzal.
}
forecast-all-owned = { $count ->
    [one] Má odpovědnou osobu.
    [few] Všechny mají odpovědnou osobu.
    [many] Všechny mají odpovědnou osobu.
   *[other] Všechny mají odpovědnou osobu.
}
forecast-none-claimed = { $count ->
    [one] Nikdo ji nepřevzal. Zeptejte se ještě dnes, kdo si ji vezme
    [few] Žádnou z nich nikdo nepřevzal. Zeptejte se ještě dnes, kdo si je vezme
    [many] Žádnou z nich nikdo nepřevzal. Zeptejte se ještě dnes, kdo si je vezme
   *[other] Žádnou z nich nikdo nepřevzal. Zeptejte se ještě dnes, kdo si je vezme
}: co vyprší, nelze znovu otevřít.
forecast-some-unclaimed = { $count ->
    [one] Jednu z nich nikdo nepřevzal. Zeptejte se ještě dnes, kdo si ji vezme
    [few] { $count } z nich nikdo nepřevzal. Zeptejte se ještě dnes, kdo si je vezme
    [many] { $count } z nich nikdo nepřevzal. Zeptejte se ještě dnes, kdo si je vezme
   *[other] { $count } z nich nikdo nepřevzal. Zeptejte se ještě dnes, kdo si je vezme
}: co vyprší, nelze znovu otevřít.
forecast-none-owned = { $count ->
    [one] Nemá odpovědnou osobu. Někoho ještě dnes určete
    [few] Žádná z nich nemá odpovědnou osobu. Někoho ještě dnes určete
    [many] Žádná z nich nemá odpovědnou osobu. Někoho ještě dnes určete
   *[other] Žádná z nich nemá odpovědnou osobu. Někoho ještě dnes určete
}: co vyprší, nelze znovu otevřít.
forecast-some-unowned = { $count ->
    [one] Jedna z nich nemá odpovědnou osobu. Někoho ještě dnes určete
    [few] { $count } z nich nemají odpovědnou osobu. Někoho ještě dnes určete
    [many] { $count } z nich nemá odpovědnou osobu. Někoho ještě dnes určete
   *[other] { $count } z nich nemá odpovědnou osobu. Někoho ještě dnes určete
}: co vyprší, nelze znovu otevřít.

forecast-figure-at-risk = V sázce tento týden
forecast-figure-in-time = Zodpovězeno do 24 h
forecast-figure-lost = Vypršelo minulý týden
forecast-referrals = { $count ->
    [one] { $count } poptávka
    [few] { $count } poptávky
    [many] { $count } poptávky
   *[other] { $count } poptávek
}
forecast-no-value = { $count } bez hodnoty
forecast-no-rate = { $count } v jiné měně
percent = { $number } %
forecast-part-of = { $part } z { $all }
forecast-before = týden předtím { $before }
forecast-nothing-came = nic nepřišlo

forecast-title-week = Vyprší tento týden
forecast-title-unclaimed = Vyprší později a nikdo je nepřevzal
forecast-title-expired = Vypršelo minulý týden
forecast-title-muted = Ztlumeno

forecast-has-it = má ji { $name } (od: { $date })
forecast-not-claimed = nepřevzato, zodpovídá: { $owners }
forecast-nobody = bez odpovědné osoby
forecast-overdue = po termínu, stále otevřená
forecast-mute = { $reason } ({ $details })
forecast-mute-since = od: { $date }
forecast-mute-until = konec: { $date }

forecast-told = { $destination }: { $count ->
    [one] { $count } zpráva
    [few] { $count } zprávy
    [many] { $count } zprávy
   *[other] { $count } zpráv
}, { $first } – { $last }
forecast-told-on = { $destination }: { $count ->
    [one] { $count } zpráva
    [few] { $count } zprávy
    [many] { $count } zprávy
   *[other] { $count } zpráv
}, { $first }
forecast-told-perhaps = { $destination }: zpráva možná došla, { $date }
forecast-told-refused = { $destination }: zprávy nepřijaty, { $date }
forecast-told-nobody = Nikdo nedostal zprávu.
forecast-was-claimed = Převzato: { $name }, { $date }
forecast-was-not-claimed = Nikdo ji nepřevzal.
forecast-was-muted = Ztlumeno: { $mute }
forecast-seen-late = Když ji leadtime poprvé uviděl, existovala už { $age }.

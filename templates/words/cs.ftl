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
label-owner = Vlastník
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
label-id = Id
label-if-unanswered = Když nikdo neodpoví
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
    [MarketplaceLead] Nový lead z Marketplace
    [QualifiedLead] Nový lead
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
digest-report-empty = Nic nečeká: { $name }
digest-report = { $count ->
    [one] { $count } otevřená poptávka
    [few] { $count } otevřené poptávky
    [many] { $count } otevřené poptávky
   *[other] { $count } otevřených poptávek
}: { $name }
digest-report-sum = { $count ->
    [one] { $count } otevřená poptávka
    [few] { $count } otevřené poptávky
    [many] { $count } otevřené poptávky
   *[other] { $count } otevřených poptávek
}, { $sum }: { $name }
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

opening-escalation = Přijměte ji nebo odmítněte ještě dnes; jinak vyprší a nelze ji znovu otevřít.
opening-escalation-owners = Zajistěte, aby ji odpovědná osoba ({ $owners }) ještě dnes přijala nebo odmítla; jinak vyprší a nelze ji znovu otevřít.
opening-escalation-nobody = Najděte někoho, kdo ji ještě dnes přijme nebo odmítne; jinak vyprší a nelze ji znovu otevřít.
opening-overdue = Přijměte ji nebo odmítněte hned: je po termínu, stále otevřená a může být kdykoli uzavřena.
opening-overdue-owners = Zajistěte, aby ji odpovědná osoba ({ $owners }) hned přijala nebo odmítla: je po termínu, stále otevřená a může být kdykoli uzavřena.
opening-overdue-nobody = Najděte někoho, kdo ji hned přijme nebo odmítne: je po termínu, stále otevřená a může být kdykoli uzavřena.
opening-unconfirmed = Podívejte se hned do Partnerského centra: možná vypršela, ale nepodařilo se to ověřit.
opening-unconfirmed-owners = Zajistěte, aby se odpovědná osoba ({ $owners }) hned podívala do Partnerského centra: možná vypršela, ale nepodařilo se to ověřit.
opening-unconfirmed-nobody = Najděte někoho, kdo se hned podívá do Partnerského centra: možná vypršela, ale nepodařilo se to ověřit.
opening-expired = Nikdo včas neodpověděl. Znovu ji otevřít nelze.
opening-answered = Tady už není co dělat.
opening-gone = V Partnerském centru už není, odpočet proto skončil.
opening-reopened = Byla uzavřena a je znovu otevřená: odpočet pokračuje.
opening-escalations = Zajistěte, aby je odpovědné osoby ještě dnes přijaly nebo odmítly; jinak vyprší a nelze je znovu otevřít.

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
claimed = { $by }: „{ label-claim }“. Připomínky jsou pozastaveny (konec: { $until }).
claimed-before = { $by }: „{ label-claim }“. Připomínky byly pozastaveny (konec: { $until }).

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
at-once = Přichází mimo pracovní dobu, protože do jejího začátku by zbylo příliš málo času.

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
reason-updated = změnilo se, o čem jste už dostali zprávu (příjemce { $here })
reason-overdue = dostali jste i zprávy o posledních dnech a stále je otevřená (pravidlo „{ $rule }“, příjemce { $here })
reason-answered = už jste o ní dostali zprávu a je zodpovězena (příjemce { $here })
reason-expired = dostáváte zprávu o každém vypršení (pravidlo „{ $rule }“, příjemce { $here })
reason-gone = už jste o ní dostali zprávu a teď zmizela (příjemce { $here })
reason-reopened = dostali jste zprávu, že skončila, a je znovu otevřená (příjemce { $here })
reason-escalations = Proč to dostáváte: nikdo neodpověděl a běží poslední dny.
reason-reminders = Proč to dostáváte: připomínky chodí, dokud někdo neodpoví v Partnerském centru.
reason-news = Proč to dostáváte: na tyto poptávky má odpovědět tento tým.
reason-ops = Proč to dostáváte: tohoto příjemce uvádí [ops] notify.
reason-ops-unnamed = Proč to dostáváte: poruchy samotného leadtime chodí tam, kam eskalace ([ops] notify není nastaveno).
reason-keepalive = Proč to dostáváte: žádá o to nastavení `keepalive`.
reason-test = Proč to dostáváte: někdo tohoto příjemce vyzkoušel.

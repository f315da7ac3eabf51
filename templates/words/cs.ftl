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
claimed = { $by } se tomu věnuje (od: { $since }). Připomínky jsou pozastaveny do { $until }.
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

## People

stands-in = { $who }, zastupuje: { $whom } (mimo do { $until })
stands-in-for-good = { $who }, zastupuje: { $whom } (už zde není)
is-owner = Odpovídáte za ni.
is-owner-for = Zastupujete odpovědnou osobu: { $whom } (mimo do { $until }).
is-owner-for-good = Zastupujete odpovědnou osobu: { $whom } (už zde není).
is-manager = Jste vedoucí odpovědné osoby.
is-manager-for = Zastupujete vedoucí osobu: { $whom } (mimo do { $until }).
is-manager-for-good = Zastupujete vedoucí osobu: { $whom } (už zde není).
in-place-no-owner = Zpráva byla určena odpovědné osobě, ale žádná není: přidejte někoho od nás do jejího týmu v Partnerském centru, nebo na konec nastavení [[owners]] bez `when`.
in-place-no-manager = Zpráva byla určena vedoucímu odpovědné osoby, ale žádný není uveden: doplňte `manager` v [people].
in-place-owners-away = Zpráva byla určena odpovědným osobám, ale všechny jsou mimo a nikdo je nezastupuje: doplňte `cover` nebo `manager` v [people].
in-place-managers-away = Zpráva byla určena vedoucím, ale všichni jsou mimo a nikdo je nezastupuje: doplňte `cover` v [people].
in-place-no-way = Zpráva byla určena lidem, ke kterým nevede žádná cesta: doplňte jim `notify` v [people], nebo `email` a server [smtp].
attention = Pro: { $names }.
refuses-mail = { $name }: adresa odmítá poštu (od: { $since }), takže o tom nemusí vědět.

## The page of a claim link

claim-days-left = { $days ->
    [one] Na odpověď zbývá { $days } pracovní den
    [few] Na odpověď zbývají { $days } pracovní dny
    [many] Na odpověď zbývá { $days } pracovního dne
   *[other] Na odpověď zbývá { $days } pracovních dnů
}
claim-last-day = Dnes je poslední den na odpověď
claim-overdue = Po termínu a stále otevřená
claim-lead = Na jak dlouho pozastavit připomínky?
claim-until = do { $until }
claim-has = Poptávku má { $name } (od { $since }). Připomínky jsou pozastaveny do { $until }.
claim-yours = Poptávku máte vy. Připomínky jsou pozastaveny do { $until }.
claim-take-over = Ujme se jí někdo jiný
claim-too-late = Vyprší tak brzy, že připomínky už pozastavit nelze. Přijměte ji nebo odmítněte hned.
claim-back = Přece jen nemohu
claim-clock = Odpočet zastaví jen přijetí nebo odmítnutí v Partnerském centru (Accept nebo Decline). Do té doby eskalace chodí dál.
claim-see-lead = Tato eskalace se zde do dalšího kroku neopakuje.
claim-see-lead-on = Tato eskalace se zde do dalšího kroku neopakuje ({ $next }).
claim-sees = Postará se o to { $name } (od { $since }).
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
reason-updated = změnilo se, o čem jste už dostali zprávu (příjemce { $here })
reason-overdue = dostali jste i zprávy o posledních dnech a stále je otevřená (pravidlo „{ $rule }“, příjemce { $here })
reason-answered = už jste o ní dostali zprávu a je zodpovězena (příjemce { $here })
reason-expired = dostáváte zprávu o každém vypršení (pravidlo „{ $rule }“, příjemce { $here })
reason-gone = už jste o ní dostali zprávu a teď zmizela (příjemce { $here })
reason-reopened = dostali jste zprávu, že skončila, a je znovu otevřená (příjemce { $here })
reason-escalations = Proč to dostáváte: nikdo neodpověděl a běží poslední dny.
reason-reminders = Proč to dostáváte: připomínky chodí, dokud někdo neodpoví v Partnerském centru.
reason-news = Proč to dostáváte: na tyto poptávky má odpovědět tento tým.
reason-scheduled = souhrn „{ $digest }“ (příjemce { $here })
reason-ops = Proč to dostáváte: tohoto příjemce uvádí [ops] notify.
reason-ops-unnamed = Proč to dostáváte: poruchy samotného leadtime chodí tam, kam eskalace ([ops] notify není nastaveno).
reason-keepalive = Proč to dostáváte: žádá o to nastavení `keepalive`.
reason-test = Proč to dostáváte: někdo tohoto příjemce vyzkoušel.

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
    [one] Někdo se jí už ujal.
    [few] Všech se už někdo ujal.
    [many] Všech se už někdo ujal.
   *[other] Všech se už někdo ujal.
}
forecast-all-owned = { $count ->
    [one] Má odpovědnou osobu.
    [few] Všechny mají odpovědnou osobu.
    [many] Všechny mají odpovědnou osobu.
   *[other] Všechny mají odpovědnou osobu.
}
forecast-none-claimed = { $count ->
    [one] Nikdo se jí neujal. Zeptejte se ještě dnes, kdo si ji vezme
    [few] Nikdo se neujal žádné z nich. Zeptejte se ještě dnes, kdo si je vezme
    [many] Nikdo se neujal žádné z nich. Zeptejte se ještě dnes, kdo si je vezme
   *[other] Nikdo se neujal žádné z nich. Zeptejte se ještě dnes, kdo si je vezme
}: co vyprší, nelze znovu otevřít.
forecast-some-unclaimed = { $count ->
    [one] Jedné z nich se nikdo neujal. Zeptejte se ještě dnes, kdo si ji vezme
    [few] { $count } z nich se nikdo neujal. Zeptejte se ještě dnes, kdo si je vezme
    [many] { $count } z nich se nikdo neujal. Zeptejte se ještě dnes, kdo si je vezme
   *[other] { $count } z nich se nikdo neujal. Zeptejte se ještě dnes, kdo si je vezme
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
forecast-title-unclaimed = Vyprší později a nikdo se jich neujal
forecast-title-expired = Vypršelo minulý týden
forecast-title-muted = Ztlumeno

forecast-has-it = má ji { $name }, od { $date }
forecast-not-claimed = nikdo se neujal ({ $owners })
forecast-nobody = nikdo
forecast-overdue = po termínu, stále otevřená
forecast-mute = { $reason } ({ $details })
forecast-mute-since = od { $date }
forecast-mute-until = do { $date }

forecast-told = { $destination }: { $count ->
    [one] { $count } zpráva
    [few] { $count } zprávy
    [many] { $count } zprávy
   *[other] { $count } zpráv
}, { $first } až { $last }
forecast-told-on = { $destination }: { $count ->
    [one] { $count } zpráva
    [few] { $count } zprávy
    [many] { $count } zprávy
   *[other] { $count } zpráv
}, { $first }
forecast-told-perhaps = { $destination }: zpráva možná došla, { $date }
forecast-told-refused = { $destination }: zprávy nepřijaty, { $date }
forecast-told-nobody = Nikdo nedostal zprávu.
forecast-was-claimed = Na starosti: { $name }, { $date }
forecast-was-not-claimed = Nikdo se jí neujal.
forecast-was-muted = Ztlumeno: { $mute }
forecast-seen-late = Když ji leadtime poprvé uviděl, existovala už { $age }.

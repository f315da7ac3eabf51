### Magyar. A megszólítás önöző; név nem kap ragot és névelőt (kettőspont, zárójel vagy „címzett: …” áll mellette).

## Rows, buttons and marks

label-value = Érték
label-place = Hely
label-from = Küldő
label-answer-by = Határidő
label-expires = Lejár
label-expired = Lejárat
label-contact = Kapcsolat
label-contact-requested = Az ügyfél kéri, hogy keressék meg.
label-contact-person = Ügyfél
label-owner = Felelős
label-claimed = Vállalta
label-estimated = becsült: a Partnerközpont nem adott meg dátumot
label-open-in = Megnyitás a Partnerközpontban
label-claim = Erre én válaszolok
label-claim-escalation = Intézkedem
label-tried = Ami eddig történt
label-changed = Ami megváltozott
label-nothing = nincs
label-notes = Megjegyzés
label-todo = Teendő
label-since = Kezdete
label-id = Azonosító:
label-if-unanswered = Ha nincs válasz
label-repeat = Lehet, hogy ezt az üzenetet már megkapta: nem tudjuk, mi lett az előző kísérletből.
label-quote-open = „
label-quote-close = ”

## Days, instants, lengths of time

weekday-1 = h.
weekday-2 = k.
weekday-3 = sze.
weekday-4 = cs.
weekday-5 = p.
weekday-6 = szo.
weekday-7 = v.

month-1 = jan.
month-2 = febr.
month-3 = márc.
month-4 = ápr.
month-5 = máj.
month-6 = jún.
month-7 = júl.
month-8 = aug.
month-9 = szept.
month-10 = okt.
month-11 = nov.
month-12 = dec.

# A napok részei között nem törő szóköz (U+00A0) áll.
date = { $month } { $day }., { $weekday }
date-with-year = { $year }. { $month } { $day }., { $weekday }
# A rag minden számnál -ig.
until = { $month } { $day }-ig ({ $weekday })
until-short = { $month } { $day }-ig
clock = { $date } { $time }
moment = { $date } { $time } ({ $zone })

duration-days = { $n } nap
duration-hours = { $n } óra
duration-minutes = { $n } perc
in-time = { $left } múlva
ago = azóta eltelt: { $age }

## Periods of the settings

# "distance": 3 munkanappal a lejárat előtt.
period-working-days = { $form ->
    [distance] { $n } munkanappal
   *[span] { $n } munkanap
}
period-working-hours = { $form ->
    [distance] { $n } munkaórával
   *[span] { $n } munkaóra
}
period-days = { $form ->
    [distance] { $n } nappal
   *[span] { $n } nap
}
period-hours = { $form ->
    [distance] { $n } órával
   *[span] { $n } óra
}
period-minutes = { $form ->
    [distance] { $n } perccel
   *[span] { $n } perc
}
period-seconds = { $form ->
    [distance] { $n } másodperccel
   *[span] { $n } másodperc
}
period-both = { $first } és { $second }

## Sums

decimal = ,
amount = { $size ->
    [thousand] { $number } ezer
    [million] { $number } M
    [billion] { $number } Mrd
    [trillion] { $number } B
    [beyond] > 999 B
   *[one] { $number }
}
money = { $code ->
    [EUR] { $number } €
    [USD] { $number } $
    [GBP] { $number } £
    [HUF] { $number } Ft
   *[other] { $number } { $code }
}

## Lists

all-of = { $rest } és { $last }
any-of = { $rest } vagy { $last }
any-of-many = { $rest } vagy még { $count } fő

## The first 60 characters of a message

unnamed = név nélküli ügyfél
headline-new = { $category ->
    [MarketplaceLead] Új marketplace-lead
    [QualifiedLead] Új lead
   *[CoSellOpportunity] Új co-sell
}: { $sentence } Válasz { $until }
headline-updated = Változott: { $sentence } Válasz { $until }
headline-reopened = Újranyílt: { $sentence } Válasz { $until }
headline-days-left = Még { $days } munkanap: { $sentence } Nincs válasz
headline-today = Válaszoljon ma: { $sentence } Nincs válasz
headline-remaining = { $left } maradt: { $sentence } Nincs válasz
headline-unanswered = Válaszra vár { $until }: { $about }
headline-overdue = Határidőn túl ({ $date }): { $about }
headline-overdue-unconfirmed = Talán lejárt ({ $date }): { $about }
closed = { $closing ->
    [accepted] Elfogadva
    [declined] Elutasítva
    [won] Megnyerve
    [lost] Elvesztve
    [expired] Lejárt
   *[ended] Lezárva
}
headline-closed = { closed } { $after } után: { $about }
headline-closed-by = { closed } { $after } után: { $about }, { $by }
headline-expired = Lejárt válasz nélkül: { $about }
headline-gone = Már nincs a Partnerközpontban: { $about }

digest-waiting = { $count } megkeresés vár
digest-new = { $count } új megkeresés vár
digest-unanswered = { $count } megkeresésre nincs válasz
digest-until = { $count ->
    [one] { $until }
   *[other] az első { $until }
}
digest-over = { $count } megkeresés már nem vár
headline-notice = { severity }: { $title }

## The body of a message

severity = { $event ->
    [new] Új megkeresés
    [updated] Változás
    [reminder] Emlékeztető
    [escalation] Eszkaláció
    [overdue] Lejárt határidő
    [answered] Megválaszolva
    [expired] Lejárt
    [gone] Eltűnt
    [reopened] Újra nyitott
    [digest] Összefoglaló
    [trouble] Hiba
    [recovered] Helyreállt
    [keepalive] Minden rendben
   *[test] Teszt
}

opening-escalation = Fogadja el vagy utasítsa el még ma; különben lejár, és nem nyitható meg újra.
opening-escalation-owners = Kérje meg a felelőst ({ $owners }), hogy még ma fogadja el vagy utasítsa el; különben lejár, és nem nyitható meg újra.
opening-escalation-nobody = Keressen valakit, aki még ma elfogadja vagy elutasítja; különben lejár, és nem nyitható meg újra.
opening-overdue = Fogadja el vagy utasítsa el most: a határideje lejárt, még nyitott, de bármikor lezárulhat.
opening-overdue-owners = Kérje meg a felelőst ({ $owners }), hogy most fogadja el vagy utasítsa el: a határideje lejárt, még nyitott, de bármikor lezárulhat.
opening-overdue-nobody = Keressen valakit, aki most elfogadja vagy elutasítja: a határideje lejárt, még nyitott, de bármikor lezárulhat.
opening-unconfirmed = Nézze meg most a Partnerközpontban: lehet, hogy lejárt, de ezt nem sikerült ellenőrizni.
opening-unconfirmed-owners = Kérje meg a felelőst ({ $owners }), hogy nézze meg most a Partnerközpontban: lehet, hogy lejárt, de ezt nem sikerült ellenőrizni.
opening-unconfirmed-nobody = Keressen valakit, aki most megnézi a Partnerközpontban: lehet, hogy lejárt, de ezt nem sikerült ellenőrizni.
opening-expired = Senki sem válaszolt időben. Nem nyitható meg újra.
opening-answered = Itt már nincs teendő.
opening-gone = A Partnerközpontban már nem szerepel, ezért a visszaszámlálás véget ért.
opening-reopened = Lezárták, de most újra nyitott: a visszaszámlálás folytatódik.
opening-escalations = Kérje meg a felelősöket, hogy még ma fogadják el vagy utasítsák el ezeket; különben lejárnak, és nem nyithatók meg újra.

menu = { $category ->
    [CoSellOpportunity] Referrals › Co-sell › Inbound
   *[other] Referrals › Leads
}
look-for = keresendő: „{ $what }”
partner = egy másik partner

told = { $when }: { $what }, címzett: { $destination }, { $became ->
    [accepted] elküldve
    [refused] visszautasítva
    [failing] még nem ment el, próbálkozunk
    [waiting] várakozik
   *[unknown] lehet, hogy elment
}
step = { $name ->
    [new] első üzenet
    [after] emlékeztető
    [before_expiry] emlékeztető
    [reminder] emlékeztető
    [escalation] eszkaláció
    [updated] változás
    [overdue] lejárt határidő
    [answered] megválaszolva
    [expired] lejárt
    [gone] eltűnt
    [reopened] újra nyitott
   *[other] { $name }
}
claimed = { $by } vállalta ({ $since }). Az emlékeztetők szünetelnek eddig: { $until }.
claimed-before = { $by } jelezte ({ $since }): „{ label-claim }”. Erre eddig volt idő: { $until }.

next-nothing = a lejáratig nem megy több üzenet.
next-one = { $who } kap értesítést ({ $when }).
next-two = { $who } kap értesítést ({ $when }), majd { $whom } ({ $then }).

field = { $field ->
    [customer] Ügyfél
    [value] Érték
    [currency] Pénznem
    [closing] Zárás napja
    [notes] Megjegyzés
   *[deadline] Lejár
}

as-of = { $when } szerinti állapot: a Partnerközpont azóta nem volt olvasható.
unseen = A Partnerközpontban nem látható { $when } óta; lehet, hogy ott már megválaszolták.
at-once = Munkaidőn kívül érkezik, mert a következő munkaidőig túl kevés idő maradna.

item-closed = { $closing ->
    [accepted] elfogadva
    [declined] elutasítva
    [won] megnyerve
    [lost] elvesztve
    [expired] lejárt
   *[ended] lezárva
} { $after } után
item-open = határidő: { $date }
more = …és még { $count }

## People

stands-in = { $who }, helyettesítve: { $whom } (távol eddig: { $until })
stands-in-for-good = { $who }, helyettesítve: { $whom } (már nincs itt)
is-owner = Ön a felelőse.
is-owner-for = Ön helyettesíti a felelőst: { $whom } (távol eddig: { $until }).
is-owner-for-good = Ön helyettesíti a felelőst: { $whom } (már nincs itt).
is-manager = Ön a felelős vezetője.
is-manager-for = Ön helyettesíti a felelős vezetőjét: { $whom } (távol eddig: { $until }).
is-manager-for-good = Ön helyettesíti a felelős vezetőjét: { $whom } (már nincs itt).
in-place-no-owner = A felelősének szólt, de nincs felelőse: vegyen fel valakit közülünk a csapatába a Partnerközpontban, vagy írjon a beállítások végére egy [[owners]] részt `when` nélkül.
in-place-no-manager = A felelős vezetőjének szólt, de nincs megadva: állítsa be a `manager` kulcsot a [people] részben.
in-place-owners-away = A felelőseinek szólt, de mind távol vannak, és senki sem helyettesíti őket: adjon meg `cover` vagy `manager` kulcsot a [people] részben.
in-place-managers-away = A vezetőknek szólt, de mind távol vannak, és senki sem helyettesíti őket: adjon meg `cover` kulcsot a [people] részben.
in-place-no-way = Olyanoknak szólt, akikhez semmilyen út nem vezet: adjon meg nekik `notify` kulcsot a [people] részben, vagy `email` címet és egy [smtp] kiszolgálót.
attention = { $names } figyelmébe.
refuses-mail = { $name } címe { $since } óta visszautasítja a leveleket, ezért lehet, hogy nem tud róla.

## The page of a claim link

claim-days-left = { $days ->
    [one] { $days } munkanap maradt a válaszra
   *[other] { $days } munkanap maradt a válaszra
}
claim-last-day = Ma van a válasz utolsó napja
claim-overdue = Lejárt a határideje, és még nyitott
claim-lead = Mennyi ideig szüneteljenek az emlékeztetők?
claim-until = eddig: { $until }
claim-has = { $name } vállalta ({ $since }). Az emlékeztetők szünetelnek eddig: { $until }.
claim-yours = Ön vállalta. Az emlékeztetők szünetelnek eddig: { $until }.
claim-take-over = Valaki más vállalja
claim-too-late = Olyan hamar lejár, hogy az emlékeztetők már nem szüneteltethetők. Fogadja el vagy utasítsa el most.
claim-back = Mégsem tudom vállalni
claim-clock = A visszaszámlálást csak az elfogadás vagy az elutasítás (Accept vagy Decline) állítja meg a Partnerközpontban. Addig az eszkalációk továbbra is jönnek.
claim-see-lead = Ez az eszkaláció a következő lépésig nem ismétlődik itt.
claim-see-lead-on = Ez az eszkaláció a következő lépésig nem ismétlődik itt ({ $next }).
claim-sees = { $name } intézkedik ({ $since } óta).
claim-you-see = Ön jelezte, hogy intézkedik.
claim-who = Ki Ön?
claim-other = Valaki más
claim-name = Az Ön neve
claim-say-who = Adja meg, ki Ön, hogy a többiek is tudják, ki vállalta.
claim-stale = Semmit sem rögzítettünk: ez a lap túl régóta volt nyitva. Most már friss; nyomja meg újra a gombot.
claim-unclear = Semmit sem rögzítettünk: nyomja meg az egyik gombot.
claim-foreign = Semmit sem rögzítettünk: a gombot nem ezen a lapon nyomták meg. Itt nyomja meg.
claim-ended = { $closing ->
    [accepted] Elfogadták a Partnerközpontban
    [declined] Elutasították a Partnerközpontban
    [won] Megnyertként zárták le
    [lost] Elvesztettként zárták le
    [expired] Válasz nélkül lejárt
   *[ended] Lezárták
} ({ $when }).
claim-gone = A Partnerközpontban már nincs meg.
claim-over = Itt nincs több teendő.
claim-nothing = Itt nincs semmi
claim-not-now = Most nem megy
claim-later = A leadtime most nem tud válaszolni, ezért semmit sem rögzítettünk. Egy perc múlva nyissa meg újra a hivatkozást.
claim-unreadable = Semmit sem rögzítettünk: az elküldött adat nem olvasható. Nyissa meg újra a hivatkozást, és nyomja meg az egyik gombot.

## Why its reader gets a message

reason = Miért kapta: { $why }.
reason-instead = Miért kapta: a címzett ({ $origin }) nem fogad üzeneteket, ezért ide jött; { $why }.
reason-new = új megkeresés („{ $rule }” szabály, címzett: { $here })
reason-after = { $escalates ->
    [yes] eszkaláció
   *[no] emlékeztető
} { $period } a létrehozás után („{ $rule }” szabály, címzett: { $here })
reason-before-expiry = { $escalates ->
    [yes] eszkaláció
   *[no] emlékeztető
} { $period } a lejárat előtt („{ $rule }” szabály, címzett: { $here })
reason-updated = megváltozott, amiről korábban értesítést kapott (címzett: { $here })
reason-overdue = az utolsó napokról is értesítést kapott, és a megkeresés még nyitott („{ $rule }” szabály, címzett: { $here })
reason-answered = korábban értesítést kapott róla, és megválaszolták (címzett: { $here })
reason-expired = minden lejáratról értesítést kap („{ $rule }” szabály, címzett: { $here })
reason-gone = korábban értesítést kapott róla, és már nincs meg (címzett: { $here })
reason-reopened = korábban úgy értesült, hogy lezárult, de újra nyitott (címzett: { $here })
reason-escalations = Miért kapta: senki sem válaszolt, és az utolsó napok telnek.
reason-reminders = Miért kapta: emlékeztetőket kap, amíg valaki nem válaszol a Partnerközpontban.
reason-news = Miért kapta: ezekre a megkeresésekre ez a csapat válaszol.
reason-scheduled = „{ $digest }” összefoglaló, címzett: { $here }
reason-ops = Miért kapta: az [ops] notify ezt a címzettet nevezi meg.
reason-ops-unnamed = Miért kapta: a leadtime saját hibái oda mennek, ahová az eszkalációk (az [ops] notify nincs beállítva).
reason-keepalive = Miért kapta: a `keepalive` beállítás kéri.
reason-test = Miért kapta: valaki kipróbálta ezt a címzettet.

### digest

## Összefoglaló kitűzött időben

forecast-quiet = Ezen a héten semmi sem jár le. Ez így rendben van.
forecast-expires = { $count } megkeresés jár le a héten
forecast-expires-sum = { forecast-expires }, { $sum } értékben
forecast-named = { $headline }: { $name }

forecast-all-claimed = { $count ->
    [one] Valaki már vállalta.
   *[other] Mindegyiket vállalta valaki.
}
forecast-all-owned = { $count ->
    [one] Van felelőse.
   *[other] Mindegyiknek van felelőse.
}
forecast-none-claimed = { $count ->
    [one] Senki sem vállalta. Kérdezze meg még ma, ki vállalja
   *[other] Egyiket sem vállalta senki. Kérdezze meg még ma, ki vállalja őket
}: ami lejárt, nem nyitható meg újra.
forecast-some-unclaimed = { $count ->
    [one] Egyet közülük senki sem vállalt. Kérdezze meg még ma, ki vállalja
   *[other] { $count } megkeresést senki sem vállalt. Kérdezze meg még ma, ki vállalja őket
}: ami lejárt, nem nyitható meg újra.
forecast-none-owned = { $count ->
    [one] Nincs felelőse. Jelöljön ki valakit még ma
   *[other] Egyiknek sincs felelőse. Jelöljön ki valakit még ma
}: ami lejárt, nem nyitható meg újra.
forecast-some-unowned = { $count ->
    [one] Egynek közülük nincs felelőse. Jelöljön ki valakit még ma
   *[other] { $count } megkeresésnek nincs felelőse. Jelöljön ki valakit még ma
}: ami lejárt, nem nyitható meg újra.

forecast-figure-at-risk = Kockán a héten
forecast-figure-in-time = 24 órán belül megválaszolva
forecast-figure-lost = Múlt héten lejárt
forecast-referrals = { $count } megkeresés
forecast-no-value = { $count } érték nélkül
forecast-no-rate = { $count } más pénznemben
percent = { $number }%
forecast-part-of = { $part } / { $all }
forecast-before = az előző héten { $before }
forecast-nothing-came = nem érkezett megkeresés

forecast-title-week = A héten lejár
forecast-title-unclaimed = Később jár le, és senki sem vállalta
forecast-title-expired = Múlt héten lejárt
forecast-title-muted = Elnémítva

forecast-has-it = { $name } vállalta ({ $date })
forecast-not-claimed = senki sem vállalta ({ $owners })
forecast-nobody = nincs gazdája
forecast-overdue = határideje lejárt, még nyitott
forecast-mute = { $reason } ({ $details })
forecast-mute-since = { $date } óta
forecast-mute-until = eddig: { $date }

forecast-told = { $destination }: { $count } értesítés, { $first } – { $last }
forecast-told-on = { $destination }: { $count } értesítés, { $first }
forecast-told-perhaps = { $destination }: lehet, hogy kapott értesítést, { $date }
forecast-told-refused = { $destination }: nem fogadott üzenetet, { $date }
forecast-told-nobody = Senki sem kapott értesítést.
forecast-was-claimed = { $name } vállalta, { $date }
forecast-was-not-claimed = Senki sem vállalta.
forecast-was-muted = Elnémítva: { $mute }
forecast-seen-late = Már { $age } óta megvolt, amikor a leadtime először látta.

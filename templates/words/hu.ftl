### Magyar. A megszólítás önöző; név sem ragot, sem névelőt nem kap (kettőspont, zárójel vagy „címzett: …” áll mellette).

## Rows, buttons and marks

label-value = Érték
label-place = Hely
label-from = Küldő
label-answer-by = Határidő
label-expires = Lejár
label-expired = Lejárat
label-contact = Kapcsolat
label-contact-requested = Az ügyfél kapcsolatfelvételt kér.
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
label-repeat = Lehet, hogy ezt az üzenetet már megkapta: az előző kísérlet eredménye nem ismert.
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
    [MarketplaceLead] Új piactéri érdeklődő
    [QualifiedLead] Új érdeklődő
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
    [reopened] Újranyílt
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
    [reopened] újranyílt
   *[other] { $name }
}
claimed = { $by } vállalta ({ $since }). Az emlékeztetők szünetelnek eddig: { $until }.
claimed-before = { $by } jelezte ({ $since }): „{ label-claim }”. Az erre szánt idő lejárt: { $until }.

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
at-once = Munkaidőn kívül érkezik, mert a következő munkaidő kezdetén már túl kevés idő maradna.

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

stands-in = { $who } ({ $whom } helyett, aki eddig távol van: { $until })
stands-in-for-good = { $who } ({ $whom } helyett, aki már nincs itt)
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

### notices

## What leadtime tells of itself

notice-seconds = { $n } másodperc

notice-unread = A fiók nem olvasható: { $account }
notice-unread-fault = { $account } fiók: { $fault }.
notice-unread-passing = { $account } fiók: { $fault }. { $remedy }.
notice-unread-store = A beolvasott adatokat nem sikerült elmenteni: „{ $said }”.
notice-unread-clocks = A gép órája és a Partnerközponté több mint egy órával eltér.
notice-unread-known = Az ismert megkeresések visszaszámlálása és eszkalációja a tárolt adatokból folytatódik.
notice-unread-todo = { $remedy }.
notice-unread-todo-noticed = { $remedy }; a leadtime a változást egy órán belül észreveszi, a `leadtime reload` parancsra azonnal.
notice-unread-todo-passing = Ellenőrizze a hálózatot és a Microsoft szolgáltatásainak állapotát; a leadtime magától újra próbálkozik (fiók: { $account }). A `leadtime check --online` azonnal kipróbálja.

notice-clock = Az óra eltérése: { $off }
notice-clock-both = A leadtime órája: { $ours }, a Partnerközponté: { $theirs }.
notice-clock-stops = Amíg nem egyeznek, nem születik új döntés; ami már sorban áll, az kimegy.
notice-clock-goes-on = A visszaszámlálás ugyanennyivel téves lehet.
notice-clock-todo = Állítsa be a gép óráját (NTP).
notice-clock-todo-stops = Állítsa be a gép óráját (NTP). Ha a Partnerközponté a hibás, indítsa a leadtime-ot ezzel: --trust-clock.

notice-role = Elveszhetett a szerepkör a Partnerközpontban: { $account }
notice-role-unread = { $open } nyitott megkeresésből { $unread } egyszerre eltűnt a listáról, és egyik sem olvasható.
notice-role-goes-on = Egyiket sem tekintjük megválaszoltnak: a visszaszámlálás és az eszkaláció folytatódik.
notice-role-todo = Adja meg a fióknak a „Referrals admin” szerepkört az egész vállalatra, majd futtassa: `leadtime check --online`.

notice-template = Nem használható a sablon: { $file }
notice-template-said = A hiba: „{ $said }”.
notice-template-meanwhile = Az üzenetei addig a beépített sablonnal mennek ki.
notice-template-todo = Javítsa ki a sablont, futtassa: `leadtime check`, majd: `leadtime reload`.

notice-unrecorded = Semmit sem lehet rögzíteni, így semmi sem megy ki
notice-unrecorded-said = Oka: „{ $said }”.
notice-unrecorded-meanwhile = Ami közben esedékessé válik, a hiba elhárítása után megy ki.
notice-unrecorded-todo = Szabadítson fel helyet az állapotmappában, vagy hárítsa el a fenti hibát; a leadtime magától folytatja.

notice-refuses = Minden üzenetet visszautasít: { $destination } ({ $short })
notice-refuses-said = A válasza: „{ $said }”.
notice-refuses-fallback = Az üzenetei addig ide mennek: { $fallback }.
notice-refuses-waits = Az üzenetei addig várnak, mert nincs tartalék címzettje.
notice-refuses-todo = { $remedy }, majd futtassa: `leadtime reload` (ami változóból jön, ahhoz újraindítás kell). A leadtime ekkor azonnal újra próbálja, egyébként 15 percenként.

notice-fails = Nem fogad üzeneteket: { $destination }
notice-fails-said = Az utolsó kísérlet: „{ $said }”.
notice-fails-left-alone = Azt kéri, hogy ennyi ideig ne kapjon semmit: { $left }; az üzenetei addig várnak.
notice-fails-waits = Az üzenetei várnak; a leadtime legalább 15 percenként újra próbálja őket.
notice-fails-todo = Nézze meg, hogy elérhető-e (kipróbálja: `leadtime send-test { $destination }`); ha igen, a `leadtime reload` azonnal elküldi, ami vár.

notice-no-mail = Nem kap levelet: { $address } ({ $destination })
notice-no-mail-todo = Hozassa rendbe a postafiókját; utána a `leadtime outbox retry --all --destination { $destination }` elküldi a kézbesítetlen üzeneteket. Vagy javítsa ki a címet a beállításokban, majd futtassa: `leadtime reload`.
notice-no-mail-falls-back = Amit senki más nem fogad el, addig is a tartalék címzetthez megy.
notice-no-mail-todo-person = Hozassa rendbe a postafiókját, vagy javítsa ki az `email` kulcsot: [people.{ $person }]; aki már nincs itt, annak adjon meg ugyanott egy `away` bejegyzést `from` kulccsal és `to` nélkül. Majd futtassa: `leadtime reload`; a `leadtime outbox retry --all --destination { $destination }` elküldi a kézbesítetlen üzeneteket.
notice-no-mail-todo-team = Hozassa rendbe a postafiókját; utána a `leadtime outbox retry --all --destination { $destination }` elküldi a kézbesítetlen üzeneteket. Ha már nincs itt, vegye ki a csapatból a Partnerközpontban, vagy vegye fel a [people] részbe `to` nélküli `away` bejegyzéssel és egy `cover` kulccsal.
notice-mention = Nem fogad el említést: { $destination } ({ $ids })
notice-mention-without = Az üzenet említés nélkül ment el, és a következők is így mennek: a szövegük nevezi meg az illetőt.
notice-mention-todo = Javítsa ki az illető `slack` vagy `teams` kulcsát a [people] részben, vagy vegye ki; majd futtassa: `leadtime reload`.
notice-mention-again = Újra elfogad említést: { $destination }
notice-given-up = Kézbesítetlen üzenet: { $destination } ({ $short })
notice-given-up-deadline = a határidőig nem fogadta el
notice-given-up-too-long = túl sokáig nem fogadta el
notice-given-up-died = a leadtime folyamata négyszer leállt közben
notice-given-up-said = A válasza: „{ $said }”.
notice-given-up-why = Oka: { $why }.
notice-given-up-kept = A kézbesítetlen üzenetek megmaradnak: a `leadtime outbox list` megmutatja, a `drop` törli őket.
notice-given-up-todo = Derítse ki, miért nem fogadja el (címzett: { $destination }), és javíttassa ki; utána a `leadtime outbox retry --all --destination { $destination }` elküldi a kézbesítetlen üzeneteket.

notice-no-rule = Szabály nélküli megkeresés: { $account }
notice-no-rule-first = Egyik szabály sem vonatkozik rá, ezért senki sem értesül róla. Az első ilyen: { $referral }.
notice-no-rule-todo = Vegyen fel a végére egy `when` nélküli szabályt (`steps = []` esetén szándékosan hallgat), majd futtassa: `leadtime reload`.
notice-account-gone = A fiók kikerült a beállításokból: { $account }
notice-shelved = A megkeresései félre vannak téve: semmit sem küldünk róluk.
notice-account-gone-todo = Ha nem ez volt a cél, tegye vissza a fiókot, és futtassa: `leadtime reload`. Onnan folytatódnak, ahol voltak.
notice-filtered = A szűrő nyitott megkereséseket zár ki: { $account }
notice-filtered-todo = Ha nem ez volt a cél, bővítse a fiók `filter` beállítását, és futtassa: `leadtime reload`. Onnan folytatódnak, ahol voltak.
notice-rate = Nincs megadva árfolyam: { $currency }
notice-rate-meanwhile = Azok a szabályok, amelyek a `value` értékét vizsgálják, ilyen pénznemben egy megkeresésre sem vonatkoznak.
notice-rate-todo = Vegye fel az árfolyamot a beállításokba: [money] rates = { "{" } { $currency } = … { "}" }, majd futtassa: `leadtime reload`.

notice-damaged = Egy megkeresés nem olvasható a tárból
notice-damaged-said = Oka: „{ $said }”.
notice-damaged-todo = Állítsa le a leadtime-ot, és állítsa vissza az állapotmappát biztonsági mentésből; semmi sem törlődött.

notice-settings-line = „{ $said }”
notice-settings = Hibásak a beállítások, a régiek maradnak érvényben
notice-settings-todo = Futtassa: `leadtime check`, javítsa ki, amit jelez, majd futtassa: `leadtime reload`.

notice-heartbeat = A figyelő nem fogadja az életjelet
notice-heartbeat-answers = A válasza: { $status }.
notice-heartbeat-silent = 10 másodpercen belül nem válaszol.
notice-heartbeat-unreachable = Nem érhető el.
notice-heartbeat-alarm = Onnan riasztás érkezhet, pedig a leadtime fut.
notice-heartbeat-todo = Nézze meg, hogy az [ops] `heartbeat_url` a helyes cím-e, és innen elérhető-e; módosítás után futtassa: `leadtime reload`.

notice-secret = { $over ->
    [yes] Lejárt a titkos ügyfélkód ({ $date }): { $account }
   *[no] Lejár a titkos ügyfélkód ({ $date }): { $account }
}
notice-secret-meanwhile = Onnantól semmi új nem látszik; az ismert megkeresések visszaszámlálása folytatódik.
notice-secret-todo = { $when ->
    [today] Még ma hozzon létre újat az Entrában
    [days] A következő napokban hozzon létre újat az Entrában
   *[soon] Hozzon létre újat az Entrában
}, írja be ide: [accounts.{ $account }], a `client_secret_expires` értékével együtt, majd futtassa: `leadtime reload` (ha változóból jön, indítsa újra a leadtime-ot).

notice-sign-in = Lejár a bejelentkezés ({ $date }): { $account }
notice-sign-in-idle = Az utolsó megújítás ({ $date }) óta tétlen: a Microsoft 90 tétlen nap után megszünteti a bejelentkezést, és akkor semmi új nem látszik.
notice-sign-in-poll = A következő sikeres lekérdezés is megújítja.
notice-sign-in-todo = { $when ->
    [today] Futtassa még ma: `leadtime login { $account }` (legkésőbb: { $date } { $time }).
    [days] Futtassa a következő napokban: `leadtime login { $account }` (legkésőbb: { $date } { $time }).
   *[soon] Futtassa: `leadtime login { $account }` (legkésőbb: { $date } { $time }).
}

## What is over

notice-no-longer = Már nem áll fenn: { $title }
notice-read-again = A fiók újra olvasható: { $account }
notice-unwatched = A leadtime nem figyelt ({ $away }): { $account }
notice-read-again-away = Ennyi ideig nem volt olvasható: { $away }.
notice-role-back = A fiók újra látja a megkereséseit: { $account }
notice-clock-agrees = Az óra újra egyezik a Partnerközpontéval
notice-heartbeat-taken = A figyelő újra fogadja az életjelet
notice-settings-in-force = A beállítások érvényben vannak
notice-takes-again = Újra fogad üzeneteket: { $destination }
notice-mail-again = Újra kap levelet: { $address }
notice-none-given-up = Nem maradt kézbesítetlen üzenet: { $destination }
notice-no-mail-given-up = Nem maradt kézbesítetlen levél: { $address }
notice-secret-unwatched = A titkos ügyfélkódot már nem figyeljük: { $account }
notice-secret-later = Új titkos ügyfélkód, lejár { $date }: { $account }
notice-sign-in-renewed = Megújult a bejelentkezés: { $account }
notice-recorded-again = Újra rögzíthető, ami történik

notice-missed-name = { $name } (határidő: { $date })
notice-missed-open = Közben { $count } nyitott megkeresést nem figyelt senki: { $names }.
notice-missed-open-nearest = Közben { $count } nyitott megkeresést nem figyelt senki. A legsürgősebbek: { $names }.
notice-missed-new = { $count ->
    [one] { $count } új megkeresés került elő; ennyi ideje érkezett, eddig észrevétlenül: { $age }.
   *[other] { $count } új megkeresés került elő; a legrégebbi ennyi ideje érkezett, eddig észrevétlenül: { $age }.
}
notice-missed-answered = Közben { $count } megkeresést megválaszoltak.
notice-missed-expired = Közben { $count } megkeresés lejárt: { $names }
notice-missed-more = még { $count }
notice-missed-late = { $count } üzenet késve megy ki.
notice-missed-late-at-least = Legalább { $count } üzenet késve megy ki.
notice-missed-nothing = Semmi új nem került elő, és közben egyet sem válaszoltak meg, és egy sem járt le.

notice-cost-waited = { $count ->
    [one] { $count } üzenet várt, ennyi ideig: { $longest }.
   *[other] { $count } üzenet várt, a leghosszabban ennyi ideig: { $longest }.
}
notice-cost-fell-back = Közben { $count } üzenet ide ment: { $fallback }.
notice-cost-fell-back-somewhere = Közben { $count } üzenet a tartalék címzetthez ment.
notice-cost-given-up = { $count } üzenet kézbesítetlen maradt; a `leadtime outbox list` megmutatja.

## Signs of life and tests

notice-keepalive = a leadtime működik
notice-keepalive-why = Nem volt mit küldeni ennek a címzettnek; ez a sor megakadályozza, hogy a munkafolyamatát kikapcsolják.
notice-test = ez a címzett működik
notice-test-sent = Valaki ezt futtatta: `leadtime send-test { $destination }`. Nincs teendő.
notice-test-again = ez a címzett újra működik
notice-test-reload = Korábban visszautasította az üzeneteket, azóta valaki új beállításokat léptetett életbe.

## Why Partner Center or the sign-in is of no use

fault-quoted = { $fault }: „{ $said }”
fault-unauthorized = a Partnerközpont nem fogadja el a hozzáférési tokent (401), a frisset sem
fault-mfa = a Partnerközpont többtényezős bejelentkezést kér (401, 900421)
fault-forbidden = a Partnerközpont megtagadja a hozzáférést (403)
fault-bad-request = a Partnerközpont nem tudja értelmezni a kérést (400)
fault-not-found = a Partnerközpontban ezen a címen nincs semmi ({ $status })
fault-refused = a Partnerközpont visszautasítja a kérést ({ $status })
fault-throttled = a Partnerközpont túl soknak találja a kéréseket (429)
fault-unavailable = a Partnerközpont nem érhető el ({ $status })
fault-timed-out = a Partnerközpont nem válaszolt időben
fault-connection-lost = megszakadt a kapcsolat a Partnerközponttal: „{ $why }”
fault-redirected = a válasz átirányítás ({ $status }), ezt a leadtime nem követi
fault-no-listing = a válasz nem a megkeresések listája: „{ $why }”
fault-not-that-referral = a válasz nem a kért megkeresés: „{ $why }”
fault-too-large = a válasz nagyobb, mint { $limit } bájt
fault-bad-link = a következő oldalra mutató hivatkozás nem használható: „{ $why }”
fault-loop = a következő oldalra mutató hivatkozás egy már beolvasott oldalra visz vissza
fault-too-many-pages = a lista { $limit } oldal után sem ér véget
fault-full-page = a lista { $top } elemnél megáll, ennyit kér a `top`, így lehet, hogy van még
fault-no-token = nincs frissítési token
fault-token-expired = a frissítési token lejárt
fault-token-revoked = a frissítési token már nem érvényes
fault-sign-in-mfa = a Microsoft többtényezős bejelentkezést kér
fault-consent = az alkalmazásregisztrációhoz hiányzik a jóváhagyás
fault-policy = egy feltételes hozzáférési szabályzat letiltja a bejelentkezést
fault-secret-expired = a titkos ügyfélkód lejárt
fault-client-refused = a Microsoft nem fogadja el az ügyfél-azonosítót vagy a titkos ügyfélkódot
fault-sign-in-refused = a Microsoft visszautasítja a bejelentkezést: „{ $error }”
fault-token-unavailable = a tokenvégpont nem érhető el: „{ $why }”
fault-token-malformed = a tokenvégpont válasza nem értelmezhető: „{ $why }”
fault-token-not-saved = az új frissítési tokent nem sikerült elmenteni: „{ $why }”
fault-token-not-loaded = a frissítési tokent nem sikerült beolvasni: „{ $why }”
fault-token-sealed = a frissítési token titkosítva van, és nem nyitható meg: „{ $why }”

## What to do about it

remedy-login = Futtassa: `leadtime login { $account }`
remedy-login-mfa = Futtassa: `leadtime login { $account }`, és jelentkezzen be második tényezővel
remedy-login-mfa-anew = Futtassa: `leadtime login { $account }`, és jelentkezzen be második tényezővel; a régi bejelentkezés megújítása ezen nem segít
remedy-scope = Ellenőrizze a `scope` és a `base_url` értékét itt: [accounts.{ $account }], és futtassa: `leadtime reload`; ha helyesek, futtassa: `leadtime login { $account }`
remedy-role = Adja meg a fióknak a Partnerközpontban a „Referrals admin” szerepkört az egész vállalatra, és kérdezze meg a rendszergazdát a feltételes hozzáférésről
remedy-filter = Ellenőrizze a `filter` értékét itt: [accounts.{ $account }], majd futtassa: `leadtime reload`
remedy-proxy = Ellenőrizze az útba eső proxyt és a `base_url` értékét itt: [accounts.{ $account }], majd futtassa: `leadtime reload`
remedy-proxy-answers = Ellenőrizze, nem egy proxy válaszol-e a Partnerközpont helyett, és a `base_url` értékét itt: [accounts.{ $account }], majd futtassa: `leadtime reload`
remedy-poll-less = A leadtime magától újra próbálja; ha nem múlik el, növelje a `poll_every` értékét itt: [accounts.{ $account }]
remedy-service-status = A leadtime magától újra próbálja; ha nem múlik el, nézze meg a Microsoft szolgáltatásainak állapotát
remedy-network = A leadtime magától újra próbálja; ha nem múlik el, ellenőrizze a hálózatot, a HTTPS_PROXY változót és a [tls] ca_file beállítást
remedy-token-network = A leadtime magától újra próbálja; ha nem múlik el, ellenőrizze a hálózatot és a HTTPS_PROXY változót
remedy-narrow-filter = Szűkítse a `filter` értékét itt: [accounts.{ $account }], majd futtassa: `leadtime reload`
remedy-report = A következő lekérdezés elölről kezdődik; ha nem múlik el, jelentse be ennek a lekérdezésnek a naplójával együtt
remedy-top = Törölje vagy növelje a `top` értékét itt: [accounts.{ $account }], majd futtassa: `leadtime reload`
remedy-consent = Kérjen rendszergazdai jóváhagyást az alkalmazásregisztrációhoz az Entrában, majd futtassa: `leadtime login { $account }`
remedy-policy = Kérje meg az Entra rendszergazdáját, hogy engedje át ennek a gépnek a címét, majd futtassa: `leadtime login { $account }`
remedy-secret = Hozzon létre új titkos ügyfélkódot az Entrában, írja be a `client_secret` értékeként ide: [accounts.{ $account }], majd futtassa: `leadtime reload` (ha változóból jön, indítsa újra a leadtime-ot)
remedy-client = Ellenőrizze a `client_id`, a `client_secret` és a `tenant_id` értékét itt: [accounts.{ $account }], majd futtassa: `leadtime reload` (ami változóból jön, ahhoz újraindítás kell)
remedy-token-url = Ellenőrizze az útba eső proxyt, valamint a `tenant_id`, a `token_url` és a `scope` értékét itt: [accounts.{ $account }], majd futtassa: `leadtime reload`
remedy-make-room = Szabadítson fel helyet az állapotmappában, és ellenőrizze, hogy a leadtime írhat-e bele; az előző token érvényes marad
remedy-state-folder = Ellenőrizze, hogy a leadtime olvashatja-e az állapotmappát, és hogy ép-e a lemeze
remedy-key = Írja vissza a [state] key alá azt a kulcsot, amellyel titkosítva lett, és futtassa: `leadtime reload` (ha változóból jön, indítsa újra), vagy a kulcs nélkül futtassa: `leadtime login { $account }`

## How a destination that refuses everything is mended

mend = { $form ->
    [named] { $remedy }
    [url] { $remedy } ({ $place })
   *[other] { $remedy } ({ $place })
}
mend-quoted = Javítsa ki ezt: { $place } („{ $remedy }”)
mend-nothing-said = Javítsa ki ezt: { $place }

mend-new-webhook = hozzon létre új webhookot, és írja be a webhook_url értékeként
mend-valid-webhook = adjon meg érvényes webhook_url értéket
mend-enable-workspace = engedélyeztesse újra a munkaterületet
mend-user-gone = a webhook felhasználója vagy csatornája már nincs meg; hozzon létre új webhookot, és írja be a webhook_url értékeként
mend-channel-gone = a webhook csatornája már nincs meg; hozzon létre webhookot egy másik csatornához
mend-unarchive = vegye ki a csatornát az archívumból, vagy hozzon létre webhookot egy másikhoz
mend-allow = kérje meg a munkaterület rendszergazdáját, hogy engedélyezze, vagy válasszon másik csatornát
mend-anyone = állítsa a munkafolyamat indítóját „Anyone” értékre, és másolja ki újra az URL-jét
mend-whole-url = az URL-ből hiányzik a lekérdezés; másolja be teljes egészében a webhook_url értékeként
mend-workflow-on = kapcsolja be újra a munkafolyamatot a Power Automate-ben
mend-workflow-gone = a munkafolyamat már nincs meg; hozzon létre újat, és írja be az URL-jét a webhook_url értékeként
mend-signature = az URL aláírását nem fogadja el; másolja ki újra a munkafolyamat URL-jét, az indítója legyen „Anyone”
mend-look-at-workflow = nézze meg a munkafolyamatot a Power Automate-ben, és másolja ki újra az URL-jét
mend-url-and-proxy = ellenőrizze a webhook_url értékét és az útba eső proxyt
mend-redirect = állítsa be azt az URL-t, amelyre átirányít
mend-headers = ellenőrizze a fejléceit és a titkát
mend-check-url = ellenőrizze az url értékét
mend-proxy-login = a proxy bejelentkezést kér: adja meg a HTTPS_PROXY változóban
mend-no-token = ellenőrizze az [smtp] host és port értékét; Exchange Online esetén smtp.office365.com, 587 és starttls
mend-smtp-auth = kapcsolja be a postafiókhoz az SMTP AUTH-ot: Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false (és ellenőrizze, hogy biztonsági alapbeállítás vagy szabályzat nem tiltja-e)
mend-mailbox-rights = ellenőrizze, hogy az [smtp] username a postafiók-e; az Entrában adja meg az alkalmazásnak az SMTP.SendAsApp engedélyt (Office 365 Exchange Online) rendszergazdai jóváhagyással; az Exchange-ben futtassa a New-ServicePrincipal parancsot a vállalati alkalmazás (nem a regisztráció) objektumazonosítójával, hozzá az Add-MailboxPermission és a Set-CASMailbox -SmtpClientAuthenticationDisabled $false parancsot. A módosítás legfeljebb fél óra múlva lép életbe
mend-password-off = az Exchange Online-ban az SMTP jelszavas bejelentkezése ki van kapcsolva; a password helyett írjon [smtp] oauth2 beállítást, vagy használjon másik kiszolgálót
mend-check-login = ellenőrizze az [smtp] username és password értékét
mend-send-as = engedélyezze, hogy a postafiók az [smtp] from címével küldjön
mend-check-server = ellenőrizze az [smtp] host, port és security értékét és a bejelentkezést
mend-check-from = ellenőrizze az [smtp] from értékét, és hogy küldhet-e itt
mend-token-endpoint = ellenőrizze az [smtp] oauth2 token_url és scope értékét és az útba eső proxyt
mend-token-client = ellenőrizze az [smtp] oauth2 tenant_id, client_id és client_secret értékét (a titkos kód értéke kell, nem az azonosítója)
mend-token-secret = hozzon létre új titkos ügyfélkódot az Entrában (App registrations, Certificates & secrets), és írja be az [smtp] oauth2 client_secret értékeként
mend-token-consent = az Entrában adja meg az alkalmazásnak az Office 365 Exchange Online SMTP.SendAsApp alkalmazásengedélyét, és hagyassa jóvá rendszergazdával ([smtp] oauth2)
mend-token-scope = az [smtp] oauth2 scope értéke legyen https://outlook.office365.com/.default, vagy hagyja ki
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

forecast-figure-at-risk = Veszélyben a héten
forecast-figure-in-time = 24 órán belül megválaszolva
forecast-figure-lost = Múlt héten lejárt
forecast-referrals = { $count } megkeresés
forecast-no-value = { $count } érték nélkül
forecast-no-rate = { $count } más pénznemben
percent = { $number }%
forecast-part-of = { $all } közül { $part }
forecast-before = egy héttel korábban { $before }
forecast-nothing-came = nem érkezett megkeresés

forecast-title-week = A héten lejár
forecast-title-unclaimed = Később jár le, és senki sem vállalta
forecast-title-expired = Múlt héten lejárt
forecast-title-muted = Elnémítva

forecast-has-it = { $name } vállalta ({ $date })
forecast-not-claimed = senki sem vállalta, felelőse: { $owners }
forecast-nobody = nincs felelőse
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
forecast-seen-late = A leadtime csak ennyi idő múlva látta először: { $age }.

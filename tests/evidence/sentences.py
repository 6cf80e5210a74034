"""Made-up office prose in five languages: every sentence has names, figures or dates, and some have a negation."""

from __future__ import annotations

import random
import re


def _words(text: str) -> list[str]:
    return text.split()


NAMES = _words(
    "Ashworth Bramley Castellan Dunmore Ellery Farrow Gellner Hollis Ingram Jarvis Kessler Lindqvist Marlow Norbury "
    "Oakes Pemberton Quayle Ravensdale Sefton Thorne Underhill Vance Whitlock Yardley Zeller"
)
NAMEN = _words(
    "Achterberg Böhmke Czerny Dörfler Eßlinger Fährmann Größl Hölzer Jürgens Köster Lüdtke Möbius Nägele Östreich "
    "Pflüger Rößner Schäfer Täuber Überacker Völkel Wühler Zöllner"
)
IMENA = _words("Абрамов Белова Воронин Громова Дёмин Ершова Жуков Зимина Исаев Крылова Лосев Мельник")
SHEMOT = _words("אברהמי ברקוביץ גולדשטיין דהאן הררי וקנין זמיר חדד טולדנו יעקובי כרמלי לביא")
XING = _words("王建国 李秀英 张伟民 刘洋河 陈晓燕 杨志强 黄丽娟 赵国栋 吴文静 周海涛")
GOODS = _words("transformers gaskets fibre-optic cables filing cabinets offset plates office furniture flow meters")
WAREN = _words("Filtergehäuse Flüssigkeitspumpen Schaltschränke Kaffeemaschinen Sägeblätter Büromöbel Großpackungen")

ENGLISH = (
    "{name} shall deliver {n} {goods} to the warehouse in {town} no later than {date}.",
    "The tenant may not sublet the offices on the {nth} floor without the written consent of {name}.",
    "A fee of {money} is payable within {n} days after the final inspection of the fixtures.",
    "According to {name}, the efficiency of the first offset unit rose by {pct} in {year}.",
    "Nothing in this clause shall affect the liability of {name} for fraud or gross negligence.",
    "The auditors did not find any difference between the ledger and the invoice of {date}.",
    "{name} and {other} confirmed that the flow rate never exceeded {n} litres per minute.",
    "If the buyer fails to pay {money}, the seller is entitled to interest of {pct} per annum.",
    "The committee met on {date} and approved the specification of {n} {goods} unanimously.",
    "It was agreed that “reasonable effort” means at least {n} hours of work in each calendar month.",
    "The well-known manufacturer's warranty expires on {date}; it is not transferable.",
    "Either party can terminate this agreement with a notice period of {n} months to the end of a quarter.",
    "Reference number {ref} must be stated in all correspondence with the office of {name}.",
    "In {town}, the average temperature was {deg} °C, which is {pct} below the long-term figure.",
    "The report of {name} (file {ref}) does not mention the {goods} that were damaged in transit.",
    "Insurance up to {money} is provided by {other} & Partners for the whole term of the lease.",
)
GERMAN = (
    "{name} liefert {n} {goods} bis spätestens {date} an das Lager in {town}.",
    "Der Mieter darf die Büroräume im {n}. Obergeschoss ohne schriftliche Zustimmung von {name} nicht untervermieten.",
    "Die Gebühr in Höhe von {money} ist binnen {n} Tagen nach der Abnahme fällig.",
    "Nach Angaben von {name} stieg der Wirkungsgrad der Anlage im Jahr {year} um {pct}.",
    "Die Haftung von {name} für Vorsatz und grobe Fahrlässigkeit bleibt unberührt.",
    "Die Prüfer fanden keinen Unterschied zwischen dem Hauptbuch und der Rechnung vom {date}.",
    "{name} und {other} bestätigten, dass der Durchfluss nie über {n} Liter je Minute lag.",
    "Zahlt der Käufer den Betrag von {money} nicht, so schuldet er Zinsen von {pct} jährlich.",
    "Der Ausschuss tagte am {date} und beschloss die Anschaffung von {n} Stück {goods} einstimmig.",
    "Unter „angemessener Sorgfalt“ sind mindestens {n} Arbeitsstunden im Kalendermonat zu verstehen.",
    "Die Gewährleistung des Herstellers endet am {date}; sie ist nicht übertragbar.",
    "Jede Partei kann den Vertrag mit einer Frist von {n} Monaten zum Quartalsende kündigen.",
    "Das Aktenzeichen {ref} ist in jedem Schreiben an das Büro {name} anzugeben.",
    "In {town} betrug die Durchschnittstemperatur {deg} °C und lag damit {pct} unter dem langjährigen Mittel.",
    "Der Bericht von {name} (Akte {ref}) erwähnt die beschädigten {goods} nicht.",
)
RUSSIAN = (
    "{name} поставит {n} комплектов оборудования на склад не позднее {date}.",
    "Арендатор не вправе сдавать помещение без письменного согласия владельца {name}.",
    "Стоимость услуг составляет {n} рублей и уплачивается в течение {m} дней.",
    "Комиссия под руководством {name} не обнаружила расхождений в отчёте за {year} год.",
    "По данным {name}, объём производства вырос на {pct} по сравнению с прошлым годом.",
)
HEBREW = (
    "{name} ימסור את הציוד למחסן המרכזי לפני סוף החודש",
    "השוכר אינו רשאי להשכיר את המשרד ללא הסכמה בכתב של {name}",
    "הוועדה בראשות {name} לא מצאה הבדל בין הדוח לבין החשבונית",
    "לפי {name} היעילות של המתקן עלתה מאוד בשנה האחרונה",
    "הצדדים {name} וגם {other} אישרו את תנאי ההסכם המלאים",
)
CHINESE = (
    "{name}应当在{year}年{m}月{n}日之前将设备交付至中心仓库。",
    "未经{name}书面同意，承租人不得转租第{n}层的办公室。",
    "服务费用为人民币{n}元，应在验收后{m}日内支付。",
    "以{name}为首的委员会未发现报告与发票之间存在差异。",
    "根据{name}的说明，该设备的效率在{year}年提高了{n}个百分点。",
    "任何一方均可提前{m}个月书面通知对方终止本合同，{name}除外。",
)
TEMPLATES = {"en": ENGLISH, "de": GERMAN, "ru": RUSSIAN, "he": HEBREW, "zh": CHINESE}
PEOPLE = {"en": NAMES, "de": NAMEN, "ru": IMENA, "he": SHEMOT, "zh": XING}
MONTHS = _words("January February March April May June July August September October November December")
MONATE = _words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
TOWNS = {"en": _words("Sheffield Galway Fife Afton Duffield"), "de": _words("Köln Gießen Görlitz Offenbach Lübeck")}
ORDINALS = _words("first second third fourth fifth sixth seventh eighth ninth")
NEGATIONS = {
    "en": ((r" not\b", ""), (r" never\b", ""), (r"\bNothing\b", "Anything"), (r"\bany difference", "a difference")),
    "de": ((r" nicht\b", ""), (r" nie\b", ""), (r"\bkeinen\b", "einen")),
    "ru": ((r"\bне ", ""),),
    "he": ((r" אינו", ""), (r"לא ", "")),
    "zh": (("不得", "可以"), ("未发现", "发现"), ("未经", "经")),
}


def sentence(rng: random.Random, language: str) -> str:
    """One sentence."""
    people = PEOPLE[language]
    name, other = rng.sample(people, 2)
    return rng.choice(TEMPLATES[language]).format(
        name=name,
        other=other,
        goods=rng.choice(WAREN if language == "de" else GOODS),
        n=rng.randint(2, 998),
        m=rng.randint(2, 12),
        town=rng.choice(TOWNS.get(language, [""])),
        date=date(rng, language),
        money=money(rng, language),
        pct=percent(rng, language),
        deg=decimal(rng, language),
        year=rng.randint(1987, 2031),
        ref=f"{rng.choice('ABCKLMX')}{rng.choice('QRST')}-{rng.randint(1000, 99999)}/{rng.randint(10, 99)}",
        nth=rng.choice(ORDINALS),
    )


def date(rng: random.Random, language: str) -> str:
    """A date as the language writes it."""
    day, month, year = rng.randint(1, 28), rng.randint(0, 11), rng.randint(1990, 2032)
    if language == "de":
        return rng.choice((f"{day}. {MONATE[month]} {year}", f"{day:02d}.{month + 1:02d}.{year}"))
    if language == "en":
        return rng.choice(
            (f"{day} {MONTHS[month]} {year}", f"{MONTHS[month]} {day}, {year}", f"{year}-{month + 1:02d}-{day:02d}")
        )
    return f"{day:02d}.{month + 1:02d}.{year}"


def money(rng: random.Random, language: str) -> str:
    """An amount of money, with the language's separators."""
    amount = f"{rng.randint(110_000, 99_999_999) / 100:,.2f}"
    if language == "de":
        return amount.translate(str.maketrans(",.", ".,")) + rng.choice((" €", " EUR"))
    return rng.choice(("EUR ", "$", "£", "USD ")) + amount


def decimal(rng: random.Random, language: str) -> str:
    """A number with one decimal, now and then below zero."""
    text = f"{rng.randint(-99, 399) / 10:.1f}"
    return text.replace(".", ",") if language == "de" else text


def percent(rng: random.Random, language: str) -> str:
    """A share in per cent."""
    text = f"{rng.randint(11, 989) / 10:.1f}"
    return text.replace(".", ",") + " %" if language in ("de", "ru") else text + rng.choice(("%", " %"))


def without_negation(text: str, language: str) -> str | None:
    """The sentence with its negation gone, where it has one."""
    for pattern, instead in NEGATIONS[language]:
        changed = re.sub(pattern, instead, text, count=1)
        if changed != text:
            return changed
    return None

"""Values in generated documents: codes, names, dates, amounts. Almost none comes up twice.

Names are put together from syllables, so that reading one means reading its letters.
"""

from __future__ import annotations

import random
from collections.abc import Callable

Rng = random.Random


def several(words: str) -> tuple[str, ...]:
    """Words apart by blanks."""
    return tuple(words.split())


_ONSETS = several("b br c ch cl d dr f fl g gl gr h j k kl l m n p pl pr r s sc sh sl st t th tr v w z")
_VOWELS = several("a a e e i i o o u y ai ea ee ie oa ou")
_CODAS = several("n r l s t m ck ll nd ng nt rd rn rt ss st x th p d")
_PLACE_ENDS = ("ton", "ford", "burg", "ville", "stead", "mouth", "field", "haven", "by", "ham", "wick")
_NAME_ENDS = ("son", "sen", "er", "man", "ley", "ski", "ov", "ini", "eau", "ez")
_FIRST = several("an bel car dan el fran gre hel in jo kar lin mar nor ol pet ros sam tam vic wil")
_FIRST_ENDS = several("a e ie is o us ette ia an en in y na la ra")
_COMPANY_ENDS = ("Ltd", "GmbH", "Inc", "AG", "LLC", "Group", "Partners", "Systems", "Logistics", "Trading")
MONTHS = several("January February March April May June July August September October November December")
_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "kr", "PLN")
_DOMAINS = ("com", "org", "net", "eu", "de", "io", "co")
_STREETS = ("Street", "Road", "Lane", "Avenue", "Square", "Way")
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STATUSES = several("paid open overdue closed approved pending rejected delivered cancelled active draft shipped")
PRODUCT_WORDS = (
    several("steel paper copper office rubber cotton glass plastic oak safety kitchen garden desk wall floor"),
    several("bolts chairs lamps cables gloves boxes shelves pens filters pumps valves tiles brackets hoses labels"),
)


def syllable(rng: Rng) -> str:
    """A pronounceable piece, closed or open."""
    return rng.choice(_ONSETS) + rng.choice(_VOWELS) + (rng.choice(_CODAS) if rng.random() < 0.5 else "")


def surname(rng: Rng) -> str:
    """A family name."""
    end = rng.choice(_NAME_ENDS) if rng.random() < 0.5 else syllable(rng)
    return (syllable(rng) + end).capitalize()


def person(rng: Rng) -> str:
    """A first and a family name."""
    first = (rng.choice(_FIRST) + rng.choice(_FIRST_ENDS)).capitalize()
    if rng.random() < 0.1:
        first = rng.choice(_UPPER) + "."
    return f"{first} {surname(rng)}"


def city(rng: Rng) -> str:
    """A town."""
    name = syllable(rng) + (rng.choice(_PLACE_ENDS) if rng.random() < 0.6 else syllable(rng))
    return name.capitalize()


def company(rng: Rng) -> str:
    """A firm."""
    name = surname(rng) if rng.random() < 0.6 else (syllable(rng) + syllable(rng)).capitalize()
    return f"{name} {rng.choice(_COMPANY_ENDS)}"


def digits(rng: Rng, low: int, high: int) -> str:
    """A run of digits that does not begin with 0."""
    return str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(rng.randint(low, high) - 1))


def letters(rng: Rng, low: int, high: int) -> str:
    """Capital letters."""
    return "".join(rng.choice(_UPPER) for _ in range(rng.randint(low, high)))


def code(rng: Rng) -> str:
    """A reference as offices write them."""
    form = rng.randrange(6)
    if form == 0:
        return f"{letters(rng, 2, 3)}-{digits(rng, 4, 6)}"
    if form == 1:
        return digits(rng, 5, 9)
    if form == 2:
        return f"{rng.randint(2015, 2029)}/{digits(rng, 2, 5)}"
    if form == 3:
        return f"{letters(rng, 1, 2)}{digits(rng, 4, 7)}"
    if form == 4:
        return f"{letters(rng, 2, 3)}-{digits(rng, 2, 3)}-{letters(rng, 1, 2)}{digits(rng, 1, 2)}"
    return f"{digits(rng, 3, 3)}-{digits(rng, 3, 4)}-{digits(rng, 2, 2)}"


def date(rng: Rng) -> str:
    """A day in one of four forms."""
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2011, 2032)
    form = rng.randrange(4)
    if form == 0:
        return f"{day} {MONTHS[month - 1]} {year}"
    if form == 1:
        return f"{year}-{month:02}-{day:02}"
    if form == 2:
        return f"{day:02}.{month:02}.{year}"
    return f"{MONTHS[month - 1]} {day}, {year}"


def number(rng: Rng, most: int = 99_999) -> str:
    """A sum with two decimals."""
    whole = rng.randint(1, 10 ** rng.randint(1, len(str(most)) - 1))
    return f"{whole:,}.{rng.randint(0, 99):02}"


def amount(rng: Rng) -> str:
    """A sum of money."""
    currency = rng.choice(_CURRENCIES)
    return f"{number(rng)} {currency}" if rng.random() < 0.7 else f"{currency} {number(rng)}"


def count(rng: Rng) -> str:
    """A whole number of things."""
    return str(rng.randint(1, 10 ** rng.randint(1, 4)))


def percent(rng: Rng) -> str:
    """A percentage."""
    return f"{rng.randint(0, 99)}.{rng.randint(0, 9)} %" if rng.random() < 0.5 else f"{rng.randint(1, 100)} %"


def clock(rng: Rng) -> str:
    """A time of day."""
    return f"{rng.randint(0, 23):02}:{rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50)):02}"


def phone(rng: Rng) -> str:
    """A telephone number."""
    return f"+{rng.randint(1, 99)} {digits(rng, 2, 3)} {digits(rng, 5, 7)}"


def email(rng: Rng) -> str:
    """An address for mail."""
    return f"{surname(rng).lower()}@{(syllable(rng) + syllable(rng))}.{rng.choice(_DOMAINS)}"


def address(rng: Rng) -> str:
    """A street and a house number."""
    return f"{rng.randint(1, 240)} {surname(rng)} {rng.choice(_STREETS)}"


def status(rng: Rng) -> str:
    """A state, from a small known set."""
    return rng.choice(STATUSES).capitalize()


def product(rng: Rng) -> str:
    """The name of goods: two known words, or a name."""
    if rng.random() < 0.5:
        return f"{rng.choice(PRODUCT_WORDS[0]).capitalize()} {rng.choice(PRODUCT_WORDS[1])}"
    return f"{(syllable(rng) + syllable(rng)).capitalize()} {digits(rng, 1, 3)}"


def period(rng: Rng) -> str:
    """A span of time, in hours to years."""
    return f"{rng.randint(2, 90)} {rng.choice(('days', 'weeks', 'months', 'years', 'hours'))}"


def weight(rng: Rng) -> str:
    """A measure with its unit."""
    return f"{rng.randint(1, 999)}.{rng.randint(0, 9)} {rng.choice(('kg', 'cm', 'mm', 'kW', 'MB', 'km', 'l'))}"


MAKERS: dict[str, Callable[[Rng], str]] = {
    "code": code,
    "person": person,
    "city": city,
    "company": company,
    "date": date,
    "amount": amount,
    "count": count,
    "percent": percent,
    "clock": clock,
    "phone": phone,
    "email": email,
    "address": address,
    "status": status,
    "product": product,
    "period": period,
    "weight": weight,
}

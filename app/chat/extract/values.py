"""What a model wrote in a cell becomes a value of the column's type, or a sentence with the reason.

Numbers and dates are read in the English and the German way; where both are possible and differ, nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from app.chat.extract.schema import Column
from model.messages import NOTHING, Message, msg

Value = str | int | float | bool | None
MAX_TEXT = 2000
_NOTHING = {
    "",
    "-",
    "–",
    "—",
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "not given",
    "not in the document",
    "unknown",
    "k. a",
}
_YES = {"true", "yes", "y", "1", "x", "ja", "wahr", "✓", "☑", "☒"}
_NO = {"false", "no", "n", "0", "nein", "falsch", "☐"}
_NUMBER = re.compile(
    r"(?<!\w)(?<!\w[-\u2212])(?:[-+\u2212]?\d+(?:[ \u00a0\u202f'\u2019]\d{3}(?!\d))*(?:[.,]\d+)*|[-+\u2212]?[.,]\d+)"
)
_MONEY = re.compile(r"[€$£¥]|\b(EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK)\b", re.IGNORECASE)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner",
            "feb february februar",
            "mar march märz mrz maerz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ),
        1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_DOTTED = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4}|\d{2})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?(?: of)?[ -]+([^\W\d]+)\.?,?[ -]+(\d{4})")
_MONTH_FIRST = re.compile(r"([^\W\d]+)\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, or ``None``; ``raw`` is what was written, ``problem`` why it could not be read."""

    value: Value = None
    raw: str = ""
    problem: Message = NOTHING


def read_cell(column: Column, written: object) -> Cell:
    """``written`` as ``column`` wants it."""
    if written is None:
        return Cell()
    raw = _text(written)
    if raw.casefold().rstrip(".") in _NOTHING and not (column.type == "boolean" and raw.casefold() in _YES | _NO):
        return Cell()
    match column.type:
        case "string":
            return _string(column, raw)
        case "boolean":
            return _boolean(written, raw)
        case "date":
            return _date(raw)
        case _:
            return _number(written, raw, whole=column.type == "integer")


def _text(written: object) -> str:
    if isinstance(written, bool):
        return "true" if written else "false"
    if isinstance(written, str | int | float):
        return " ".join(str(written).split())[:MAX_TEXT]
    if isinstance(written, list) and all(isinstance(one, str | int | float) for one in written):
        return ", ".join(" ".join(str(one).split()) for one in written)[:MAX_TEXT]
    return ""


def _string(column: Column, raw: str) -> Cell:
    if not column.choices:
        return Cell(raw, raw)
    found = [choice for choice in column.choices if choice.casefold() == raw.casefold()]
    if found:
        return Cell(found[0], raw)
    return Cell(None, raw, msg("value.not-allowed", "“{raw}” is not one of the allowed values.", raw=raw[:80]))


def _boolean(written: object, raw: str) -> Cell:
    word = raw.casefold()
    if word in _YES:
        return Cell(True, raw)
    if word in _NO:
        return Cell(False, raw)
    return Cell(None, raw, msg("value.no-yes-no", "“{raw}” is neither yes nor no.", raw=raw[:80]))


def _number(written: object, raw: str, *, whole: bool) -> Cell:
    if isinstance(written, int | float) and not isinstance(written, bool):
        value: float | None = float(written)
        if value != value or value in (float("inf"), float("-inf")):
            value = None
    else:
        value = number_of(raw)
    if value is None:
        return Cell(None, raw, msg("value.no-number", "“{raw}” is not a number, or is ambiguous.", raw=raw[:80]))
    if value.is_integer() and (whole or abs(value) < 1e15):
        return Cell(int(value), raw)
    if whole:
        return Cell(None, raw, msg("value.no-whole-number", "“{raw}” is not a whole number.", raw=raw[:80]))
    return Cell(value, raw)


def number_of(text: str) -> float | None:
    """``€ 1.234,50``, ``1,234.50``, ``(12)``, ``20 %``; ``None`` where there is no number or more than one."""
    found = _NUMBER.findall(text)
    if len(found) != 1 or any(letter.isdigit() for letter in text.replace(found[0], "", 1)):
        return None
    digits = found[0].strip().rstrip(".,").replace("\u2212", "-")
    digits = re.sub(r"['\u2019\u00a0\u202f ]", "", digits)
    negative = digits.startswith("-") or bool(re.fullmatch(r"\(.*\)", text.strip()))
    before = text[: text.find(found[0])].rstrip()
    negative = negative or bool(re.search(r"(^|\s)[-\u2212]\s*[€$£¥]?$", before))
    plain = _without_groups(digits.lstrip("+-"), money=bool(_MONEY.search(text)))
    if plain is None:
        return None
    return -float(plain) if negative else float(plain)


def _without_groups(digits: str, *, money: bool) -> str | None:
    """Digits with a point for decimals. Of two kinds of signs the last one begins the decimals."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        last = max(digits.rfind("."), digits.rfind(","))
        group = "," if digits[last] == "." else "."
        if digits.count(digits[last]) > 1 or not _grouped(digits[:last], group):
            return None
        return digits[:last].replace(group, "") + "." + digits[last + 1 :]
    sign = "." if points else ","
    count = points or commas
    if count > 1:
        return digits.replace(sign, "") if _grouped(digits, sign) else None
    if count == 1:
        thousands = len(digits.rsplit(sign, 1)[1]) == 3 and _grouped(digits, sign)
        # Three digits behind one sign: 1,234 is grouped; 1.234 is grouped for money, which has no three decimals.
        if thousands and (sign == "," or money):
            return digits.replace(sign, "")
        return digits.replace(sign, ".")
    return digits


def _grouped(digits: str, sign: str) -> bool:
    first, *rest = digits.split(sign)
    return 1 <= len(first) <= 3 and first != "0" and all(len(group) == 3 for group in rest)


def _date(raw: str) -> Cell:
    found = date_of(raw)
    if isinstance(found, date):
        return Cell(found.isoformat(), raw)
    return Cell(None, raw, found)


def date_of(text: str) -> date | Message:
    """A date, or a sentence with the reason why it is none."""
    text = re.sub(r"^[^\W\d]+(?:day|tag|woch)s?,? +", "", text.strip(), flags=re.IGNORECASE)
    none = msg("value.no-date", "“{raw}” is not a date.", raw=text[:80])
    if found := _ISO.fullmatch(text):
        return _made(int(found[1]), int(found[2]), int(found[3])) or none
    if found := _DOTTED.fullmatch(text):
        return _made(_year(found[3]), int(found[2]), int(found[1])) or none
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), _year(found[3])
        both = [made for made in (_made(year, first, second), _made(year, second, first)) if made]
        if len(set(both)) == 2:
            return msg("value.two-dates", "“{raw}” could be two different dates.", raw=text[:80])
        return both[0] if both else none
    if found := _DAY_FIRST.fullmatch(text):
        return _made(int(found[3]), _MONTHS.get(found[2].casefold(), 0), int(found[1])) or none
    if found := _MONTH_FIRST.fullmatch(text):
        return _made(int(found[3]), _MONTHS.get(found[1].casefold(), 0), int(found[2])) or none
    return none


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

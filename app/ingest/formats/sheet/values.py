"""A cell's value as Excel shows it, for the formats that people use; ECMA-376, part 1, section 18.8.31."""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|_.|\*.|\[[^\]]*\]')
_NUMBER = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?,*")
_DATE = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|AM/PM|am/pm", re.IGNORECASE)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def shown(value: object, form: str) -> str:
    """The value as text. ``form`` is the cell's number format, as ``#,##0.00 €``."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value, form)
        case datetime.datetime() | datetime.date() | datetime.time():
            return _date(value, form)
        case datetime.timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)


def _general(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _number(value: float, form: str) -> str:
    sections = form.split(";")
    section = sections[1] if value < 0 and len(sections) > 1 and sections[1] else sections[0]
    plain = _LITERAL.sub(lambda match: _escape(match[1] or match[2] or match[3] or ""), section)
    found = _NUMBER.search(plain)
    if found is None or "general" in section.casefold() or re.search(r"[eE][+-]|[/]", plain):
        return _general(value)
    pattern = found[0]
    places = len(pattern.partition(".")[2].rstrip(","))
    scaled = "," * (len(pattern) - len(pattern.rstrip(",")))
    try:
        number = Decimal(repr(value)) * (100 if "%" in plain else 1) / Decimal(1000) ** len(scaled)
        rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except (InvalidOperation, OverflowError):
        return _general(value)
    own_sign = section is not sections[0]
    text = f"{abs(rounded) if own_sign else rounded:{',' if ',' in pattern.rstrip(',') else ''}.{places}f}"
    return _unescape(plain[: found.start()] + text + plain[found.end() :]).strip()


def _escape(literal: str) -> str:
    """Literal text out of the way of what means something."""
    return "".join(chr(0xE000 + ord(letter)) if ord(letter) < 0x80 else letter for letter in literal)


def _unescape(text: str) -> str:
    return "".join(chr(ord(letter) - 0xE000) if 0xE000 <= ord(letter) < 0xE080 else letter for letter in text)


def _date(value: datetime.datetime | datetime.date | datetime.time, form: str) -> str:
    section = _LITERAL.sub(lambda match: _escape(match[1] or match[2] or ""), form.split(";")[0])
    if not _DATE.search(section) or "general" in section.casefold():
        return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value.isoformat()
    half = "am/pm" in section.casefold()
    tokens = list(_DATE.finditer(section))
    words, at = "", 0
    for number, token in enumerate(tokens):
        before = tokens[number - 1][0].casefold() if number else ""
        after = tokens[number + 1][0].casefold() if number + 1 < len(tokens) else ""
        minute = before in ("h", "hh") or after in ("s", "ss")
        words += section[at : token.start()] + _part(value, token[0].casefold(), minute, half)
        at = token.end()
    return _unescape(words + section[at:]).strip()


def _part(value: datetime.datetime | datetime.date | datetime.time, token: str, minute: bool, half: bool) -> str:
    hour, second = getattr(value, "hour", 0), getattr(value, "second", 0)
    if token[0] == "m" and minute:
        return f"{getattr(value, 'minute', 0):0{len(token)}}"
    if token == "am/pm":
        return "PM" if hour >= 12 else "AM"
    if token[0] == "h":
        return f"{(hour - 1) % 12 + 1 if half else hour:0{len(token)}}"
    if token[0] == "s":
        return f"{second:0{len(token)}}"
    if isinstance(value, datetime.time):
        return ""
    match token:
        case "yyyy":
            return f"{value.year:04}"
        case "yy":
            return f"{value.year % 100:02}"
        case "mmmm" | "mmm":
            return _MONTHS[value.month - 1][: None if token == "mmmm" else 3]
        case "dddd" | "ddd":
            return _DAYS[value.weekday()][: None if token == "dddd" else 3]
    return f"{value.month if token[0] == 'm' else value.day:0{len(token)}}"

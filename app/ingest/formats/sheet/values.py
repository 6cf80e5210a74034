"""A cell's value as Excel shows it, for the formats that people use; ECMA-376, part 1, section 18.8.31.

Formats that Excel shows as the computer's language wants it, which nobody can know, give the date as ``2026-05-03``.
"""

from __future__ import annotations

import datetime
import re

from app.ingest.formats.sheet.months import names_for
from app.ingest.formats.sheet.numbers import number_shown, sections_of, text_shown

_DATE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|_(?:.|$)|\*(?:.|$)'
    r"|(?P<half>AM/PM|A/P)|(?P<part>y+|m+|d+|h+|s+(?:\.0+)?|e+)|(?P<literal>.)",
    re.IGNORECASE | re.DOTALL,
)
_LOCAL = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd h:mm"}
"""The formats 14 and 22, which every language shows in its own way (section 18.8.30)."""

Moment = datetime.datetime | datetime.date | datetime.time

_LONGEST_FORM = 1000
"""Excel allows 255 characters. Longer formats, in broken files, would only take time."""


def shown(value: object, form: str) -> str:
    """The value as text. ``form`` is the cell's number format, as ``#,##0.00 €``."""
    form = form if len(form) <= _LONGEST_FORM else "General"
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return number_shown(value, form)
        case datetime.datetime() | datetime.date() | datetime.time():
            return _date(value, form)
        case datetime.timedelta():
            return _date(value, form) if "[" in form else _elapsed(value)
        case str():
            return text_shown(value, form)
    return str(value)


def _elapsed(value: datetime.timedelta) -> str:
    seconds = round(value.total_seconds())
    return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"


def _date(value: Moment | datetime.timedelta, form: str) -> str:
    section = _LOCAL.get(form, sections_of(form)[0])
    tokens = list(_DATE.finditer(section))
    parts = [match for match in tokens if match["part"] or match["elapsed"]]
    if not parts or "general" in section.casefold():
        return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else str(value)
    if isinstance(value, datetime.timedelta):
        total, moment = value.total_seconds(), datetime.datetime(1899, 12, 31) + value
    else:
        moment, total = _whole(value), _seconds(value)
    half = any(match["half"] for match in tokens)
    months, days = names_for(section)
    words = ""
    for match in tokens:
        if match["half"]:
            words += ("PM" if moment.hour >= 12 else "AM")[: len(match["half"]) // 2]
        elif match["elapsed"]:
            unit = {"h": 3600, "m": 60, "s": 1}[match["elapsed"][0].casefold()]
            words += f"{int(total // unit):0{len(match['elapsed'])}}"
        elif match["part"]:
            at = parts.index(match)
            before = (parts[at - 1]["part"] or parts[at - 1]["elapsed"] or "").casefold() if at else ""
            after = (parts[at + 1]["part"] or "").casefold() if at + 1 < len(parts) else ""
            minute = before[:1] == "h" or after[:1] == "s"
            if not (isinstance(value, datetime.time) and match["part"][0].casefold() in "yd"):
                words += _part(moment, match["part"].casefold(), minute, half, months, days)
        else:
            words += match["quoted"] or match["escaped"] or match["literal"] or ""
    return words.strip()


def _whole(value: Moment) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.time):
        return datetime.datetime.combine(datetime.date(1900, 1, 1), value)
    return datetime.datetime.combine(value, datetime.time())


def _seconds(value: Moment) -> float:
    """Seconds since the beginning of the sheet's calendar."""
    if isinstance(value, datetime.time):
        return value.hour * 3600 + value.minute * 60 + value.second
    return (_whole(value) - datetime.datetime(1899, 12, 30)).total_seconds()


def _part(moment: datetime.datetime, token: str, minute: bool, half: bool, months: list[str], days: list[str]) -> str:
    length = len(token)
    match token[0]:
        case "m" if minute and length < 3:
            return f"{moment.minute:0{length}}"
        case "m" if length > 2:
            name = months[moment.month - 1]
            return name[:1] if length == 5 else name[:3] if length == 3 else name
        case "m":
            return f"{moment.month:0{length}}"
        case "h":
            return f"{(moment.hour - 1) % 12 + 1 if half else moment.hour:0{min(2, length)}}"
        case "s":
            digits = token.partition(".")[2]
            fraction = f"{moment.microsecond:06}"[: len(digits)]
            return f"{moment.second:0{min(2, len(token.partition('.')[0]))}}{'.' if digits else ''}{fraction}"
        case "d" if length > 2:
            name = days[moment.weekday()]
            return name[:3] if length == 3 else name
        case "d":
            return f"{moment.day:0{length}}"
    return f"{moment.year % 100:02}" if length < 3 and token[0] == "y" else f"{moment.year:04}"

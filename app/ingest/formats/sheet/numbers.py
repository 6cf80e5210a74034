"""A number as its format shows it: sections, powers, fractions, masks; ECMA-376, part 1, section 18.8.31."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<when>[<>=]+[-\d.eE+]+)\]|\[[^\]]*\]'
    r"|_(?:.|$)|\*(?:.|$)|(?P<general>General)|(?P<power>[eE][+-])|(?P<sign>[#0?.,%/@])|(?P<literal>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]|["\\\[])*', re.DOTALL)
_CONDITION = re.compile(r"([<>=]+)([-\d.eE+]+)")
_DIGITS = frozenset("#0?")
_MOST_DIGITS = 60


@dataclass(slots=True)
class _Piece:
    """A part of a section: ``kind`` is ``text`` or the sign itself."""

    kind: str
    text: str = ""


def sections_of(form: str) -> list[str]:
    """The sections of a format; a semicolon in quotes does not separate any."""
    parts, at = [], 0
    while at <= len(form):
        match = _SECTION.match(form, at)
        end = match.end() if match is not None else at
        parts.append(form[at:end])
        at = end + 1
    return parts[:4]


def number_shown(value: float, form: str) -> str:
    """The number as text."""
    sections = sections_of(form)
    chosen, own_sign = _chosen(value, sections)
    if not any(sections) or not math.isfinite(value):
        return general(value)  # the format hides it, but the value is there
    pieces, _ = _pieces(chosen)
    if any(piece.kind == "general" for piece in pieces):
        words = "".join(general(abs(value)) if piece.kind == "general" else piece.text for piece in pieces)
        return _signed(words.strip(), value, own_sign)
    if not any(piece.kind in _DIGITS for piece in pieces):
        words = "".join(
            piece.text if piece.kind == "text" else "" if piece.kind == "@" else piece.kind for piece in pieces
        )
        return general(value) if any(piece.kind == "@" for piece in pieces) else words.strip()
    try:
        words = _filled(abs(Decimal(repr(value))), pieces)
    except ArithmeticError:  # too large or too long for the decimal context
        return general(value)
    return _signed(words, value, own_sign)


def text_shown(value: str, form: str) -> str:
    """Text as its format shows it: in the fourth section, or in one with a place for it."""
    sections = sections_of(form)
    section = sections[3] if len(sections) == 4 else sections[0] if "@" in sections[0] else "@"
    pieces, _ = _pieces(section)
    if not any(piece.kind == "@" for piece in pieces):
        return value
    return "".join(value if piece.kind == "@" else piece.text for piece in pieces).strip() or value


def general(value: float) -> str:
    """A number without a format."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _signed(words: str, value: float, own_sign: bool) -> str:
    """With a minus where the section does not show one, but not before what rounds to zero."""
    return f"-{words}" if value < 0 and not own_sign and re.search("[1-9]", words) else words


def _chosen(value: float, sections: list[str]) -> tuple[str, bool]:
    """The section for a value, and whether it shows the sign itself."""
    conditions = [_pieces(section)[1] for section in sections[:2]]
    if any(conditions):
        for number, condition in enumerate(conditions):
            if condition and _meets(value, condition):
                return sections[number], "<" in condition and value < 0
        rest = next((at for at, condition in enumerate(conditions) if not condition), 2)
        return (sections[rest] if rest < len(sections) else "General"), False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _meets(value: float, condition: str) -> bool:
    match = _CONDITION.fullmatch(condition)
    try:
        bound = float(match[2]) if match is not None else 0.0
    except ValueError:
        return False
    compared = {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
    return (compared | {"=": value == bound, "<>": value != bound}).get(match[1] if match is not None else "", False)


def _pieces(section: str) -> tuple[list[_Piece], str]:
    """A section's parts, and its condition where it has one."""
    pieces, condition = [], ""
    for match in _TOKEN.finditer(section):
        found = match.groupdict()
        if found["when"]:
            condition = found["when"]
        elif found["general"]:
            pieces.append(_Piece("general"))
        elif found["power"]:
            pieces.append(_Piece("E", found["power"]))
        elif found["sign"]:
            pieces.append(_Piece(found["sign"]))
        else:
            words = found["quoted"] or found["escaped"] or found["currency"] or found["literal"] or ""
            if words:
                pieces.append(_Piece("text", words))
    return pieces, condition


def _filled(value: Decimal, pieces: list[_Piece]) -> str:
    kinds = [piece.kind for piece in pieces]
    if "/" in kinds and any(kind in _DIGITS for kind in kinds[: kinds.index("/")]):
        return _fraction(value, pieces)
    power = kinds.index("E") if "E" in kinds else len(kinds)
    point = kinds.index(".") if "." in kinds[:power] else power
    whole = [at for at in range(point) if kinds[at] in _DIGITS]
    places = [at for at in range(point, power) if kinds[at] in _DIGITS][:_MOST_DIGITS]
    last = max((*whole, *places), default=0)
    scaled = sum(kind == "," for kind in kinds[last:point] + kinds[max(last, point) : power])
    grouped = any(kinds[at] == "," for at in range(whole[0], whole[-1])) if whole else False
    value = value * 100 ** kinds.count("%") / Decimal(1000) ** scaled
    shown: dict[int, str] = {}
    if power < len(kinds):
        value, exponent = _scientific(value, len(whole), len(places))
        digits = [at for at in range(power, len(kinds)) if kinds[at] in _DIGITS]
        sign = "-" if exponent < 0 else "+" if pieces[power].text[1] == "+" else ""
        shown[power] = f"{pieces[power].text[0].upper()}{sign}"
        _fill(shown, digits, str(abs(exponent)), kinds)
    rounded = value.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    before, _, after = f"{rounded:f}".partition(".")
    _fill(shown, whole, before if before != "0" or not whole else "", kinds, "," if grouped else "")
    _fill_after(shown, places, after, kinds)
    if not whole and before != "0":
        shown[point] = f"{before}."
    return _joined(pieces, shown)


def _joined(pieces: list[_Piece], shown: dict[int, str]) -> str:
    words = ""
    for at, piece in enumerate(pieces):
        if at in shown:
            words += shown[at]
        elif piece.kind in (".", "%"):
            words += piece.kind
        elif piece.kind == "text":
            words += piece.text
    return words.strip()


def _fill(shown: dict[int, str], places: list[int], digits: str, kinds: list[str], separator: str = "") -> None:
    """Digits from right to left; those left over go to the first place."""
    count = 0
    for number, at in enumerate(reversed(places)):
        last = number == len(places) - 1
        taken, digits = (digits, "") if last else (digits[-1:], digits[:-1])
        taken = taken or {"0": "0", "?": " "}.get(kinds[at], "")
        made = ""
        for digit in reversed(taken):
            made = digit + (separator if count and count % 3 == 0 and digit != " " else "") + made
            count += 1
        shown[at] = made


def _fill_after(shown: dict[int, str], places: list[int], digits: str, kinds: list[str]) -> None:
    """Digits after the point: trailing zeros only where the format asks for them."""
    kept = len(digits.rstrip("0"))
    for number, at in enumerate(places):
        keep = number < kept or any(kinds[later] == "0" for later in places[number:])
        shown[at] = digits[number] if keep else " " if kinds[at] == "?" else ""


def _scientific(value: Decimal, whole: int, places: int) -> tuple[Decimal, int]:
    """Mantissa and exponent; the exponent is a multiple of the number of digits before the point."""
    step = max(1, whole)
    exponent = value.adjusted() if value else 0
    exponent -= exponent % step if step > 1 else 0
    mantissa = value.scaleb(-exponent)
    if mantissa.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) >= Decimal(10) ** step:
        return mantissa.scaleb(-step), exponent + step
    return mantissa, exponent


def _fraction(value: Decimal, pieces: list[_Piece]) -> str:
    """``2 1/2``, ``5/2``, ``3 4/8``: the whole number comes first where the format has a place for it."""
    kinds = [piece.kind for piece in pieces]
    slash = kinds.index("/")
    above = slash - 1
    while above > 0 and kinds[above - 1] in _DIGITS:
        above -= 1
    below = "".join(piece.text if piece.kind == "text" else piece.kind for piece in pieces[slash + 1 :]).strip()
    fixed = re.match(r"\d+", below.replace("#", "").replace("?", ""))
    apart = any(kind in _DIGITS for kind in kinds[:above])
    whole = int(value) if apart else 0
    rest = Fraction(value) - whole
    if fixed is not None and int(fixed[0]):
        bottom = int(fixed[0])
        top = int(rest * bottom + Fraction(1, 2))
    else:
        near = rest.limit_denominator(10 ** min(4, max(1, sum(sign in "#?0" for sign in below))) - 1)
        top, bottom = near.numerator, near.denominator
    if apart and top == bottom:
        whole, top = whole + 1, 0
    if apart and not top:
        return str(whole)
    return f"{whole} {top}/{bottom}" if whole else f"{top}/{bottom}"

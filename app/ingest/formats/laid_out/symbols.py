"""Characters of the symbol fonts that documents use: Greek letters and operators, ticks, boxes and arrows.

Their codes mean nothing without the font: Symbol has its own encoding (Adobe's, as PDF 32000-1, annex D.6 has
it); of Wingdings the signs are taken that carry a meaning.
"""

from __future__ import annotations

import re

_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\u203eαβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\ufffd〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
_SYMBOL = {0x20 + at: sign for at, sign in enumerate(_LOW)} | {0xA0 + at: sign for at, sign in enumerate(_HIGH)}
_WINGDINGS = {
    **{0xFC: "✓", 0xFB: "✗", 0xFE: "☑", 0xFD: "☒", 0xA8: "☐", 0x6F: "☐", 0x71: "☐", 0x72: "☐", 0x78: "☒"},
    **{0xE0: "→", 0xDF: "←", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xD8: "➢", 0x4A: "☺", 0x4C: "☹"},
    **{0xB7: "•", 0x6C: "●", 0x6E: "■", 0xA7: "▪", 0x9F: "•", 0x76: "❖", 0x28: "☎", 0x2A: "✉"},
}
_WINGDINGS_2 = {0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x51: "☒", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x2A: "☐", 0x97: "•"}
_PRIVATE = re.compile("[\uf020-\uf0ff]")


def symbol(code: str, font: str) -> str:
    """The character with this hexadecimal code; empty where there is none."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    table = _table(font)
    if table is None:
        return chr(number) if 0x20 <= number < 0xD800 else ""
    return table.get(number & 0xFF, "")


def in_symbols(text: str, font: str) -> str:
    """Text whose symbol-font characters have codes in the private use area, as Word writes them."""
    table = _table(font)
    if table is None:
        return text
    return _PRIVATE.sub(lambda match: table.get(ord(match[0]) & 0xFF, match[0]), text)


def _table(font: str) -> dict[int, str] | None:
    name = font.strip().casefold()
    if name.startswith("symbol"):
        return _SYMBOL
    if name.startswith("wingdings"):
        return _WINGDINGS_2 if name.endswith("2") else _WINGDINGS
    return None

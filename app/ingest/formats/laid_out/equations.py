"""An equation on one line, as people type it: ``(a+b)/2``, ``x²``, ``√(x)``, ``∑_(i=1)^n i``.

Office Math Markup (ECMA-376, part 1, section 22.1) and MathML, as OpenDocument and web pages have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_DEEPEST = 40
_RAISED = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_MATHML = frozenset(
    (
        *("mi", "mn", "mo", "ms", "mtext", "mfrac", "msup", "msub", "msubsup", "msqrt", "mroot"),
        *("munder", "mover", "munderover", "mfenced", "mtable", "mtr"),
    )
)
_NOT_SHOWN = frozenset(("annotation", "annotation-xml", "mphantom"))
_ROOTS = {"3": "∛", "4": "∜"}


def linear(node: Any, depth: int = 0) -> str:
    """The words and signs of an element with everything in it."""
    line = ""
    for child in node:
        piece = _one(child, depth) if isinstance(child.tag, str) else ""
        apart = line[-1:].isalnum() and piece[:1].isalnum() and re.search(r"[_^][^\W_]+$|/[^\W_]+$", line)
        line += f" {piece}" if apart else piece
    return line


def _one(node: Any, depth: int) -> str:
    """One element; those that only wrap others are looked through."""
    name = node.tag.rpartition("}")[2]
    if name.endswith("Pr") or name in _NOT_SHOWN or depth > _DEEPEST:
        return ""
    if name in _MATHML:
        return _mathml(node, name, depth)
    if name == "t":
        return node.text or ""

    def part(which: str) -> str:
        found = _child(node, which)
        return linear(found, depth + 1) if found is not None else ""

    match name:
        case "f":
            above, below = part("num"), part("den")
            return f"({above} {below})" if _value(node, "type") == "noBar" else f"{_grouped(above)}/{_grouped(below)}"
        case "sSup":
            return _base(part("e")) + _script(part("sup"), _RAISED, "^")
        case "sSub":
            return _base(part("e")) + _script(part("sub"), _LOWERED, "_")
        case "sSubSup":
            return _base(part("e")) + _script(part("sub"), _LOWERED, "_") + _script(part("sup"), _RAISED, "^")
        case "sPre":
            return _script(part("sub"), _LOWERED, "_") + _script(part("sup"), _RAISED, "^") + part("e")
        case "rad":
            degree = part("deg").strip()
            root = _ROOTS.get(degree, "√" if degree in ("", "2") else f"{_script(degree, _RAISED, '^')}√")
            return f"{root}({part('e')})"
        case "nary":
            sign = _value(node, "chr", "∫")
            return f"{sign}{_limit(part('sub'), '_')}{_limit(part('sup'), '^')} {part('e')}"
        case "d":
            inner = _value(node, "sepChr", "|").join(_each(node, "e", depth))
            first, last = _value(node, "begChr", "("), _value(node, "endChr", ")")
            return inner if (first, last) == ("(", ")") and _in_brackets(inner) else f"{first}{inner}{last}"
        case "func":
            argument = part("e")
            return f"{part('fName')} {argument}" if not argument.startswith("(") else f"{part('fName')}{argument}"
        case "limLow" | "limUpp":
            return part("e") + _limit(part("lim"), "_" if name == "limLow" else "^")
        case "acc":
            return part("e") + (_value(node, "chr", "\u0302") if len(part("e")) == 1 else "")
        case "eqArr":
            return "; ".join(_each(node, "e", depth))
        case "m":
            rows = [", ".join(_each(row, "e", depth)) for row in node if row.tag.rpartition("}")[2] == "mr"]
            return "; ".join(rows)
    return linear(node, depth + 1)


def _mathml(node: Any, name: str, depth: int) -> str:
    """An element of MathML 3, section 3, whose parts are known by their order."""
    if name in ("mi", "mn", "mo", "ms", "mtext"):
        return " ".join("".join(node.itertext()).split())
    parts = [_one(child, depth + 1) for child in node if isinstance(child.tag, str)]
    first, second, third = (*parts, "", "", "")[:3]
    match name:
        case "mfrac":
            return f"{_grouped(first)}/{_grouped(second)}"
        case "msup":
            return _base(first) + _script(second, _RAISED, "^")
        case "msub":
            return _base(first) + _script(second, _LOWERED, "_")
        case "msubsup":
            return _base(first) + _script(second, _LOWERED, "_") + _script(third, _RAISED, "^")
        case "msqrt":
            return f"√({linear(node, depth + 1)})"
        case "mroot":
            return f"{_ROOTS.get(second.strip(), _script(second, _RAISED, '^') + '√')}({first})"
        case "munder" | "mover" | "munderover":
            accent = name == "mover" and len(second) == 1 and not second.isalnum()
            below, above = (second, third) if name != "mover" else ("", "" if accent else second)
            return first + _limit(below, "_") + _limit(above, "^")
        case "mfenced":
            between = (node.get("separators", ",").strip() or " ")[:1]
            return f"{node.get('open', '(')}{between.join(parts)}{node.get('close', ')')}"
        case "mtable":
            return "; ".join(parts)
        case "mtr":
            return ", ".join(parts)
    return linear(node, depth + 1)


def _each(node: Any, name: str, depth: int) -> Iterator[str]:
    for child in node:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name:
            yield linear(child, depth + 1)


def _child(node: Any, name: str) -> Any:
    return next((one for one in node if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name), None)


def _value(node: Any, name: str, otherwise: str = "") -> str:
    """The property ``name`` of the element; one without a value means that nothing is shown."""
    for properties in node:
        if isinstance(properties.tag, str) and properties.tag.rpartition("}")[2].endswith("Pr"):
            found = _child(properties, name)
            if found is not None:
                return next((value for key, value in found.attrib.items() if key.rpartition("}")[2] == "val"), "")
    return otherwise


def _grouped(text: str) -> str:
    """In brackets where it is more than one number or name."""
    text = text.strip()
    plain = text.replace(".", "").replace(",", "").isalnum() or len(text) == 1
    return text if plain or _in_brackets(text) else f"({text})"


def _base(text: str) -> str:
    """The base of a sub- or superscript: a quotient, a sum or a product goes in brackets."""
    return text if len(text) < 2 or re.search(r"[-+*/=\s]", text) is None else _grouped(text)


def _in_brackets(text: str) -> bool:
    """Whether one pair of brackets is around all of it."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return letter == ")" and at == len(text) - 1
    return False


def _script(text: str, signs: dict[str, str], mark: str) -> str:
    """A sub- or superscript, in Unicode's own characters where there is one for each."""
    text = text.strip()
    if text and all(letter in signs for letter in text):
        return "".join(signs[letter] for letter in text)
    return _limit(text, mark)


def _limit(text: str, mark: str) -> str:
    return f"{mark}{_grouped(text)}" if text.strip() else ""

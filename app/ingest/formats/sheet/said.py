"""What is said of a sheet above its cells: what is merged or hidden in it, and what stands in its margins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from openpyxl.utils import get_column_letter

_CODES = re.compile(r'&\[[^\]]*\]|&"[^"]*"|&K[0-9A-F]{6}|&\d+|&[A-Z]', re.IGNORECASE)
_MOST = 30
_LONGEST = 4000


def merged(ranges: list[str]) -> Iterator[str]:
    """``ranges`` as ``A1:B2``."""
    if ranges:
        more = f" and {len(ranges) - _MOST} more" if len(ranges) > _MOST else ""
        yield f"Merged cells: {', '.join(sorted(ranges)[:_MOST])}{more}"


def margins(parts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Headers and footers as they are stored, without page numbers and the like; the same one once."""
    seen = set()
    for kind, part in parts:
        words = " ".join(_CODES.sub(" ", part).replace("&&", "&").split())
        if re.search(r"\w", words) and (kind, words) not in seen:
            seen.add((kind, words))
            yield f"{kind}: {words[:_LONGEST]}"


def hidden(rows: Iterable[int], columns: Iterable[int]) -> Iterator[str]:
    """Rows and columns with something in them that the program does not show."""
    for noun, numbers, name in (("rows", rows, str), ("columns", columns, get_column_letter)):
        if found := sorted(set(numbers)):
            yield f"Hidden {noun}: {_runs(found, name)}"


def _runs(numbers: list[int], name: Callable[[int], str]) -> str:
    """``4, 6–9``: at most ``_MOST`` of them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    more = f" and {len(runs) - _MOST} more" if len(runs) > _MOST else ""
    return ", ".join(name(a) if a == b else f"{name(a)}–{name(b)}" for a, b in runs[:_MOST]) + more

"""Words for a person, in the language that was chosen. No Qt here: the window installs a translator at its start.

Every sentence that a person may see is written in English in its place, as a literal: ``tr("Add files…")``,
``tr("Page {number}", number=3)``, ``tr_n("{n} page", "{n} pages", n)``. A test reads the literals out of the source
and holds them against the translation that ships.
"""

from __future__ import annotations

from collections.abc import Callable

Translate = Callable[[str], str]


class _Catalogue:
    """The translator in use; English needs none."""

    translate: Translate = staticmethod(lambda text: text)


def install(translate: Translate | None) -> None:
    """Use ``translate`` from now on; ``None`` goes back to English."""
    _Catalogue.translate = staticmethod(translate or (lambda text: text))


def tr(text: str, /, **values: object) -> str:
    """``text`` in the person's language, with ``{name}`` replaced by the values."""
    found = _Catalogue.translate(text)
    return found.format(**values) if values else found


def tr_n(one: str, many: str, n: int, /, **values: object) -> str:
    """The form for ``n`` things; ``{n}`` in it becomes the number with separators."""
    found = _Catalogue.translate(one if n == 1 else many)
    return found.format(n=f"{n:,}", **values)

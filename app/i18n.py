"""Translation of user-visible text. No Qt here: the window installs a translator when it starts.

Texts are written in English where they are used, as literals: ``tr("Add files…")``, ``tr("Page {number}", number=3)``,
``tr_n("{n} page", "{n} pages", n)``. A ``Message`` was made elsewhere, in the reading process or the engine, and is
translated where it is shown: ``translated(error.message)``. A test holds the literals against the translations.
"""

from __future__ import annotations

from collections.abc import Callable

from model.messages import Message

Translate = Callable[[str, int | None], str]
"""The translation of an English text, in the form for that many things where it has plural forms; else empty."""


class _Catalogue:
    """The translator in use; English needs none."""

    translate: Translate = staticmethod(lambda text, n: "")
    separators: dict[int, int] = {}  # noqa: RUF012 (replaced whole, never changed)
    language: str = "English"


def install(translate: Translate | None, separators: str = ",.", language: str = "English") -> None:
    """Use ``translate`` from now on; ``None`` goes back to English.

    ``separators`` are the characters between thousands and before decimals; ``language`` is its
    English name.
    """
    _Catalogue.separators = str.maketrans(",.", separators)
    _Catalogue.translate = staticmethod(translate or (lambda text, n: ""))
    _Catalogue.language = language


def tr(text: str, /, **values: object) -> str:
    """``text`` in the user's language, with ``{name}`` replaced by the values; messages among them are translated."""
    found = _Catalogue.translate(text, None) or text
    return found.format(**_told(values)) if values else found


def tr_n(one: str, many: str, n: int, /, **values: object) -> str:
    """The form for ``n`` things; ``{n}`` in it becomes the number with separators.

    Translators see ``many`` and give as many forms as their language has.
    """
    found = _Catalogue.translate(many, n) or (one if n == 1 else many)
    return found.format(n=number(n), **_told(values))


def _told(values: dict[str, object]) -> dict[str, object]:
    return {name: translated(value) if isinstance(value, Message) else value for name, value in values.items()}


def translated(message: Message) -> str:
    """A message in the user's language; in English where there is no translation."""
    return message.written(
        lambda one: _Catalogue.translate(one.template, one.count) or one.english,
        lambda value: number(value, 0 if value == int(value) else 1),
    )


def language() -> str:
    """The English name of the user's language, for a model that is to write in it."""
    return _Catalogue.language


def number(value: float, digits: int = 0) -> str:
    """A number as it is written in the user's language."""
    return f"{value:,.{digits}f}".translate(_Catalogue.separators)

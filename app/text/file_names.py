"""Names from elsewhere as file names that every system takes. No Qt, no state."""

from __future__ import annotations

import re
import unicodedata

MOST = 120
"""Characters of a name that is made; folders and endings need some of the 255 bytes that systems allow."""

_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def fit_stem(title: str, otherwise: str) -> str:
    """A title as the first part of a file name; ``otherwise`` where nothing of it can be used."""
    return _UNFIT.sub("-", title).strip(" .-")[:100] or otherwise


def fit_name(name: str, otherwise: str) -> str:
    """A name that a stranger chose, as one of a plain file: without folders, and with nothing that is not shown.

    Marks that turn the direction of writing go: ``gpj.exe`` must not look like ``exe.jpg``.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    fit = _UNFIT.sub("-", " ".join(shown.split())).strip(" .-")
    if not fit:
        return otherwise
    if _DEVICES.match(fit):
        fit = f"_{fit}"
    stem, dot, suffix = fit.rpartition(".")
    if not dot or len(suffix) > 12:
        return _cut(fit, MOST)
    return f"{_cut(stem, MOST - len(suffix) - 1)}.{suffix}"


def _cut(text: str, most: int) -> str:
    """At most ``most`` characters and as many UTF-8 bytes as fit into a file name with them."""
    text = text[:most]
    while len(text.encode()) > 200:
        text = text[:-1]
    return text

"""The messages that the program can give, by code: what comes from another process is checked against them."""

from __future__ import annotations

import json
from functools import cache

from app import paths


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """For each code the English template, and the one for one thing where it counts things; else an empty text.

    The file is made by ``packaging/translate.py`` from the literals in the source.
    """
    listed = json.loads(paths.resource("translations", "messages.json").read_text(encoding="utf-8"))
    return {code: (template, singular) for code, (template, singular) in listed.items()}

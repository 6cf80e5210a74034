"""Which build this is: a built folder carries ``resources/build.json``; a checkout has none and says so."""

from __future__ import annotations

import json
from typing import Any

from app import __version__, paths


def build_words() -> str:
    """``0.1.0, build 1a2b3c4d5e6f of 2026-11-21`` in a built folder, else the version alone."""
    info = _read()
    if not info:
        return __version__
    return f"{__version__}, build {info['build']} of {info['date'][:10]}"


def _read() -> dict[str, Any]:
    try:
        info = json.loads(paths.resource("build.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return info if isinstance(info, dict) and {"build", "date"} <= info.keys() else {}

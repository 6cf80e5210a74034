"""The languages in which text is read from pictures: Tesseract's files, those that ship and those of the user."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app import paths

SUFFIX = ".traineddata"
MAX_LANGUAGES = 12
"""More would make the choice among them slower than the reading."""

_MAX_LANGUAGE_BYTES = 64 * 1024 * 1024


def language_folders(own: Path | None = None) -> list[Path]:
    """Where language files are: those that ship with Lectern, and the user's (``own``, or the usual folder)."""
    return [paths.resource("ocr"), own or paths.languages_dir()]


def language_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Each language's file by name; what the first folders hold comes first, and a later file replaces an earlier."""
    found: dict[str, Path] = {}
    for folder in folders:
        try:
            files = sorted(folder.glob(f"*{SUFFIX}"))
        except OSError:
            continue
        for file in files:
            name = file.name.removesuffix(SUFFIX)
            if name != "osd" and file.is_file() and file.stat().st_size <= _MAX_LANGUAGE_BYTES:
                found[name] = file
    usual = sorted(found, key=lambda name: name != "eng")
    return {name: found[name] for name in usual[:MAX_LANGUAGES]}

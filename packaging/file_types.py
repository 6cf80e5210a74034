"""The files that "Open with" offers Lectern for, on each system, out of the registry of kinds.

    python packaging/file_types.py    write them into linux/lectern.desktop and windows/lectern.iss

macOS's are put into the bundle by ``lectern.spec``. A test fails while a file is behind the registry.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from app.ingest.kinds import KINDS  # noqa: E402 (started as a script, its own folder is all that is searched)

DESKTOP = HERE / "linux" / "lectern.desktop"
INSTALLER = HERE / "windows" / "lectern.iss"

Types = list[tuple[str, list[str]]]


def offered_mimes() -> list[str]:
    """Every MIME type, kind by kind."""
    return list(dict.fromkeys(mime for kind in KINDS.values() for one in kind.formats for mime in one.mime))


def offered_suffixes() -> list[str]:
    """Every ending of a name, kind by kind; none that belongs to other files too."""
    return [suffix for kind in KINDS.values() for one in kind.formats if one.mime for suffix in one.suffixes]


def document_types() -> Types:
    """For macOS: the kind's name and its uniform type identifiers."""
    found = ((kind.noun, dict.fromkeys(uti for one in kind.formats for uti in one.uti)) for kind in KINDS.values())
    return [(noun, list(types)) for noun, types in found if types]


def desktop(text: str) -> str:
    """A desktop entry with the registry's types."""
    return re.sub(r"^MimeType=.*$", f"MimeType={';'.join(offered_mimes())};", text, flags=re.MULTILINE)


def installer(text: str) -> str:
    """An Inno Setup script with the registry's endings."""
    lines = "".join(f'#emit Type("{suffix}")\n' for suffix in offered_suffixes())
    return re.sub(r'(?:^#emit Type\("[^"]*"\)\n)+', lines, text, flags=re.MULTILINE)


def main() -> None:
    """Write the two files that register file types on Linux."""
    DESKTOP.write_text(desktop(DESKTOP.read_text(encoding="utf-8")), encoding="utf-8")
    INSTALLER.write_text(installer(INSTALLER.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

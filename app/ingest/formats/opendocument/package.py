"""An OpenDocument file's parts, opened with care: bounded, without entities, and refused where they are encrypted."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from app.ingest.formats.laid_out.archive import MAX_XML, check_archive
from app.ingest.formats.laid_out.content import picture
from model.errors import IngestError
from model.messages import msg

_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
    "chart": "urn:oasis:names:tc:opendocument:xmlns:chart:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
}
_MOST_PICTURE = 8 << 20
DAMAGED = msg(
    "opendocument.damaged", "The OpenDocument file is damaged and cannot be read; try to get it again from its source."
)


def qn(name: str) -> str:
    """``text:p`` as the parser names it."""
    prefix, _, local = name.partition(":")
    return f"{{{_NAMES[prefix]}}}{local}"


class Package:
    """An open file. Raises ``IngestError`` where it should not be opened."""

    def __init__(self, path: Path) -> None:
        check_archive(path)
        self._archive = zipfile.ZipFile(path)
        if b"encryption-data" in self._read("META-INF/manifest.xml", 4 << 20):
            raise IngestError(
                msg("file.locked", "The file is protected by a password; save it without one and read that.")
            )
        self.content = self._root("content.xml")
        if self.content is None:
            raise IngestError(DAMAGED)
        self.styles = self._root("styles.xml")
        self.undrawn = 0

    def picture(self, address: str, width: float = 500.0, height: float = 640.0) -> str:
        """A picture in the file, as HTML; nothing for one that is elsewhere."""
        data = self._read(address.removeprefix("./"), _MOST_PICTURE) if "://" not in address else b""
        shown = picture(data, width, height) if data else ""
        self.undrawn += bool(data) and not shown
        return shown

    def inner(self, address: str) -> Any:
        """The root of an object's content: a chart, an equation, a table. ``None`` where it has none."""
        folder = address.removeprefix("./").strip("/")
        return self._root(f"{folder}/content.xml") if folder and ".." not in folder else None

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def _read(self, name: str, most: int) -> bytes:
        try:
            if self._archive.getinfo(name).file_size > most:
                return b""
            return self._archive.read(name)
        except KeyError:
            return b""

    def _root(self, name: str) -> Any:
        data = self._read(name, MAX_XML)
        if not data:
            return None
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))

"""Changes to files that are zip archives, for tests: parts with other contents, and parts that are added."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path


def changed(
    path: Path,
    change: Callable[[str, bytes], bytes] = lambda _name, data: data,
    added: Mapping[str, bytes] | None = None,
    rename: Callable[[str], str] = lambda name: name,
) -> Path:
    """The archive at ``path``, written anew: ``change`` gives each part's contents, ``rename`` its name."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            copy.writestr(rename(name), change(name, archive.read(name)))
        for name, data in (added or {}).items():
            copy.writestr(name, data)
    path.write_bytes(made.getvalue())
    return path


def relations(*targets: tuple[str, str, str]) -> bytes:
    """A part with relations: name, kind and target of each."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    inner = "".join(f'<Relationship Id="{name}" Type="{base}/{kind}" Target="{to}"/>' for name, kind, to in targets)
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0"?><Relationships xmlns="{package}">{inner}</Relationships>'.encode()


def more_relations(data: bytes, *targets: tuple[str, str, str]) -> bytes:
    """A part with relations, and some more of them."""
    inner = relations(*targets).decode()
    begin = inner.index("<Relationship ")
    return data.replace(b"</Relationships>", inner[begin:].encode())


def native_object(name: str, data: bytes) -> bytes:
    """The stream in which an object of another program keeps its file ([MS-OLEDS], section 2.3.6)."""
    label = name.encode("cp1252") + b"\0"
    inner = b"\2\0" + label + label + b"\0\0\3\0" + struct.pack("<I", len(label)) + label
    inner += struct.pack("<I", len(data)) + data
    return struct.pack("<I", len(inner)) + inner

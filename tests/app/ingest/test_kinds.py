"""A file is what its first bytes say; everything else gets a sentence that helps."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from app import paths
from app.ingest.filekind import Form, imported
from app.ingest.kinds import FORMATS, KINDS, SUFFIXES, check_file, form_of, kind_by_name, sniff
from model.errors import IngestError


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"%PDF-1.7\n", Form("pdf", "pdf")),
        (b"junk before\n" * 20 + b"%PDF-1.4", Form("pdf", "pdf")),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Form("image", "PNG")),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Form("image", "HEIF")),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Form("image", "HEIF")),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", Form("image", "AVIF")),
        (b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1", Form("image", "AVIF")),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Form("image", "JPEG")),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Form("image", "WEBP")),
        (b"GIF89a\1\0\1\0", Form("image", "GIF")),
        (b"BM" + bytes(12) + b"\x28\0\0\0", Form("image", "BMP")),
        (b"II*\0\x08\0\0\0", Form("image", "TIFF")),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41", Form("video", "mov")),
        (b"\0\0\0\x08wide\0\0\0\0mdat", Form("video", "mov")),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", Form("video", "matroska")),
        (b"RIFF\x10\0\0\0AVI LIST", Form("video", "avi")),
        ((b"G" + bytes(187)) * 3, Form("video", "mpegts")),
        (b"ID3\x04\0", Form("recording", "mp3")),
        ((b"\xff\xfb\x90\0" + bytes(413)) * 2, Form("recording", "mp3")),
        (b"RIFF\x10\0\0\0WAVEfmt ", Form("recording", "wav")),
        (b"OggS\0\2", Form("recording", "ogg")),
        (b"\0\0\0\x20ftypM4A \0\0\2\0", Form("recording", "mov")),
        (b"FORM\0\0\1\0AIFFCOMM", Form("recording", "aiff")),
    ],
)
def test_known_kinds(head: bytes, form: Form) -> None:
    assert form_of(head) == form


def test_a_name_suggests_a_kind_and_a_file_is_what_it_holds(tmp_path: Path) -> None:
    named = {"a.PDF": "pdf", "b.jfif": "image", "c.WMV": "video", "d.ts": "video", "contract": "pdf"}
    assert {name: kind_by_name(Path(name)) for name in named} == named
    path = tmp_path / "picture.pdf"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert sniff(path) == Form("image", "PNG")


def test_the_table_of_formats_is_without_doubles() -> None:
    endings = [suffix for one in FORMATS for suffix in one.suffixes + one.shared]
    assert len(set(endings)) == len(endings) and set(endings) == SUFFIXES
    assert len({one.form for one in FORMATS}) == len(FORMATS)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in endings)


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b'<?xml version="1.0"?>\n<svg xmlns="x">', "SVG"),
        (b"PK\x03\x04\x14\0", "archive"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://127.0.0.1/x.ts", "playlist"),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96", "never opens"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "kind of file cannot be read"),
        (b"BM\x01", "kind of file cannot be read"),
        (b"some words\0", "kind of file cannot be read"),
    ],
)
def test_what_cannot_be_read_says_what_it_is(head: bytes, word: str) -> None:
    with pytest.raises(IngestError) as caught:
        form_of(head)
    message = str(caught.value)
    assert word in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1250"])
def test_text_is_text_in_every_encoding_and_its_name_says_of_what_sort(encoding: str) -> None:
    head = "Žluťoučký kůň\r\n\tpěl.\n".encode(encoding)
    assert form_of(head) == form_of(head, ".xyz") == Form("text", "plain")
    assert form_of(head, ".md") == Form("text", "markdown") and form_of(head, ".py") == Form("text", "code")
    assert form_of(head, ".png") == Form("text", "plain")


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may open anything, so the refusal is made here."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(IngestError, match="do not have permission"):
        sniff(path)
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(IngestError, match="do not have permission"):
        check_file(path)


def test_a_file_beyond_the_limit_names_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7" + bytes(3 << 20))
    monkeypatch.setitem(KINDS, "pdf", replace(KINDS["pdf"], most_bytes=2 << 20))
    with pytest.raises(IngestError, match="limit of 2 MB"):
        sniff(path)


def test_the_registry_names_only_what_there_is() -> None:
    for name, kind in KINDS.items():
        assert kind.name == name and str(kind.title) and kind.noun and kind.most_bytes > 0
        assert paths.resource("icons", f"{kind.icon}.svg").is_file()
        assert all(one.form.kind == name for one in kind.formats)
        assert all(callable(imported(where)) for where in kind.named)
        assert bool(kind.shown) != kind.timed and kind.timed == (kind.view in ("player", "sound"))


def test_the_registry_loads_no_parser_and_no_window() -> None:
    code = (
        "import sys, app.ingest.kinds; "
        "print([name for name in ('pymupdf', 'PIL', 'av', 'numpy', 'PySide6', 'torch') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_zip64_archive_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a.xps"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("FixedDocSeq.fdseq", "<x/>")
    data = path.read_bytes()
    end = data.rindex(b"PK\x05\x06")
    length, start = struct.unpack_from("<II", data, end + 12)
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, length, start)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    last = data[end : end + 12] + struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + data[end + 20 :]
    path.write_bytes(data[:end] + record + locator + last)
    assert sniff(path).kind == "xps"
    path.write_bytes(data[:end] + locator + last)
    with pytest.raises(IngestError, match="damaged or incomplete"):
        sniff(path)

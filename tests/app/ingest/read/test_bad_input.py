"""Whatever is dropped, the answer is one clear sentence, and the next file still reads."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest
from PIL import Image

from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions
from model.errors import IngestError
from tests.files import samples


def refusal(reader: Reader, path: Path) -> str:
    """The sentence; it must be one, and name no internals."""
    with pytest.raises(IngestError) as caught:
        reader.read(path)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 250
    for internal in ("Traceback", "Error", "fz_", "0x", str(path)):
        assert internal not in message
    return message


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_encrypted(reader: Reader, tmp_path: Path) -> None:
    assert "password" in refusal(reader, samples.encrypted_pdf(tmp_path / "a.pdf"))


def test_zero_bytes(reader: Reader, tmp_path: Path) -> None:
    assert "0 bytes" in refusal(reader, write(tmp_path / "a.pdf", b""))


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n" + b"\xff\x00garbage" * 500])
def test_a_pdf_with_nothing_in_it(reader: Reader, tmp_path: Path, data: bytes) -> None:
    assert "damaged" in refusal(reader, write(tmp_path / "a.pdf", data))


def test_a_pdf_with_an_impossible_number_of_pages(reader: Reader, tmp_path: Path) -> None:
    data = samples.text_pdf(tmp_path / "whole.pdf", pages=2).read_bytes()
    changed = data.replace(b"/Count 2", b"/Count 9999999999")
    assert changed != data and "no pages" in refusal(reader, write(tmp_path / "a.pdf", changed))


def test_a_truncated_pdf_is_read_as_far_as_it_goes_and_says_so(reader: Reader, tmp_path: Path) -> None:
    whole = samples.text_pdf(tmp_path / "whole.pdf", pages=5)
    document = reader.read(samples.truncated(tmp_path / "cut.pdf", whole))
    assert any("repaired" in str(note.why) for note in document.skipped)
    assert document.pages[0].text.startswith("Page 1 of 5")
    assert "missing" in str(document.pages[-1].reason)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp", "tiff", "bmp"])
def test_truncated_pictures(reader: Reader, tmp_path: Path, suffix: str) -> None:
    whole = samples.image_file(tmp_path / f"whole.{suffix}")
    cut = samples.truncated(tmp_path / f"cut.{suffix}", whole, 0.5)
    if suffix in ("png", "jpg", "bmp"):  # their pixels come from top to bottom: what is there is shown
        document = reader.read(cut)
        assert document.pages[0].picture is not None
        assert any("is incomplete" in str(one.why) for one in document.skipped)
    else:
        assert "damaged" in refusal(reader, cut)


def test_truncated_clips(reader: Reader, tmp_path: Path) -> None:
    whole = samples.clip(tmp_path / "whole.mp4")
    assert "damaged" in refusal(reader, samples.truncated(tmp_path / "cut.mp4", whole))
    whole = samples.clip(tmp_path / "whole.mkv")
    document = reader.read(samples.truncated(tmp_path / "cut.mkv", whole))
    assert 2 <= len(document.frames) < 6


def test_a_wrong_extension_does_not_matter(reader: Reader, tmp_path: Path) -> None:
    assert reader.read(samples.text_pdf(tmp_path / "letter.mp4")).kind == "pdf"
    png = write(tmp_path / "photo.pdf", samples.png_bytes(samples.page_image()))
    assert reader.read(png).kind == "image"


@pytest.mark.parametrize("name", ["notes.pdf", "notes.png", "notes.mp4", "notes.txt"])
def test_plain_text_under_any_name(reader: Reader, tmp_path: Path, name: str) -> None:
    document = reader.read(write(tmp_path / name, b"Dear diary,\n" * 10))
    assert document.kind == "text" and document.pages[0].text.count("Dear diary") == 10
    said = [str(one.why) for one in document.skipped]
    assert bool(said) == (name != "notes.txt") and all("but the file holds plain text" in why for why in said)


def test_playlists_and_stream_descriptions_reach_no_network(reader: Reader, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}\n#EXT-X-ENDLIST\n".encode()
        assert "never follows" in refusal(reader, write(tmp_path / "a.mp4", playlist))
        assert url in reader.read(write(tmp_path / "b.mp4", b"\n" + playlist)).pages[0].text
        wrapped = b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + playlist
        refusal(reader, write(tmp_path / "c.mp4", wrapped))
        sdp = b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"
        assert "never opens" in refusal(reader, write(tmp_path / "d.mp4", sdp))
        with pytest.raises(TimeoutError):
            server.accept()


def test_folders_missing_files_and_odd_paths(reader: Reader, tmp_path: Path) -> None:
    assert "folder" in refusal(reader, tmp_path)
    assert "no such file" in refusal(reader, tmp_path / "absent.pdf")
    assert "cannot be reached" in refusal(reader, tmp_path / ("x" * 5000))
    assert "cannot be reached" in refusal(reader, Path("nul\0byte.pdf"))


def test_pipes_sockets_and_devices_do_not_hang(reader: Reader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    started = time.monotonic()
    assert "only regular files" in refusal(reader, tmp_path / "pipe.pdf")
    assert "only regular files" in refusal(reader, Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        assert "only regular files" in refusal(reader, tmp_path / "s")
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("name", ["Ž ščř 書類 🎬.pdf", "b" * 240 + ".pdf", os.fsdecode(b"caf\xe9.pdf"), "-rf ;.pdf"])
def test_any_name_is_a_name(reader: Reader, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, samples.text_pdf(tmp_path / "plain.pdf").read_bytes())
    document = reader.read(path)
    assert document.name == name
    assert len(document.pages) == 2


@pytest.mark.parametrize("name", ["Ž 🎬", os.fsdecode(b"caf\xe9"), "http:\\x", "concat:a|b"])
def test_any_name_is_a_name_for_videos_and_pictures_too(reader: Reader, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, samples.clip(tmp_path / "a.mp4", seconds=2).read_bytes())
    assert len(reader.read(path).frames) == 2
    path.write_bytes(samples.png_bytes(samples.page_image()))
    assert reader.read(path).kind == "image"


def test_absurd_dimensions(reader: Reader, tmp_path: Path) -> None:
    huge = samples.image_file(tmp_path / "huge.png", Image.new("1", (12_000, 12_000)))
    assert "50 megapixels" in refusal(reader, huge)
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\2\0\0\0\0\0\0\0"
    refusal(reader, write(tmp_path / "lies.png", header))


def test_absurd_pages(reader: Reader, tmp_path: Path) -> None:
    with samples.pymupdf.open() as document:
        document.new_page(width=14_400, height=14_400)
        document.new_page(width=14_400, height=3)
        document.new_page(width=3, height=14_400)
        document.save(tmp_path / "a.pdf")
    read = reader.read(tmp_path / "a.pdf", options=ReadOptions(mode="image", budget=1120))
    sizes = [(page.picture.height, page.picture.width) for page in read.pages if page.picture]
    assert sizes == [(1584, 1584), (48, 48 * 1120), (48 * 1120, 48)]


def test_sound_alone(reader: Reader, tmp_path: Path) -> None:
    """A video without pictures is a recording."""
    document = reader.read(samples.audio_only(tmp_path / "a.mp4"))
    assert (document.kind, document.frames) == ("recording", ()) and document.waveform


def test_an_unknown_codec(reader: Reader, tmp_path: Path) -> None:
    data = samples.clip(tmp_path / "a.mp4", codec="libx264").read_bytes().replace(b"avc1", b"zzzz")
    assert "codec" in refusal(reader, write(tmp_path / "b.mp4", data))


def test_wrong_options(reader: Reader, tmp_path: Path) -> None:
    path = samples.image_file(tmp_path / "a.png")
    for options in (ReadOptions(budget=100), ReadOptions(max_frames=0), ReadOptions(max_frames=10**6)):
        with pytest.raises(IngestError):
            reader.read(path, options)

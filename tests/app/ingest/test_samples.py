"""The sample files in the repository are what the generator writes, and they read as intended."""

from __future__ import annotations

import runpy
from pathlib import Path

from app.ingest.read.reader import Reader

FOLDER = Path(__file__).parents[3] / "resources" / "samples"


def test_the_generator_repeats_itself(tmp_path: Path) -> None:
    main = runpy.run_path(str(FOLDER / "make_samples.py"))["main"]
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        main(tmp_path / name)
    for first in sorted((tmp_path / "one").iterdir()):
        assert first.read_bytes() == (tmp_path / "two" / first.name).read_bytes(), first.name
        assert (FOLDER / first.name).stat().st_size < 300_000


def test_the_invoice(reader: Reader) -> None:
    document = reader.read(FOLDER / "invoice.pdf")
    assert [page.state for page in document.pages] == ["text", "text"]
    assert "Desk lamp with dimmer\t4\t64.50\t258.00" in document.pages[0].text
    assert "Total EUR\t1788.84" in document.pages[0].text
    assert "five years" in document.pages[1].text
    assert document.skipped == ()


def test_the_screenshot(reader: Reader) -> None:
    page = reader.read(FOLDER / "settings.png").pages[0]
    assert (page.width, page.height, page.state) == (800, 560, "image")


def test_the_clip(reader: Reader) -> None:
    document = reader.read(FOLDER / "lamp.mp4")
    assert [round(frame.time_s) for frame in document.frames] == list(range(24))
    assert document.duration_s == 24
    assert document.frame_size == (240, 320)


def test_the_recording(reader: Reader) -> None:
    document = reader.read(FOLDER / "words.ogg")
    assert (document.kind, round(document.duration_s), document.cues) == ("recording", 19, ())
    assert document.sound and document.skipped == ()

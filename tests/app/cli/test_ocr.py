"""``lectern ocr``: real scans become searchable, through the real processes; what is there already is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main
from app.ingest import types
from app.ingest.formats.mupdf import pymupdf
from tests.files import samples


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def words(path: Path) -> str:
    with pymupdf.open(str(path)) as pdf:
        return " ".join(" ".join(page.get_text() for page in pdf).split())


def test_folders_become_folders_and_a_second_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    (folder / "deep").mkdir(parents=True)
    samples.scan_pdf(folder / "deep" / "scan.pdf", pages=2)
    samples.image_file(folder / "scan.png", samples.page_image("Station"))
    samples.text_pdf(folder / "text.pdf", pages=1)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (folder / "notes.txt").write_text("no picture")
    assert main(["ocr", str(folder), "-o", str(out)]) == 1
    said = capsys.readouterr()
    assert {path.relative_to(out).as_posix() for path in out.rglob("*.pdf")} == {"scan.pdf", "deep/scan.pdf"}
    assert "words on 2 pages" in said.out and "PDF/A-2b" in said.out
    assert "broken.pdf" in said.err and "text.pdf: no words" in said.err and "notes" not in said.err
    assert "2 written, 1 without words on pictures, 1 failed." in said.err
    found = words(out / "deep" / "scan.pdf").replace(" ", "")
    assert "Scan15" in found and "Scan27" in found and "Station3" in words(out / "scan.pdf").replace(" ", "")
    (folder / "broken.pdf").unlink()
    stamp = (out / "scan.pdf").stat().st_mtime_ns
    assert main(["ocr", str(folder), "-o", str(out)]) == 0
    assert "2 there already" in capsys.readouterr().err and (out / "scan.pdf").stat().st_mtime_ns == stamp
    assert main(["ocr", str(folder / "scan.png"), "-o", str(out), "--overwrite"]) == 0
    assert (out / "scan.pdf").stat().st_mtime_ns != stamp


def test_pages_that_are_hard_to_read_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(types, "LOW_CONFIDENCE", 1.01)  # every page is one
    path = samples.scan_pdf(tmp_path / "scan.pdf", pages=2)
    assert main(["ocr", str(path), "-o", str(tmp_path / "out")]) == 0
    assert "scan.pdf, pages 1, 2: hard to read; compare the words with the picture." in capsys.readouterr().err
    assert main(["read", str(path)]) == 0
    assert capsys.readouterr().out.count("hard to read") == 2


def test_one_file_gets_the_name_that_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = samples.image_file(tmp_path / "a.png", samples.page_image("Invoice"))
    assert main(["ocr", str(path), "-o", str(tmp_path / "new" / "b.pdf")]) == 1
    assert "new/b.pdf cannot be written: there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    (tmp_path / "new").mkdir()
    assert main(["ocr", str(path), "-o", str(tmp_path / "new" / "b.pdf")]) == 0
    found = words(tmp_path / "new" / "b.pdf")
    assert 0 < found.index("Invoice 1") < found.index("Invoice 7")  # it is upright
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SystemExit) as wrong:
        main(["ocr", str(path), str(path), "-o", str(tmp_path / "file")])
    assert wrong.value.code == 2 and "folder" in capsys.readouterr().err

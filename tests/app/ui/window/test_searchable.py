"""A scan that is attached is saved as a searchable PDF from the window's menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from app.ingest.formats.mupdf import pymupdf
from app.ui.window.searchable import saved_words
from tests.app.chat.evidence.papers import paper, scanned
from tests.app.ui.conftest import Stage
from tests.files import samples


def test_from_the_menu_to_the_file(
    make_stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = make_stage()
    window = stage.window
    path = samples.scan_pdf(tmp_path / "scan.pdf")
    said: list[str] = []
    monkeypatch.setattr(window.talk.notices, "add", lambda words, *_, **__: said.append(words))
    assert window.searchable.item is None
    window.searchable.save()
    assert said == ["No text was read from pictures in the attached files."]
    stage.attach("scan.pdf")
    stage.until(lambda: not window.attachments.busy)
    (item,) = window.attachments.items
    assert item.document is not None
    item.document = replace(paper("scan.pdf", scanned(1, "Rechnung Nr. 4711")), path=path)
    target = tmp_path / "saved"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    window.searchable.save()
    stage.until(lambda: len(said) == 3)
    assert said[1] == "Saving saved.pdf…" and said[2].startswith(f"Saved as {target}.pdf.") and "not PDF/A" in said[2]
    with pymupdf.open(str(target.with_suffix(".pdf"))) as pdf:
        assert "Rechnung Nr. 4711" in pdf[0].get_text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.searchable.save()
    stage.until(lambda: len(said) == 5)
    assert "another name" in said[4]


def test_what_is_said_of_a_copy() -> None:
    from app.ingest.searchable.saving import Saved

    assert "PDF/A-2b" in saved_words(Saved(Path("a.pdf"), 1, True, False))
    assert "signature" in saved_words(Saved(Path("a.pdf"), 1, False, True))

"""What ``lectern read --json`` shows."""

from __future__ import annotations

import json
from pathlib import Path

from app.ingest.read.describe import describe
from app.ingest.read.reader import Reader
from app.text.times import mm_ss
from model.soft_tokens import VISUAL_BUDGETS
from tests.files import samples


def test_a_pdf(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(samples.mixed_pdf(tmp_path / "a.pdf"))
    shown = json.loads(json.dumps(describe(document)))
    assert shown["kind"] == "pdf"
    assert shown["characters"] == sum(len(page.text) for page in document.pages)
    assert [page["state"] for page in shown["pages"]] == ["text", "image", "both", "both", "skipped"]
    scan = shown["pages"][1]
    assert scan["soft_tokens_by_budget"][str(scan["picture"]["budget"])] == scan["picture"]["soft_tokens"]
    assert list(scan["soft_tokens_by_budget"]) == [str(budget) for budget in VISUAL_BUDGETS]
    assert all(page["reason"].endswith(".") for page in shown["pages"])


def test_a_clip(reader: Reader, tmp_path: Path) -> None:
    shown = describe(reader.read(samples.clip(tmp_path / "a.mp4", seconds=3)))
    assert [frame["time"] for frame in shown["frames"]] == ["00:00", "00:01", "00:02"]
    frame = shown["frames"][0]
    assert frame["soft_tokens_by_budget"]["70"] == frame["picture"]["soft_tokens"]
    assert shown["pages"] == []


def test_what_was_skipped_is_shown(reader: Reader, tmp_path: Path) -> None:
    whole = samples.text_pdf(tmp_path / "a.pdf", pages=5)
    shown = describe(reader.read(samples.truncated(tmp_path / "b.pdf", whole)))
    assert shown["skipped"][0]["where"] == "file"
    assert "repaired" in shown["skipped"][0]["why"]


def test_clock() -> None:
    assert [mm_ss(seconds) for seconds in (-0.1, 0, 59.99, 60, 3725)] == ["00:00", "00:00", "00:59", "01:00", "62:05"]

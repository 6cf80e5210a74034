"""The temporary folder: private, swept when its owner has gone, never larger than allowed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app.ingest.formats.pictures import Spool, SpoolFullError
from app.ingest.process.spool import PREFIX, SpoolFolder


def test_a_folder_whose_owner_has_gone_is_swept_and_no_other(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name, owner in {
        "stale": json.dumps({"pid": gone.pid, "created": 1.0}),
        "reused": json.dumps({"pid": 1, "created": 1.0}),
        "young": "not json",
    }.items():
        folder = tmp_path / f"{PREFIX}{name}"
        folder.mkdir()
        (folder / "owner.json").write_text(owner, encoding="utf-8")
    foreign = tmp_path / "somebody-elses"
    foreign.mkdir()
    first = SpoolFolder(tmp_path)
    second = SpoolFolder(tmp_path)
    left = {folder.name for folder in tmp_path.iterdir()}
    assert left == {first.path.name, second.path.name, foreign.name, f"{PREFIX}young"}
    first.remove()
    second.remove()
    assert not first.path.exists()


def test_half_written_pictures_are_removed(tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path)
    before = folder.remaining()
    (folder.path / ".x.rgb.1-1.tmp").write_bytes(bytes(1000))
    (folder.path / "y.rgb").write_bytes(bytes(5000))
    assert folder.remaining() <= before
    assert sorted(file.name for file in folder.path.iterdir()) == ["owner.json", "y.rgb"]
    folder.remove()


def test_the_spool_takes_no_more_than_allowed_and_nothing_twice(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 48 * 48 * 3 + 10)
    image = Image.new("RGB", (48, 48))
    first = spool.store(image, 70)
    assert spool.remaining == 10
    assert spool.store(image, 70) == first
    with pytest.raises(SpoolFullError):
        spool.store(Image.new("RGB", (48, 48), "red"), 70)
    assert len(list(tmp_path.iterdir())) == 1

"""Two people on one machine, with one temporary folder: neither hands files to the other, sees or removes anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.engine.threads.single import SingleInstance
from app.ingest.process.spool import PREFIX, SpoolFolder

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or os.getuid() != 0, reason="only root can be somebody else for a while"
)

NOBODY = 65534
SOMEBODY_ELSE = """
import json, os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.engine.threads.single import SingleInstance
from app.ingest.process.spool import SpoolFolder, PREFIX
application = QCoreApplication([])
os.setgroups([])
os.setresgid({who}, {who}, {who})
os.setresuid({who}, {who}, {who})
single = SingleInstance()
found = dict(alone=single.claim([Path("/etc/hostname")], 0.5), listening=single.listening)
folder = SpoolFolder()
found["spool"] = str(folder.path)
entered = []
for name in os.listdir(os.environ["TMPDIR"]):
    path = os.path.join(os.environ["TMPDIR"], name)
    if os.stat(path).st_uid != {who}:
        try:
            entered.append(os.listdir(path))
        except PermissionError:
            pass
found["entered"] = entered
folder.remove()
single.release()
print(json.dumps(found))
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A temporary folder for all, as /tmp is one; pytest's own lies behind a door."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


def test_two_people_do_not_meet(qtbot: QtBot, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))  # the same for both: only the person differs
    taken: list[object] = []
    single = SingleInstance()
    single.arrived.connect(taken.append)
    assert single.claim([]) and single.listening
    mine, dead = SpoolFolder(shared), shared / f"{PREFIX}dead"
    dead.mkdir(mode=0o700)
    (dead / "owner.json").write_text(json.dumps({"pid": 2**22 + 1, "created": 1.0}))
    os.utime(dead, (time.time() - 1e6,) * 2)
    try:
        other = subprocess.Popen(
            [sys.executable, "-c", SOMEBODY_ELSE.format(who=NOBODY)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(shared), "QT_QPA_PLATFORM": "offscreen"},
        )
        qtbot.waitUntil(lambda: other.poll() is not None, timeout=60_000)
        out, errors = other.communicate()
        assert other.returncode == 0, errors
        found = json.loads(out)
        QCoreApplication.processEvents()
        assert found["alone"] and found["listening"] and taken == []
        assert Path(found["spool"]).parent == shared and found["entered"] == []
        assert mine.path.is_dir() and dead.is_dir()
    finally:
        mine.remove()
        single.release()

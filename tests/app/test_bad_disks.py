"""Full disks, read-only folders and clocks that are set: one sentence or a line in the log, and the app goes on.

The disks are real, and small: file systems in memory that only a child process sees.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.ingest.process.spool import PREFIX, SpoolFolder
from app.ingest.read.reader import Reader
from app.library.settings import Settings
from app.paths import resource
from model.cache.tensor_store import TensorStore
from model.checkpoint.opening import quantised_form
from model.checkpoint.published import PublishedFolder
from model.errors import IngestError
from model.synthetic.writing import write_checkpoint
from tests.files.samples import scan_pdf, text_pdf

_ON_A_DISK = """
mount -t tmpfs -o size=$1 none "$2" || exit 77
mkdir "$2/home" "$2/tmp"
[ "$3" = full ] && { dd if=/dev/zero of="$2/filler" bs=4k 2>/dev/null; }
[ "$3" = read-only ] && mount -o remount,ro "$2"
shift 3
exec "$@"
"""


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    return (
        subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0
    )


pytestmark = pytest.mark.skipif(not can_mount(), reason="no file systems of one's own here")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    return quantised_form(PublishedFolder(write_checkpoint(folder / "tiny", "tiny")), folder / "store")


def on_disk(
    place: Path, state: str, *command: object, size: str = "1m", home: bool = True, temporary: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command with its home, or its temporary folder, on a small disk at ``place``."""
    place.mkdir(exist_ok=True)
    about = {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    about["LECTERN_HOME"] = str(place / "home" if home else place.parent / "home")
    if temporary:
        about["TMPDIR"] = str(place / "tmp")
    arguments = ["unshare", "-rm", "sh", "-c", _ON_A_DISK, "sh", size, str(place), state, *map(str, command)]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=150, env={**os.environ, **about})


def lectern(*arguments: object) -> tuple[object, ...]:
    return (sys.executable, "-m", "app.cli", *arguments)


STATES = ["full", "read-only"]


@pytest.mark.parametrize("state", STATES)
def test_a_question_is_answered_where_nothing_can_be_kept(tmp_path: Path, model: Path, state: str) -> None:
    paper = text_pdf(tmp_path / "a.pdf")
    asked = lectern("ask", paper, "-q", "What?", "--model", model, "--max-tokens", 4, "--json")
    result = on_disk(tmp_path / "disk", state, *asked)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["usage"]["answer_tokens"] == 4
    assert "Traceback" not in result.stderr and "Logging error" not in result.stderr


@pytest.mark.parametrize("state", STATES)
def test_a_model_that_cannot_be_quantised_says_why(tmp_path: Path, state: str) -> None:
    published = write_checkpoint(tmp_path / "tiny", "tiny")
    result = on_disk(tmp_path / "disk", state, *lectern("models", "quantise", published))
    assert result.returncode == 1 and result.stderr.count("\n") == 1, result.stderr
    assert "disk" in result.stderr and "unexpected" not in result.stderr


@pytest.mark.parametrize("state", [*STATES, "nearly full"])
@pytest.mark.parametrize("paper", [text_pdf, scan_pdf])
def test_reading_where_pictures_find_no_room(tmp_path: Path, state: str, paper: Callable[[Path], Path]) -> None:
    """Text needs no room. A picture does: another temporary folder is found, or the sentence says what is missing."""
    result = on_disk(tmp_path / "disk", state, *lectern("read", paper(tmp_path / "a.pdf")), home=False, temporary=True)
    assert "unexpected" not in result.stderr and "Traceback" not in result.stderr
    if state == "nearly full" and paper is scan_pdf:
        assert result.returncode == 1
        assert "The temporary folder has no room for more pictures" in result.stderr and result.stderr.count("\n") == 1
    else:
        assert result.returncode == 0 and "page 1, read as" in result.stdout


def test_without_any_temporary_folder_reading_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with Reader() as reader, pytest.raises(IngestError, match="temporary folder cannot be used"):
        reader.read(text_pdf(tmp_path / "a.pdf"))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", ["csv", "json", "vtt", "markdown"])
def test_results_that_cannot_be_written(tmp_path: Path, model: Path, state: str, way: str) -> None:
    target = tmp_path / "disk" / f"out.{way}"
    if way in ("csv", "json"):
        paper = text_pdf(tmp_path / "a.pdf", pages=1)
        command = lectern("extract", paper, "-q", "all totals", f"--{way}", target, "--model", model)
    else:
        command = lectern("scenes", resource("samples", "lamp.mp4"), "--no-summaries", f"--{way}", target)
    result = on_disk(tmp_path / "disk", state, *command, home=False)
    assert result.returncode == 1 and "cannot be written" in result.stderr, result.stderr
    assert "unexpected" not in result.stderr and "Traceback" not in result.stderr


_WINDOW = """
import sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app import paths
from app.library.logs import start_logging
from app.library.settings import Settings
from app.ui.history.history import History
from app.ui.window.main_window import MainWindow
from model.types import TextDelta
from tests.fakes import FakeEngineBridge, FakeReadingBridge, finished, model_info

def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "nothing came"
        application.processEvents()
        time.sleep(0.005)

application = QApplication([])
logs = start_logging()
settings = Settings.load()
history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
engine = FakeEngineBridge(model_info(), [TextDelta("It says so."), finished()])
window = MainWindow(engine=engine, reading=FakeReadingBridge(auto=True), settings=settings, history=history)
window.show()
for number in range(3):
    window.composer.set_text(f"Question {number}")
    window.composer.send_button.click()
    until(lambda: window.asking.conversation.last.stage.over)
    assert window.asking.conversation.last.answer == "It says so."
until(lambda: bool(window.talk.notices.text))
time.sleep(1.5)
application.processEvents()
lines = window.talk.notices.text.splitlines()
assert len(lines) == 1, lines
window.choose_theme("dark")
settings.save()
from PySide6.QtGui import QImage
image = QImage(20, 20, QImage.Format.Format_RGB32)
image.fill(0)
window.attachments.add_image(image)
until(lambda: window.talk.notices.text.splitlines() != lines or len(window.attachments.items) == 1)
window.close()
print("usable:", lines[0])
logs.close()
"""


@pytest.mark.parametrize("state", STATES)
def test_the_window_stays_usable_and_says_it_once(tmp_path: Path, state: str) -> None:
    result = on_disk(tmp_path / "disk", state, sys.executable, "-c", _WINDOW)
    assert result.returncode == 0 and result.stdout.startswith("usable: "), result.stderr
    assert "Traceback" not in result.stderr and "Logging error" not in result.stderr


def test_settings_on_a_full_disk_keep_what_was_there(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from app.library.settings import Settings\n"
        'path = Path(sys.argv[1]); path.write_text(\'{"theme": "dark"}\')\n'
        "filler = open(sys.argv[2], 'wb')\n"
        "try:\n    while True: filler.write(bytes(4096)); filler.flush()\nexcept OSError: pass\n"
        "settings = Settings.load(path); settings.language = 'de'; settings.save()\n"
        "again = Settings.load(path); print(again.theme, again.language, sorted(p.name for p in path.parent.iterdir()))"
    )
    place = tmp_path / "disk"
    result = on_disk(place, "", sys.executable, "-c", script, place / "home" / "s.json", place / "filler")
    assert result.stdout == "dark system ['s.json']\n", result.stderr


# Clocks


def test_a_clock_that_is_set_takes_no_pictures_from_a_reader_that_lives(tmp_path: Path) -> None:
    mine = SpoolFolder(tmp_path)
    note = mine.path / "owner.json"
    owner = json.loads(note.read_text())
    note.write_text(json.dumps(owner | {"created": owner["created"] - 7200}))  # as reckoned before the clock was set
    other = SpoolFolder(tmp_path)
    assert mine.path.is_dir()
    mine.remove()
    other.remove()
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_files_from_the_future_are_neither_swept_nor_in_the_way(tmp_path: Path) -> None:
    import torch

    store = TensorStore(tmp_path, "m")
    ahead = time.time() + 10 * 365 * 86400
    keys = [f"{number:016x}" for number in range(3)]
    for key in keys:
        store.save(key, {"a": torch.ones(3)}, {"documents": ["d"]})
    os.utime(tmp_path / f"{keys[0]}.json", (ahead, ahead))
    (tmp_path / "x.tmp").write_bytes(b"")
    os.utime(tmp_path / "x.tmp", (ahead, ahead))
    store.sweep()
    assert (tmp_path / "x.tmp").exists()
    store.shrink(0)
    assert store.keys() == []
    settings = Settings(theme="dark", path=tmp_path / "settings.json")
    settings.save()
    os.utime(tmp_path / "settings.json", (ahead, ahead))
    settings.theme = "light"
    settings.save()
    assert Settings.load(tmp_path / "settings.json").theme == "light"

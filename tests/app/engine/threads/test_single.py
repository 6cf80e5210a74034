"""One instance: real sockets, real second processes, one that is killed, and a folder that is not private."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from app.engine.threads import single
from app.engine.threads.single import Call, SingleInstance, decode, is_private, meeting_place

GONE = QLocalSocket.LocalSocketState.UnconnectedState
OTHER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.engine.threads.single import SingleInstance
app = QCoreApplication([])
one = SingleInstance()
first = one.claim([Path(name) for name in sys.argv[1:]], wait_s=1)
print("first" if first and one.listening else "alone" if first else "handed over", flush=True)
if first:
    app.exec()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def make(qapp: QCoreApplication) -> Iterator[Callable[[], SingleInstance]]:
    made: list[SingleInstance] = []

    def one() -> SingleInstance:
        made.append(SingleInstance())
        return made[-1]

    yield one
    for instance in made:
        instance.release()


@contextmanager
def start(*names: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", OTHER, *names], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_process_hands_its_files_over_and_leaves(
    make: Callable[[], SingleInstance], qtbot: QtBot, home: Path
) -> None:
    first = make()
    assert first.claim([]) and first.listening
    with start("relative.pdf", "/somewhere/Größe 1.pdf") as process:
        with qtbot.waitSignal(first.arrived, timeout=60_000) as came:
            pass
        assert came.args is not None
        assert came.args[0].files == (Path.cwd() / "relative.pdf", Path("/somewhere/Größe 1.pdf"))
        assert said(process) == "handed over" and process.wait(20) == 0


def test_what_a_killed_process_leaves_behind_is_taken_over(make: Callable[[], SingleInstance], home: Path) -> None:
    with start() as process:
        assert said(process) == "first"
        place = meeting_place()
        assert place is not None and Path(place[0]).exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert Path(place[0]).exists()  # nobody could tidy up
    after = make()
    assert after.claim([]) and after.listening


def test_another_home_is_another_instance(
    make: Callable[[], SingleInstance], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert make().claim([])
    monkeypatch.setenv("LECTERN_HOME", str(home / "other"))
    other = make()
    assert other.claim([]) and other.listening


def test_the_socket_and_its_folder_are_private(
    make: Callable[[], SingleInstance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr(single.tempfile, "gettempdir", lambda: str(tmp_path))
    one = make()
    assert one.claim([])
    place = meeting_place()
    assert place is not None
    assert stat.S_IMODE(Path(place[0]).parent.stat().st_mode) == 0o700
    assert not stat.S_IMODE(Path(place[0]).stat().st_mode) & 0o077


def test_a_folder_that_others_may_enter_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    assert not is_private(folder)
    folder.chmod(0o700)
    assert is_private(folder)
    (tmp_path / "link").symlink_to(folder)
    assert not is_private(tmp_path / "link")


def test_without_a_private_folder_every_start_stands_alone(
    make: Callable[[], SingleInstance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "_private_folders", list)
    assert make().claim([]) and make().claim([])


def test_one_that_ends_is_waited_for_only_so_long(make: Callable[[], SingleInstance]) -> None:
    first = make()
    assert first.claim([])
    first.close()  # it listens no longer, but its process has not ended
    second = make()
    assert second.claim([], wait_s=0.1) and not second.listening
    first.release()
    third = make()
    assert third.claim([]) and third.listening


def test_nonsense_on_the_socket_does_no_harm(make: Callable[[], SingleInstance], qtbot: QtBot) -> None:
    first = make()
    assert first.claim([])
    calls: list[Call] = []
    first.arrived.connect(calls.append)
    place = meeting_place()
    assert place is not None
    for sent in (b"\xff\xfe\n", b'{"files": "no"}\n', b"x" * (single.MAX_BYTES + 10), b'{"files": ["/a.pdf"]}\n'):
        client = QLocalSocket()
        client.connectToServer(place[0])
        client.write(sent)
        qtbot.waitUntil(lambda client=client: client.state() is GONE, timeout=60_000)
    assert [call.files for call in calls] == [(Path("/a.pdf"),)]


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_line_is_a_call_or_nothing(line: bytes | str) -> None:
    found = decode(line if isinstance(line, bytes) else line.encode(errors="surrogatepass"))
    assert found is None or all(path.is_absolute() for path in found.files)


@given(st.lists(st.text(min_size=1).filter(lambda name: "\0" not in name), max_size=5), st.text())
def test_a_call_comes_through_as_it_was(names: list[str], token: str) -> None:
    call = Call(tuple(Path("/" + name) for name in names), token.replace("\0", ""))
    assert decode(call.encode().strip()) == call


def test_a_name_that_is_no_utf_8_comes_through() -> None:
    call = Call((Path(os.fsdecode(b"/tmp/\xff.pdf")),))
    assert decode(call.encode()) == call

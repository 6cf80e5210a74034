"""The owner of the reading process: crashes, hangs, cancelling, and nothing left behind."""

from __future__ import annotations

import hashlib
import os
import select
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from app.ingest.limits import NICENESS, Timeouts
from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions, ReadProgress
from model.errors import CancelledError, IngestError
from tests.app.ingest.read import hooks
from tests.files import samples


def picture_folders(reader: Reader) -> list[Path]:
    return [reader._spool.path] if reader._spool else []


def test_a_crash_is_a_sentence_and_the_next_file_still_reads(hooked: Reader, tmp_path: Path) -> None:
    bad = samples.text_pdf(tmp_path / "crash-at-open.pdf")
    with pytest.raises(IngestError, match=r"could not be read.*crash\.$"):
        hooked.read(bad)
    assert len(hooked.read(samples.text_pdf(tmp_path / "good.pdf")).pages) == 2


def test_a_hang_is_a_sentence_and_the_next_file_still_reads(hooked: Reader, tmp_path: Path) -> None:
    bad = samples.text_pdf(tmp_path / "hang-at-open.pdf")
    started = time.monotonic()
    with pytest.raises(IngestError, match="longer than 1 seconds"):
        hooked.read(bad)
    assert time.monotonic() - started < 30  # it hangs for 60
    assert len(hooked.read(samples.text_pdf(tmp_path / "good.pdf")).pages) == 2


def test_too_much_memory_is_a_sentence(hooked: Reader, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="memory"):
        hooked.read(samples.text_pdf(tmp_path / "hungry.pdf"))


@pytest.mark.parametrize("name", ["crash-at-2-.pdf", "hang-at-2-.pdf", "holds-the-lock-at-2-.pdf"])
def test_one_bad_page_costs_one_page(hooked: Reader, tmp_path: Path, name: str) -> None:
    document = hooked.read(samples.text_pdf(tmp_path / name, pages=4))
    assert [page.state for page in document.pages] == ["text", "skipped", "text", "text"]
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert [str(note.where) for note in document.skipped] == ["page 2"]
    assert document.pages[3].text.startswith("Page 4 of 4")
    assert document.thumbnail


def test_a_clip_that_crashes_keeps_the_frames_before(tmp_path: Path) -> None:
    with Reader(entry=hooks.main) as reader:
        document = reader.read(samples.clip(tmp_path / "crash-at-3-.mp4"))
    assert [frame.time_s for frame in document.frames] == [0.0, 1.0, 2.0]
    assert "crash" in str(document.skipped[0].why)


def test_a_clip_that_crashes_before_its_hash_is_there_has_one(tmp_path: Path) -> None:
    path = samples.clip(tmp_path / "crash-at-3-.mp4")

    def let_go(progress: ReadProgress) -> None:
        if progress.done == 3:
            path.with_suffix(hooks.HASH_NOW).touch()

    with Reader(entry=hooks.hash_is_late) as reader:
        document = reader.read(path, on_progress=let_go)
    assert [frame.time_s for frame in document.frames] == [0.0, 1.0, 2.0]
    assert document.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_clips_frames_come_before_its_hash(tmp_path: Path) -> None:
    """The hash is held back until the last frame is there, so waiting for it first would be waiting for ever."""
    path = samples.clip(tmp_path / "a.mp4")

    def let_go(progress: ReadProgress) -> None:
        if progress.done == progress.total:
            path.with_suffix(hooks.HASH_NOW).touch()

    with Reader(entry=hooks.hash_is_late) as reader:
        document = reader.read(path, on_progress=let_go)
    assert document.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.with_suffix(hooks.HASH_NOW).exists()


@pytest.mark.parametrize("name", ["lies-file", "lies-size", "lies-state"])
def test_what_the_process_says_is_not_believed(hooked: Reader, tmp_path: Path, name: str) -> None:
    with pytest.raises(IngestError, match="misbehave"):
        hooked.read(samples.image_file(tmp_path / f"{name}.png"))


def test_a_process_that_never_gets_ready(tmp_path: Path) -> None:
    with (
        Reader(Timeouts(start_s=1.0), entry=hooks.silent) as reader,
        pytest.raises(IngestError, match="longer than 1 seconds"),
    ):
        reader.read(samples.text_pdf(tmp_path / "a.pdf"))


def test_the_process_loads_neither_qt_nor_torch_nor_a_layout_model(hooked: Reader, tmp_path: Path) -> None:
    for path in (samples.text_pdf(tmp_path / "modules.pdf"), samples.image_file(tmp_path / "modules.png")):
        assert str(hooked.read(path).pages[-1].reason) == "loaded:"


def test_cancel_ends_a_read_at_once(tmp_path: Path) -> None:
    """While a page hangs whose time is not over for long."""
    bad = samples.text_pdf(tmp_path / "hang-at-2-.pdf")
    cancel = threading.Event()
    pressed: list[float] = []

    def press(progress: ReadProgress) -> None:
        if progress.done == 1:
            pressed.append(time.monotonic())
            cancel.set()

    with Reader(Timeouts(unit_s=60.0), entry=hooks.main) as reader:
        with pytest.raises(CancelledError):
            reader.read(bad, on_progress=press, cancel=cancel)
        assert time.monotonic() - pressed[0] < 15  # a quick machine takes 0.1
        assert len(reader.read(samples.text_pdf(tmp_path / "good.pdf")).pages) == 2


def test_close_from_another_thread_ends_a_read(tmp_path: Path) -> None:
    bad = samples.text_pdf(tmp_path / "hang-at-2-.pdf")
    reader = Reader(Timeouts(unit_s=60.0), entry=hooks.main)
    caught: list[BaseException] = []
    reading = threading.Event()

    def read() -> None:
        try:
            reader.read(bad, on_progress=lambda progress: reading.set() if progress.done else None)
        except CancelledError as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert reading.wait(30)
    started = time.monotonic()
    reader.close()
    thread.join(60)
    assert time.monotonic() - started < 15  # a quick machine takes 0.1
    assert len(caught) == 1
    with pytest.raises(CancelledError):
        reader.read(bad)


def test_close_leaves_no_process_and_no_pictures(tmp_path: Path) -> None:
    reader = Reader()
    document = reader.read(samples.image_file(tmp_path / "a.png"))
    pid, folders = reader.pid, picture_folders(reader)
    picture = document.pages[0].picture
    assert pid and picture and isinstance(picture.pixels, Path)
    assert len(picture.read()) == picture.height * picture.width * 3
    assert picture.pixels.parent == folders[0]
    assert folders[0].stat().st_mode & 0o777 == 0o700
    reader.close()
    assert not psutil.pid_exists(pid)
    assert not folders[0].exists()
    reader.close()


def test_a_reader_can_be_warmed_up(tmp_path: Path) -> None:
    with Reader() as reader:
        reader.warm_up()
        pid = reader.pid
        assert pid is not None
        reader.read(samples.image_file(tmp_path / "a.png"))
        assert reader.pid == pid
        if sys.platform != "win32":
            assert psutil.Process(pid).nice() == min(19, psutil.Process().nice() + NICENESS)  # the window goes first
    reader.warm_up()
    assert reader.pid is None


@pytest.mark.parametrize("name", ["hang-at-2-.pdf", "holds-the-lock-at-2-.pdf"])
def test_the_process_ends_with_its_app(tmp_path: Path, name: str) -> None:
    """The app is killed while its reading process hangs."""
    path = samples.text_pdf(tmp_path / name)
    script = tmp_path / "app_that_dies.py"
    code = f"""
        import os, sys
        sys.path.insert(0, {str(Path.cwd())!r})
        from pathlib import Path
        from app.ingest.limits import Timeouts
        from app.ingest.read.reader import Reader
        from tests.app.ingest.read import hooks

        def die(progress):
            if progress.done == 1:
                print(reader.pid, flush=True)
                os._exit(9)

        if __name__ == "__main__":
            reader = Reader(Timeouts(unit_s=1.0, alarm_margin_s=0.5), entry=hooks.main)
            reader.read(Path({str(path)!r}), on_progress=die)
    """
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    died = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert died.returncode == 9, died.stderr
    pid = int(died.stdout)
    assert ends_within(pid, 10)


def ends_within(pid: int, seconds: float) -> bool:
    """Whether a process that is not our child ends in time; who reaps it does not matter."""
    try:
        number = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([number], [], [], seconds)[0])
    finally:
        os.close(number)


def test_progress_counts_pages_and_frames(reader: Reader, tmp_path: Path) -> None:
    seen: list[ReadProgress] = []
    reader.read(samples.text_pdf(tmp_path / "a.pdf", pages=3), on_progress=seen.append)
    assert seen == [ReadProgress(done, 3, "page") for done in range(4)]
    seen.clear()
    reader.read(samples.clip(tmp_path / "a.mp4", seconds=3), on_progress=seen.append)
    assert seen == [ReadProgress(done, 3, "frame") for done in range(4)]


def test_an_error_of_the_caller_does_not_mix_up_files(reader: Reader, tmp_path: Path) -> None:
    def fail(progress: ReadProgress) -> None:
        raise RuntimeError("the caller's own")

    with pytest.raises(RuntimeError):
        reader.read(samples.text_pdf(tmp_path / "a.pdf", pages=3), on_progress=fail)
    assert len(reader.read(samples.text_pdf(tmp_path / "b.pdf", pages=1)).pages) == 1


def test_the_same_file_gives_the_same_document(reader: Reader, tmp_path: Path) -> None:
    path = samples.mixed_pdf(tmp_path / "a.pdf")
    assert reader.read(path, ReadOptions()) == reader.read(path, ReadOptions())

import errno
import os
import resource
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.engine.threads import keeping
from app.engine.threads.keeping import Keeper, News, Notice, Ready
from app.library.store import opening, schema
from app.library.store.reading import Reader
from app.library.store.records import Change, Deleted, ExchangeRow, FileRow, Files, Header, Stored, Titled
from app.library.store.writing import Store

PATIENCE_S = 20.0


class Kept:
    """A keeper and what it said, each with a way to wait for it."""

    def __init__(self, folder: Path, spool: Path | None = None) -> None:
        self.folder = folder
        self.news: list[News] = []
        self._heard = threading.Condition()
        self.keeper = Keeper(folder, self._hear, spool)

    def _hear(self, news: News) -> None:
        with self._heard:
            self.news.append(news)
            self._heard.notify_all()

    @property
    def notices(self) -> list[str]:
        return [str(one.words) for one in self.news if isinstance(one, Notice)]

    def until(self, condition: Callable[[], bool]) -> None:
        with self._heard:
            assert self._heard.wait_for(condition, PATIENCE_S), self.news

    def load(self, id: str = "talk") -> Stored | None:
        reader = Reader(self.folder)
        try:
            return reader.conversation(id)
        finally:
            reader.close()

    def answer(self) -> str:
        stored = self.load()
        return stored.exchanges["one"].answer if stored is not None and stored.exchanges else ""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Kept]]:
    made: list[Kept] = []

    def start(folder: Path | None = None, spool: Path | None = None) -> Kept:
        made.append(Kept(folder or tmp_path / "history", spool))
        return made[-1]

    yield start
    for one in made:
        one.keeper.close()


def talk(answer: str = "Because.", stage: str = "done", id: str = "talk") -> list[Change]:
    row = ExchangeRow(id, "one" if id == "talk" else f"{id}-one", 1, "", "Why?", stage, 1.0, answer)
    return [Header(id, 1.0, 2.0), Titled(id, "Why?"), row]


def test_changes_are_written_on_a_thread_and_are_pending_until_then(make: Callable[..., Kept]) -> None:
    kept = make()
    kept.until(lambda: kept.news == [Ready()])
    kept.keeper.put(talk())
    assert kept.keeper.flush(PATIENCE_S)
    assert kept.keeper.pending() == ()
    assert kept.answer() == "Because."


def test_a_growing_answer_waits_and_the_newest_state_counts(
    make: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PARTIAL_S", 3600.0)
    kept = make()
    kept.keeper.put(talk("", "sent"))
    assert kept.keeper.flush(PATIENCE_S)
    for words in ("Be", "Beca", "Becau"):
        kept.keeper.put(talk(words, "answering")[2:], growing=True)
    assert [one.answer for one in kept.keeper.pending() if isinstance(one, ExchangeRow)] == ["Becau"]
    assert kept.answer() == ""
    kept.keeper.put([Titled("talk", "Named")])  # what is written at once takes along what waits
    assert kept.keeper.flush(PATIENCE_S)
    assert kept.answer() == "Becau"


def test_a_growing_answer_is_on_the_disk_within_its_time(
    make: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PARTIAL_S", 0.05)
    kept = make()
    kept.keeper.put(talk("Be", "answering"), growing=True)
    assert kept.keeper._settled.wait(PATIENCE_S)  # nobody asked for it
    assert kept.answer() == "Be"


def test_closing_writes_what_is_left_and_deletes_for_good(make: Callable[..., Kept], tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    pictures = [spool / "one.png", spool / "two.png", tmp_path / "mine.png"]
    for picture in pictures:
        picture.write_bytes(b"x")
    kept = make(spool=spool)
    kept.keeper.put(talk("quixotic", "answering"), growing=True)
    kept.keeper.put(talk("stays", id="other"))
    rows = tuple(FileRow(str(picture), spooled=True) for picture in pictures)
    kept.keeper.put([Files("talk", rows), Files("other", rows[1:2]), Deleted("talk", 5.0)])
    assert kept.keeper.close()
    assert kept.load() is None and kept.load("other") is not None
    assert not any(b"quixotic" in path.read_bytes() for path in kept.folder.iterdir())
    assert [picture.exists() for picture in pictures] == [False, True, True]


def test_pictures_that_a_window_let_go_stay_only_where_a_conversation_has_them(
    make: Callable[..., Kept], tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    wanted, unwanted, foreign = spool / "wanted.png", spool / "unwanted.png", tmp_path / "foreign.png"
    for path in (wanted, unwanted, foreign):
        path.write_bytes(b"x")
    kept = make(spool=spool)
    kept.keeper.put([*talk(), Files("talk", (FileRow(str(wanted), spooled=True),))])
    kept.keeper.abandon([wanted, unwanted, foreign])
    assert kept.keeper.close()
    assert [path.exists() for path in (wanted, unwanted, foreign)] == [True, False, True]


def test_pictures_that_a_crash_left_are_swept_after_a_day(make: Callable[..., Kept], tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    old, wanted, new = spool / "old.png", spool / "wanted.png", spool / "new.png"
    for path in (old, wanted, new):
        path.write_bytes(b"x")
    first = make(spool=spool)
    first.keeper.put([*talk(), Files("talk", (FileRow(str(wanted), spooled=True),))])
    assert first.keeper.close()
    for path in (old, wanted):
        os.utime(path, (0, 0))
    second = make(spool=spool)
    assert second.keeper.close()
    assert [path.exists() for path in (old, wanted, new)] == [False, True, True]


def test_a_folder_that_cannot_be_written_to_is_said_once_and_saved_to_later(
    make: Callable[..., Kept], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RETRY_S", 0.02)
    folder = tmp_path / "history"
    folder.write_text("something else stands here")
    kept = make(folder)
    kept.keeper.put(talk())
    kept.until(lambda: Ready() in kept.news)
    assert not kept.keeper.flush(PATIENCE_S)
    assert [one.key[0] for one in kept.keeper.pending()] == ["header", "title", "exchange"]
    (sentence,) = kept.notices
    assert str(folder) in sentence and "kept in memory" in sentence
    folder.unlink()
    kept.until(lambda: len(kept.notices) == 2)
    assert kept.notices[1] == "Your conversations are being saved again."
    assert kept.answer() == "Because." and kept.keeper.pending() == ()


@pytest.mark.parametrize("error", ["full", "errno"])
def test_a_full_disk_keeps_everything_in_memory_until_there_is_room(
    make: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    monkeypatch.setattr(keeping, "RETRY_S", 0.02)
    full = threading.Event()
    apply = Store.apply

    def refusing(store: Store, changes: list[Change]) -> None:
        if full.is_set():
            if error == "errno":
                raise OSError(errno.ENOSPC, "No space left on device")
            pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
            store.connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own "disk full"
            changes = [*changes, *talk("x" * 100_000, id="much")]
        else:
            store.connection.execute("PRAGMA max_page_count = 1000000")
        apply(store, changes)

    monkeypatch.setattr(Store, "apply", refusing)
    kept = make()
    kept.keeper.put(talk("First."))
    assert kept.keeper.flush(PATIENCE_S)
    full.set()
    kept.keeper.put(talk("Second."))
    kept.until(lambda: len(kept.notices) == 1)
    assert kept.notices[0].startswith("The disk is full")
    assert not kept.keeper.flush(0.2) and kept.answer() == "First."
    kept.keeper.put(talk("Third."))
    full.clear()
    kept.until(lambda: len(kept.notices) == 2)
    assert kept.answer() == "Third." and kept.keeper.pending() == ()


def test_a_disk_error_is_said_and_survived(make: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch) -> None:
    """The system really refuses to write: files of this process may not grow past where they are."""
    monkeypatch.setattr(keeping, "RETRY_S", 0.02)
    kept = make()
    kept.keeper.put(talk("First."))
    assert kept.keeper.flush(PATIENCE_S)
    size = max(path.stat().st_size for path in kept.folder.iterdir())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, before[1]))
    try:
        kept.keeper.put(talk("Second. " * 100_000))
        kept.until(lambda: len(kept.notices) == 1)
        assert kept.answer() == "First."
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "disk reported an error" in kept.notices[0]
    kept.until(lambda: len(kept.notices) == 2)
    assert kept.answer().startswith("Second.") and kept.keeper.pending() == ()


def test_another_process_that_writes_is_waited_for(make: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_S", 0.01)
    monkeypatch.setattr(keeping, "RETRY_S", 0.01)
    kept = make()
    kept.until(lambda: Ready() in kept.news)
    other = sqlite3.connect(kept.folder / opening.FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    kept.keeper.put(talk())
    kept.until(lambda: len(kept.notices) == 1)
    assert "Another program" in kept.notices[0]
    other.execute("COMMIT")
    other.close()
    kept.until(lambda: len(kept.notices) == 2)
    assert kept.answer() == "Because."


def test_what_cannot_be_written_at_all_does_not_hold_up_the_rest(make: Callable[..., Kept]) -> None:
    kept = make()
    bad = ExchangeRow("talk", "bad", None, "", "Why?", "done", 1.0)  # type: ignore[arg-type]
    kept.keeper.put([*talk(), bad])
    assert kept.keeper.flush(PATIENCE_S)
    assert kept.answer() == "Because."


def test_the_thread_outlives_what_nobody_thought_of(
    make: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeping, "RETRY_S", 0.02)
    kept = make()
    kept.until(lambda: Ready() in kept.news)
    with monkeypatch.context() as broken:
        broken.setattr(Keeper, "_write", lambda _: {}["not there"])
        kept.keeper.put(talk())
        kept.until(lambda: len(kept.notices) == 1)
    kept.until(lambda: len(kept.notices) == 2)
    assert kept.answer() == "Because." and "unexpected" in caplog.text


def test_a_newer_file_is_said_and_left_alone(make: Callable[..., Kept], tmp_path: Path) -> None:
    folder = tmp_path / "history"
    Store.open(folder).close()
    newer = sqlite3.connect(folder / opening.FILE)
    newer.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    newer.close()
    kept = make(folder)
    kept.keeper.put(talk())
    kept.until(lambda: Ready() in kept.news)
    assert "newer version" in kept.notices[0] and len(kept.keeper.pending()) == 3
    assert not kept.keeper.close()
    assert kept.load() is None


def test_a_damaged_file_is_said_at_the_start(make: Callable[..., Kept]) -> None:
    first = make()
    first.keeper.put(talk())
    assert first.keeper.close()
    assert make().keeper.close()  # makes the copy
    (first.folder / opening.FILE).write_bytes(b"nonsense" * 999)
    second = make()
    second.until(lambda: Ready() in second.news)
    assert "was damaged" in second.notices[0]
    assert second.answer() == "Because."


@pytest.mark.parametrize("days_ago", [2, -400])  # the clock was wrong when the last copy was made
def test_a_copy_is_made_daily(make: Callable[..., Kept], days_ago: int) -> None:
    kept = make()
    kept.keeper.put(talk("Today."))
    assert kept.keeper.flush(PATIENCE_S)
    copy = kept.folder / opening.COPIES[0]
    made = time.time()
    assert copy.exists()
    os.utime(copy, (made - days_ago * keeping.COPY_EVERY_S,) * 2)
    kept.keeper.put(talk("Tomorrow."))
    kept.keeper.close()
    assert made - 10 < copy.stat().st_mtime < made + keeping.COPY_EVERY_S
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT answer FROM exchanges").fetchone() == ("Tomorrow.",)
    connection.close()

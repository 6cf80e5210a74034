from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine.threads import keeping
from app.library.store import opening
from app.library.store.records import Change, ExchangeRow, FileRow, Files, Header, Stored, Summary, Titled
from app.ui.history.history import History

Make = Callable[..., History]


@pytest.fixture
def make(tmp_path: Path, qtbot: QtBot) -> Iterator[Make]:
    made: list[History] = []

    def start(folder: Path | None = tmp_path / "history", wait: bool = True) -> History:
        made.append(History(folder))
        if wait and folder is not None:
            qtbot.waitUntil(lambda: made[-1].ready, timeout=60_000)
        return made[-1]

    yield start
    for one in made:
        one.close()


def talk(id: str, title: str, answer: str = "Because.", updated: float = 2.0, file: str = "") -> list[Change]:
    files = (FileRow(f"/files/{file}", file),) if file else ()
    row = ExchangeRow(id, f"{id}-1", 1, "", title, "done", 1.0, answer)
    return [Header(id, 1.0, updated), Titled(id, title), Files(id, files), row]


def titles(history: History, search: str = "") -> list[str]:
    return [one.title for one in history.list(search)]


@pytest.mark.parametrize("saved", [True, False])
def test_the_list_is_the_same_whether_the_disk_has_it_or_not(
    make: Make, monkeypatch: pytest.MonkeyPatch, saved: bool
) -> None:
    history = make()
    history.put(talk("a", "Alpha", "notice period", 1.0))
    assert history.flush()
    if not saved:
        monkeypatch.setattr(keeping.Keeper, "_write", lambda _: None)
    history.put(talk("b", "Beta", "notice of rent", 2.0, file="lease.pdf"))
    history.put([Header("a", 1.0, 3.0, draft="more"), Titled("a", "Alpha again")])
    history.flush(0.2)
    listed = history.list()
    assert [(one.title, one.files, one.draft) for one in listed] == [
        ("Alpha again", (), True),
        ("Beta", ("lease.pdf",), False),
    ]
    for search, found in (
        ("notice", ["Alpha again", "Beta"]),
        ("lease rent", ["Beta"]),
        ("again", ["Alpha again"]),
        ("x", []),
    ):
        assert titles(history, search) == found, search
    assert history.search("rent") == history.list("rent")
    one = history.load("b")
    assert isinstance(one, Stored) and one.exchanges["b-1"].answer == "notice of rent"
    history.delete("b")
    assert titles(history) == ["Alpha again"] and titles(history, "rent") == []
    assert history.undo_delete() == "b" and titles(history, "rent") == ["Beta"]
    monkeypatch.undo()


def test_what_a_list_needs_to_know_comes_as_a_signal(make: Make, qtbot: QtBot) -> None:
    history = make()
    with qtbot.waitSignal(history.changed, timeout=60_000):
        history.put(talk("a", "Alpha"))
    renamed: list[tuple[str, str]] = []
    history.renamed.connect(lambda *names: renamed.append(names))
    with qtbot.waitSignal(history.changed, timeout=60_000):
        history.rename("a", "Gamma")
    assert renamed == [("a", "Gamma")] and titles(history) == ["Gamma"]
    with qtbot.assertNotEmitted(history.changed, wait=50):
        history.put(talk("a", "Alpha", "Because it")[3:], growing=True)


def test_deletions_are_undone_one_by_one_the_last_first(make: Make) -> None:
    history = make()
    for name in "abc":
        history.put(talk(name, name, updated=ord(name)))
    gone: list[str] = []
    history.deleted.connect(gone.append)
    history.delete("a"), history.delete("c"), history.delete("nothing"), history.delete("a")
    assert gone == ["a", "c"] and titles(history) == ["b"]
    assert history.undo_delete() == "c" and titles(history) == ["c", "b"]
    assert history.undo_delete() == "a" and history.undo_delete() is None


def test_a_deletion_can_be_undone_though_another_process_ended_meanwhile(make: Make) -> None:
    one, two = make(), make()
    one.put(talk("a", "Alpha", "quixotic"))
    assert one.flush()
    one.delete("a")
    assert one.flush()
    assert two.close()  # and deletes for good what was deleted
    assert one.undo_delete() == "a" and one.flush()
    assert titles(make(), "quixotic") == ["Alpha"]


def test_two_processes_see_each_others_conversations(make: Make) -> None:
    one, two = make(), make()
    one.put(talk("a", "Alpha"))
    assert one.flush()
    two.put(talk("b", "Beta", updated=3.0))
    assert two.flush()
    assert titles(one) == titles(two) == ["Beta", "Alpha"]
    one.rename("b", "Renamed")
    assert one.flush()
    two.put([Header("b", 1.0, 4.0)])
    assert two.flush() and titles(one) == ["Renamed", "Alpha"]


def test_trouble_is_told_in_one_sentence_and_what_is_there_can_be_read(
    make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = make()
    first.put(talk("a", "Alpha", "notice"))
    assert first.close()
    monkeypatch.setattr(keeping, "RETRY_S", 0.02)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening, "make_private", refuse)
    history = make(wait=False)
    told: list[str] = []
    history.notice.connect(told.append)
    qtbot.waitUntil(lambda: history.ready and bool(told), timeout=60_000)
    assert titles(history, "notice") == ["Alpha"]
    history.put(talk("b", "Beta", updated=3.0))
    assert titles(history) == ["Beta", "Alpha"] and not history.flush(0.2)
    assert len(told) == 1 and "cannot be written to" in told[0]
    monkeypatch.undo()
    monkeypatch.setattr(keeping, "RETRY_S", 0.02)
    qtbot.waitUntil(lambda: len(told) == 2, timeout=60_000)
    assert told[1] == "Your conversations are being saved again."
    assert history.close() and titles(make()) == ["Beta", "Alpha"]


def test_a_damaged_file_is_told_and_its_copy_shown(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    first = make()
    first.put(talk("a", "Alpha"))
    assert first.close()
    assert make().close()
    (tmp_path / "history" / opening.FILE).write_bytes(b"nonsense" * 1000)
    told: list[str] = []
    history = make(wait=False)
    history.notice.connect(told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    assert "was damaged" in told[0] and titles(history) == ["Alpha"]


def test_after_the_end_nothing_is_written_and_nothing_breaks(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    history = make()
    assert history.close()
    history.put(talk("a", "Secret words"))
    assert history.list() == [] and history.load("a") is None and history.recent_files() == []
    assert "after the history was closed" in caplog.text and "Secret" not in caplog.text


def test_a_conversation_has_one_owner(make: Make) -> None:
    history = make(None)
    first, second = object(), object()
    assert history.claim("a", first) and history.claim("a", first) and not history.claim("a", second)
    history.release("a", second)
    assert history.owner("a") is first
    history.release("a", first)
    assert history.claim("a", second)


def test_a_conversation_without_a_question_has_a_name(make: Make) -> None:
    history = make(None)
    history.put([Header("a", 1.0, 2.0, draft="Half a que")])
    assert history.list() == [Summary("a", "New conversation", 2.0, draft=True)]

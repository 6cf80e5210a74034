import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.library.store import opening, restoring, schema
from app.library.store.reading import Reader, excerpt
from app.library.store.records import (
    Deleted,
    Dropped,
    ExchangeRow,
    FileRow,
    Files,
    Gone,
    Header,
    Stored,
    Titled,
)
from app.library.store.writing import Store

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path)
    yield made
    made.close()


def header(id: str = "talk", updated: float = 10.0, **more: object) -> Header:
    return Header(id, 1.0, updated, **more)  # type: ignore[arg-type]


def row(id: str = "one", talk: str = "talk", number: int = 1, **more: object) -> ExchangeRow:
    values: dict[str, object] = {"question": "Why?", "stage": "done", "created": 2.0, "answer": "Because.", **more}
    return ExchangeRow(talk, id, number, values.pop("parent", ""), **values)  # type: ignore[arg-type]


def add(store: Store, id: str, title: str, answer: str, *, updated: float = 10.0, files: tuple[str, ...] = ()) -> None:
    """A conversation with one answer."""
    rows = Files(id, tuple(FileRow(f"/files/{name}", name) for name in files))
    store.apply([header(id, updated), Titled(id, title), rows, row(f"{id}-1", id, question=title, answer=answer)])


def load(folder: Path, id: str = "talk") -> Stored | None:
    reader = Reader(folder)
    try:
        return reader.conversation(id)
    finally:
        reader.close()


def found(folder: Path, search: str = "") -> list[str]:
    reader = Reader(folder)
    try:
        return [summary.id for summary in reader.summaries(search)]
    finally:
        reader.close()


def raw(folder: Path) -> bytes:
    """Every byte that lies in the folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_a_conversation_comes_back_as_it_was(store: Store, tmp_path: Path) -> None:
    head = header(instructions="Be brief.", draft="And th", chosen={"": "one", "one": "three"})
    files = Files(
        "talk", (FileRow("/a.pdf", "a.pdf", "h" * 64, "pdf", 560, "both", 8, 3, True, "{}"), FileRow("/b.png"))
    )
    rows = [row("one"), row("two", number=2, parent="one", evidence="[]", thinking="Hm"), row("three", number=3)]
    store.apply([Titled("talk", "Why?"), *rows, files, head])
    assert load(tmp_path) == Stored(head, "Why?", None, files.files, {one.id: one for one in rows})
    assert load(tmp_path, "other") is None


def test_a_later_change_replaces_and_a_header_leaves_the_title_alone(store: Store, tmp_path: Path) -> None:
    store.apply([header(), Titled("talk", "Named"), row(answer="Be", stage="answering")])
    store.apply([header(updated=20.0, draft="x"), row(answer="Because")])
    stored = load(tmp_path)
    assert stored is not None
    assert (stored.title, stored.header.updated, stored.header.created) == ("Named", 20.0, 1.0)
    assert [one.answer for one in stored.exchanges.values()] == ["Because"]


def test_what_was_taken_back_is_gone_and_so_is_an_empty_conversation(store: Store, tmp_path: Path) -> None:
    store.apply([header(), row("one"), row("two", number=2)])
    store.apply([Gone("talk", "two")])
    stored = load(tmp_path)
    assert stored is not None and list(stored.exchanges) == ["one"]
    store.apply([Dropped("talk")])
    assert load(tmp_path) is None
    store.apply([row("late"), Files("talk", (FileRow("/a.pdf"),))])  # the answer comes when all is over
    assert store.connection.execute(
        "SELECT (SELECT count(*) FROM exchanges) + (SELECT count(*) FROM files)"
    ).fetchone() == (0,)


def test_all_changes_of_a_call_are_written_or_none(store: Store, tmp_path: Path) -> None:
    store.apply([header(), row(answer="Old")])
    with pytest.raises(sqlite3.Error):
        store.apply([row(answer="New"), row("two", number=None)])
    stored = load(tmp_path)
    assert stored is not None and stored.exchanges["one"].answer == "Old"


def test_half_a_character_does_not_hold_up_the_rest(store: Store, tmp_path: Path) -> None:
    store.apply([header(), row(question="a\udcffb")])
    stored = load(tmp_path)
    assert stored is not None and stored.exchanges["one"].question == "a?b"


def test_answers_that_were_cut_count_as_stopped_at_the_next_start(tmp_path: Path) -> None:
    first = Store.open(tmp_path)
    first.apply([header(), row(answer="Half of it", stage="answering"), row("two", number=2, stage="done")])
    first.close()
    assert found(tmp_path, "half") == ["talk"]  # by its letters; the index has it only once it is over
    second = Store.open(tmp_path)
    second.close()
    stored = load(tmp_path)
    assert stored is not None
    assert [(one.stage, one.answer) for one in stored.exchanges.values()] == [
        ("stopped", "Half of it"),
        ("done", "Because."),
    ]


def test_the_list_has_the_latest_first_and_no_deleted_ones(store: Store, tmp_path: Path) -> None:
    add(store, "a", "First", "x", updated=1)
    add(store, "b", "Second", "x", updated=3, files=("b.pdf", "a.png"))
    add(store, "c", "Third", "x", updated=2)
    store.apply([Deleted("c", 5.0)])
    assert found(tmp_path) == ["b", "a"]
    assert found(tmp_path, "third") == []
    reader = Reader(tmp_path)
    assert reader.summaries()[0].files == ("b.pdf", "a.png")
    reader.close()
    store.apply([Deleted("c", None)])
    assert found(tmp_path) == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        ("notice", ["lease"]),
        ("NOTI", ["lease"]),  # the beginning of a word
        ("kundigungsfrist", ["lease"]),  # without its dots
        ("frist", ["lease"]),  # inside a word
        ("mietvertrag.pdf", ["lease"]),  # a file's name
        ("rent harbour", []),  # not in one conversation
        ("period Mietvertrag", ["lease"]),  # an answer and a file's name
        ("boats", ["harbour"]),
        ("42 %", ["harbour"]),
        ('"', []),
        ("* OR NEAR( -x", []),
        ("", ["harbour", "lease"]),
    ],
)
def test_search(store: Store, tmp_path: Path, search: str, ids: list[str]) -> None:
    answer = "The notice period (Kündigungsfrist) is three months, and the rent is due monthly."
    add(store, "lease", "What must I know?", answer, files=("Mietvertrag.pdf",), updated=1)
    add(store, "harbour", "How many boats?", "In the harbour lie 42 % more.", updated=2)
    assert found(tmp_path, search) == ids


def test_the_snippet_shows_the_match(store: Store, tmp_path: Path) -> None:
    add(store, "lease", "What must I know?", f"{'word ' * 200}the **notice** period {'word ' * 200}")
    reader = Reader(tmp_path)
    (summary,) = reader.summaries("notic period")
    assert [summary.snippet[start:end] for start, end in summary.marks] == ["notic", "period"]
    assert len(summary.snippet) < 200
    (summary,) = reader.summaries("otice")
    assert [summary.snippet[start:end] for start, end in summary.marks] == ["otice"]
    reader.close()


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_an_excerpt_is_a_part_of_the_text_with_its_marks_inside(text: str, words: list[str]) -> None:
    shown, marks = excerpt(text, words)
    assert len(shown) <= 400 + len(max(words, key=len)) and all(0 <= start <= end <= len(shown) for start, end in marks)
    if text and words[0].isascii() and words[0].isalnum() and words[0] in text:
        assert marks


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.text(st.characters()))
def test_no_search_breaks_anything(store: Store, tmp_path: Path, search: str) -> None:
    if not found(tmp_path):
        add(store, "lease", "What must I know?", "The notice period", files=("a.pdf",))
    reader = Reader(tmp_path)
    assert {one.id for one in reader.summaries(search)} <= {"lease"} and not reader.index_is_bad
    reader.close()


def test_search_finds_what_was_changed_and_not_what_was(store: Store, tmp_path: Path) -> None:
    add(store, "talk", "Alpha", "beta")
    store.apply([Titled("talk", "Gamma")])
    store.apply([row("talk-1", question="Alpha", answer="delta")])
    assert (found(tmp_path, "gamma"), found(tmp_path, "delta"), found(tmp_path, "beta")) == (["talk"], ["talk"], [])
    store.refill_search()
    assert (found(tmp_path, "gamma"), found(tmp_path, "delta"), found(tmp_path, "beta")) == (["talk"], ["talk"], [])


def test_recent_files_come_once_and_without_pasted_pictures(store: Store, tmp_path: Path) -> None:
    add(store, "a", "A", "x", files=("old.pdf", "both.pdf"), updated=1)
    add(store, "b", "B", "x", files=("both.pdf",), updated=2)
    store.apply([header("c", 3), Files("c", (FileRow("/spool/s.png", "s.png", spooled=True),))])
    reader = Reader(tmp_path)
    assert [(one.name, one.used) for one in reader.recent_files()] == [("both.pdf", 2.0), ("old.pdf", 1.0)]
    reader.close()


def test_nothing_stays_of_what_was_deleted(tmp_path: Path) -> None:
    for _ in range(3):  # the copies have it too
        store = Store.open(tmp_path)
        if load(tmp_path) is None:
            add(store, "stays", "Kept", "ordinary " * 500)
            add(store, "talk", "Zanzibar42", "quixotic words " * 3000, files=("velociraptor.pdf",))
            pasted = FileRow("/spool/one.png", "one.png", spooled=True)
            shared = FileRow("/spool/two.png", "two.png", spooled=True)
            store.apply([Files("talk", (pasted, shared)), Files("stays", (shared,))])
            store.apply([row("talk-2", number=2, thinking="Xylophone", question="Zephyr?", stage="answering")])
        store.close()
    secrets = (b"quixotic", b"Zanzibar42", b"Xylophone", b"Zephyr", b"zanzibar42")
    assert all(secret in raw(tmp_path) for secret in secrets)
    store = Store.open(tmp_path)
    store.apply([Deleted("talk", 9.0)])
    assert store.purge() == {"/spool/one.png"}
    assert not [secret for secret in secrets if secret in raw(tmp_path)]
    assert store.purge() == set()
    store.close()
    assert not [secret for secret in secrets if secret in raw(tmp_path)]
    assert found(tmp_path) == ["stays"] and found(tmp_path, "quixotic") == []


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_everything_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    store = Store.open(folder)
    add(store, "a", "A", "x")
    store.copy()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert len(modes) >= 4 and set(modes.values()) == {0o600}, modes
    store.close()


def test_the_file_is_written_through(store: Store) -> None:
    said = [
        store.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "secure_delete")
    ]
    assert said == ["wal", 2, 1]


# Migrations


@pytest.mark.parametrize("version", range(1, schema.VERSION + 1))
def test_a_file_of_every_version_opens_with_everything_in_it(tmp_path: Path, version: int) -> None:
    old = sqlite3.connect(tmp_path / opening.FILE)
    old.executescript((SCHEMAS / f"version_{version}.sql").read_text())
    old.close()
    store = Store.open(tmp_path)
    stored = load(tmp_path)
    assert stored is not None
    assert (stored.title, stored.header.draft, stored.header.chosen) == ("What is due?", "And then", {"first": "again"})
    assert [one.stage for one in stored.exchanges.values()] == ["done", "done", "stopped"]
    assert stored.files[0].max_pages == 12 and stored.files[1].spooled
    for search in ("miete", "hundr", "lease", "euros"):
        assert found(tmp_path, search) == ["talk"], search
    fresh = Store.open(tmp_path / "fresh")
    names = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    assert store.connection.execute(names).fetchall() == fresh.connection.execute(names).fetchall()
    fresh.close()
    store.close()


def test_a_copy_is_made_before_a_file_is_brought_to_a_newer_version(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / opening.FILE)
    old.executescript((SCHEMAS / "version_1.sql").read_text())
    old.close()
    Store.open(tmp_path).close()
    copy = sqlite3.connect(tmp_path / opening.COPIES[0])
    assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    copy.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = sqlite3.connect(tmp_path / opening.FILE)
    old.executescript((SCHEMAS / "version_1.sql").read_text())
    old.close()

    def broken(connection: sqlite3.Connection) -> None:
        schema._search(connection)
        connection.execute("DELETE FROM exchanges")
        raise sqlite3.OperationalError("power cut")

    monkeypatch.setattr(schema, "STEPS", (schema._tables, broken))
    with pytest.raises(sqlite3.OperationalError):
        Store.open(tmp_path)
    monkeypatch.undo()
    store = Store.open(tmp_path)
    assert store.connection.execute("SELECT count(*) FROM exchanges").fetchone() == (3,)
    store.close()


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    path = tmp_path / opening.FILE
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(schema.NewerFileError, match="newer version"):
        Store.open(tmp_path)
    assert path.read_bytes() == before


# Damage


def damage(path: Path) -> None:
    """Noise over the second half."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size - size // 2))


def kept_twice(folder: Path) -> None:
    """A store with a copy of one conversation, and a second conversation that is not in the copy yet."""
    store = Store.open(folder)
    add(store, "old", "Old", "in the copy " * 400)
    store.copy()
    add(store, "new", "New", "not in the copy " * 400)
    store.close()


def answer_of_old(folder: Path) -> bool:
    """Whether what is in the copy is whole."""
    stored = load(folder, "old")
    return stored is not None and stored.exchanges["old-1"].answer == "in the copy " * 400


@pytest.mark.parametrize("how", ["noise", "no database", "empty", "gone", "header"])
def test_a_damaged_file_is_kept_aside_and_the_copy_takes_its_place(tmp_path: Path, how: str) -> None:
    kept_twice(tmp_path)
    path = tmp_path / opening.FILE
    if how == "noise":
        damage(path)
    elif how == "header":
        path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
    elif how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"This is not a database, it is a letter to someone. " * 99 if how == "no database" else b"")
    harmed = path.read_bytes() if path.exists() else b""
    store = Store.open(tmp_path)
    assert answer_of_old(tmp_path) and "old" in found(tmp_path, "copy")
    (notice,) = store.notices
    assert ("damaged" if harmed else "empty or gone") in notice and notice.count(". ") <= 1
    aside = [one for one in tmp_path.iterdir() if one.name.startswith("damaged-") and one.suffix == ".db"]
    if harmed:
        assert [one.read_bytes() for one in aside] == [harmed] and aside[0].name in notice
    add(store, "next", "Next", "goes on")
    store.close()
    again = Store.open(tmp_path)
    assert not again.notices and {"next", "old"} <= set(found(tmp_path))
    again.close()


def test_where_the_newest_copy_is_damaged_too_the_one_before_it_is_taken(tmp_path: Path) -> None:
    kept_twice(tmp_path)
    Store.open(tmp_path).close()
    damage(tmp_path / opening.FILE)
    damage(tmp_path / opening.COPIES[0])
    store = Store.open(tmp_path)
    assert answer_of_old(tmp_path) and len(store.notices) == 1
    store.close()


def test_without_any_copy_a_new_file_is_begun_and_nothing_thrown_away(tmp_path: Path) -> None:
    kept_twice(tmp_path)
    for name in opening.COPIES:
        (tmp_path / name).unlink(missing_ok=True)
    damage(tmp_path / opening.FILE)
    store = Store.open(tmp_path)
    assert "no copy" in store.notices[0]
    assert len([one for one in tmp_path.glob("damaged-*") if one.suffix == ".db"]) == 1
    store.close()


@pytest.mark.parametrize("table", ["exchanges_conversation", "conversations_updated", "search_idx"])
def test_what_a_damaged_file_still_has_is_taken_along(tmp_path: Path, table: str) -> None:
    kept_twice(tmp_path)
    path = tmp_path / opening.FILE
    connection = sqlite3.connect(path)
    (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(size))
    store = Store.open(tmp_path)
    assert sorted(found(tmp_path)) == ["new", "old"] and found(tmp_path, "not in") == ["new"]
    stored = load(tmp_path, "new")
    assert stored is not None and stored.exchanges["new-1"].answer == "not in the copy " * 400
    store.close()


def test_restoring_that_is_broken_off_has_changed_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_twice(tmp_path)
    damage(tmp_path / opening.FILE)
    harmed = (tmp_path / opening.FILE).read_bytes()

    def killed(_: Path) -> None:
        raise KeyboardInterrupt

    for moment in ("readable", "_put_aside"):
        with monkeypatch.context() as broken:
            broken.setattr(restoring, moment, killed)
            with pytest.raises(KeyboardInterrupt):
                Store.open(tmp_path)
        assert (tmp_path / opening.FILE).read_bytes() == harmed and not list(tmp_path.glob("damaged-*"))
    store = Store.open(tmp_path)
    assert answer_of_old(tmp_path) and len(store.notices) == 1 and len(list(tmp_path.glob("damaged-*.db"))) == 1
    store.close()


def test_what_was_deleted_since_the_copy_does_not_come_back(tmp_path: Path) -> None:
    kept_twice(tmp_path)
    store = Store.open(tmp_path)
    store.apply([Deleted("old", 99.0)])
    (root,) = store.connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'search_idx'").fetchone()
    store.close()
    with (tmp_path / opening.FILE).open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(os.urandom(4096))
    store = Store.open(tmp_path)
    assert len(store.notices) == 1 and found(tmp_path) == ["new"]
    store.close()


def test_a_damaged_file_is_not_kept_for_ever(tmp_path: Path) -> None:
    kept_twice(tmp_path)
    damage(tmp_path / opening.FILE)
    Store.open(tmp_path).close()
    for path in tmp_path.glob("damaged-*"):
        os.utime(path, (0, 0))
    Store.open(tmp_path).close()
    assert not list(tmp_path.glob("damaged-*"))


def test_a_search_goes_on_without_its_index_and_the_index_is_made_anew(store: Store, tmp_path: Path) -> None:
    add(store, "a", "A", "the notice period")
    store.connection.execute("UPDATE search_data SET block = x'00ff00ff00ff' WHERE id > 10")
    reader = Reader(tmp_path)
    assert [one.id for one in reader.summaries("notice")] == ["a"] and reader.index_is_bad
    store.refill_search()
    reader.index_is_bad = False
    assert [one.id for one in reader.summaries("notice")] == ["a"] and not reader.index_is_bad
    reader.close()


def test_the_last_two_copies_are_kept(tmp_path: Path) -> None:
    for name in "abcd":
        store = Store.open(tmp_path)
        add(store, name, name, "x")
        store.close()
    kept = []
    for name in opening.COPIES:
        copy = sqlite3.connect(tmp_path / name)
        kept.append([id for (id,) in copy.execute("SELECT id FROM conversations ORDER BY id")])
        copy.close()
    assert kept == [["a", "b", "c"], ["a", "b"]]


def test_two_processes_write_to_one_file(tmp_path: Path) -> None:
    one, two = Store.open(tmp_path), Store.open(tmp_path)
    for number in range(20):
        one.apply([header("one"), row(f"one-{number}", "one", number)])
        two.apply([header("two"), row(f"two-{number}", "two", number)])
    for id in ("one", "two"):
        stored = load(tmp_path, id)
        assert stored is not None and len(stored.exchanges) == 20
    one.close(), two.close()


def test_an_answer_of_one_process_outlives_the_start_of_another(tmp_path: Path) -> None:
    one = Store.open(tmp_path)
    growing = row(answer="Be", stage="answering")
    one.apply([header(), growing])
    two = Store.open(tmp_path)  # takes it for one that was cut
    one.apply([replace(growing, answer="Because", stage="done")])
    stored = load(tmp_path)
    assert stored is not None
    assert (stored.exchanges["one"].stage, stored.exchanges["one"].answer) == ("done", "Because")
    one.close(), two.close()

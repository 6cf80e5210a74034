"""Files of conversations of every earlier version, damaged ones, and copies."""

import os
import sqlite3
from pathlib import Path

import pytest

from app.library.store import opening, restoring, schema
from app.library.store.reading import Reader
from app.library.store.records import (
    Deleted,
)
from app.library.store.writing import Store
from tests.app.library.kept import add, found, load

SCHEMAS = Path(__file__).parent / "schemas"


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
    notice = str(*store.notices)
    assert ("damaged" if harmed else "empty or missing") in notice and notice.count(". ") <= 1
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
    assert "no copy" in str(store.notices[0])
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

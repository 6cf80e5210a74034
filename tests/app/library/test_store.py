"""Conversations in their file: written, read, searched, deleted, by one process and by two."""

from __future__ import annotations

import sqlite3
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.library.store.reading import Reader, excerpt
from app.library.store.records import (
    Deleted,
    Dropped,
    FileRow,
    Files,
    Gone,
    Stored,
    Titled,
)
from app.library.store.writing import Store
from tests.app.library.kept import add, found, header, load, raw, row


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

import io
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from app.chat.extract.export import to_csv, to_xlsx
from app.chat.extract.verdicts import Verdicts
from app.chat.parts import Reply
from app.session import Session, collecting, walking
from app.session.collecting import list_folder
from app.session.folders import TAKEN_OUT, Changes, Counts, Folder, beyond_words, counts, same_as
from app.session.items import Items, ItemState
from app.session.recording import file_rows, restore_folder
from app.session.restoring import AsRead, content_hash, noticed
from app.session.walking import BROKEN, CLOSED, HIDDEN, LINK, Walk, signature
from model.errors import CancelledError
from tests.app.session.test_collecting import make
from tests.fakes import document, model_info


def added(root: Path, items: Items) -> Folder:
    """The folder with all its files read."""
    folder = items.add_folder(root)
    assert folder is not None
    folder.take(list_folder(root))
    assert folder.taken is not None
    for path in folder.taken.files:
        take(items, folder, path)
    return folder


def take(items: Items, folder: Folder, path: Path) -> None:
    item = items.add(path)
    assert item is not None
    item.folder, item.state, item.document = folder.key, ItemState.READY, document(path)


def names(folder: Folder, items: Items) -> dict[str, str]:
    return {one.name: one.standing for one in folder.entries(items)}


def test_every_entry_is_listed_once_with_what_became_of_it(tmp_path: Path) -> None:
    make(tmp_path, "a.pdf", "sub/b.png", "sub/deep/c.docx", "d.xyz", ".e", "f.pdf", "g.pdf")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "a.pdf")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    items = Items()
    folder = added(tmp_path, items)
    item, copy = items.by_path(tmp_path / "f.pdf"), items.by_path(tmp_path / "g.pdf")
    assert item is not None and copy is not None
    item.state, item.document, item.locked = ItemState.FAILED, None, True
    folder.aside[copy.path] = same_as("a.pdf")
    items.remove(copy.key)
    assert names(folder, items) == {
        "a.pdf": "read",
        "f.pdf": "failed",
        "g.pdf": "aside",
        "sub/b.png": "read",
        "sub/deep/c.docx": "read",
        "d.xyz": "refused",
        ".e": "refused",
        "link.pdf": "refused",
        "loop": "refused",
    }
    why = {one.name: one.why for one in folder.entries(items)}
    assert (why[".e"], why["link.pdf"], why["loop"]) == (HIDDEN, LINK, LINK)
    found = counts(folder.entries(items))
    pages = sum(len(one.pages) for one in items.documents())
    assert found == Counts(
        files=5, read=3, reading=0, failed=1, locked=1, aside=1, refused=3, hidden=1, new=0, pages=pages
    )
    assert found.entries == len(folder.entries(items)) == found.read + found.unread


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs permissions that hold")
def test_a_folder_that_may_not_be_opened_is_named(tmp_path: Path) -> None:
    make(tmp_path, "a.pdf", "closed/b.pdf")
    (tmp_path / "closed").chmod(0)
    try:
        found = list_folder(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert [(one.name, one.why) for one in found.refused] == [("closed", CLOSED)]


def test_what_the_system_refuses_to_list_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.pdf", "closed/b.pdf", "far/c.pdf")
    real = os.scandir

    def scandir(path: Path) -> object:
        if path.name in ("closed", "far"):
            raise PermissionError if path.name == "closed" else TimeoutError
        return real(path)

    monkeypatch.setattr(walking.os, "scandir", scandir)
    found = list_folder(tmp_path)
    assert [(one.name, one.why) for one in found.refused] == [("closed", CLOSED), ("far", BROKEN)]
    assert [path.name for path in found.files] == ["a.pdf"]


def test_a_folder_that_is_gone_has_no_changes(tmp_path: Path) -> None:
    make(tmp_path, "box/a.pdf")
    items = Items()
    folder = added(tmp_path / "box", items)
    (tmp_path / "box" / "a.pdf").unlink()
    (tmp_path / "box").rmdir()
    assert folder.look(list_folder(tmp_path / "box"))
    assert folder.gone and not folder.changes(items)


def test_bounds_are_kept_and_the_rest_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, *(f"{number:03}.pdf" for number in range(40)))
    monkeypatch.setattr(collecting, "MAX_FILES", 10)
    found = list_folder(tmp_path)
    assert (len(found.files), found.beyond, found.truncated) == (10, 30, False)
    assert "30 more files are beyond the limit of 10 files" in str(beyond_words(found))
    monkeypatch.setattr(walking, "MAX_SEEN", 20)
    found = list_folder(tmp_path)
    assert (found.beyond, found.truncated) == (10, True)


def test_a_look_can_be_stopped_and_tells_how_far_it_is(tmp_path: Path) -> None:
    make(tmp_path, *(f"{number}.pdf" for number in range(9)))
    cancel = threading.Event()
    walk = Walk(cancel)
    files = walk.files(tmp_path)
    next(files)
    next(files)
    assert walk.seen == 2
    cancel.set()
    with pytest.raises(CancelledError):
        list(files)


def test_what_is_new_changed_and_gone_is_noticed_and_taken_in(tmp_path: Path) -> None:
    make(tmp_path, "a.pdf", "b.pdf", "c.pdf", "copy.pdf", "out.pdf")
    items = Items()
    folder = added(tmp_path, items)
    assert not folder.look(list_folder(tmp_path)) and not folder.changes(items)
    for name, why in (("copy.pdf", same_as("a.pdf")), ("out.pdf", TAKEN_OUT)):
        item = items.by_path(tmp_path / name)
        assert item is not None
        folder.aside[item.path] = why
        items.remove(item.key)
    first, second = items.by_path(tmp_path / "a.pdf"), items.by_path(tmp_path / "b.pdf")
    assert first is not None and second is not None
    second.stale = True
    make(tmp_path, "new/d.pdf")
    (tmp_path / "c.pdf").unlink()
    for name in ("copy.pdf", "out.pdf"):
        (tmp_path / name).write_bytes(b"other content")
    assert folder.look(list_folder(tmp_path))
    assert folder.changes(items) == Changes(
        (tmp_path / "new" / "d.pdf", tmp_path / "copy.pdf"), (tmp_path / "b.pdf",), (tmp_path / "c.pdf",)
    )
    assert names(folder, items)["new/d.pdf"] == "new"
    assert folder.now is not None
    folder.take(folder.now)
    assert list(folder.aside) == [tmp_path / "copy.pdf", tmp_path / "out.pdf"]


def test_a_file_that_could_not_be_read_and_is_another_now_counts_as_changed(tmp_path: Path) -> None:
    make(tmp_path, "a.pdf")
    items = Items()
    folder = added(tmp_path, items)
    (item,) = items
    item.state, item.document, item.error = ItemState.FAILED, None, same_as("x")
    (tmp_path / "a.pdf").write_bytes(b"whole now")
    folder.look(list_folder(tmp_path))
    assert folder.changes(items).changed == (item.path,)


def test_the_hash_distinguishes_a_touched_file_from_an_edited_one(tmp_path: Path) -> None:
    make(tmp_path, "same.pdf", "edited.pdf", "longer.pdf", "gone.pdf")
    read = {}
    for key, name in enumerate(("same.pdf", "edited.pdf", "longer.pdf", "gone.pdf")):
        found = signature(tmp_path / name)
        assert found is not None
        read[key] = AsRead(tmp_path / name, found, content_hash(tmp_path / name))
    assert noticed(read) == {key: one.signature for key, one in read.items()}
    (tmp_path / "edited.pdf").write_bytes(b"y")
    (tmp_path / "longer.pdf").write_bytes(b"xx")
    (tmp_path / "gone.pdf").unlink()
    for name in ("same.pdf", "edited.pdf", "longer.pdf"):
        os.utime(tmp_path / name, (1_700_000_000, 1_700_000_000))
    now = noticed(read)
    assert now == {0: signature(tmp_path / "same.pdf"), 1: None, 2: None, 3: None}
    assert content_hash(tmp_path / "none") == ""


def test_a_folder_comes_back_from_history_and_notices_what_is_new(tmp_path: Path) -> None:
    make(tmp_path, "box/a.pdf", "box/b.pdf", "box/copy.pdf", "alone.pdf")
    items = Items()
    items.add(tmp_path / "alone.pdf")
    folder = added(tmp_path / "box", items)
    copy = items.by_path(folder.path / "copy.pdf")
    assert copy is not None
    folder.aside[copy.path] = same_as("a.pdf")
    items.remove(copy.key)
    rows = file_rows(items)
    assert [(row.name, row.kind, row.folder) for row in rows] == [
        ("alone.pdf", "", ""),
        ("box", "folder", ""),
        ("a.pdf", "pdf", str(folder.path)),
        ("b.pdf", "pdf", str(folder.path)),
    ]
    make(tmp_path, "box/new.pdf")
    again = Items()
    back = again.add_folder(folder.path)
    assert back is not None
    restore_folder(back, rows[1], rows)
    assert back.aside == folder.aside
    take(again, back, folder.path / "a.pdf")
    take(again, back, folder.path / "b.pdf")
    assert not back.changes(again)
    back.look(list_folder(folder.path))
    assert back.changes(again) == Changes((folder.path / "new.pdf",))


def test_a_record_that_is_damaged_brings_the_folder_back_without_what_was_set_aside(tmp_path: Path) -> None:
    make(tmp_path, "a.pdf")
    items = Items()
    added(tmp_path, items)
    row = file_rows(items)[0]
    for damaged in ("{", '{"aside": 3}', '{"aside": [["a"]]}', '{"aside": [["a", 7]]}', "[]"):
        folder = Folder(1, tmp_path)
        restore_folder(folder, replace(row, origin=damaged), ())
        assert folder.aside == {}


def test_names_that_are_there_twice_are_known(tmp_path: Path) -> None:
    make(tmp_path, "2024/invoice.pdf", "2025/invoice.pdf", "other.pdf")
    folder = added(tmp_path, Items())
    assert folder.names_apart() == {
        tmp_path / "2024" / "invoice.pdf": "2024/invoice.pdf",
        tmp_path / "2025" / "invoice.pdf": "2025/invoice.pdf",
    }


def test_a_script_knows_the_folder_of_its_files_and_files_of_one_name_apart(tmp_path: Path) -> None:
    (tmp_path / "box" / "old").mkdir(parents=True)
    for name, words in (("a.txt", "Rent 850 EUR"), ("old/a.txt", "Rent 790 EUR"), ("b.exe", "\0\1")):
        (tmp_path / "box" / name).write_text(words)
    with Session(recognise=False) as session:
        found = session.add(tmp_path / "box")
        (folder,) = session.items.folders.values()
        assert {one.name: one.standing for one in folder.entries(session.items)} == {
            "a.txt": "read",
            "old/a.txt": "read",
            "b.exe": "refused",
        }
        assert [document.name for document in found.documents] == ["a.txt", "old/a.txt"]
        assert [row.folder for row in file_rows(session.items)] == ["", str(folder.path), str(folder.path)]


def test_a_question_about_every_file_of_a_folder_is_a_table_with_file_page_and_evidence(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name, rent in (("lease.txt", 850), ("old/lease.txt", 790)):
        (tmp_path / name).write_text(f"The rent is {rent} EUR a month.")
    with Session(recognise=False) as session:
        session.add(tmp_path)
        run = Verdicts(session.documents, "What is the rent?", model_info())
    for rent in (850, 790):
        assert run.next_request() is not None
        run.take(Reply(f"It is “{rent} EUR” (page 1)."))
    assert run.next_request() is None and run.whole
    assert [(row.name, row.state, row.place.page) for row in run.table.rows] == [
        ("lease.txt", "found", 1),
        ("old/lease.txt", "found", 1),
    ]
    lines = to_csv(run.schema, run.table.rows).splitlines()
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(run.schema, run.table.rows)))
    table = [[cell.value for cell in row] for row in book.active.iter_rows(min_row=2)]
    assert [row[1:4] for row in table] == [["lease.txt", 1, "850 EUR"], ["old/lease.txt", 1, "790 EUR"]]
    assert "old/lease.txt,1,790 EUR,found" in lines[2]

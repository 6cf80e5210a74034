import stat
import sys
import zipfile
from pathlib import Path

import pytest

from app.ingest.kinds import SHARED_SUFFIXES, SUFFIXES
from app.session import collecting as files
from app.session.collecting import Collected, Spool, collect, notice_lines


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def lines_of(found: Collected) -> list[str]:
    return [str(line) for line in notice_lines(found)]


def test_a_folder_is_walked_in_order_and_other_files_are_named(tmp_path: Path) -> None:
    make(tmp_path, "b.PDF", "a.png", "sub/c.mp4", "notes.xyz", ".hidden/d.pdf", ".e.pdf")
    found = collect([tmp_path])
    assert [path.name for path in found.files] == ["a.png", "b.PDF", "c.mp4"]
    assert found.unsupported == ("notes.xyz",)
    first, second = lines_of(found)
    assert first == "Not added: notes.xyz. Its name does not tell what kind of file it is; add it separately."
    assert second == "2 hidden files and folders were left out."


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    make(tmp_path, "outside/secret.pdf", "inside/a.pdf")
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    (tmp_path / "inside" / "loop").symlink_to(tmp_path / "inside", target_is_directory=True)
    assert [path.name for path in collect([tmp_path / "inside"]).files] == ["a.pdf"]


def test_bounds_are_kept_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 3)
    make(tmp_path, *(f"{number}.pdf" for number in range(5)))
    found = collect([tmp_path])
    assert len(found.files) == 3 and found.truncated
    assert "Only the first 3 files" in lines_of(found)[0]


def test_folders_that_lie_too_deep_are_counted_and_said(tmp_path: Path) -> None:
    deep = "/".join(str(number) for number in range(files.MAX_DEPTH))
    make(tmp_path, f"{deep}/a.pdf", f"{deep}/x/b.pdf", f"{deep}/y/c.pdf")
    found = collect([tmp_path])
    assert [path.name for path in found.files] == ["a.pdf"] and found.too_deep == 2
    assert lines_of(found) == ["2 folders are more than 8 levels deep and were left out; add them separately."]
    (one,) = lines_of(collect([tmp_path / "0", tmp_path / deep / "x", tmp_path / deep / "y"])) or ("none",)
    assert one == "none"


def test_a_file_twice_in_one_drop_is_one_file(tmp_path: Path) -> None:
    make(tmp_path, "a.pdf")
    assert len(collect([tmp_path / "a.pdf", tmp_path / "." / "a.pdf", tmp_path]).files) == 1


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    make(tmp_path, "full/a.pdf", "b.pdf")
    (tmp_path / "none" / "inside").mkdir(parents=True)
    (tmp_path / "more").mkdir()
    line = "The folder none has no files that Lectern can read."
    assert lines_of(collect([tmp_path / "none"])) == [line]
    with_others = collect([tmp_path / "b.pdf", tmp_path / "none", tmp_path / "full"])
    assert [path.name for path in with_others.files] == ["b.pdf", "a.pdf"] and lines_of(with_others) == [line]
    assert lines_of(collect([tmp_path / "none", tmp_path / "more"])) == [
        "2 folders have no files that Lectern can read: none, more."
    ]


def test_every_name_that_was_not_added_is_told_with_what_to_do(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.db").write_bytes(b"\0\1\2")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("letter.xyz", "Dear all")
    (tmp_path / "b.jxl").write_bytes(b"\xff\x0a")
    (tmp_path / "contract").write_bytes(b"%PDF-1.7")
    lines = lines_of(collect([tmp_path]))
    names = ", ".join(f"{number}.db" for number in range(9))
    assert lines == [
        f"Not added: {names}. This kind of file cannot be read; Lectern reads documents, pictures, videos and "
        "recordings.",
        "Not added: a.zip. This is an archive; unpack it and add the files in it.",
        "Not added: b.jxl. This is a JPEG XL picture, which cannot be read yet; save it as PNG or JPEG.",
        "Not added: contract. Its name does not tell what kind of file it is; add it separately.",
    ]


def test_so_many_names_that_nobody_reads_them_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_NAMED", 5)
    monkeypatch.setattr(files, "MOST_LOOKED_INTO", 2)
    make(tmp_path, *(f"{number}.db" for number in range(9)))
    first, second, last = lines_of(collect([tmp_path]))
    assert first.startswith("Not added: 0.db, 1.db. Its name")
    assert second == "Not added: 2.db, 3.db, 4.db. Lectern reads documents, pictures, videos and recordings."
    assert last == "4 more files were not added."


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    names = ("a.mpg", "b.wmv", "c.ts", "contract", "d.jfif", "e.heic", "notes.xyz", "gone.abc")
    make(tmp_path, *names[:-1])
    found = collect([tmp_path / name for name in names])
    assert [path.name for path in found.files] == list(names) and found.refused == ()


def test_in_a_folder_every_format_is_taken_by_the_endings_of_its_table(tmp_path: Path) -> None:
    make(tmp_path, *(f"file{suffix.upper()}" for suffix in SUFFIXES - SHARED_SUFFIXES))
    (tmp_path / "film.ts").write_bytes((b"G" + bytes(187)) * 3)
    (tmp_path / "program.ts").write_bytes(b"\0\1\2")
    found = collect([tmp_path])
    assert {path.suffix.lower() for path in found.files} == SUFFIXES
    assert found.unsupported == ("program.ts",)


def test_the_spool_is_private_and_deletes_only_its_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    first = spool.new_path(now=0)
    first.write_bytes(b"x")
    assert spool.new_path(now=0) != first
    if sys.platform != "win32":
        assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    make(tmp_path, "mine.png")
    spool.remove(tmp_path / "mine.png")
    spool.remove(first)
    assert (tmp_path / "mine.png").exists() and not first.exists()

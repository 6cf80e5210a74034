"""Conversations to keep, and what a folder then holds."""

from pathlib import Path

from app.library.store.reading import Reader
from app.library.store.records import (
    ExchangeRow,
    FileRow,
    Files,
    Header,
    Stored,
    Titled,
)
from app.library.store.writing import Store


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
    """Every byte that is in the folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())

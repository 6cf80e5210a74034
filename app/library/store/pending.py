"""Changes that are not on disk yet, laid over what was read from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.library.store.reading import words_of
from app.library.store.records import (
    Change,
    Deleted,
    Dropped,
    ExchangeRow,
    Files,
    Header,
    Stored,
    Summary,
    Titled,
)


def with_changes(stored: Stored | None, id: str, changes: Iterable[Change]) -> Stored | None:
    """One conversation as it is now."""
    for change in changes:
        if change.conversation != id:
            continue
        if isinstance(change, Dropped):
            stored = None
        elif stored is not None:
            stored.apply(change)
        elif isinstance(change, Header):
            stored = Stored(change)
    return stored


@dataclass
class _Fresh:
    """The pending changes of a conversation."""

    header: Header | None = None
    title: str | None = None
    files: tuple[str, ...] | None = None
    inside: tuple[str, ...] = ()
    """The names of files that came with a folder: searched, but not listed."""
    hidden: bool | None = None
    words: list[str] = field(default_factory=list)

    def take(self, change: Change) -> None:
        match change:
            case Header():
                self.header = change
            case Titled():
                self.title = change.title
            case Files():
                self.files = tuple(file.name for file in change.files if not file.folder)
                self.inside = tuple(file.name for file in change.files if file.folder)
            case Deleted():
                self.hidden = change.at is not None
            case Dropped():
                self.hidden = True
            case ExchangeRow():
                self.words += [change.question, change.answer]
            case _:
                pass

    def over(self, summary: Summary) -> Summary:
        """The conversation in the list, with what is new."""
        if self.header is not None:
            summary = replace(summary, updated=self.header.updated, draft=bool(self.header.draft))
        if self.title is not None:
            summary = replace(summary, title=self.title)
        return summary if self.files is None else replace(summary, files=self.files)

    def matches(self, words: list[str]) -> bool:
        text = " ".join([self.title or "", *(self.files or ()), *self.inside, *self.words]).casefold()
        return all(word.casefold() in text for word in words)


def list_with_changes(found: Iterable[Summary], changes: Iterable[Change], search: str) -> list[Summary]:
    """The list as it is now, the latest first."""
    fresh: dict[str, _Fresh] = {}
    for change in changes:
        fresh.setdefault(change.conversation, _Fresh()).take(change)
    listed = {summary.id: summary for summary in found}
    words = words_of(search)
    for id, one in fresh.items():
        if one.hidden:
            listed.pop(id, None)
            continue
        known = listed.get(id)
        if known is None and one.header is not None and (one.matches(words) if search.strip() else True):
            known = Summary(id, "", one.header.updated)
        if known is not None:
            listed[id] = one.over(known)
    return sorted(listed.values(), key=lambda summary: summary.updated, reverse=True)

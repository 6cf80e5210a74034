"""Saves the conversations of one window or script: each change as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from app.library.store.records import Change, Dropped, FileRow, Files, Gone, Titled
from app.session.conversation import Conversation, Exchange
from app.session.recording import header_of, row_of


class Put(Protocol):
    """Writes changes; ``growing``: more of the same comes soon."""

    def __call__(self, changes: Iterable[Change], *, growing: bool = False) -> None:
        """Queue the changes for writing."""


class Notebook:
    """Saves a conversation from its first question, instruction or unsent word on."""

    def __init__(self, put: Put, rows: Callable[[], tuple[FileRow, ...]]) -> None:
        """``rows``: the files as they are attached now."""
        self._put, self._rows = put, rows
        self._kept: set[str] = set()
        self._named: set[str] = set()
        self._files: Files | None = None
        """What was last written of files; they settle more often than they change."""

    def opened(self, talk: Conversation) -> None:
        """It came out of history, which has it."""
        self._kept.add(talk.id)
        if talk.title:
            self._named.add(talk.id)

    def dropped(self, talk: Conversation) -> None:
        """It was deleted: later events in it are not stored."""
        self._kept.discard(talk.id)

    def write(self, talk: Conversation, *exchanges: Exchange, here: bool = True) -> None:
        """Keep a conversation and some of its exchanges. ``here``: the attached files are its own."""
        talk.updated = time.time()
        talk.created = talk.created or talk.updated
        rows = [row_of(talk, one) for one in exchanges]
        self._put([header_of(talk), *self._first(talk, here), *rows])

    def grow(self, talk: Conversation, exchange: Exchange) -> None:
        """An answer has become longer."""
        if talk.id in self._kept:
            self._put([row_of(talk, exchange)], growing=True)

    def update(self, talk: Conversation, exchange: Exchange) -> None:
        """Something was found out about an answer; that does not make the conversation a newer one."""
        if talk.id in self._kept:
            self._put([row_of(talk, exchange)])

    def take_back(self, talk: Conversation, exchange: Exchange) -> None:
        """A question was withdrawn. A conversation with nothing in it goes too."""
        if talk.id in self._kept:
            changes: list[Change] = [Gone(talk.id, exchange.id), header_of(talk)]
            if not talk.title and talk.id in self._named:
                self._named.discard(talk.id)
                changes.append(Titled(talk.id, ""))
            self._put(changes)
            self.tidy(talk)

    def head(self, talk: Conversation, *, growing: bool = False) -> None:
        """Its instructions, its unsent words or its branch have changed."""
        if talk.id not in self._kept and not has_something(talk):
            return
        if not talk.created:
            talk.created = talk.updated = time.time()
        first = self._first(talk, True)
        self._put([header_of(talk), *first], growing=growing and not first)

    def tidy(self, talk: Conversation) -> None:
        """Keep no conversation that holds nothing."""
        if talk.id in self._kept and not has_something(talk):
            self._kept.discard(talk.id)
            self._put([Dropped(talk.id)])

    def files(self, talk: Conversation) -> None:
        """Other files may be attached."""
        if talk.id not in self._kept:
            return
        files = Files(talk.id, self._rows())
        if files != self._files:
            self._files = files
            self._put([files])

    def _first(self, talk: Conversation, here: bool) -> list[Change]:
        """What is written the first time, and when the first question gives the conversation its name."""
        changes: list[Change] = []
        if talk.id not in self._kept:
            self._kept.add(talk.id)
            if here:
                changes.append(Files(talk.id, self._rows()))
        if talk.title and talk.id not in self._named:
            self._named.add(talk.id)
            changes.append(Titled(talk.id, talk.title))
        return changes


def has_something(talk: Conversation) -> bool:
    """Whether a conversation is worth keeping."""
    return bool(talk.all or talk.draft.strip() or talk.instructions.strip())

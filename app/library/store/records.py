"""The records of a conversation, and the changes to be written. Frozen, so that a thread may hold them.

A change is one thing's present state; a later change of the same ``key`` replaces it. What the disk has not taken yet
can therefore stay in memory for as long as it must, and be laid over what is read from the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

OVER = frozenset({"done", "stopped", "failed"})
"""Stages of an exchange to which nothing more comes."""
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A conversation but for its title, which only ``Titled`` changes: it may be renamed in another window."""

    conversation: str
    created: float
    updated: float
    instructions: str = ""
    draft: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Which branch was chosen: parent exchange's id, empty at the start → child's id."""

    @property
    def key(self) -> Key:
        """Equal for changes of the same thing; a later one replaces an earlier one."""
        return ("header", self.conversation)


@dataclass(frozen=True, slots=True)
class Titled:
    """Change: a conversation's title."""

    conversation: str
    title: str

    @property
    def key(self) -> Key:
        """Equal for changes of the same thing; a later one replaces an earlier one."""
        return ("title", self.conversation)


@dataclass(frozen=True, slots=True)
class Deleted:
    """Deleted at a unix time, or no longer deleted. What is deleted goes for good when the application ends."""

    conversation: str
    at: float | None

    @property
    def key(self) -> Key:
        """Equal for changes of the same thing; a later one replaces an earlier one."""
        return ("deleted", self.conversation)


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """A question and its answer. ``evidence`` is ``None`` until the answer was checked; JSON as in the others."""

    conversation: str
    id: str
    number: int
    parent: str
    question: str
    stage: str
    created: float
    answer: str = ""
    thinking: str = ""
    error: str = ""
    model: str = ""
    sources: str = "[]"
    finished: str = ""
    evidence: str | None = None
    tool_uses: str = "[]"

    @property
    def key(self) -> Key:
        """Equal for changes of the same thing; a later one replaces an earlier one."""
        return ("exchange", self.conversation, self.id)

    def at_rest(self) -> ExchangeRow:
        """As it is when nobody writes it any more: an answer that was cut counts as stopped."""
        return self if self.stage in OVER else replace(self, stage="stopped")


@dataclass(frozen=True, slots=True)
class Gone:
    """An exchange was taken back."""

    conversation: str
    id: str

    @property
    def key(self) -> Key:
        """The exchange's own: it replaces whatever was to be written of it."""
        return ("exchange", self.conversation, self.id)


@dataclass(frozen=True, slots=True)
class FileRow:
    """An attached file: where it is, what it was (``content_hash``), and how it is read. Or an added folder."""

    path: str
    name: str = ""
    content_hash: str = ""
    kind: str = ""
    budget: int | None = None
    mode: str = "auto"
    max_frames: int = 32
    max_pages: int | None = None
    spooled: bool = False
    """A pasted picture or a cut-out region: the file is the application's own."""
    origin: str = ""
    """JSON: the place that it was cut from; for a folder, what is left out of it."""
    folder: str = ""
    """The folder that it came with."""


@dataclass(frozen=True, slots=True)
class Files:
    """All attached files of a conversation, in order."""

    conversation: str
    files: tuple[FileRow, ...]

    @property
    def key(self) -> Key:
        """Equal for changes of the same thing; a later one replaces an earlier one."""
        return ("files", self.conversation)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A conversation with nothing in it any more goes at once."""

    conversation: str

    @property
    def key(self) -> Key:
        """Equal for changes of the same thing; a later one replaces an earlier one."""
        return ("header", self.conversation)


Change = Header | Titled | Deleted | ExchangeRow | Gone | Files | Dropped


@dataclass
class Stored:
    """A whole conversation as stored."""

    header: Header
    title: str = ""
    deleted: float | None = None
    files: tuple[FileRow, ...] = ()
    exchanges: dict[str, ExchangeRow] = field(default_factory=dict)

    def apply(self, change: Change) -> None:
        """Take in a change that the file does not hold yet."""
        match change:
            case Header():
                self.header = replace(change, created=self.header.created or change.created)
            case Titled():
                self.title = change.title
            case Deleted():
                self.deleted = change.at
            case Files():
                self.files = change.files
            case ExchangeRow():
                self.exchanges[change.id] = change
            case Gone():
                self.exchanges.pop(change.id, None)
            case Dropped():
                pass

    def changes(self) -> list[Change]:
        """Everything as changes, so that it can be written once more."""
        name = self.header.conversation
        found: list[Change] = [self.header, Titled(name, self.title), Files(name, self.files)]
        return [*found, *self.exchanges.values(), Deleted(name, self.deleted)]


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list. ``marks`` are the stretches of ``snippet`` that match the search."""

    id: str
    title: str
    updated: float
    files: tuple[str, ...] = ()
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    draft: bool = False
    """Something is unsent in it."""
    writing: bool = False
    """An answer is being written in it, in whichever window."""


@dataclass(frozen=True, slots=True)
class RecentFile:
    """A file that was attached lately, and when."""

    path: str
    name: str
    kind: str
    used: float

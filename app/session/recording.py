"""A conversation as history keeps it, and back. Damaged records or those of other versions never stop the start."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar, get_args

from app.chat.evidence.citing import as_read
from app.chat.evidence.places import Checked, Evidence, Place
from app.chat.tools.uses import ToolUse
from app.ingest.types import Mode, ReadOptions
from app.library.store.records import ExchangeRow, FileRow, Header, Stored
from app.session.conversation import Conversation, Exchange, Stage
from app.session.folders import FOLDER, Folder
from app.session.items import Item, Items
from model.messages import Message, from_record, from_text, record, to_text
from model.types import Finished, Timings, Usage

Made = TypeVar("Made")
_log = logging.getLogger(__name__)


def header_of(talk: Conversation) -> Header:
    """The record of a conversation without its exchanges."""
    return Header(talk.id, talk.created, talk.updated, talk.instructions, talk.draft, talk.chosen)


def row_of(talk: Conversation, one: Exchange) -> ExchangeRow:
    """An exchange as it is at this moment."""
    parent = talk.get(one.parent) if one.parent is not None else None
    return ExchangeRow(
        conversation=talk.id,
        id=one.id,
        number=one.key,
        parent=parent.id if parent is not None else "",
        question=one.question,
        stage=one.stage.value,
        created=one.created,
        answer=one.answer,
        thinking=one.thinking,
        error=to_text(one.error),
        model=one.model,
        sources=_dump(list(one.sources)),
        finished=_dump(asdict(one.finished)) if one.finished is not None else "",
        evidence=_dump([_evidence_record(found) for found in one.evidence]) if one.checked else None,
        tool_uses=_dump([_use_record(use) for use in one.tool_uses]),
    )


def conversation_of(stored: Stored) -> Conversation:
    """The conversation, with every branch; an answer that was cut counts as stopped."""
    header = stored.header
    talk = Conversation(header.conversation)
    talk.title, talk.instructions, talk.draft = stored.title, header.instructions, header.draft
    talk.created, talk.updated = header.created, header.updated
    keys: dict[str, int] = {}
    for row in sorted(stored.exchanges.values(), key=lambda row: (row.number, row.created)):
        # Two processes may have gone on with the same conversation: both are stored, side by side.
        key = row.number if talk.get(row.number) is None else talk.last_key + 1
        before = max(keys.values(), default=None) if row.parent else None  # where a damaged file lost the parent
        talk.restore(exchange_of(row.at_rest(), key, keys.get(row.parent, before)))
        keys[row.id] = key
    talk.choose(dict(header.chosen))
    return talk


def exchange_of(row: ExchangeRow, key: int, parent: int | None) -> Exchange:
    """An exchange out of history."""
    stage = Stage(row.stage) if row.stage in {stage.value for stage in Stage} else Stage.STOPPED
    one = Exchange(key, row.question, stage, created=row.created, parent=parent, id=row.id)
    one.answer, one.thinking, one.model = row.answer, row.thinking, row.model
    one.error = from_text(row.error)
    one.finished = _parse(row.finished, _finished, None)
    one.sources = _parse(row.sources, lambda found: tuple(str(name) for name in found), ())
    one.tool_uses = _parse(row.tool_uses, lambda found: tuple(_tool_use(use) for use in found), ())
    if row.evidence is not None:
        one.evidence = _parse(row.evidence, _all_evidence, ())
        one.checked = True
    return one


def answer_as_read(answer: str, evidence: str, tell: Callable[[Message], str] = str) -> str:
    """A stored answer with its evidence as plain text, as it is shown."""
    return as_read(answer, _parse(evidence, _all_evidence, ()), tell)


def file_rows(items: Items) -> tuple[FileRow, ...]:
    """All that is attached, so that it can be attached again: each folder before the first of its files."""
    rows: dict[int, FileRow] = {}
    for item in items:
        folder = items.folders.get(item.folder) if item.folder is not None else None
        if folder is not None and folder.key not in rows:
            rows[folder.key] = folder_row_of(folder)
        rows[item.key] = file_row_of(item, folder)
    rows |= {key: folder_row_of(folder) for key, folder in items.folders.items() if key not in rows}
    return tuple(rows.values())


def folder_row_of(folder: Folder) -> FileRow:
    """An added folder, with those of its files that are no part of the conversation."""
    aside = [[folder.name_of(path), record(why)] for path, why in folder.aside.items()]
    return FileRow(str(folder.path), folder.name, kind=FOLDER, origin=_dump({"aside": aside}) if aside else "")


def restore_folder(folder: Folder, row: FileRow, rows: Iterable[FileRow]) -> None:
    """What history knows of a folder; ``rows``: of all files."""
    folder.aside = _parse(row.origin, lambda found: dict(_aside(folder.path, found)), {})
    folder.known = frozenset([*folder.aside, *(Path(one.path) for one in rows if one.folder == row.path)])


def _aside(folder: Path, found: Any) -> Iterator[tuple[Path, Message]]:
    for name, why in found["aside"]:
        yield folder / str(name), from_record(why)


def file_row_of(item: Item, folder: Folder | None = None) -> FileRow:
    """An attached file, so that it can be attached again. ``folder``: the one that it came with."""
    document, options = item.document, item.options
    return FileRow(
        path=str(item.path),
        name=item.name,
        content_hash=item.expected or (document.content_hash if document is not None else ""),
        kind=document.kind if document is not None else item.kind,
        budget=options.budget,
        mode=options.mode,
        max_frames=options.max_frames,
        max_pages=item.max_pages,
        spooled=item.spooled,
        origin=_dump(asdict(item.origin)) if item.origin is not None else "",
        folder=str(folder.path) if folder is not None else "",
    )


def options_of(row: FileRow) -> ReadOptions:
    """The options for reading a stored file."""
    modes: tuple[Mode, ...] = ("auto", "text", "image", "both")
    mode = next((mode for mode in modes if mode == row.mode), modes[0])
    return ReadOptions(row.budget, mode, row.max_frames)


def origin_of(row: FileRow) -> Place | None:
    """The place that a region was cut from."""
    return _parse(row.origin, _place, None)


def _evidence_record(one: Evidence) -> dict[str, Any]:
    return asdict(one) | {"reason": record(one.reason) if one.reason else ""}


def _use_record(use: ToolUse) -> dict[str, Any]:
    texts = {"words": use.words, "error": use.error}
    return asdict(use) | {name: record(text) if text else "" for name, text in texts.items()}


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parse(text: str, make: Callable[[Any], Made], otherwise: Made) -> Made:
    if not text:
        return otherwise
    try:
        return make(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        _log.warning("A part of a conversation that was kept was not understood: %s", type(error).__name__)
        return otherwise


def _finished(found: Any) -> Finished | None:
    cut = found.get("thinking_cut") is True
    return Finished(found["reason"], Usage(**found["usage"]), Timings(**found["timings"]), cut)


def _place(found: Any) -> Place | None:
    if found is None:
        return None
    boxes = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in found.get("boxes", ()))
    name, spot = str(found.get("name", "")), str(found.get("spot", ""))
    return Place(str(found["document"]), found.get("page"), found.get("time_s"), boxes, name, spot)


def _all_evidence(found: Any) -> tuple[Evidence, ...]:
    return tuple(map(_evidence, found))


def _evidence(found: Any) -> Evidence:
    return Evidence(
        start=int(found["start"]),
        end=int(found["end"]),
        quote=found["quote"],
        state=_checked(found["state"]),
        place=_place(found["place"]),
        reason=from_record(found["reason"]),
        also=tuple((int(start), int(end)) for start, end in found.get("also", ())),
        choices=tuple(place for place in map(_place, found.get("choices", ())) if place is not None),
        readings=tuple(str(words) for words in found.get("readings", ())),
    )


def _checked(state: Any) -> Checked:
    """A state that this version does not know is to be checked by the user."""
    return next((known for known in get_args(Checked) if known == state), "seen")


def _tool_use(found: Any) -> ToolUse:
    words, error = from_record(found.get("words", "")), from_record(found.get("error", ""))
    return ToolUse(**{**found, "place": _place(found.get("place")), "words": words, "error": error})

"""Questions to start from, which fit what is attached and who answers; and the sample files. No Qt.

The sample model knows one kind of question for each kind of file, in English only: it is offered those, in the words
it was trained on. ``tests/app/ui/window/test_sample_end_to_end.py`` asks each of them in the real window.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from app import paths
from app.i18n import tr
from app.ingest.filekind import Kind
from app.ingest.kinds import KINDS
from app.session.items import Item
from app.ui.viewer.naming import kind_of

SAMPLES: dict[Kind, str] = {
    "pdf": "invoice.pdf",
    "image": "settings.png",
    "video": "lamp.mp4",
    "recording": "words.ogg",
}
_OF_SAMPLES: dict[Kind, tuple[str, ...]] = {
    "pdf": ("What is the due date?", "What is the invoice date?", "What is the invoice number?"),
    "image": ("When is the last update?", "How long is the retention?", "What is the status?"),
    "video": ("When does Library appear?", "What is shown at 00:16?", "When does Evening appear?"),
    "recording": ("What is said at 00:05?", "What is said at 00:08?", "What is said at 00:12?"),
}
_OF_VIDEOS = ("What is shown at 00:01?", "What is shown at 00:03?")
"""About a video whose scenes have other titles than the sample's."""


def sample_path(kind: Kind) -> Path:
    """The sample file of this kind."""
    return paths.resource("samples", SAMPLES[kind])


def sample_kind(items: Sequence[Item]) -> Kind | None:
    """Which of the sample files is attached, the first of them; ``None`` where none is."""
    known = _known_samples()
    return next((known[item.path] for item in items if item.path in known), None)


@cache
def _known_samples() -> dict[Path, Kind]:
    """Cached, since it is called with each new file; where the samples are does not change."""
    return {sample_path(kind): kind for kind in SAMPLES}


def other_samples(items: Sequence[Item]) -> tuple[Kind, ...]:
    """The sample files that are not attached, beginning with the one that comes after the attached one."""
    kinds, current = list(SAMPLES), sample_kind(items)
    if current is None:
        return tuple(kinds)
    at = kinds.index(current)
    return tuple(kinds[at + 1 :] + kinds[:at])


def sample_words(kind: Kind) -> str:
    """The label of the button that opens a sample file."""
    match KINDS[kind].view:
        case "picture":
            return tr("Try the screenshot")
        case "player":
            return tr("Try the video")
        case "sound":
            return tr("Try the recording")
        case "pages":
            return tr("Try the invoice")


def questions(items: Sequence[Item], sample_model: bool, hears: bool = False) -> tuple[str, ...]:
    """Up to three questions about what is attached; none where there is nothing to ask about.

    ``hears``: the model does; else a recording can be asked about only where it has a transcript.
    """
    if not items:
        return ()
    if sample_model:
        return _for_the_sample_model(items, hears)
    views = {KINDS[kind_of(item)].view for item in items}
    if views == {"player"}:
        return _about_videos(len(items))
    if views == {"sound"}:
        if not hears and not any(map(_is_written_down, items)):
            return ()
        return _about_recordings(len(items))
    if views == {"picture"}:
        return _about_pictures(len(items))
    first = (
        tr("Summarise the main points, with page numbers.")
        if views == {"pages"}
        else tr("Summarise the main points of each file.")
    )
    return first, tr("List every date, name and amount."), tr("What needs my attention here?")


def _for_the_sample_model(items: Sequence[Item], hears: bool) -> tuple[str, ...]:
    """The sample model is poor at several files at once; the hearing one knows transcripts only."""
    if len(items) > 1:
        return ()
    kind = kind_of(items[0])
    sound = KINDS[kind].view == "sound"
    if sound != hears or (sound and not (sample_kind(items) and _is_written_down(items[0]))):
        return ()
    if KINDS[kind].view == "player" and sample_kind(items) is None:
        return _OF_VIDEOS
    return _OF_SAMPLES.get(kind, ())


def _is_written_down(item: Item) -> bool:
    return item.document is not None and bool(item.document.cues)


def _about_videos(number: int) -> tuple[str, ...]:
    return (
        tr("Summarise what happens, with times.") if number == 1 else tr("Summarise each video, with times."),
        tr("Which words can be read on the screen, and when?"),
        tr("What happens at the beginning and at the end?"),
    )


def _about_recordings(number: int) -> tuple[str, ...]:
    return (
        tr("Summarise what is said, with times.") if number == 1 else tr("Summarise each recording, with times."),
        tr("List every date, name and amount."),
        tr("What was agreed, and who does what?"),
    )


def _about_pictures(number: int) -> tuple[str, ...]:
    return (
        tr("Describe this picture.") if number == 1 else tr("Describe each of these pictures."),
        tr("Write out all the text that can be read."),
        tr("What needs my attention here?"),
    )

"""``lectern read``: what was read from each file, without a model. Coverage in the open."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from app.cli.common.arguments import add_files
from app.cli.common.files import picture_options, read_files, read_options
from app.cli.common.terminal import Status, harmless, one_line, stoppable
from app.ingest.cues import of_track, tracks_of
from app.ingest.kinds import KINDS
from app.ingest.read.describe import describe
from app.ingest.types import Document
from app.session.export.data import model_text


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern read``."""
    parser.description = (
        "Show what is read from documents, pictures, videos and recordings: pages, frames, sizes, what was skipped."
    )

    add_files(parser)
    parser.add_argument(
        "--text", action="store_true", help="print the text that the model gets, with its pages or times"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object to standard output at the end, with each page's text"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader

    numbers = count(1)

    def show(document: Document) -> None:
        if options.json:
            return
        if options.text:
            _print(harmless(model_text(next(numbers), document)))
        else:
            _print("\n".join(one_line_each(document)))

    status = Status()
    with stoppable() as cancel, Reader() as reader, Recogniser() as recogniser:
        pictures = picture_options(options, recogniser)
        result = read_files(reader, options.files, read_options(options), cancel, status, show, **pictures)
    if options.json:
        report = {
            "files": [
                describe(document)
                | ({"attached_to": str(within)} if (within := result.within.get(document.path)) else {})
                | ({"text": harmless(model_text(number, document))} if options.text else {})
                for number, document in enumerate(result.documents, 1)
            ],
            "failed": [{"file": str(path), "error": str(why), "code": why.cause} for path, why in result.failed],
            "unsupported": result.unsupported,
        }
        print(json.dumps(report, ensure_ascii=False, indent=2))
    return 1 if result.failed else 0


def _print(text: str) -> None:
    print(text, flush=True)


def one_line_each(document: Document) -> list[str]:
    """A heading and a line for each page, frame and omission."""
    about = describe(document)
    lines = [f"{one_line(str(document.path))}: {_extent(about)}"]
    lines += [f"  {_page(page, about['kind'], about['hard_to_read'])}" for page in about["pages"]]
    lines += [f"  {frame['time']}  {_picture(frame)}" for frame in about["frames"]]
    for one in about["attached"]:
        lines.append(f"  attached: {one_line(one['name'])}" + (f", {one['bytes']:,} bytes" if one["bytes"] else ""))
    lines += [f"  {words}" for words in _tracks(document)]
    lines += [f"  not read: {one_line(skipped['where'])}: {one_line(skipped['why'])}" for skipped in about["skipped"]]
    return lines


def _tracks(document: Document) -> Iterator[str]:
    """A line for each track of words, and one for the chapters."""
    for track in tracks_of(document.cues):
        number = len(of_track(document.cues, track))
        yield f"{_TRACKS[track.source]} {one_line(track.name)}: {_count(number, 'cue')}".replace(" :", ":")
    chapters = sum(cue.source == "chapter" for cue in document.cues)
    if chapters:
        yield _count(chapters, "chapter")


_TRACKS = {
    "track": "subtitles",
    "file": "subtitle file",
    "transcript": "transcript",
    "frames": "text read on frames",
}


def _extent(about: dict[str, Any]) -> str:
    kind = KINDS[about["kind"]]
    if kind.timed:
        length = f"{about['duration_s']:.1f} s, " if about["duration_s"] is not None else ""
        heard = f"{sum(one['seconds'] for one in about['sound']):.1f} s of sound for a model that hears"
        seen = _count(len(about["frames"]), "frame")
        parts = [seen] * bool(about["frames"]) + [heard] * bool(about["sound"])
        return f"{kind.noun}, {length}{', '.join(parts)}".rstrip(", ")
    if not kind.paged:
        page = about["pages"][0]
        return f"{kind.noun}, {page['width']:g} × {page['height']:g} px"
    hidden = f", {about['hidden_text']:,} more hidden" if about["hidden_text"] else ""
    text = f"{_count(about['characters'], 'character')} of text"
    return f"{kind.noun}, {_count(len(about['pages']), 'page')}, {text}{hidden}"


def _page(page: dict[str, Any], kind: str, hard: Sequence[int]) -> str:
    parts = [f"page {page['number']}"] if KINDS[kind].paged else []
    parts.append("skipped" if page["state"] == "skipped" else f"read as {_STATES[page['state']]}")
    if page["characters"]:
        parts.append(_count(page["characters"], "character"))
    if page["text_read_from_picture"]:
        sure = page["confidence"]
        doubt = ", hard to read" if page["number"] in hard else ""
        what = "a part of the text" if page["recognition"] == "part" else "text"
        parts.append(f"{what} read from the picture" + ("" if sure is None else f", confidence {sure:.0%}") + doubt)
    if page["picture"]:
        parts.append(_picture(page))
    return ", ".join(parts) + (f" ({one_line(page['reason'])})" if page["reason"] else "")


_STATES = {"text": "text", "image": "a picture", "both": "text and picture"}


def _picture(item: dict[str, Any]) -> str:
    """Size and picture tokens, and what the other budgets would cost."""
    picture = item["picture"]
    if picture is None:
        return "no picture"
    others = ", ".join(f"{budget}: {tokens}" for budget, tokens in item["soft_tokens_by_budget"].items())
    size = f"{picture['width']} × {picture['height']} px"
    return f"{size}, {picture['soft_tokens']} picture tokens at budget {picture['budget']} [{others}]"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"

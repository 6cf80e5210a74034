"""The recognising process: one page a request, in its own confined child, so that reading files never waits for it."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest.filekind import imported
from app.ingest.kinds import KINDS, sniff
from app.ingest.ocr.languages import language_files
from app.ingest.process import serving
from app.ingest.process.serving import Failures, Parts
from app.ingest.sizes import picture_size
from model.errors import IngestError
from model.messages import msg

_FAILURES = Failures(
    "recognising",
    memory=msg("ocr.memory", "The text in this picture could not be read: it needs more memory than reading may use."),
    damaged=msg("ocr.failed", "The text in this picture could not be read."),
)
_engines: dict[tuple[str, ...], Any] = {}


def main(connection: Connection) -> None:
    """Answer requests until the app closes the pipe."""
    try:
        serving.serve(connection, _answer, _FAILURES)
    finally:
        for engine in _engines.values():
            engine.close()


def _answer(request: dict[str, Any]) -> Parts:
    from app.ingest.formats.pictures import Spool, SpoolFullError
    from app.ingest.ocr.engine import sureness
    from app.ingest.ocr.reading import Hint
    from app.ingest.ocr.sheet import decided, recognised

    path = Path(request["path"])
    form = sniff(path)
    kind = KINDS[form.kind]
    if request["kind"] == "watch" and kind.screen:
        from app.ingest.ocr.stretches import read_stretch

        with imported(kind.screen)(path, form.format, request) as screen:
            yield read_stretch(screen, _engine(request["languages"]), request)
        return
    if not kind.sheet:
        raise IngestError(msg("ocr.kind", "Text in pictures is not read for this kind of file."))
    engine = _engine(request["languages"])
    sheet = imported(kind.sheet)(path, form.format, request)
    if request["kind"] == "look again":
        from app.ingest.ocr.enlarged import read_enlarged

        yield {"kind": "looked", "text": read_enlarged(sheet, engine, tuple(request["box"]), request["turn"])}
        return
    known = request["known"]
    if known is None:
        hint = Hint(request["turn"], request["language"])
        found = recognised(sheet, engine, hint, request["seconds"])
        words = found.words
        about: dict[str, Any] = {
            "blocks": [[_line(line) for line in block] for block in found.blocks],
            "turn": found.turn if words else 0,
            "language": found.language,
            "complete": found.complete,
            "replaces": sheet.replaces,
        }
        known = {"words": len(words), "sure": sureness(words), "turn": about["turn"]}
    else:
        about = {"blocks": [], "turn": known["turn"], "language": "", "complete": True, "replaces": sheet.replaces}
    decision = decided(sheet, known["words"], known["sure"], known["turn"], request)
    picture = None
    if decision.budget is not None and (decision.budget != request["budget"] or known["turn"]):
        try:
            picture = Spool(Path(request["spool"]), request["remaining"]).store(
                _turned(sheet, decision.budget, known["turn"]), decision.budget
            )
        except SpoolFullError:
            raise IngestError(
                msg("spool.full-disk", "The temporary folder has no room for more pictures; free some disk space.")
            ) from None
    yield {
        "kind": "recognised",
        **about,
        "state": decision.state,
        "reason": decision.reason,
        "budget": decision.budget,
        "picture": picture,
    }


def _turned(sheet: Any, budget: int, turn: int) -> Any:
    from app.ingest.formats.region import upright

    sideways = turn in (90, 270)
    across, down = (sheet.height, sheet.width) if sideways else (sheet.width, sheet.height)
    height, width = picture_size(down, across, budget)
    return upright(sheet.drawn(*((width, height) if sideways else (height, width))), turn)


def _line(line: Any) -> list[Any]:
    words = [[word.text, *(round(side, 2) for side in word.box), round(word.confidence, 3)] for word in line.words]
    return [line.text, *(round(side, 2) for side in line.box), "", "picture", words]


def _engine(folders: list[str]) -> Any:
    from app.ingest.ocr.tesseract import Tesseract, available

    files = language_files([Path(folder) for folder in folders])
    key = tuple(map(str, files.values()))
    if key not in _engines:
        if not available():
            raise IngestError(msg("ocr.unavailable", "Text recognition is not available on this system."))
        if not files:
            raise IngestError(
                msg("ocr.no-language", "No language data for text recognition was found; install Lectern again.")
            )
        _engines[key] = Tesseract(files)
    return _engines[key]

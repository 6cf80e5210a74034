"""``lectern transcribe``: what is said in recordings and videos, with times, by a model that hears."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import paths
from app.chat.timed import has_transcript
from app.chat.transcript.asking import NOT_TIMED, Transcribing
from app.chat.transcript.export import as_srt, as_text, as_vtt, cue_objects, write
from app.chat.transcript.making import transcribe
from app.cli.common.arguments import UsageError, add_model
from app.cli.common.engine import opened
from app.cli.common.outputs import add_overwrite, check_folder, check_output, is_file_name, make_folder, saved
from app.cli.common.terminal import Status, harmless, one_line, say, stoppable
from app.engine.model.kept import file_key
from app.ingest.kinds import KINDS, sniff
from app.ingest.listen.listener import Listener
from app.ingest.listen.store import TranscriptStore, with_transcript
from app.ingest.types import Document
from app.library.model_ref import SampleModel
from app.library.models import ears_of, model_to_open
from app.library.settings import Settings
from app.session.collecting import collect, notice_lines
from app.session.costs import model_name
from app.text.times import h_mm_ss
from model.cancel import Cancel
from model.errors import CancelledError, IngestError, LecternError
from model.messages import msg

if TYPE_CHECKING:
    from app.engine.model.protocols import Engine

_FORMS = {"srt": (".srt", as_srt), "vtt": (".vtt", as_vtt), "text": (".txt", as_text)}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern transcribe``."""
    parser.description = (
        "Write down what is said in recordings and videos, with times. This needs a model that hears: Gemma 4 E2B, "
        "E4B or 12B."
    )
    parser.epilog = "Ctrl-C stops; --resume continues from there. Transcripts are stored, and used by later questions."
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings and videos, or folders of them")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--srt", dest="form", action="store_const", const="srt", help="as SubRip subtitles")
    form.add_argument("--vtt", dest="form", action="store_const", const="vtt", help="as WebVTT subtitles")
    form.add_argument(
        "--text", dest="form", action="store_const", const="text", help="as text with times (the default)"
    )
    form.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="the file to write, or a folder for several files"
    )
    add_overwrite(parser)
    parser.add_argument(
        "--resume",
        action="store_true",
        help="use what the same model has transcribed before, continue from there, and replace the files written then",
    )
    add_model(parser, "the transcription model in the settings, else the last one used")


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    if options.json and options.output is not None:
        raise UsageError("--json prints to standard output; it takes no --output")
    files, failed = _files(options)
    targets = _targets(files, options)
    status, store = Status(), TranscriptStore(paths.transcripts_dir())
    told: list[dict[str, Any]] = []
    with ExitStack() as stack:
        cancel = stack.enter_context(stoppable())
        if files:
            engine = stack.enter_context(hearing(options, cancel, status))
            listener = stack.enter_context(Listener())
        for path in files:
            try:
                work = _one(path, engine, listener, store, options, cancel, status)
            except IngestError as error:
                failed.append((path, error.message))
                say(f"lectern: {path}: {error}")
                continue
            except CancelledError:
                break
            finally:
                status.clear()
            told.append(_as_data(path, work))
            _save(work, options, targets.get(path))
            if work.failure:
                failed.append((path, work.failure))
                say(f"lectern: {path}: {work.failure}")
    if options.json:
        wrong = [{"file": str(path), "error": str(why), "code": why.cause} for path, why in failed]
        print(json.dumps({"files": told, "failed": wrong}, ensure_ascii=False, indent=2), flush=True)
    if cancel.is_set():
        say("lectern: Stopped; --resume continues from here.")
    return 1 if failed or cancel.is_set() or not files else 0


@contextmanager
def hearing(options: argparse.Namespace, cancel: Cancel, status: Status) -> Iterator[Engine]:
    """An engine that hears: ``--model``, else the ears of the settings, else the last one. Raises ``LecternError``."""
    settings = Settings.load()
    ears = ears_of(settings, sample=isinstance(model_to_open(settings) or SampleModel(), SampleModel))
    chosen = options if options.model or options.server else argparse.Namespace(**{**vars(options), "model": ears})
    with opened(chosen, cancel, status) as engine:
        if not engine.info.capabilities.sound:
            name = str(model_name(engine.info))
            raise LecternError(
                msg("transcribe.deaf", "{model} does not hear. Gemma 4 E2B, E4B and 12B do: --model DIR.", model=name)
            )
        yield engine


def with_ears(
    documents: Sequence[Document], options: argparse.Namespace, cancel: Cancel, status: Status
) -> list[Document]:
    """The documents, those with sound that nobody has heard with a transcript by ``--ears``.

    Raises ``LecternError``, ``CancelledError``.
    """
    unheard = [one for one in documents if one.sound and not has_transcript(one)]
    if not unheard or options.ears is None:
        return list(documents)
    store = TranscriptStore(paths.transcripts_dir())
    chosen = argparse.Namespace(**{**vars(options), "model": options.ears, "server": None, "lookup": None})
    heard: dict[str, Document] = {}
    with hearing(chosen, cancel, status) as engine, Listener() as listener:
        for document in unheard:
            work = _heard(document.path, document.content_hash, engine, store)

            def tell(work: Transcribing = work, name: str = document.name) -> None:
                times = {"done": h_mm_ss(work.done_s), "total": h_mm_ss(work.duration_s)}
                status.show(f"Transcribing {name}: {times['done']} of {times['total']}")

            transcribe(work, document.path, listener, engine.generate, cancel, store, tell)
            status.clear()
            if cancel.is_set():
                raise CancelledError(msg("cancelled.command", "Stopped."))
            if work.failure:
                raise LecternError(work.failure)
            heard[document.content_hash] = replace(document, cues=with_transcript(document.cues, work.transcript))
    return [heard.get(document.content_hash, document) for document in documents]


def _heard(path: Path, key: str, engine: Engine, store: TranscriptStore, *, resume: bool = True) -> Transcribing:
    """A file's transcript where it was left, or at its beginning."""
    kept = store.load(key) if resume else None
    return Transcribing.resumed(key, str(model_name(engine.info)), kept, sample=engine.info.sample)


def _files(options: argparse.Namespace) -> tuple[list[Path], list[tuple[Path, Any]]]:
    """What is named, and of what is in folders the recordings and videos."""
    collected = collect(options.files)
    named = {path.resolve() for path in options.files}
    found: list[Path] = []
    failed: list[tuple[Path, Any]] = []
    others = 0
    for path in collected.files:
        try:
            timed = KINDS[sniff(path).kind].timed
        except IngestError as error:
            timed = False
            if path in named:
                failed.append((path, error.message))
                say(f"lectern: {path}: {error}")
                continue
        if timed:
            found.append(path)
        elif path in named:
            failed.append((path, NOT_TIMED))
            say(f"lectern: {path}: {NOT_TIMED}")
        else:
            others += 1
    for line in notice_lines(collected) if collected.files or collected.refused else ():
        say(f"lectern: {line}")
    if others:
        say(
            "lectern: "
            + (
                f"{others:,} files have no sound and were left out."
                if others > 1
                else "1 file has no sound and was left out."
            )
        )
    return found, failed


def _one(
    path: Path,
    engine: Engine,
    listener: Listener,
    store: TranscriptStore,
    options: argparse.Namespace,
    cancel: Cancel,
    status: Status,
) -> Transcribing:
    """One file's transcript, printed as it comes where text goes to the terminal."""
    try:
        key = file_key(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise IngestError(msg("file.unreadable", "This file cannot be read: {why}.", why=why)) from None
    work = _heard(path, key, engine, store, resume=options.resume)
    told = 0
    say_text = options.output is None and not options.json and options.form in (None, "text")
    if say_text and len(options.files) + path.parent.is_dir() > 1:
        print(f"{one_line(path.name)}:", flush=True)

    def tell() -> None:
        nonlocal told
        status.clear()
        # The last cue may still lose a word to the next one, where a piece was cut within speech.
        ready = len(work.cues) if work.over else max(told, len(work.cues) - 1)
        if say_text:
            print(harmless(as_text(work.cues[told:ready])), end="", flush=True)
        told = ready
        about = {"name": path.name, "done": h_mm_ss(work.done_s), "total": h_mm_ss(work.duration_s)}
        status.show(f"Transcribing {about['name']}: {about['done']} of {about['total']}")

    transcribe(work, path, listener, engine.generate, cancel, store, tell)
    tell()
    status.clear()
    if work.looped:
        say("lectern: The model started repeating itself in places, so these parts were cut.")
    if work.damaged:
        say("lectern: Parts of the sound are damaged and could not be decoded.")
    return work


def _targets(files: Sequence[Path], options: argparse.Namespace) -> dict[Path, Path]:
    """The file that each transcript is written to; two of the same name keep their endings. Raises ``LecternError``."""
    output: Path | None = options.output
    if output is None or not files:
        return {}
    suffix, _ = _FORMS[options.form or "text"]
    if len(files) == 1 and output.suffix and not output.is_dir():
        targets = {files[0]: output}
    elif is_file_name(output):
        raise UsageError("--output must be a folder when there is more than one file")
    else:
        check_folder(output)
        targets = {}
        for path in files:
            target = output / f"{path.stem}{suffix}"
            targets[path] = output / f"{path.name}{suffix}" if target in targets.values() else target
    for target in targets.values():
        if target.parent.is_dir() or target == output:  # else it is the folder that will be created
            check_output(target, [*files, *options.files], overwrite=options.overwrite or options.resume)
    return targets


def _save(work: Transcribing, options: argparse.Namespace, target: Path | None) -> None:
    suffix, form = _FORMS[options.form or "text"]
    if target is None:
        if options.form in ("srt", "vtt") and not options.json:
            print(harmless(form(work.cues)), end="", flush=True)
        return
    if target != options.output:
        make_folder(target.parent)
    write(work.cues, target, suffix)
    saved(target)


def _as_data(path: Path, work: Transcribing) -> dict[str, Any]:
    return {
        "file": str(path),
        "hash": work.content_hash,
        "model": work.model,
        "duration_s": round(work.duration_s, 3),
        "complete": work.over,
        "cues": cue_objects(work.cues),
    }

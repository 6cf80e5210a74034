"""Transcripts on disk, as far as they are made, so that an hour is never heard twice.

One file for each recording, named by the SHA-256 of its bytes, rewritten after each utterance. Private: only this user
may enter the folder.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.ingest.cues import MAX_CUE_TEXT, MAX_CUES, MAX_TRACK_NAME, Cue
from app.ingest.process.protocol import decode_text
from model import atomic

FORMAT = 1
SUFFIX = ".json"
_MOST_BYTES = 64 << 20
_FAR = 1e7


@dataclass(frozen=True, slots=True)
class Transcript:
    """What ``model`` heard, up to the second ``done_s``; ``over``: to the end. ``prompt``: how it was asked."""

    content_hash: str
    model: str
    cues: tuple[Cue, ...] = ()
    done_s: float = 0.0
    over: bool = False
    prompt: int = 1


class TranscriptStore:
    """Transcripts by their file's hash. A disk that refuses costs the storing, not the transcript."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, transcript: Transcript) -> bool:
        """Write it; whether that went well."""
        cues = [[cue.start_s, cue.end_s, cue.text] for cue in transcript.cues]
        about = {
            "format": FORMAT,
            "prompt": transcript.prompt,
            "model": transcript.model,
            "done": transcript.done_s,
            "over": transcript.over,
            "cues": cues,
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            atomic.write(self._path(transcript.content_hash), json.dumps(about, ensure_ascii=False))
        except (OSError, ValueError):
            return False
        return True

    def load(self, content_hash: str) -> Transcript | None:
        """The transcript of the file with this hash; ``None`` where there is none, or it is damaged."""
        try:
            path = self._path(content_hash)
            if path.stat().st_size > _MOST_BYTES:
                return None
            return _transcript(json.loads(path.read_text(encoding="utf-8")), content_hash)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None

    def forget(self, content_hash: str) -> None:
        """Delete one file's transcript."""
        forget_transcripts(self._folder, [content_hash])

    def _path(self, content_hash: str) -> Path:
        if not content_hash.isalnum():
            raise ValueError("not a hash")
        return self._folder / f"{content_hash}{SUFFIX}"


def forget_transcripts(folder: Path, files: Iterable[str] | None = None) -> int:
    """Delete the transcripts of these files (their hashes), or of all; returns the bytes freed."""
    names = ["*"] if files is None else [one for one in files if one.isalnum()]
    freed = 0
    for path in [path for name in names for path in folder.glob(f"{name}{SUFFIX}")]:
        with contextlib.suppress(OSError):
            size = path.stat().st_size
            path.unlink()
            freed += size
    return freed


def _transcript(raw: dict[str, Any], content_hash: str) -> Transcript:
    """Raises ``ValueError``, ``KeyError`` or ``TypeError`` where this is not one of ours, whole."""
    if raw["format"] != FORMAT or len(raw["cues"]) > MAX_CUES:
        raise ValueError("another format")
    model = " ".join(decode_text(str(raw["model"])[:MAX_TRACK_NAME]).split())
    cues = tuple(_cue(one, model) for one in raw["cues"])
    starts = [cue.start_s for cue in cues]
    done = float(raw["done"])
    if starts != sorted(starts) or not 0 <= done < _FAR:
        raise ValueError("times run backwards")
    return Transcript(content_hash, model, cues, done, raw["over"] is True, int(raw["prompt"]))


def _cue(value: Any, model: str) -> Cue:
    start, end, text = value
    begins, ends = float(start), float(end)
    if not 0 <= begins <= ends < _FAR:
        raise ValueError("not a cue")
    words = "\n".join(decode_text(line) for line in str(text)[:MAX_CUE_TEXT].split("\n"))
    return Cue(begins, ends, words, "transcript", model)


def with_transcript(cues: tuple[Cue, ...], transcript: Transcript | None) -> tuple[Cue, ...]:
    """A file's cues with its transcript behind its own words, in the place of an older one."""
    kept = tuple(cue for cue in cues if cue.source != "transcript")
    return kept + (transcript.cues if transcript is not None else ())

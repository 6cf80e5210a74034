"""Recordings: how long they are, what they look like as a waveform, their tags, and their sound for a model."""

from __future__ import annotations

import base64
import io
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from app.ingest.formats.pictures import Spool, thumbnail_png
from app.ingest.formats.recording.hearing import WHERE, Given
from app.ingest.formats.recording.samples import Decoding, Samples, sound_stream
from app.ingest.formats.subtitles.tracks import words_of
from app.ingest.formats.video.reader import open_container, zero_of
from app.ingest.limits import MAX_IMAGE_PIXELS
from app.ingest.types import WHOLE_FILE, ReadOptions
from model.errors import IngestError
from model.messages import msg
from model.soft_tokens import SOUND_RATE

Messages = Iterator[dict[str, Any]]

PEAKS = 2000
"""Columns of a waveform."""

_COLUMN = SOUND_RATE // 50
_BEAT_S = 0.5
_TAGS = ("title", "artist", "album", "date", "genre", "comment", "description")
_MAX_TAG = 200
_MAX_COVER = 16 << 20
_COVER = int(av.stream.Disposition.attached_pic)
_NOTHING = msg("recording.silent", "No sound can be decoded; the recording is damaged or incomplete.")


def read_recording(path: Path, form: str, options: ReadOptions, spool: Spool, start: int = 0) -> Messages:
    """The messages that describe a recording, always from its beginning. Raises ``IngestError``."""
    with open_container(path, form) as container:
        stream = sound_stream(container)
        if stream is None:
            raise IngestError(
                msg("recording.codec", "The recording uses a codec that cannot be read; convert it to MP3 or WAV.")
            )
        zero = zero_of(stream)
        duration = _duration(container, stream)
        yield {"kind": "opened", "total": max(1, math.ceil(duration)), "unit": "second", "duration": duration}
        yield from _tags(container, stream)
        yield from _cover(container)
        yield from _heard(Decoding(container, stream, zero), Given(spool), duration)
    yield {"kind": "stage", "name": "words"}
    with open_container(path, form) as container:
        yield from words_of(path, container, zero)


def no_part(_path: Path, _form: str, _request: dict[str, Any]) -> tuple[Image.Image, None]:
    """A recording has no picture of which a part could be seen. Raises ``IngestError``."""
    raise IngestError(msg("recording.no-picture", "A recording has no picture to look at."))


def sound_of(path: Path, form: str, zero: float, spool: Spool) -> Messages:
    """The sound of a video as pieces for a model, on the clock that begins at ``zero``; nothing where it has none."""
    with open_container(path, form) as container:
        stream = sound_stream(container)
        if stream is None:
            if any(one.type == "audio" for one in container.streams):
                why = msg("sound.codec", "The format of the video's sound cannot be read.")
                yield {"kind": "skipped", "where": WHERE, "why": why}
            return
        decoding, given = Decoding(container, stream, zero), Given(spool)
        beat = time.monotonic()
        for samples in decoding.portions():
            yield from given.take(samples)
            if given.over:
                break
            if time.monotonic() - beat > _BEAT_S:
                beat = time.monotonic()
                yield {"kind": "alive"}
        yield from given.finish()
        yield from _notes(decoding)


def _heard(decoding: Decoding, given: Given, duration: float) -> Messages:
    """Everything decoded once: pieces for a model, the loudest sample of each column, how long it really is."""
    columns: list[Samples] = []
    rest = np.zeros(0, np.int16)
    beat = time.monotonic()
    for samples in decoding.portions():
        yield from given.take(samples)
        rest = np.concatenate([rest, samples])
        whole = len(rest) // _COLUMN * _COLUMN
        columns.append(_loudest(rest[:whole].reshape(-1, _COLUMN)))
        rest = rest[whole:]
        if time.monotonic() - beat > _BEAT_S:
            beat = time.monotonic()
            yield {"kind": "heard", "time": min(decoding.at / SOUND_RATE, max(1.0, duration))}
    yield from given.finish()
    if not decoding.at:
        raise IngestError(_NOTHING)
    if len(rest):
        columns.append(_loudest(rest.reshape(1, -1)))
    exact = decoding.at / SOUND_RATE
    damaged = decoding.errors > 0 or decoding.cut
    peaks = base64.b64encode(_peaks(np.concatenate(columns))).decode("ascii")
    yield {"kind": "waveform", "peaks": peaks, "duration": max(exact, duration) if damaged else exact}
    yield from _notes(decoding)


def _loudest(samples: Samples) -> Samples:
    """Of each row [rows, samples] the largest distance from silence."""
    if not samples.size:
        return np.zeros(0, np.int16)
    return np.maximum(samples.max(axis=1), -(samples.min(axis=1).astype(np.int32) + 1)).astype(np.int16)


def _peaks(columns: Samples) -> bytes:
    """At most ``PEAKS`` columns of 0 to 255, on a scale on which quiet speech can be seen."""
    count = min(PEAKS, len(columns))
    edges = np.linspace(0, len(columns), count + 1).astype(np.int64)[:-1]
    loudest = np.maximum.reduceat(columns.astype(np.float64), edges)
    return np.round(255 * np.sqrt(np.clip(loudest / 32_767, 0, 1))).astype(np.uint8).tobytes()


def _notes(decoding: Decoding) -> Messages:
    if decoding.errors:
        why = msg("recording.partly-damaged", "Parts of the sound are damaged and could not be decoded.")
        yield {"kind": "skipped", "where": WHOLE_FILE, "why": why}
    if decoding.cut:
        why = msg("recording.too-long", "The recording is too long; the rest was left out.")
        yield {"kind": "skipped", "where": WHERE, "why": why}


def _duration(container: Any, stream: Any) -> float:
    """Seconds as the file says, 0 where it does not; what is decoded tells it exactly."""
    seconds = 0.0
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / av.time_base
    return seconds if 0 < seconds < 10_000_000 else 0.0


def _tags(container: Any, stream: Any) -> Messages:
    known = {
        key.lower(): str(value) for source in (stream.metadata, container.metadata) for key, value in source.items()
    }
    tags = []
    for name in _TAGS:
        value = " ".join("".join(sign if sign.isprintable() else " " for sign in known.get(name, "")).split())
        if value:
            tags.append([name, value[:_MAX_TAG]])
    if tags:
        yield {"kind": "tags", "tags": tags}


def _cover(container: Any) -> Messages:
    """The picture of its cover, made small; a cover that cannot be drawn is no loss."""
    covers = [stream for stream in container.streams if int(stream.disposition) & _COVER]
    try:
        packet = next(container.demux(covers[0]), None) if covers else None
        if packet is not None and 0 < packet.size <= _MAX_COVER:
            with Image.open(io.BytesIO(bytes(packet)), formats=["PNG", "JPEG"]) as image:
                if image.width * image.height <= MAX_IMAGE_PIXELS:
                    png = thumbnail_png(image.convert("RGB"))
                    yield {"kind": "thumbnail", "png": base64.b64encode(png).decode("ascii")}
        if covers:
            container.seek(0)
    except (OSError, ValueError, SyntaxError, av.error.FFmpegError, Image.DecompressionBombError):
        return
    except Image.DecompressionBombWarning:
        return

"""The words of a video or recording, as messages: subtitle files beside it, subtitle tracks in it, and its chapters."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from av.stream import Discard

from app.ingest.cues import MAX_CUE_TEXT, MAX_CUES, MAX_CUES_TEXT, MAX_TRACK_NAME, CueSource
from app.ingest.formats.subtitles.reading import beside, damaged_note, guessed_note, read_text
from app.ingest.formats.subtitles.written import Words, parsed, plain
from model.messages import msg

Messages = Iterator[dict[str, Any]]

_BATCH = 200
"""Cues of one message."""

_BEAT_S = 1.0
_MOST_TRACKS = 24
_MOST_CHAPTERS = 1000
_NAMED = 12
_MAX_NAME = 60
_FAR = 1e6
_LAST_S = 5.0
"""How long a cue is taken to last whose end the file does not give."""

_PICTURES = frozenset(
    {"hdmv_pgs_subtitle", "pgssub", "dvd_subtitle", "dvdsub", "dvb_subtitle", "dvbsub", "xsub", "dvb_teletext"}
)
_WHERE = msg("where.subtitles", "subtitles")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}")
_DEFAULT, _FORCED = int(av.stream.Disposition.default), int(av.stream.Disposition.forced)


@dataclass
class _Room:
    """How many cues and characters one file may still give."""

    cues: int = MAX_CUES
    characters: int = MAX_CUES_TEXT
    full: bool = False

    def takes(self, text: str) -> bool:
        self.cues -= 1
        self.characters -= len(text)
        self.full = self.full or self.cues < 0 or self.characters < 0
        return not self.full


@dataclass
class _Track:
    """A text track while it is read."""

    stream: Any
    name: str
    cues: list[Words] = field(default_factory=list)
    damaged: int = 0


def words_of(path: Path, container: Any, zero: float) -> Messages:
    """The messages with the cues of ``path``, opened as ``container``, whose clock begins at its second ``zero``.

    The container is read from its beginning to its end where it has subtitle tracks.
    """
    room = _Room()
    begins = max(0.0, (container.start_time or 0) / av.time_base)
    names: list[str] = []
    for messages in (_files(path, begins - zero, room, names), _tracks(container, zero, room, names)):
        yield from messages
    yield from _chapters(container, zero, room)
    if room.full:
        why = msg("subtitles.many", "There are more subtitles than Lectern reads; the rest was left out.")
        yield {"kind": "skipped", "where": _WHERE, "why": why}
    if len(names) > 1:
        why = msg(
            "subtitles.other-tracks",
            "Only {first} is given to the model; the others can be shown, searched and quoted: {tracks}.",
            first=names[0],
            tracks=_listed(names[1:]),
        )
        yield {"kind": "skipped", "where": _WHERE, "why": why}


def _files(path: Path, later: float, room: _Room, names: list[str]) -> Messages:
    """The cues of subtitle files beside ``path``, ``later`` seconds later than they say."""
    for file in beside(path):
        name = _tidy(file.name, MAX_TRACK_NAME)
        where = msg("where.subtitle-file", "subtitle file {name}", name=name)
        try:
            text, guessed, cut = read_text(file)
        except OSError:
            why = msg("subtitles.unreadable", "The subtitle file cannot be read; check its permissions.")
            yield {"kind": "skipped", "where": where, "why": why}
            continue
        found = parsed(text, MAX_CUES)
        whys = [*guessed_note(guessed), *damaged_note(found.damaged)]
        if cut:
            whys.append(msg("subtitles.long", "The subtitle file is very long; only its beginning was read."))
        if found.cues:
            names.append(name)
        else:
            whys = [msg("subtitles.none-in-file", "No subtitles with times can be read from it.")]
        yield from ({"kind": "skipped", "where": where, "why": why} for why in whys)
        cues = [Words(cue.start_s + later, cue.end_s + later, cue.text) for cue in found.cues]
        yield from _told(cues, "file", name, room)


def _tracks(container: Any, zero: float, room: _Room, names: list[str]) -> Messages:
    """The cues of the tracks of text; what a track of pictures holds is only named."""
    streams = [stream for stream in container.streams if stream.type == "subtitle"][:_MOST_TRACKS]
    pictures = [stream for stream in streams if _codec(stream) in _PICTURES]
    unknown = [stream for stream in streams if not _codec(stream)]
    if pictures:
        why = msg(
            "subtitles.pictures",
            "These subtitles are pictures, which are not read: {tracks}.",
            tracks=_listed([_name(stream) for stream in pictures]),
        )
        yield {"kind": "skipped", "where": _WHERE, "why": why}
    if unknown:
        why = msg(
            "subtitles.codec",
            "The format of these subtitles cannot be read: {tracks}.",
            tracks=_listed([_name(stream) for stream in unknown]),
        )
        yield {"kind": "skipped", "where": _WHERE, "why": why}
    wanted = [stream for stream in streams if stream not in pictures and stream not in unknown]
    wanted.sort(key=lambda stream: (_has(stream, _FORCED), not _has(stream, _DEFAULT), stream.index))
    tracks = _named(wanted)
    if tracks:
        yield from _demuxed(container, tracks, zero)
    for track in tracks:
        yield from (
            {"kind": "skipped", "where": _WHERE, "why": why} for why in damaged_note(track.damaged) if track.damaged
        )
        if track.cues:
            names.append(track.name)
            yield from _told(track.cues, "track", track.name, room)


def _named(streams: list[Any]) -> list[_Track]:
    """Tracks with names of which no two are the same."""
    tracks: list[_Track] = []
    for number, stream in enumerate(streams, 1):
        name = _name(stream)
        taken = {track.name for track in tracks}
        tracks.append(_Track(stream, f"{name} ({number})" if name in taken else name))
    return tracks


def _demuxed(container: Any, tracks: list[_Track], zero: float) -> Messages:
    """Fill the tracks; a sign of life every second while a long file is read."""
    by_index = {track.stream.index: track for track in tracks}
    for stream in container.streams:
        if stream.index not in by_index:
            stream.discard = Discard.all
    beat, taken = time.monotonic(), 0
    try:
        for packet in container.demux([track.stream for track in tracks]):
            if packet.pts is not None:  # the last ones only empty the decoders
                taken += _take(by_index[packet.stream_index], packet, zero)
            if taken > MAX_CUES:
                break
            if time.monotonic() - beat > _BEAT_S:
                beat = time.monotonic()
                yield {"kind": "alive"}
    except (av.error.FFmpegError, ValueError):
        tracks[0].damaged += 1


def _take(track: _Track, packet: Any, zero: float) -> int:
    """Add a packet's cue; how many there were."""
    base = float(packet.time_base or track.stream.time_base or 0)
    start = float(packet.pts) * base - zero
    try:
        words = _text(packet)
    except (av.error.FFmpegError, ValueError):
        track.damaged += 1
        return 1
    if not words:
        return 0
    length = float(packet.duration or 0) * base
    if not -_FAR < start < _FAR or not 0 <= length < _FAR:
        track.damaged += 1
        return 1
    before = track.cues[-1] if track.cues else None
    if before is None or (before.start_s, before.text) != (start, words):
        track.cues.append(Words(start, start + (length or _LAST_S), words))
    return 1


def _text(packet: Any) -> str:
    """A packet's words; FFmpeg gives the text of every format as an event of ASS."""
    pieces = []
    for found in packet.decode():
        for rect in getattr(found, "rects", None) or (found,):
            event = getattr(rect, "ass", b"") or getattr(rect, "text", b"")
            event = event.decode("utf-8", errors="replace") if isinstance(event, bytes) else str(event)
            pieces.append(_of_event(event))
    return "\n".join(piece for piece in pieces if piece)[:MAX_CUE_TEXT]


def _of_event(event: str) -> str:
    """The words of ``number, layer, style, speaker, margins, effect, text``; a drawing has none."""
    fields = event.split(",", 8)
    text = fields[8] if len(fields) == 9 else event
    if _DRAWING.search(text):
        return ""
    text = re.sub(r"\{[^{}]*\}", "", text).replace("\\n", "\n").replace("\\h", " ")
    return plain(text, vtt=False)


def _chapters(container: Any, zero: float, room: _Room) -> Messages:
    """The chapters that have a title."""
    try:
        chapters = list(container.chapters())[:_MOST_CHAPTERS]
    except (av.error.FFmpegError, ValueError, OverflowError):
        return
    cues = []
    for chapter in chapters:
        base = float(chapter.get("time_base") or 0)
        start, end = chapter.get("start", 0) * base - zero, chapter.get("end", 0) * base - zero
        title = _tidy(str(chapter.get("metadata", {}).get("title", "")), MAX_CUE_TEXT)
        if title and -_FAR < start < _FAR:
            cues.append(Words(max(0.0, start), min(max(start, end, 0.0), _FAR), title))
    yield from _told(sorted(cues, key=lambda cue: cue.start_s), "chapter", "", room)


def _told(cues: list[Words], source: CueSource, track: str, room: _Room) -> Messages:
    """Cues as messages, by time, as far as there is room; none that is over before the first frame."""
    ordered = sorted(cues, key=lambda cue: (cue.start_s, cue.end_s))
    sent: list[list[Any]] = []
    for cue in ordered:
        if cue.end_s < 0 or cue.start_s > _FAR:
            continue
        if not room.takes(cue.text):
            break
        sent.append([max(0.0, cue.start_s), min(cue.end_s, _FAR), cue.text])
    for at in range(0, len(sent), _BATCH):
        yield {"kind": "cues", "source": source, "track": track, "cues": sent[at : at + _BATCH]}


def _codec(stream: Any) -> str:
    """The codec's name; empty where it is unknown."""
    context = getattr(stream, "codec_context", None)
    return str(context.name) if context is not None else ""


def _has(stream: Any, flag: int) -> bool:
    return bool(int(stream.disposition) & flag)


def _name(stream: Any) -> str:
    """``eng “Spoken words”``, as far as the file has them."""
    language = _tidy(str(stream.metadata.get("language", "")))
    title = _tidy(str(stream.metadata.get("title", "")))
    parts = [language if language != "und" else "", f"“{title}”" if title else ""]
    return " ".join(part for part in parts if part) or "the subtitle track"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _tidy(text: str, most: int = _MAX_NAME) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"

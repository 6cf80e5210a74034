"""Subtitle files (.srt and .vtt) as cues. What is damaged is skipped and counted; the rest is read.

Both formats are blocks of lines with a line of two times; files in the wild leave out counters, blank lines and hours,
so the lines with times alone are what a file is taken apart by.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from app.ingest.cues import MAX_CUE_TEXT

_STAMP = r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?"
_TIMES = re.compile(rf"^\W{{0,3}}{_STAMP}\s*-{{1,3}}\s?>\s*{_STAMP}(?![\d:])")
_BROKEN = re.compile(r"-->|^\s*\d{1,4}:\d{1,2}:\d{1,2}[.,]\d")
_COUNTER = re.compile(r"^\s*\d{1,7}\s*$")
_TAG = re.compile(r"</?(?:[ibus]|font|c|lang|ruby|rt|v)(?:[.\s][^<>]*)?>|<(?:\d+:)?\d+:\d\d\.\d+>", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^<>\n]{1,80})>")
_OVERRIDE = re.compile(r"\{\\[^{}\n]*\}")
_ASIDE = re.compile(r"^(?:NOTE|STYLE|REGION)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one cue and their times, in seconds on the subtitle file's clock."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a subtitle file holds, by time; ``damaged`` counts the cues that could not be read."""

    cues: tuple[Words, ...]
    damaged: int


def is_vtt(text: str) -> bool:
    """Whether it says of itself that it is WebVTT."""
    return text.lstrip("\ufeff").startswith("WEBVTT")


def parsed(text: str, most: int) -> Parsed:
    """The first ``most`` cues of a file's text. Never fails."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    vtt = is_vtt(text)
    borders = [at for at, line in enumerate(lines) if _TIMES.match(line) or _BROKEN.search(line)]
    found: list[Words] = []
    damaged = 0
    for number, at in enumerate(borders):
        if len(found) >= most:
            break
        stop = borders[number + 1] if number + 1 < len(borders) else len(lines)
        block, lost = _block(lines[at + 1 : stop], last=stop == len(lines), vtt=vtt)
        times = _times(lines[at])
        words = plain("\n".join(block), vtt=vtt)
        damaged += lost + (times is None)
        if times is not None and words:
            found.append(Words(*times, words))
    return Parsed(tuple(sorted(found, key=lambda cue: (cue.start_s, cue.end_s))), damaged)


def plain(text: str, *, vtt: bool) -> str:
    """A cue's words without their markup, speakers' names before what they say."""
    text = _OVERRIDE.sub("", text[: 4 * MAX_CUE_TEXT])
    if vtt:
        text = _VOICE.sub(r"\1: ", text)
    text = _TAG.sub("", text)
    if vtt:
        text = html.unescape(text)
    lines = (" ".join(line.split()) for line in text.replace("\\N", "\n").split("\n"))
    return "\n".join(line for line in lines if line)[:MAX_CUE_TEXT]


def _times(line: str) -> tuple[float, float] | None:
    """Start and end; ``None`` where they are none, or run backwards."""
    match = _TIMES.match(line)
    if match is None:
        return None
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    return (start, end) if end >= start else None


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return 3600.0 * int(hours or 0) + 60 * int(minutes or 0) + int(seconds or 0) + float(f"0.{fraction or 0}")


def _block(lines: list[str], *, last: bool, vtt: bool) -> tuple[list[str], int]:
    """The words below a line of times, and how many damaged cues follow them before the next such line."""
    lines = lines if last else _without_label(lines, vtt=vtt)
    stop = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    words, rest = lines[:stop], [line for line in lines[stop:] if line.strip()]
    if not rest:
        return words, 0
    if vtt:  # a blank line ends a cue there; what follows without times is a note, a style, or damaged
        return words, 0 if _ASIDE.match(rest[0]) else 1
    return (words, 1) if _COUNTER.match(rest[0]) and len(rest) > 1 else (words + rest, 0)


def _without_label(lines: list[str], *, vtt: bool) -> list[str]:
    """Without the next cue's counter or name, which is the last line before its times."""
    if not lines or not lines[-1].strip():
        return lines
    alone = len(lines) < 2 or not lines[-2].strip()
    return lines[:-1] if _COUNTER.match(lines[-1]) or (vtt and alone and len(lines) > 1) else lines

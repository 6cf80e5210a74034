"""Scenes as files: Markdown with pictures beside it, chapters in WebVTT, and plain data. No Qt."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.chat.scenes.asking import Scene, SceneList
from app.text.times import h_mm_ss, mm_ss
from model import atomic
from model.errors import LecternError
from model.messages import Message, msg, msg_n, plain
from model.types import Picture

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_QUALITY = 88

Tell = Callable[[Message], str]
"""Puts a message into the language of the file."""


class ExportError(LecternError):
    """The scenes could not be written."""


def name_of(number: int, scene: Scene) -> Message:
    """The scene's title; where it has none, its number."""
    return plain(scene.title) or msg("scenes.untitled", "Scene {number}", number=str(number))


def as_data(scenes: SceneList) -> dict[str, Any]:
    """All of it as JSON data."""
    return {
        "file": scenes.name,
        "hash": scenes.content_hash,
        "duration_s": round(scenes.duration_s, 3),
        "model": scenes.model or None,
        "summary": scenes.summary,
        "scenes": [_scene_data(number, scene) for number, scene in enumerate(scenes.scenes, 1)],
        "skipped": [
            {"where": str(skipped.where), "why": str(skipped.why), "code": skipped.why.cause}
            for skipped in scenes.skipped
        ],
    }


def _scene_data(number: int, scene: Scene) -> dict[str, Any]:
    return {
        "number": number,
        "start_s": round(scene.start_s, 3),
        "end_s": round(scene.end_s, 3),
        "start": mm_ss(scene.start_s),
        "end": mm_ss(scene.end_s),
        "entered": scene.entered,
        "title": scene.title,
        "summary": scene.summary,
        "frame_s": None if scene.frame is None else round(scene.frame.time_s, 3),
    }


def as_vtt(scenes: SceneList, tell: Tell = str) -> str:
    """Chapters as players read them."""
    parts = ["WEBVTT"]
    for number, scene in enumerate(scenes.scenes, 1):
        end = max(scene.end_s, scene.start_s + 0.001)
        parts.append(f"{number}\n{_stamp(scene.start_s)} --> {_stamp(end)}\n{_cue(tell(name_of(number, scene)))}")
    return "\n\n".join(parts) + "\n"


def _stamp(seconds: float) -> str:
    ms = round(max(0.0, seconds) * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _cue(text: str) -> str:
    """One line in which nothing is markup."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_markdown(scenes: SceneList, pictures: dict[int, str] | None = None, tell: Tell = str) -> str:
    """A document to read; ``pictures`` are links by the scene's number, counted from 1."""
    pictures = pictures or {}
    count = tell(msg_n("scenes.number", "{n} scene", "{n} scenes", len(scenes.scenes)))
    lines = [f"# {_plain(scenes.name)}", "", f"{count}, {h_mm_ss(scenes.duration_s)}", ""]
    if scenes.summary:
        lines += [scenes.summary, ""]
    for number, scene in enumerate(scenes.scenes, 1):
        title = _plain(tell(name_of(number, scene)))
        lines += [f"## {h_mm_ss(scene.start_s)} – {h_mm_ss(scene.end_s)} · {title}", ""]
        if number in pictures:
            lines += [f"![{title}]({pictures[number]})", ""]
        if scene.summary:
            lines += [_plain(scene.summary), ""]
    for skipped in scenes.skipped:
        lines += [f"> {_plain(tell(skipped.where))}: {_plain(tell(skipped.why))}", ""]
    if scenes.model:
        by = msg(
            "scenes.described-by",
            "Described by {model}, which can make mistakes; check the scenes yourself.",
            model=_plain(scenes.model),
        )
        lines += [tell(by), ""]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """One line of text in which nothing is Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def write_vtt(scenes: SceneList, path: Path, tell: Tell = str) -> None:
    """Write the chapters. Raises ``ExportError``."""
    _write(path, as_vtt(scenes, tell).encode("utf-8"))


def write_json(scenes: SceneList, path: Path) -> None:
    """Write all of it as data. Raises ``ExportError``."""
    _write(path, (json.dumps(as_data(scenes), ensure_ascii=False, indent=2) + "\n").encode("utf-8"))


def pictures_folder(path: Path) -> Path:
    """Where the pictures of the document ``path`` are written."""
    return path.with_name(f"{path.stem} pictures")


def write_markdown(scenes: SceneList, path: Path, tell: Tell = str) -> None:
    """Write the document, and its pictures into a folder beside it. Raises ``ExportError``."""
    folder = pictures_folder(path)
    links: dict[int, str] = {}
    for number, scene in enumerate(scenes.scenes, 1):
        data = (_jpeg(scene.frame.picture) if scene.frame is not None else None) or _small(scene.thumbnail)
        if data is None:
            continue
        name = f"{number:03d} {h_mm_ss(scene.start_s).replace(':', '-')}.jpg"
        _write(folder / name, data, make_folder=True)
        links[number] = f"{quote(folder.name)}/{quote(name)}"
    _write(path, as_markdown(scenes, links).encode("utf-8"))


def _jpeg(picture: Picture) -> bytes | None:
    """A frame as it was read; nothing where its file has gone."""
    from PIL import Image

    try:
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.read())
    except (OSError, ValueError):
        return None
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _small(thumbnail: bytes) -> bytes | None:
    """The small picture instead, where only that is left from an earlier start."""
    from PIL import Image

    out = io.BytesIO()
    try:
        Image.open(io.BytesIO(thumbnail), formats=["PNG"]).convert("RGB").save(out, "JPEG", quality=_QUALITY)
    except (OSError, ValueError):
        return None
    return out.getvalue()


def _write(path: Path, data: bytes, *, make_folder: bool = False) -> None:
    try:
        if make_folder:
            path.parent.mkdir(exist_ok=True)
        atomic.write(path, data)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ExportError(
            msg("export.cannot-be-written", "{name} cannot be written: {why}.", name=path.name, why=why)
        ) from None

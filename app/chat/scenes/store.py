"""A video's scenes on disk, as far as they are found and described, so that nobody waits for them twice.

Two files for each video, named by the SHA-256 of its bytes: ``HASH.json`` has times and words and is rewritten after
each scene that was described, ``HASH.pictures`` has the small pictures and is written once. Frames are not kept: they
are in the finder's private folder and are taken anew when describing continues.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from app.chat.scenes.asking import MAX_SUMMARY, MAX_TITLE, MAX_WHOLE, PROMPT_VERSION, Scene, SceneList
from app.ingest.shots.finder import MAX_SHOTS, Entered
from app.ingest.types import Skipped
from model import atomic
from model.messages import from_record, record

FORMAT = 1
WORDS, PICTURES = ".json", ".pictures"
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class KeptScenes:
    """What was found in a video, and how many of its scenes were asked about; one more is the whole video."""

    scenes: SceneList
    asked: int


class SceneStore:
    """Scenes by their video's hash, in one private folder. A disk that refuses costs the keeping, not the scenes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, kept: KeptScenes, *, pictures: bool) -> bool:
        """Write words, and ``pictures`` too where they are new; whether that went well."""
        scenes = kept.scenes
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if pictures:
                data = [base64.b64encode(scene.thumbnail).decode() for scene in scenes.scenes]
                atomic.write(self._path(scenes.content_hash, PICTURES), json.dumps(data))
            atomic.write(self._path(scenes.content_hash, WORDS), json.dumps(_plain(kept)))
        except (OSError, ValueError):
            return False
        return True

    def load(self, content_hash: str, name: str) -> KeptScenes | None:
        """What is kept of the video with this hash, which is called ``name`` now; nothing where it is damaged."""
        try:
            raw = _read(self._path(content_hash, WORDS))
            kept = _kept(raw, content_hash, name)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        with contextlib.suppress(OSError, ValueError, TypeError, RecursionError):  # without pictures, then
            pictures = [base64.b64decode(one, validate=True) for one in _read(self._path(content_hash, PICTURES))]
            shown = zip(kept.scenes.scenes, pictures, strict=True)
            scenes = tuple(replace(scene, thumbnail=picture) for scene, picture in shown)
            kept = KeptScenes(replace(kept.scenes, scenes=scenes), kept.asked)
        return kept

    def forget(self, content_hash: str) -> None:
        """Delete what is kept of one video."""
        forget_scenes(self._folder, [content_hash])

    def _path(self, content_hash: str, suffix: str) -> Path:
        if not content_hash.isalnum():
            raise ValueError("not a hash")
        return self._folder / f"{content_hash}{suffix}"


def forget_scenes(folder: Path, videos: Iterable[str] | None = None) -> None:
    """Delete the scenes of these videos (their hashes), or of all."""
    names = ["*"] if videos is None else [video for video in videos if video.isalnum()]
    for path in [path for name in names for suffix in (WORDS, PICTURES) for path in folder.glob(f"{name}{suffix}")]:
        with contextlib.suppress(OSError):
            path.unlink()


def with_words(found: SceneList, kept: KeptScenes) -> KeptScenes:
    """Freshly found scenes with the words that are kept; from the start where they are not the same scenes."""
    old = kept.scenes.scenes
    if [round(scene.start_s, 2) for scene in old] != [round(scene.start_s, 2) for scene in found.scenes]:
        return KeptScenes(found, 0)
    scenes = tuple(
        replace(new, title=one.title, summary=one.summary) for new, one in zip(found.scenes, old, strict=True)
    )
    return KeptScenes(replace(found, scenes=scenes, summary=kept.scenes.summary, model=kept.scenes.model), kept.asked)


def _read(path: Path) -> Any:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError("too large")
    return json.loads(path.read_text(encoding="utf-8"))


def _plain(kept: KeptScenes) -> dict[str, Any]:
    scenes = kept.scenes
    return {
        "format": FORMAT,
        "prompt": PROMPT_VERSION,
        "asked": kept.asked,
        "duration": scenes.duration_s,
        "model": scenes.model,
        "summary": scenes.summary,
        "scenes": [[one.start_s, one.end_s, one.entered, one.title, one.summary] for one in scenes.scenes],
        "skipped": [[record(one.where), record(one.why)] for one in scenes.skipped],
    }


def _kept(raw: dict[str, Any], content_hash: str, name: str) -> KeptScenes:
    """Raises ``ValueError``, ``KeyError`` or ``TypeError`` where this is not one of ours, whole."""
    scenes = tuple(_scene(*one) for one in raw["scenes"])
    asked = int(raw["asked"])
    starts = [scene.start_s for scene in scenes]
    if raw["format"] != FORMAT or not 0 < len(scenes) <= MAX_SHOTS or not 0 <= asked <= len(scenes) + 1:
        raise ValueError("another format")
    if starts != sorted(starts):
        raise ValueError("times run backwards")
    listed = SceneList(
        name,
        content_hash,
        float(raw["duration"]),
        scenes,
        str(raw["summary"])[:MAX_WHOLE],
        str(raw["model"])[:MAX_TITLE],
        tuple(Skipped(from_record(where), from_record(why)) for where, why in raw["skipped"]),
    )
    if raw.get("prompt", 1) != PROMPT_VERSION:  # described as an older version asked for it: the spans stay
        bare = tuple(replace(one, title="", summary="") for one in scenes)
        return KeptScenes(replace(listed, scenes=bare, summary="", model=""), 0)
    return KeptScenes(listed, asked)


def _scene(start: Any, end: Any, entered: Any, title: Any, summary: Any) -> Scene:
    begins, ends = float(start), float(end)
    if not 0 <= begins <= ends < 1e7 or entered not in get_args(Entered):
        raise ValueError("not a scene")
    return Scene(begins, ends, str(title)[:MAX_TITLE], str(summary)[:MAX_SUMMARY], entered=cast(Entered, entered))

"""What the user has chosen, in one small JSON file.

It is written to a temporary name and renamed, so that a crash never leaves half a file. A file that cannot
be read, or a value of a wrong kind, becomes the default and a line in the log; it never stops the start.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from app import paths
from app.library.model_ref import LocalFolder, ModelRef, SampleModel, as_data, from_data
from model import atomic

THEMES = ("system", "light", "dark")
LANGUAGES = ("system", "en", "de")
TEXT_SIZES = (90, 100, 110, 125, 150)
MOST_FOLDERS = 100
MOST_BYTES = 1 << 50
MOST_PINNED = 1000
MOST_PIXELS = 20_000
FEWEST_TOKENS, MOST_TOKENS = 64, 131_072
"""Of an answer, and of thoughts."""
MOST_NAME = 100
_NOT_KEPT = {"path", "others"}
_FORMER = {"sample_model"}
"""Of earlier versions; what they meant is in another setting now."""
_KEY = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)


@dataclass
class Settings:
    """The settings. Change an attribute, then ``save()``."""

    model: ModelRef | None = None
    """The model that was used last; ``None``: none was chosen yet."""
    model_folder: Path | None = None
    """The folder that was chosen last; it stays in the list while the sample model is used."""
    conversation: str = ""
    """The conversation that was open last; it is opened again at the start. Empty: a new one."""
    model_folders: tuple[Path, ...] = ()
    """Folders elsewhere that the user added to the list of models."""
    adapter_folders: tuple[Path, ...] = ()
    """Adapters elsewhere that the user added."""
    theme: str = "system"
    language: str = "system"
    """``system``, or one of ``LANGUAGES``."""
    text_size: int = 100
    """Per cent of the system's own text size, one of ``TEXT_SIZES``."""
    think: bool = False
    answer_tokens: int = 2048
    """The most tokens of one answer, without its thoughts."""
    thinking_tokens: int = 8192
    """The most tokens of the thoughts before an answer."""
    tools: bool = True
    """Whether the model may look closer, go to a time and find words by itself."""
    lookup: bool = True
    """Whether words that are in the documents are drafted from there, which makes answers that quote quicker."""
    prepare: bool = True
    """Whether pictures are encoded while nobody asks; it costs current."""
    geometry: str = ""
    """The window's place and size, as Qt saves it, in base64."""
    side_open: bool = True
    """Whether the list of conversations and files is shown."""
    viewer_open: bool = False
    """Whether the viewer stays open from one conversation to the next."""
    side_width: int = 0
    """0: what the system's font needs."""
    files_height: int = 0
    """What the files take of the left pane; 0: what they need."""
    viewer_width: int = 0
    """0: half of what the left pane leaves."""
    document_memory: int | None = None
    """Bytes of memory for cached documents. ``None``: as the machine allows."""
    document_disk: int | None = None
    """Bytes of disk for them. ``None``: as the disk allows; 0: nothing is written."""
    document_int8: bool = False
    """Whether they are cached in half the bytes, a little less exactly."""
    pinned: tuple[str, ...] = ()
    """Hashes of files that stay in memory once they are read."""
    ears: Path | None = None
    """The folder of a model that hears, which makes transcripts where the open model does not."""
    path: Path | None = None
    """The file they came from; ``None`` keeps them in memory only."""
    others: dict[str, Any] = field(default_factory=dict)
    """What another version has put into the file: it is written back as it was."""

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """The settings in ``path`` (default: the user's own)."""
        path = path or paths.config_dir() / "settings.json"
        settings = cls(path=path)
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(raw, dict):
                raise ValueError("it is not an object")
        except FileNotFoundError:
            return settings
        except (OSError, ValueError, RecursionError) as error:
            _log.warning("The settings cannot be read (%s); the defaults are used.", error)
            return settings
        settings._take(raw)
        if settings.model is None and "model" not in raw:  # a file of an earlier version
            if raw.get("sample_model") is True:
                settings.model = SampleModel()
            elif settings.model_folder is not None:
                settings.model = LocalFolder(settings.model_folder)
        return settings

    def choose(self, model: ModelRef) -> None:
        """A model is used from now on."""
        self.model = model
        if isinstance(model, LocalFolder):
            self.model_folder = model.path

    def _take(self, raw: dict[str, Any]) -> None:
        known = {one.name for one in fields(self)} - _NOT_KEPT
        for name, value in raw.items():
            if name not in known:
                self.others |= {name: value} if name not in _FORMER else {}
                continue
            match name, value:
                case "model", dict() if (model := from_data(value)) is not None:
                    self.model = model
                case "ears", str() if value:
                    self.ears = Path(value)
                case "model_folder", str() if value:
                    self.model_folder = Path(value)
                case "theme", str() if value in THEMES:
                    self.theme = value
                case "language", str() if value in LANGUAGES:
                    self.language = value
                case "text_size", int() if value in TEXT_SIZES and not isinstance(value, bool):
                    self.text_size = value
                case (("model_folders" | "adapter_folders"), list()) if _are_paths(value):
                    setattr(self, name, tuple(Path(one) for one in value))
                case (
                    ("think" | "tools" | "lookup" | "prepare" | "side_open" | "viewer_open"),
                    bool(),
                ):
                    setattr(self, name, value)
                case "conversation", str() if len(value) <= MOST_NAME:
                    self.conversation = value
                case (("side_width" | "viewer_width" | "files_height"), int()) if _is_length(value):
                    setattr(self, name, value)
                case (("answer_tokens" | "thinking_tokens"), int()) if _is_count(value):
                    setattr(self, name, value)
                case "geometry", str():
                    self.geometry = value
                case "document_int8", bool():
                    self.document_int8 = value
                case "document_memory", int() if _is_bytes(value):
                    self.document_memory = value
                case "document_disk", int() if _is_bytes(value):
                    self.document_disk = value
                case "pinned", list() if _are_keys(value):
                    self.pinned = tuple(value)
                case (("model" | "model_folder" | "ears" | "document_memory" | "document_disk"), None):
                    pass
                case _:
                    _log.warning("The setting %r was not understood and is left at its default.", name)

    def save(self) -> None:
        """Write them. A disk that refuses is a line in the log, not the end of the day."""
        if self.path is None:
            return
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _NOT_KEPT}
        values = {**self.others, **values, "model": as_data(self.model)}
        values["model_folder"] = str(self.model_folder) if self.model_folder else None
        values["ears"] = str(self.ears) if self.ears else None
        values["model_folders"] = [str(folder) for folder in self.model_folders]
        values["adapter_folders"] = [str(folder) for folder in self.adapter_folders]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self.path, json.dumps(values, indent=2) + "\n")
        except OSError as error:
            _log.warning("The settings could not be saved: %s", error)


def _is_bytes(value: int) -> bool:
    return not isinstance(value, bool) and 0 <= value <= MOST_BYTES


def _is_count(value: int) -> bool:
    return not isinstance(value, bool) and FEWEST_TOKENS <= value <= MOST_TOKENS


def _is_length(value: int) -> bool:
    return not isinstance(value, bool) and 0 <= value <= MOST_PIXELS


def _are_paths(values: list[Any]) -> bool:
    return len(values) <= MOST_FOLDERS and all(isinstance(value, str) and value for value in values)


def _are_keys(values: list[Any]) -> bool:
    return len(values) <= MOST_PINNED and all(isinstance(value, str) and _KEY.fullmatch(value) for value in values)

"""Adapters on this machine: folders that PEFT has written, beside models, inside a model's folder, or added by hand.

Which of them fits a model is told by its shapes; no weight is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import paths
from app.library.settings import Settings
from model.adapters.reading import CONFIG, WEIGHTS, read_adapter
from model.checkpoint.folder_names import actual_folder
from model.errors import LecternError
from model.family.config_json import read_config
from model.messages import NOTHING, Message

_MAX_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class FoundAdapter:
    """An adapter as one model sees it. ``problem``: why it cannot be applied to that model, where it cannot."""

    folder: Path
    problem: Message = NOTHING

    @property
    def name(self) -> str:
        """What users call it."""
        return self.folder.name

    @property
    def is_for_another_model(self) -> bool:
        """Whether there is nothing wrong but that it was trained for a model of another shape."""
        return self.problem.cause == "adapter.other-model"


def adapter_folders(settings: Settings) -> list[Path]:
    """All folders with an adapter that are known without looking into models."""
    beside = paths.beside_app()
    roots = (beside, beside / "models", paths.models_dir(), paths.shared_models_dir())
    found = [*settings.adapter_folders, *(folder for root in roots for folder in _children(root))]
    return list(dict.fromkeys(folder for folder in found if _holds_adapter(folder)))[:_MAX_CANDIDATES]


def adapters_of(model: Path, known: Sequence[Path]) -> list[FoundAdapter]:
    """What ``known`` adapters, and those in the folder of ``model``, are to that model. Those that fit come first."""
    model = actual_folder(model)
    try:
        config = read_config(model)
    except LecternError:
        return []
    found = []
    for folder in dict.fromkeys((*(one for one in (model, *_children(model)) if _holds_adapter(one)), *known)):
        try:
            read_adapter(folder, config)
            found.append(FoundAdapter(folder))
        except LecternError as error:
            found.append(FoundAdapter(folder, error.message))
    return sorted(found, key=lambda one: bool(one.problem))


def _holds_adapter(folder: Path) -> bool:
    return (folder / CONFIG).is_file() and ((folder / WEIGHTS).is_file() or not (folder / "config.json").is_file())


def _children(root: Path) -> Iterator[Path]:
    try:
        yield from sorted(entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return

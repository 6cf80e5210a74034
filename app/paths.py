"""Where things are: resources of the application, and the user's own data, cache, settings and logs.

Resources are in the checkout (or the installed package), or below ``sys._MEIPASS`` in a frozen build. The
user's folders come from platformdirs; the environment variable ``LECTERN_HOME`` puts all of them below
one folder, for portable use from a stick and for tests. Asking for a path creates nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

NAME = "Lectern"
HOME_VARIABLE = "LECTERN_HOME"


def resource(*parts: str) -> Path:
    """A file or folder that ships with the application."""
    root = getattr(sys, "_MEIPASS", None)
    base = Path(root) if root else Path(__file__).resolve().parent.parent
    return base.joinpath("resources", *parts)


def beside_app() -> Path:
    """The folder that the application was put into: where a stick carries the models too."""
    if getattr(sys, "frozen", False):
        return Path(sys.executable).resolve().parent
    return Path(__file__).resolve().parent.parent


def config_dir() -> Path:
    """The folder of the settings."""
    return _home("config") or Path(platformdirs.user_config_dir(NAME, appauthor=False))


def data_dir() -> Path:
    """Models and everything that must not be lost."""
    return _home("data") or Path(platformdirs.user_data_dir(NAME, appauthor=False))


def cache_dir() -> Path:
    """The folder of caches, which can be made again."""
    return _home("cache") or Path(platformdirs.user_cache_dir(NAME, appauthor=False))


def log_dir() -> Path:
    """Logs: no document text, no questions."""
    return _home("logs") or Path(platformdirs.user_log_dir(NAME, appauthor=False))


def models_dir() -> Path:
    """Where a user puts model folders so that they are found without being chosen."""
    return data_dir() / "models"


def shared_models_dir() -> Path:
    """Where an administrator puts model folders for everyone on this machine."""
    return Path(platformdirs.site_data_dir(NAME, appauthor=False)) / "models"


def quantised_store() -> Path:
    """Where published checkpoints are stored once quantised."""
    return data_dir() / "quantised"


def engine_cache() -> Path:
    """The engine's cache of documents, and the speeds that it has measured."""
    return cache_dir() / "engine"


def documents_store() -> Path:
    """Documents that have been read, as the engine keeps them: derived from the user's files, and private."""
    return engine_cache() / "documents"


def extractions_dir() -> Path:
    """What passes over every page have found so far, so that they can go on: private, like the files themselves."""
    return data_dir() / "extractions"


def scenes_dir() -> Path:
    """Scenes of videos, as far as they are found and described: private, like the videos themselves."""
    return data_dir() / "scenes"


def transcripts_dir() -> Path:
    """Transcripts of recordings and videos, as far as they are made: private, like the recordings themselves."""
    return data_dir() / "transcripts"


def recognised_dir() -> Path:
    """What was read from pictures of text: derived from the user's files, and private."""
    return cache_dir() / "recognised"


def languages_dir() -> Path:
    """Where a user puts language files (``*.traineddata``) so that pictures are read in these languages too."""
    return data_dir() / "languages"


def _home(part: str) -> Path | None:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home).expanduser() / part if home else None

"""Finds and loads the file with the kernels for processors. Without torch, since text recognition uses it too."""

from __future__ import annotations

import ctypes
import functools
import logging
import os
from pathlib import Path

ABI = 13
SWITCH = "LECTERN_NATIVE"
_FOLDER = Path(__file__).parent / "kernels" / "native"
_log = logging.getLogger(__name__)


def wanted() -> str:
    """The kernels that the environment asks for; empty for the best that this processor can run."""
    return os.environ.get(SWITCH, "")


@functools.cache
def functions() -> ctypes.CDLL | None:
    """The library's exported functions, whatever this processor can run; ``None`` where it is missing or forbidden."""
    if wanted() == "off":
        return None
    for path in sorted(_FOLDER.glob("_kernels*")):
        try:
            found = ctypes.CDLL(str(path))
            if found.lectern_abi() == ABI:
                return found
            _log.warning("%s was built from other sources; install Lectern again", path.name)
        except (OSError, AttributeError) as error:  # built for another system, or cut short
            _log.warning("%s cannot be used: %s", path.name, error)
    return None

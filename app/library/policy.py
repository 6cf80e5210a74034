"""What an administrator allows on this machine. Everything that could open a connection asks here first.

The policy is a JSON file that only an administrator can write, ``policy.json`` in the system's configuration folder
for Lectern (``/etc/xdg/Lectern`` on Linux, ``ProgramData`` on Windows), for example ``{"download": false}``. Without
one all of this can be switched on, and none of it is on by itself. The variable ``LECTERN_POLICY`` names a second
file, which can only forbid more. A file that cannot be read forbids everything: it was put there to forbid something.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, fields
from pathlib import Path

import platformdirs

from app.paths import NAME

VARIABLE = "LECTERN_POLICY"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be switched on."""

    download: bool = True
    """Fetching a model from the internet."""
    serve: bool = True
    """Answering other programs on this machine."""
    remote: bool = True
    """Using a model on another machine."""


NOTHING_ALLOWED = Policy(*(False for _ in fields(Policy)))


def policy() -> Policy:
    """What is allowed now; the files are read each time."""
    found = [_read(path) for path in policy_files()]
    return Policy(**{one.name: all(getattr(each, one.name) for each in found) for one in fields(Policy)})


def policy_files() -> list[Path]:
    """The files that are looked for."""
    own = Path(platformdirs.site_config_dir(NAME, appauthor=False)) / "policy.json"
    further = os.environ.get(VARIABLE)
    return [own, Path(further)] if further else [own]


def _read(path: Path) -> Policy:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Policy()
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("The policy %s cannot be read (%s), so nothing that it could forbid is allowed.", path, error)
        return NOTHING_ALLOWED
    known = {one.name for one in fields(Policy)}
    if not isinstance(values, dict) or any(not isinstance(values[name], bool) for name in known & values.keys()):
        _log.warning("The policy %s is not understood, so nothing that it could forbid is allowed.", path)
        return NOTHING_ALLOWED
    return Policy(**{name: values[name] for name in known & values.keys()})

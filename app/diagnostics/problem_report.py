"""A report that a user can send by hand: versions, machine, and the log without anything of the user's own.

Nothing is ever sent by Lectern. Paths that do not belong to the program are taken out of the log, and so is what
errors quote; what is left shows where in the program something went wrong.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

from app import paths
from app.build_info import build_words
from app.library.logs import LOG_FILES
from model.atomic import replacing

CRASH = "crash.log"
_MOST = 2_000_000
"""Bytes of each log, from its end."""
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|(?<![\w.])~?/|\\\\)[^\s'\"<>|*?:]*(?:[ ][^\s'\"<>|*?:]*[\\/][^\s'\"<>|*?:]*)*")
_OWN = re.compile(
    r".*?((?:app|model|site-packages|lib-dynload|lib[\\/]python[\d.]+)[\\/][^\s'\"]+\.(?:py|so|pyd|dll)[\w.]*)$"
)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|„[^“]*“|“[^”]*”")
_FRAME = re.compile(r'^\s+File "')
_ERROR = re.compile(r"^([\w.]+(?:Error|Exception|Warning|Interrupt|Exit)):.*$")


def write_report(path: Path) -> None:
    """Write the ZIP file ``path``. Raises ``OSError``."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", json.dumps(_about(), indent=1))
        for name in (*log_names(), CRASH):
            text = _tail(paths.log_dir() / name)
            if text:
                archive.writestr(name, redacted(text))


def log_names() -> list[str]:
    """The rotating log's files, the newest first."""
    return ["lectern.log", *(f"lectern.log.{number}" for number in range(1, LOG_FILES))]


def redacted(log: str) -> str:
    """``log`` without foreign paths and without what errors quote."""
    return "\n".join(_line(line) for line in log.splitlines()) + "\n"


def _line(line: str) -> str:
    error = _ERROR.match(line)
    if error:
        return f"{error[1]}: …"  # an error's own words may quote what was read
    if _FRAME.match(line):
        return _PATH.sub(_shortened, line)
    return _PATH.sub(_shortened, _QUOTED.sub("'…'", line))


def _shortened(match: re.Match[str]) -> str:
    own = _OWN.match(match[0])
    return own[1].replace("\\", "/") if own else "<path>"


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MOST))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _about() -> dict[str, object]:
    from app.diagnostics.doctor import machine_report

    return {"lectern": build_words(), **machine_report()}

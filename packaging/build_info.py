"""Which build this is: build_info.py FOLDER writes ``build.json``. The date is the commit's, so builds repeat."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build_info() -> dict[str, str]:
    """Version, commit (with a plus where files differ from it), the commit's date, and the system."""
    sys.path.insert(0, str(ROOT))
    from app import __version__

    commit = _git("rev-parse", "--short=12", "HEAD") or "unknown"
    changed = "+" if _git("status", "--porcelain", "--untracked-files=no") else ""
    stamp = int(_git("log", "-1", "--format=%ct") or 0)
    return {
        "version": __version__,
        "build": f"{commit}{changed}",
        "date": datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "system": f"{sys.platform}-{platform.machine()}",
    }


def _git(*words: str) -> str:
    result = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    (target / "build.json").write_text(json.dumps(build_info()) + "\n", encoding="utf-8")

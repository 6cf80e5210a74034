"""``lectern ask`` with several questions in one process, so that torch is imported once.

Each question is a command of its own: it reads the file, opens the model and comes back to what was saved. Standard
output is a JSON list with what ``--json`` prints for each.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from app import cli


def ask(file: Path, *questions: str, recognise: bool = True) -> list[dict[str, Any]]:
    """What ``lectern ask --json`` prints for each question; without ``recognise`` pictures go to the model as such."""
    options = [] if recognise else ["--no-recognise"]
    command = [sys.executable, "-m", "tests.app.asking", *options, str(file), *questions]
    return list(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main(arguments: list[str]) -> int:
    """Ask; the exit status is that of the first command that fails."""
    found = []
    options = [argument for argument in arguments if argument.startswith("--")]
    file, *questions = arguments[len(options) :]
    for question in questions:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            status = cli.main(["ask", file, "-q", question, "--json", "--max-tokens", "60", *options])
        if status:
            return status
        found.append(json.loads(out.getvalue()))
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

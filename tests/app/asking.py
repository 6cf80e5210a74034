"""``lectern ask`` with many questions in one process, so that torch is imported once.

Each question is a command of its own: it reads the file, opens the model and comes back to what was saved in the home
of the time. The process takes one JSON object a line, ``{"home", "file", "questions", "options"}``, and prints for each
a line with the list of what ``--json`` prints.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from app import cli, paths


class Asker:
    """A process that is asked; a context manager. It is started with the first question."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, home: Path, file: Path, *questions: str, recognise: bool = True) -> list[dict[str, Any]]:
        """What ``lectern ask --json`` prints for each question; without ``recognise`` pictures go in as such."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.app.asking"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None and self._process.stdout is not None
        options = [] if recognise else ["--no-recognise"]
        wanted = {"home": str(home), "file": str(file), "questions": questions, "options": options}
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the process that is asked has ended"
        return list(json.loads(line))

    def close(self) -> None:
        """End the process; the next question starts another one."""
        process, self._process = self._process, None
        if process is not None:
            process.communicate(timeout=60)


def main() -> int:
    """Ask until nothing more comes; the exit status is that of the first command that fails."""
    for line in sys.stdin:
        wanted = json.loads(line)
        os.environ[paths.HOME_VARIABLE] = wanted["home"]
        found = []
        for question in wanted["questions"]:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                status = cli.main(
                    ["ask", wanted["file"], "-q", question, "--json", "--max-tokens", "60", *wanted["options"]]
                )
            if status:
                return status
            found.append(json.loads(out.getvalue()))
        print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

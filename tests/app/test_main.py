"""The window's start as a process: painted before anything heavy, and closed by a signal without a trace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.paths import resource
from tests.bench.window.bench_start import wait_for


@pytest.mark.flaky(reruns=1, reason="a whole start in a process of its own, on a machine that may be busy")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_painted_before_anything_heavy_and_closed_by_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "start.json"
    environment = os.environ | {"LECTERN_HOME": str(tmp_path / "home"), "LECTERN_START_LOG": str(log)}
    arguments = [sys.executable, "-m", "app", str(resource("samples", "invoice.pdf"))]
    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE) as process:
        try:
            found = wait_for(log, process)
            process.send_signal(number)
            _, errors = process.communicate(timeout=90)
        finally:
            process.kill()
    assert found["heavy_modules"] == []
    assert process.returncode == 0
    assert errors == b""
    settings = json.loads((tmp_path / "home" / "config" / "settings.json").read_text(encoding="utf-8"))
    assert settings["geometry"]  # the window was closed, not killed


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the environment does not tell whether there is a screen")
def test_without_a_screen_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "no screen" in line and "lectern --help" in line

"""Nothing leaves the machine: reading, asking and the whole window run where one internet socket would be the end.

The kernel itself watches: a filter kills the process, or any process it started, at the first attempt to make an
internet socket, also from native code, also to look up a name. That a killed process fails the test is shown first.

The API has to listen: there the watch allows that, and kills at the first connection to anybody.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import psutil
import pytest

from app import paths

pytestmark = pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="Linux's own filter")

WATCHED = """
import ctypes, struct, sys, runpy
SOCKET, CONNECT, AF_INET, AF_INET6, AF_PACKET, SOCK_STREAM, KILL = 41, 42, 2, 10, 17, 1, 0x80000000
steps = STEPS
program = b"".join(struct.pack("@HBBI", *step) for step in steps)
buffer = ctypes.create_string_buffer(program, len(program))
header = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.syscall(317, 1, 1, header) == 0
sys.argv = sys.argv[1:]
if sys.argv[0] == "-c":
    exec(sys.argv[1])
else:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
NO_SOCKET = """[
    (0x20, 0, 0, 0),                 # the call's number
    (0x15, 0, 5, SOCKET),
    (0x20, 0, 0, 16),                # its first argument: the family
    (0x15, 2, 0, AF_INET), (0x15, 1, 0, AF_INET6), (0x15, 0, 1, AF_PACKET),
    (0x06, 0, 0, KILL),
    (0x06, 0, 0, 0x7FFF0000),
]
"""
ONLY_LISTENING = """[
    (0x20, 0, 0, 0),
    (0x15, 8, 0, CONNECT),           # to nobody, by whatever family
    (0x15, 0, 8, SOCKET),
    (0x20, 0, 0, 16),
    (0x15, 5, 0, AF_INET6), (0x15, 4, 0, AF_PACKET), (0x15, 0, 4, AF_INET),
    (0x20, 0, 0, 24),                # its type
    (0x54, 0, 0, 0xF),
    (0x15, 1, 0, SOCK_STREAM),       # no datagrams, and so no names that are looked up
    (0x06, 0, 0, KILL),
    (0x06, 0, 0, 0x7FFF0000),
]
"""


def environment_of(tmp_path: Path) -> dict[str, str]:
    """With its own home, and nothing that switches anything off beforehand."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    environment |= {"LECTERN_HOME": str(tmp_path / "home"), "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("ORT_DISABLE_TELEMETRY", None)  # the application has to see to that itself
    return environment


def watched(tmp_path: Path, *words: str, steps: str = NO_SOCKET) -> subprocess.CompletedProcess[str]:
    """Run one of Lectern's modules, or code, under the watch."""
    return subprocess.run(
        [sys.executable, "-c", WATCHED.replace("STEPS", steps.strip()), *words],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        env=environment_of(tmp_path),
    )


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import socket; socket.getaddrinfo('example.invalid', 80)",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'], check=True)",
    ],
)
def test_the_watch_sees_every_attempt(attempt: str, tmp_path: Path) -> None:
    assert watched(tmp_path, "-c", attempt).returncode != 0


def test_what_needs_no_network_passes_the_watch(tmp_path: Path) -> None:
    assert watched(tmp_path, "-c", "import socket; socket.socket(socket.AF_UNIX).close()").returncode == 0


def test_reading_files(tmp_path: Path) -> None:
    names = ("invoice.pdf", "settings.png", "lamp.mp4")
    result = watched(tmp_path, "app.cli", "read", *(str(paths.resource("samples", name)) for name in names), "--json")
    assert result.returncode == 0, result.stderr


def test_asking_on_the_command_line(tmp_path: Path) -> None:
    files = [str(paths.resource("samples", name)) for name in ("invoice.pdf", "settings.png")]
    result = watched(tmp_path, "app.cli", "ask", *files, "-q", "What is the total?", "--max-tokens", "8", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["answer"]


def test_the_machine_and_its_models(tmp_path: Path) -> None:
    assert watched(tmp_path, "app.cli", "doctor", "--json").returncode == 0


def test_the_whole_window_with_a_pdf_a_picture_a_clip_and_an_answer(tmp_path: Path) -> None:
    result = watched(tmp_path, "app.cli", "doctor", "--window", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(json.loads(result.stdout)["files"]) == 3


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(('127.0.0.1', 9))",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
        "import socket; socket.getaddrinfo('example.invalid', 80)",
    ],
)
def test_the_watch_of_the_api_sees_every_attempt(attempt: str, tmp_path: Path) -> None:
    assert watched(tmp_path, "-c", attempt, steps=ONLY_LISTENING).returncode != 0


def test_the_api_listens_on_this_machine_only_and_connects_to_nobody(tmp_path: Path) -> None:
    """``lectern serve`` is the one command that opens a socket: to listen, at the loopback address."""
    command = [
        sys.executable,
        "-c",
        WATCHED.replace("STEPS", ONLY_LISTENING.strip()),
        "app.cli",
        "serve",
        "--port",
        "0",
    ]
    # With a name for the user, nobody asks the system's own service for it, through a local socket.
    environment = environment_of(tmp_path) | {"LOGNAME": "reader"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().removeprefix("Address: ").strip()
            token = process.stdout.readline().removeprefix("Token: ").strip()
            headers = {"Authorization": f"Bearer {token}"}
            with httpx2.Client(base_url=address, headers=headers, timeout=120, trust_env=False) as client:
                data = paths.resource("samples", "invoice.pdf").read_bytes()
                sent = client.post("/lectern/documents", files={"file": ("invoice.pdf", data)})
                asked = {"question": "What is the due date?", "documents": [sent.json()["id"]]}
                answer = client.post("/lectern/ask", json=asked)
            assert answer.json()["evidence"][0]["state"] == "found"
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            used = [one for each in family for one in each.net_connections("inet")]
            listening = [one.laddr.ip for one in used if one.status == psutil.CONN_LISTEN]
            assert listening == ["127.0.0.1"] and all(one.laddr.ip == "127.0.0.1" for one in used)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0

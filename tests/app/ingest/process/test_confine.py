"""A process that reads strangers' files cannot reach a network or start a program, whatever runs in it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROBE = """
import errno, json, os, socket, subprocess, sys, tempfile, threading
from app.ingest.process.confine import confine
early = threading.Event()
found = {}

def later():
    early.wait()
    found["thread"] = attempt(lambda: socket.socket())

def attempt(do):
    try:
        do()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "done"

thread = threading.Thread(target=later)
thread.start()
found["held"] = confine()
found["tcp"] = attempt(lambda: socket.create_connection(("127.0.0.1", 9), 1))
found["udp"] = attempt(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
found["unix"] = attempt(lambda: socket.socket(socket.AF_UNIX))
found["dns"] = attempt(lambda: socket.getaddrinfo("example.invalid", 80))
found["program"] = attempt(lambda: subprocess.run(["/bin/true"]))
found["exec"] = attempt(lambda: os.execv("/bin/true", ["true"]))
found["file"] = attempt(lambda: open(__file__ if "__file__" in globals() else sys.executable, "rb").close())
try:
    found["memory"] = len(bytearray(8 << 30)) and "done"
except MemoryError:
    found["memory"] = "MemoryError"
with tempfile.TemporaryFile(buffering=0) as file:
    file.seek((64 << 20) - 1)
    found["long file"] = [attempt(lambda: file.write(b"x")), attempt(lambda: file.write(b"x"))]
early.set()
thread.join()
import numpy
found["numpy"] = float(numpy.ones((300, 300)).dot(numpy.ones((300, 300))).sum())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    import json

    result = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux's own filter")


@linux
@pytest.mark.parametrize("attempt", ["tcp", "udp", "unix", "thread"])
def test_no_socket_of_any_kind(found: dict[str, object], attempt: str) -> None:
    assert found[attempt] == "EPERM"


@linux
def test_no_name_is_looked_up(found: dict[str, object]) -> None:
    assert found["dns"] != "done"


@linux
@pytest.mark.parametrize("attempt", ["program", "exec"])
def test_no_program_is_started(found: dict[str, object], attempt: str) -> None:
    assert found[attempt] == "EPERM"


@linux
def test_memory_is_bounded(found: dict[str, object]) -> None:
    assert found["memory"] == "MemoryError"


@pytest.mark.skipif(sys.platform == "win32", reason="rlimits")
def test_written_files_are_bounded(found: dict[str, object]) -> None:
    assert found["long file"] == ["done", "EFBIG"]


BUSY = """
import sys, threading, time
from app.ingest.process import serving
serving.harden()
serving.IDLE_CPU_S = 0.2
serving.set_alarm(0.2 if sys.argv[1] == "asked" else 0)
serving.signal.setitimer(serving.signal.ITIMER_REAL, 0)  # the clock is tested elsewhere
if sys.argv[1] == "waits":
    time.sleep(2)
else:
    end = time.process_time() + 30
    while time.process_time() < end:
        pass
print("still there")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="rlimits")
@pytest.mark.parametrize("mode", ["asked", "idle", "waits"])
def test_processor_time_is_bounded(mode: str) -> None:
    """While it answers and while nothing is asked; and waiting takes none."""
    ended = subprocess.run([sys.executable, "-c", BUSY, mode], capture_output=True, text=True, timeout=60, check=False)
    if mode == "waits":
        assert (ended.returncode, ended.stdout) == (0, "still there\n"), ended.stderr
    else:
        assert ended.returncode == -signal.SIGXCPU and not ended.stdout


def test_files_and_arithmetic_still_work(found: dict[str, object]) -> None:
    assert found["file"] == "done" and found["numpy"] == 300**3
    assert "limits" in str(found["held"]) or sys.platform == "win32"

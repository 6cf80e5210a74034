"""Nothing looks for a network, whatever is installed on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from model.engine import offline

PROGRAM = """
import os, sys
from model.engine import offline
assert all(os.environ[name] == value for name, value in offline.SWITCHES.items())
try:
    import kernels
except ImportError:
    print("refused")
import importlib.util
assert importlib.util.find_spec("kernels") is None  # what transformers asks
"""


def test_switches_are_set_and_the_kernels_package_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text("raise SystemExit('fetched')")
    environment = {name: value for name, value in os.environ.items() if name not in offline.SWITCHES}
    root = Path(offline.__file__).parents[2]
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(root)])
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.returncode) == ("refused", 0), done.stderr


def test_a_hub_client_that_was_imported_first_goes_offline_too() -> None:
    import huggingface_hub.constants as constants

    before = constants.HF_HUB_OFFLINE
    try:
        constants.HF_HUB_OFFLINE = False
        offline.go_offline()
        assert constants.HF_HUB_OFFLINE is True
    finally:
        constants.HF_HUB_OFFLINE = before

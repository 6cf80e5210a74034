"""The built folder on a machine that has nothing: moved to a strange place, without Python, without a network.

    make test-package

``LECTERN_BUILT`` names another folder than ``dist/lectern``. Where the system lets a test have one, the program runs in
a network namespace of its own, in which there is not even a loopback device that is up.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BUILT = Path(os.environ.get("LECTERN_BUILT", ROOT / "dist" / "lectern"))
LARGEST = 1_150_000_000
"""Bytes of the folder, unpacked, with both sample models."""

pytestmark = pytest.mark.built


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built folder somewhere else, in a path with spaces and letters of several kinds."""
    place = tmp_path_factory.mktemp("Ein Örtchen für Λέξεις")
    return Path(shutil.copytree(BUILT, place / "Lectern Ordner", symlinks=True))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No Python, no variables of ours, no home that knows anything."""
    home = tmp_path / "Zuhause mit Leerzeichen"
    home.mkdir()
    return {"HOME": str(home), "PATH": "/nonexistent", "LECTERN_HOME": str(home / "lectern"), "LANG": "C.UTF-8"}


def alone() -> list[str]:
    """What to put before a command so that it has no network; nothing where that is not allowed."""
    unshare = shutil.which("unshare")
    if unshare and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0:
        return [unshare, "-rn"]
    return []


def run(
    folder: Path, environment: dict[str, str], *words: str, seconds: float = 170
) -> subprocess.CompletedProcess[str]:
    command = [*alone(), str(folder / "lectern"), *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, check=False, env=environment, cwd="/"
    )


def test_the_folder_is_complete_and_not_too_large(folder: Path) -> None:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    assert size <= LARGEST, f"{size / 1e9:.2f} GB"
    names = {path.name for path in folder.iterdir()}
    assert {"lectern", "sbom.cdx.json", "licences", "_internal", "lectern.desktop", "hicolor"} <= names
    sources = sorted(path.name for path in (ROOT / "model" / "kernels" / "cuda").glob("*.cu*"))
    assert sorted(path.name for path in (folder / "_internal" / "model" / "kernels" / "cuda").iterdir()) == sources


def test_the_bill_of_materials_names_what_is_inside(folder: Path) -> None:
    sbom = json.loads((folder / "sbom.cdx.json").read_text(encoding="utf-8"))
    names = {component["name"].lower() for component in sbom["components"]}
    assert {"torch", "tokenizers", "pyside6", "pymupdf", "av", "bitsandbytes", "pillow", "numpy"} <= names
    assert not {"onnxruntime", "pytest", "mypy", "hypothesis", "hf_xet", "transformers"} & names
    assert all(component.get("licenses") for component in sbom["components"] if component["type"] == "library")
    texts = {path.name.lower() for path in (folder / "licences").iterdir()}
    assert {"torch", "pymupdf", "numpy"} <= texts


def test_it_says_which_build_it_is(folder: Path, environment: dict[str, str]) -> None:
    result = run(folder, environment, "--version")
    assert result.returncode == 0 and ", build " in result.stdout


def test_a_right_answer_on_the_command_line(folder: Path, environment: dict[str, str]) -> None:
    invoice = folder / "_internal" / "resources" / "samples" / "invoice.pdf"
    result = run(
        folder, environment, "ask", str(invoice), "-q", "What is the due date?", "--json", "--max-tokens", "60"
    )
    assert result.returncode == 0, result.stderr
    assert "8 April 2026" in json.loads(result.stdout)["answer"]


@pytest.fixture(params=["offscreen", "xvfb"])
def screen(request: pytest.FixtureRequest, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Without a screen, and with a virtual X server."""
    if request.param == "offscreen":
        yield environment | {"QT_QPA_PLATFORM": "offscreen"}
        return
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        pytest.skip("There is no Xvfb on this machine.")
    server = subprocess.Popen(
        [xvfb, ":97", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"], stderr=subprocess.DEVNULL
    )
    try:
        socket = Path("/tmp/.X11-unix/X97")
        deadline = time.monotonic() + 20
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield environment | {"DISPLAY": ":97", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait(10)


def test_the_real_window_takes_a_drop_and_answers_rightly(folder: Path, screen: dict[str, str], tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    result = run(folder, screen, "doctor", "--window", "--json", "--picture", str(picture))
    assert result.returncode == 0, result.stdout + result.stderr
    found = json.loads(result.stdout)
    assert [asked["right"] for asked in found["asked"]] == [True] * 3  # about the video, the PDF and the picture
    assert found["ok"] and set(found["files"]) == {"invoice.pdf", "settings.png", "lamp.mp4"}
    from PIL import Image

    with Image.open(picture) as image:
        assert image.width >= 1280 and len(image.convert("L").getcolors(256) or ()) > 50
    keep = os.environ.get("LECTERN_PICTURES")
    if keep:
        shutil.copy(picture, Path(keep) / f"built-{screen['QT_QPA_PLATFORM']}.png")

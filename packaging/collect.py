"""What goes into a build and what stays out, as plain functions that the spec and the tests share.

bitsandbytes finds modules at run time by name, so reading imports does not show them. ``traced_modules`` asks the
real thing instead: it opens the sample model in a separate process and lists what was imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.ingest.kinds import KINDS  # noqa: E402 (PyInstaller searches the folder of its specification only)
from model.family.families import FAMILIES  # noqa: E402
from model.formats.table import FORMATS  # noqa: E402

Entry = tuple[str, str, str]
"""As in PyInstaller's tables: the name in the build, the file it comes from, its kind."""

EXCLUDED_MODULES = (
    # Comes with PyMuPDF for layouts that Lectern does not use; it writes files and looks up a telemetry host.
    "pymupdf.layout",
    "pymupdf4llm",
    "onnxruntime",
    # The hub's second transfer protocol and the shell of its command line.
    "hf_xet",
    "typer",
    "rich",
    "kernels",
    "requests",
    "urllib3",
    "certifi",
    # The reference of the tests, and what it brings.
    "transformers",
    # A part of it is under BSD-4-Clause, which may not be passed on together with AGPL-3.0.
    "xlrd",
    # Only for developing.
    "hypothesis",
    "mypy",
    "pytest",
    "_pytest",
    "py",
    "setuptools",
    "pip",
    "importlinter",
    "grimp",
    "PyInstaller",
    "model.training",
    "tkinter",
    "torch.utils.tensorboard",
    "torchvision",
    "torchaudio",
    "triton",
    "tensorflow",
    "matplotlib",
    "scipy",
    "pandas",
)

ONLINE_MODULES = ("huggingface_hub",)
"""What only downloading a model needs; a build without them never offers that."""

DROPPED_FILES = (
    "torch/include/*",
    "torch/test/*",
    "torch/share/*",
    "torch/bin/protoc*",
    "torch/bin/test_*",
    "torch/lib/*.a",
    "*/libtorch_cuda_linalg*.a",
    "PySide6/Qt/translations/qtwebengine*",
    "PySide6/Qt/plugins/sqldrivers/*",
    "PySide6/Qt/plugins/tls/*",
    "PySide6/Qt/plugins/networkinformation/*",
    "PySide6/Qt/plugins/platformthemes/libqgtk3*",
    "PySide6/Qt/plugins/qmltooling/*",
    "PySide6/Qt/qml/*",
    "PySide6/Qt/lib/libQt6Qml*",
    "PySide6/Qt/lib/libQt6Quick*",
    "PySide6/Qt/lib/libQt6VirtualKeyboard*",
    "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboard*",
    "PySide6/Qt/lib/libQt6WebEngine*",
    "PySide6/Qt/lib/libQt6Pdf*",
    "PySide6/Qt/plugins/imageformats/libqpdf*",
    "libgtk-3*",
    "resources/screenshots/*",
    "resources/sample_model/lectern-quantised/*",
    "resources/hearing_model/lectern-quantised/*",
    "*/__pycache__/*",
)
"""Patterns of names in the build, with forward slashes."""

_TRACE = """
import json, sys, tempfile, threading
from pathlib import Path
from model.engine.engine import Engine
from model.types import Message, Picture, PicturePart, Request, TextPart
import app.cli.ask, app.cli.read, app.diagnostics.doctor
store = tempfile.TemporaryDirectory()
engine = Engine.open(Path(sys.argv[1]), store=Path(store.name))
picture = Picture(bytes(96 * 96 * 3), 96, 96, 70, "0" * 64)
request = Request((Message("user", (TextPart("What is it?"), PicturePart(picture))),), max_new_tokens=2)
for event in engine.generate(request, threading.Event()):
    pass
engine.close()
print("MODULES " + json.dumps(sorted(name for name in sys.modules if sys.modules[name] is not None)))
"""


SERVER_MODULES = (
    "uvicorn.lifespan.off",
    "uvicorn.logging",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
    "opentelemetry.context.contextvars_context",
)
"""What the API's server and the MCP server import by name."""
SERVER_METADATA = ("mcp", "opentelemetry-api", "pydantic", "starlette", "uvicorn")
"""Packages that look up their own version or their plugins while the API runs."""


def named_modules() -> list[str]:
    """What registries name and is imported when it is needed: readers of kinds, number formats, encoders."""
    named = {one.codec for one in FORMATS} | {one for family in FAMILIES.values() for one in family.encoders.values()}
    readers = {module for kind in KINDS.values() for module in kind.modules}
    return sorted(readers | set(SERVER_MODULES) | {one.partition(":")[0] for one in named} | _lazily_imported())


def _lazily_imported() -> set[str]:
    """What huggingface_hub imports by name when the worker that downloads asks for it."""
    return (
        set()
        if os.environ.get("LECTERN_OFFLINE")
        else {f"huggingface_hub.{one}" for one in ("hf_api", "errors", "utils")}
    )


def traced_modules(
    packages: Iterable[str] = ("bitsandbytes", "tokenizers", "jinja2"),
) -> list[str]:
    """Modules of ``packages`` that are imported while the sample model answers about a picture."""
    command = [sys.executable, "-c", _TRACE, str(ROOT / "resources" / "sample_model")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    line = next((line for line in result.stdout.splitlines() if line.startswith("MODULES ")), None)
    if result.returncode != 0 or line is None:
        raise RuntimeError(f"The sample model could not be traced:\n{result.stderr}")
    wanted = tuple(packages)
    return [name for name in json.loads(line[8:]) if name.split(".")[0] in wanted]


def command_modules() -> list[str]:
    """The modules of the command line's commands, which are imported by name."""
    return sorted(f"app.cli.{path.stem}" for path in (ROOT / "app" / "cli").glob("[a-z]*.py"))


def kept(table: Iterable[Entry], cuda: str | None = None) -> list[Entry]:
    """``table`` without what no user of Lectern needs. ``cuda`` is the version to keep, as ``"130"``."""
    return [entry for entry in table if not is_dropped(entry[0].replace("\\", "/"), cuda)]


def is_dropped(name: str, cuda: str | None = None) -> bool:
    """Whether a file stays out of the build."""
    if "libbitsandbytes_" in name:
        wanted = ("cpu",) if cuda is None else ("cpu", f"cuda{cuda}")
        return not any(f"libbitsandbytes_{one}." in name for one in wanted)
    return any(fnmatch(name, pattern) for pattern in DROPPED_FILES)

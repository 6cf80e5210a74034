"""The architecture as tests: the imports allowed, when they happen, how long a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import circles, graph_of, module_names

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for part in ("app", "model") for path in (ROOT / part).rglob("*.py"))
SCRIPTS = Path(sys.executable).parent
MAX_LINES = 500
MAX_FILES = 20
"""The most files in one folder besides ``__init__``, so that it can be taken in at a glance."""
WINDOW = "app.ui.window.main_window"
IN_ANNOTATIONS = [
    # Parts of the window, which call it by its type.
    *((f"app.ui.window.{part}", WINDOW) for part in ("actions", "files", "menus")),
    # A folder's files are items; the items know their folders.
    ("app.session.folders", "app.session.items"),
]
"""Who names a type of a module above itself, in annotations only."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)


def test_import_contracts_hold() -> None:
    result = run(str(SCRIPTS / "lint-imports"), "--no-cache")
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff_is_clean() -> None:
    result = run(str(SCRIPTS / "ruff"), "check", "--no-cache", "--quiet", ".")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_packaging_folder_is_no_package() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()  # it would shadow the library of that name


@pytest.mark.parametrize("modules", ["app.cli, app.cli.ask, app.cli.read", "app.ui.window.main_window", "app.__main__"])
def test_nothing_heavy_is_imported_with_the_application(modules: str) -> None:
    code = (
        f"import sys, {modules}\n"
        "server = {'starlette', 'uvicorn', 'pydantic', 'mcp', 'prometheus_client'}\n"
        "heavy = {'torch', 'transformers', 'bitsandbytes', 'av', 'pymupdf', 'numpy', *server} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = run(sys.executable, "-c", code)
    assert result.returncode == 0, result.stderr


def test_the_command_line_imports_no_qt() -> None:
    """All commands at once, and what scripts import."""
    code = (
        "import importlib, sys\n"
        "import app.session.session\n"
        "names = [getattr(app.session, name) for name in app.session.__all__]\n"
        "from app.cli import COMMANDS\n"
        "modules = [importlib.import_module(f'app.cli.{name}') for name in COMMANDS]\n"
        "assert all(callable(one.add_options) and callable(one.run) for one in modules)\n"
        "found = {'PySide6', 'torch'} & set(sys.modules)\n"
        "assert not found, found"
    )
    result = run(sys.executable, "-c", code)
    assert result.returncode == 0, result.stderr


def test_no_modules_import_one_another_in_a_circle() -> None:
    """Imports in functions count, too, so that every module can be read from below."""
    modules = module_names(ROOT, ["app", "model"])
    assert circles(graph_of(modules, types=False)) == []
    graph = graph_of(modules)
    for module, above in IN_ANNOTATIONS:
        assert above in graph[module], f"{module} needs no exception any more"
        graph[module].remove(above)
    assert circles(graph) == []


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert circles(graph) == [{"b", "c"}]


def test_no_folder_holds_more_files_than_one_can_take_in() -> None:
    folders = {path.parent for part in ("app", "model", "tests") for path in (ROOT / part).rglob("*.*")}
    endings = {".py", ".c", ".h", ".cu", ".cuh"}
    for folder in folders:
        files = [path for path in folder.iterdir() if path.suffix in endings and path.stem != "__init__"]
        assert len(files) <= MAX_FILES, folder.relative_to(ROOT)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_a_docstring_and_is_not_too_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert ast.get_docstring(ast.parse(text)), "no docstring"


def test_there_is_one_cancel() -> None:
    """Work asks a ``model.cancel.Cancel``. A subclass of ``Event`` would promise a ``wait`` that never wakes."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            bases = [ast.unparse(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
            assert not {"Event", "threading.Event"} & set(bases), path

"""Each seam of the architecture, and what holds it: import contracts, and tests that fail where it is crossed."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ingest.kinds import KINDS
from model.formats.table import FORMATS

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for part in ("app", "model")
    for path in sorted((ROOT / part).rglob("*.py"))
    if not path.is_relative_to(ROOT / "model" / "training")
}

SEAMS = {
    "FileKind": [
        "app/ingest/test_kinds.py::test_the_registry_names_only_what_there_is",
        "app/ingest/test_kinds.py::test_the_registry_loads_no_parser_and_no_window",
        "test_seams.py::test_no_kind_is_asked_for_by_name",
    ],
    "ModelFamily": ["model/family/test_families.py"],
    "NumberFormat": [
        "model/formats/test_table.py::test_c_calls_the_formats_as_the_table_does",
        "model/formats/test_table.py::test_cuda_calls_the_formats_as_the_table_does",
        "model/formats/test_table.py::test_every_format_has_a_codec",
        "test_seams.py::test_no_number_format_is_asked_for_by_name",
    ],
    "ModelRef and EngineCapabilities": [
        "test_seams.py::test_which_model_is_never_decided_by_a_missing_folder",
        "app/ui/asking/test_capabilities.py::test_what_it_cannot_do_is_neither_offered_nor_asked",
        "app/session/test_session.py::test_an_engine_may_have_no_more_than_answers",
    ],
    "Encoder and SoftSpan": ["model/family/test_vision.py", "model/family/test_audio.py"],
    "Session": [
        "What is below the window knows no Qt and no torch",
        "The command line knows neither the window nor Qt",
        "app/session/test_session.py::test_a_question_costs_is_answered_and_is_checked",
    ],
    "Message": [
        "Only the window translates: what others tell is a Message, and the command line is English",
        "test_translations.py::test_a_code_belongs_to_one_message",
        "test_translations.py::test_evidence_is_shown_in_the_language_of_the_window_whatever_it_was_found_in",
        "app/session/test_recording.py::test_texts_that_were_stored_before_they_were_messages_stay_as_they_are",
    ],
    "process client": ["app/ingest/process/test_client.py", "test_seams.py::test_each_mechanism_is_in_its_place"],
    "worker thread": [
        "app/engine/threads/test_worker.py::test_a_worker_starts_once_and_ends_once",
        "test_seams.py::test_each_mechanism_is_in_its_place",
    ],
    "cancel": ["model/test_cancel.py", "test_contracts.py::test_there_is_one_cancel"],
    "atomic write": ["model/test_atomic.py", "test_seams.py::test_each_mechanism_is_in_its_place"],
    "Markdown fences": [
        "app/text/test_fences.py::test_fences_are_where_a_whole_parser_finds_them",
        "test_seams.py::test_fences_are_read_in_one_place",
    ],
    "layers": [
        "test_contracts.py::test_no_modules_import_one_another_in_a_circle",
        "The engine knows neither the application nor Qt",
        "The engine is layered",
        "What crosses to the engine needs no torch",
        "The application is layered",
    ],
}


def contracts() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def names_in(path: Path) -> set[str]:
    """The tests of a module by name; a class's methods count too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("seam", SEAMS)
def test_what_holds_a_seam_is_there(seam: str) -> None:
    """Whoever renames or deletes one of these changes the table too, and looks for what holds the seam then."""
    for holder in SEAMS[seam]:
        file, _, name = holder.partition("::")
        if file.endswith(".py"):
            found = names_in(ROOT / "tests" / file)
            assert found and (not name or name in found), holder
        else:
            assert holder in contracts()


@pytest.mark.parametrize("readme", ["app/README.md", "model/README.md"])
def test_the_readme_names_every_folder(readme: str) -> None:
    text, folder = (ROOT / readme).read_text(encoding="utf-8"), (ROOT / readme).parent
    folders = {path.parent.name for path in folder.glob("*/__init__.py")}
    missing = sorted(name for name in folders if f"{name}/" not in text)
    assert not missing


PLACES = {
    # Threads of the application and of its child processes; a command opens its model while files are read; what reads
    # the output of programs that are measured.
    "threading.Thread": {
        "app/cli/common/engine.py",
        "app/diagnostics/waits.py",
        "app/engine/threads/worker.py",
        "app/fetch/worker.py",
        "app/ingest/formats/video/frames.py",
        "app/ingest/process/serving.py",
        "app/ingest/read/hashing.py",
        "model/bench/peers.py",
    },
    "multiprocessing.get_context": {"app/ingest/process/child.py"},
    # The system's file manager, and other programs that a benchmark measures.
    "subprocess.Popen": {"app/diagnostics/waits.py", "app/ui/files/folders.py", "model/bench/peers.py"},
    "subprocess.run": set(),
    "os.replace": set(),
    "tempfile.mkstemp": set(),
    # For a parser that wants a file of what is inside of another one; nothing is stored so.
    "tempfile.NamedTemporaryFile": {"app/ingest/formats/word/chunks.py"},
    "temporary.replace": {"model/atomic.py"},
}
"""Calls that belong to one mechanism, and the modules in which they may be."""


def called(tree: ast.AST) -> set[str]:
    """What is called by a dotted name."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("call", PLACES)
def test_each_mechanism_is_in_its_place(call: str) -> None:
    assert {path for path, tree in SOURCES.items() if call in called(tree)} == PLACES[call]


def compared(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each expression that is compared with a text, or matched against one, and the text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for right in node.comparators:
                yield from ((ast.unparse(node.left), one.value) for one in ast.walk(right) if is_text(one))
        elif isinstance(node, ast.Match):
            subject = ast.unparse(node.subject)
            patterns = [one for case in node.cases for one in ast.walk(case.pattern)]
            yield from ((subject, one.value) for one in patterns if is_text(one))


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_no_kind_is_asked_for_by_name() -> None:
    """A kind's ``FileKind`` says what can be done with it. Only a kind's own folder knows its formats."""
    owner = re.compile(r"\b(document|item|form|file|kind)\.(kind|name)$")
    for path, tree in SOURCES.items():
        named = {(left, text) for left, text in compared(tree) if owner.search(left) and text in KINDS}
        assert not named, (path, named)


def test_no_number_format_is_asked_for_by_name() -> None:
    """``packed`` names the forms of other programs, some of which are called alike."""
    names = {one.name for one in FORMATS}
    for path, tree in SOURCES.items():
        if not path.startswith(("model/formats/table", "model/checkpoint/packed/")):
            named = {(left, text) for left, text in compared(tree) if text in names}
            assert not named, (path, named)


def test_which_model_is_never_decided_by_a_missing_folder() -> None:
    """The sample model and a server have their own ``ModelRef`` classes."""
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot):
                left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
                assert not (right == "None" and re.search(r"(model|info)\w*\.folder$", left)), path


def test_fences_are_read_in_one_place() -> None:
    """Others ask ``app.text.fences``; code that only writes a fence may have the three characters as a whole string."""
    for path, tree in SOURCES.items():
        patterns = [
            node.args[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args
            if is_text(node.args[0])
        ]
        found = [pattern for pattern in patterns if re.search(r"`\{3|```|~\{3|~~~", pattern)]
        assert not found or path == "app/text/fences.py", (path, found)

"""Each seam of the architecture, and what holds it: import contracts, and tests that fail where it is crossed."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SEAMS = {
    "FileKind": [
        "app/ingest/test_kinds.py::test_the_registry_names_only_what_there_is",
        "app/ingest/test_kinds.py::test_the_registry_loads_no_parser_and_no_window",
    ],
    "ModelFamily": ["model/family/test_families.py"],
    "NumberFormat": [
        "model/formats/test_table.py::test_c_calls_the_formats_as_the_table_does",
        "model/formats/test_table.py::test_cuda_calls_the_formats_as_the_table_does",
        "model/formats/test_table.py::test_every_format_has_a_codec",
    ],
    "ModelRef and EngineCapabilities": [
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
    "process client": ["app/ingest/process/test_client.py"],
    "worker thread": ["app/engine/threads/test_worker.py::test_a_worker_starts_once_and_ends_once"],
    "atomic write": ["model/test_atomic.py"],
    "Markdown fences": ["app/text/test_fences.py::test_fences_are_where_a_whole_parser_finds_them"],
    "layers": [
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

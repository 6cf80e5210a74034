"""The project's own documents: every link leads somewhere, and README stays short enough to be read."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_MODULE = re.compile(r"python -m (tests(?:\.\w+)+|model(?:\.\w+)+|app(?:\.\w+)*)")


def documents() -> list[Path]:
    """Markdown files of the project, without those of installed packages."""
    folders = ("app", "model", "tests", "packaging", "resources")
    return sorted([*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).rglob("*.md"))])


def anchors(path: Path) -> set[str]:
    """The places in a document that a link may name after ``#``."""
    titles = re.findall(r"^#+ +(.*)$", _CODE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(file), f"{target}: no such title"


def test_modules_that_are_named_exist() -> None:
    for path in documents():
        for module in _MODULE.findall(path.read_text(encoding="utf-8")):
            place = ROOT / module.replace(".", "/")
            assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), f"{path.name}: {module}"


def test_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in documents():
        for target in re.findall(r"(?:`|^)make ([a-z-]+)\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{path.name}: make {target}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 8192


def test_documents_name_no_folder_of_a_machine() -> None:
    """Paths below a home or a workplace are of no use to a reader."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    for name in listed:
        assert not re.search(r"(?<![\w.])/(home|root|Users|work)/", (ROOT / name).read_text(encoding="utf-8")), name

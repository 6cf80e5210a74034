"""Translations: translate.py reads the program's texts, updates ``resources/translations/*.ts`` and makes ``*.qm``.

    python packaging/translate.py           update the .ts files; what is new stands there as unfinished
    python packaging/translate.py --check   only say what is missing; exit status 1 where something is

Texts are the literals of ``tr`` and ``tr_n``, and in parts that do not translate (reading, the engine, conversations)
every literal that is a sentence; what is put into a sentence there becomes ``{0}``, ``{1}`` and so on.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
CONTEXT = "Lectern"
SENTENCES = ("app/ingest", "app/chat", "app/engine", "app/library", "model")
NOT_SENTENCES = (
    "model/training",
    "model/bench",  # spoken on the command line only, which is English
    "model/synthetic",
    "app/chat/prompts.py",
    "app/chat/tools/declared.py",
    "app/session/export.py",
)
NOT_TEXTS = (  # what is said to the model, and what the sample model says
    "You are Lectern.",
    "This is one scene of",
    "These are the scenes of",
    "Write down the rows of",
    "List the scenes.",
    "Not in the document.",
)
FUNCTIONS = {"tr": 1, "tr_n": 2}
_SENTENCE = re.compile(r"[A-Z{].*[a-z0-9}\")][.!]", re.DOTALL)
_PLACE = re.compile(r"\{\w*\}")


def texts() -> dict[str, str]:
    """Every text with the first place in which it stands, in the order of the files."""
    found: dict[str, str] = {}
    for part in ("app", "model"):
        for path in sorted((ROOT / part).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for text in _texts_of(path, name):
                found.setdefault(text, name)
    return found


def _texts_of(path: Path, name: str) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    marked = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _function(node) in FUNCTIONS]
    for call in marked:
        for argument in call.args[: FUNCTIONS[_function(call)]]:
            text = _text(argument)
            if text is None:
                raise SystemExit(f"{name}:{call.lineno}: what is translated must be a literal")
            yield text
    if name.startswith(SENTENCES) and not name.startswith(NOT_SENTENCES):
        inside = {id(child) for call in marked for child in ast.walk(call)}
        yield from _sentences(tree, inside)


def _sentences(tree: ast.Module, known: set[int]) -> Iterator[str]:
    """Literals that are whole sentences: neither docstrings nor parts of other literals."""
    known = known | _strings_that_say_nothing(tree)
    for node in ast.walk(tree):
        if id(node) in known or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = _text(node)
        if text and not text.startswith(NOT_TEXTS) and _SENTENCE.fullmatch(text) and re.search(r"[a-z]{3} ", text):
            yield text


def _strings_that_say_nothing(tree: ast.Module) -> set[int]:
    """Docstrings, what is logged, assertions, and pieces of f-strings."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
        logged = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_log(node.func)
        if logged or isinstance(node, ast.Assert):
            found |= {id(child) for child in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            found |= {
                id(child) for child in ast.walk(node) if child is not node and not isinstance(child, ast.JoinedStr)
            }
    return found


def _is_log(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id in ("_log", "logging", "warnings")


def _function(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _text(node: ast.expr) -> str | None:
    """A literal's text; what is put into it becomes ``{0}``, ``{1}`` …"""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts, count = [], 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(f"{{{count}}}")
            count += 1
    return "".join(parts)


def read(path: Path) -> dict[str, str]:
    """The finished translations of a .ts file."""
    if not path.exists():
        return {}
    found = {}
    for message in ElementTree.parse(path).iter("message"):
        target = message.find("translation")
        if target is not None and target.get("type") is None and target.text:
            found[message.findtext("source") or ""] = target.text
    return found


def write(path: Path, known: dict[str, str], wanted: dict[str, str]) -> None:
    """The .ts file with every text that is wanted, and nothing else."""
    tree = ElementTree.Element("TS", version="2.1", language=path.stem.partition("_")[2])
    context = ElementTree.SubElement(tree, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for source, place in wanted.items():
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "location", filename=place)
        ElementTree.SubElement(message, "source").text = source
        target = ElementTree.SubElement(message, "translation")
        target.text = known.get(source)
        if target.text is None:
            target.set("type", "unfinished")
    ElementTree.indent(tree)
    body = ElementTree.tostring(tree, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def write_sentences(wanted: dict[str, str]) -> None:
    """The sentences with numbered places, for the program to recognise them; Qt's own files cannot list theirs."""
    numbered = [text for text in wanted if "{0}" in text]
    (FOLDER / "sentences.txt").write_text("\0".join(numbered), encoding="utf-8")


def problems(path: Path) -> list[str]:
    """What is missing in a .ts file, too much in it, or has other places than its source."""
    known, wanted = read(path), texts()
    found = [f"not translated: {text!r} ({wanted[text]})" for text in wanted if text not in known]
    found += [f"no longer in the program: {text!r}" for text in known if text not in wanted]
    for source, target in known.items():
        if sorted(_PLACE.findall(source)) != sorted(_PLACE.findall(target)):
            found.append(f"other places: {source!r} → {target!r}")
        if source.count("&") == 1 and len(source) < 60 and target.count("&") != 1 and "& " not in source:
            found.append(f"no key in the menu: {source!r} → {target!r}")
    return found


def release(path: Path, target: Path) -> None:
    """Make the .qm file that Qt reads."""
    program = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
    subprocess.run([program, "-silent", "-removeidentical", path, "-qm", target], check=True)


def main(arguments: list[str]) -> int:
    """Update or check; the exit status."""
    status = 0
    if "--check" not in arguments:
        write_sentences(texts())
    for path in sorted(FOLDER.glob("*.ts")):
        if "--check" not in arguments:
            write(path, read(path), texts())
            release(path, path.with_suffix(".qm"))
        found = problems(path)
        print("\n".join(found) or f"{path.name} is complete: {len(read(path)):,} texts")
        status |= bool(found)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

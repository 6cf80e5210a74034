"""Translations: reads the program's texts, updates ``resources/translations/*.ts`` and makes ``*.qm``.

    python packaging/translate.py           update the .ts files; what is new is marked as unfinished there
    python packaging/translate.py --check   only report what is missing; exit status 1 if anything is

Texts are the literals of ``tr`` and ``tr_n`` and of messages, ``msg`` and ``msg_n``. Of a text with a plural the form
for many things is the source, and a translation has as many forms as its language (Qt's ``numerusform``). The messages
are also written to ``messages.json``, by code, against which the program checks what other processes send.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
CATALOGUE = FOLDER / "messages.json"
CONTEXT = "Lectern"
FUNCTIONS = {"tr": (0, 1), "tr_n": (0, 2), "msg": (1, 1), "msg_n": (1, 2)}
"""How many codes and how many texts a function's arguments begin with."""

ENGLISH_ONLY = ("app/cli/", "app/diagnostics/", "model/bench/")
"""Where messages are for the command line, which speaks English."""

_PLACE = re.compile(r"\{\w*\}")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")

Translation = str | list[str]
"""A text, or its plural forms."""


class Text(NamedTuple):
    """A text in the program: where it is first used, its form for one thing and its code, where it has them."""

    place: str
    one: str = ""
    code: str = ""


def texts() -> dict[str, Text]:
    """Every text, in the order of the files."""
    found: dict[str, Text] = {}
    for source, text in _all_texts():
        if text.code and text.place.startswith(ENGLISH_ONLY):
            continue
        known = found.setdefault(source, text)
        if known.one != text.one:
            raise SystemExit(f"{text.place}: {source!r} has another singular, or none, in {known.place}")
    return found


def messages() -> dict[str, tuple[str, str]]:
    """Every message by its code: its text, and the form for one thing or nothing."""
    found: dict[str, tuple[str, str]] = {}
    for source, text in _all_texts():
        if not text.code:
            continue
        if not _CODE.fullmatch(text.code):
            raise SystemExit(f"{text.place}: {text.code!r} is not a code like file.too-large")
        if found.setdefault(text.code, (source, text.one)) != (source, text.one):
            raise SystemExit(f"{text.place}: the code {text.code} belongs to another message already")
    return dict(sorted(found.items()))


def _all_texts() -> Iterator[tuple[str, Text]]:
    for part in ("app", "model"):
        for path in sorted((ROOT / part).rglob("*.py")):
            yield from _texts_of(path, path.relative_to(ROOT).as_posix())


def _texts_of(path: Path, name: str) -> Iterator[tuple[str, Text]]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in FUNCTIONS:
            continue
        codes, count = FUNCTIONS[call.func.id]
        literals = [argument.value for argument in call.args[: codes + count] if isinstance(argument, ast.Constant)]
        if len(literals) < codes + count or not all(isinstance(literal, str) for literal in literals):
            raise SystemExit(f"{name}:{call.lineno}: what is translated must be a literal")
        code = str(literals[0]) if codes else ""
        yield str(literals[-1]), Text(name, str(literals[codes]) if count == 2 else "", code)


def read(path: Path) -> dict[str, Translation]:
    """The finished translations of a .ts file."""
    found: dict[str, Translation] = {}
    for message in ElementTree.parse(path).iter("message") if path.exists() else ():
        target = message.find("translation")
        if target is None or target.get("type") is not None:
            continue
        forms = [form.text or "" for form in target.iter("numerusform")]
        if forms or target.text:
            found[message.findtext("source") or ""] = forms or target.text or ""
    return found


def write(path: Path, known: dict[str, Translation], wanted: dict[str, Text]) -> None:
    """The .ts file with every text that is wanted, and nothing else."""
    tree = ElementTree.Element("TS", version="2.1", language=path.stem.partition("_")[2])
    context = ElementTree.SubElement(tree, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for source, text in wanted.items():
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "location", filename=text.place)
        ElementTree.SubElement(message, "source").text = source
        translation = known.get(source)
        if text.one:
            message.set("numerus", "yes")
            ElementTree.SubElement(message, "extracomment").text = text.one
        target = ElementTree.SubElement(message, "translation")
        if translation is None or isinstance(translation, list) != bool(text.one):
            target.set("type", "unfinished")
        elif isinstance(translation, list):
            for form in translation:
                ElementTree.SubElement(target, "numerusform").text = form
        else:
            target.text = translation
    ElementTree.indent(tree)
    body = ElementTree.tostring(tree, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def catalogue_text() -> str:
    """The text of ``messages.json``."""
    return json.dumps(messages(), ensure_ascii=False, indent=1) + "\n"


def problems(path: Path) -> list[str]:
    """What is missing in a .ts file, no longer used, or has other places than its source."""
    known, wanted = read(path), texts()
    found = [f"not translated: {source!r} ({text.place})" for source, text in wanted.items() if source not in known]
    found += [f"no longer in the program: {source!r}" for source in known if source not in wanted]
    for source, target in known.items():
        singular = wanted[source].one if source in wanted else ""
        if isinstance(target, list) != bool(singular):
            found.append(f"plural forms where there is no plural, or none where there is: {source!r}")
            continue
        for form in target if isinstance(target, list) else [target]:
            optional = {"{n}"} if singular else set()  # "one page" needs no number
            if not set(_PLACE.findall(source)) - optional <= set(_PLACE.findall(form)) <= set(_PLACE.findall(source)):
                found.append(f"other places: {source!r} → {form!r}")
            if source.count("&") == 1 and len(source) < 60 and form.count("&") != 1 and "& " not in source:
                found.append(f"no key in the menu: {source!r} → {form!r}")
    return found


def release(path: Path, target: Path) -> None:
    """Make the .qm file that Qt reads."""
    program = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
    subprocess.run([program, "-silent", "-removeidentical", path, "-qm", target], check=True)


def main(arguments: list[str]) -> int:
    """Update or check; the exit status."""
    status = 0
    if "--check" not in arguments:
        CATALOGUE.write_text(catalogue_text(), encoding="utf-8")
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

"""``lectern models``: list, download, import, quantise, check and remove model folders."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from typing import Any

from app import paths
from app.cli.common.terminal import Status, one_line, say, stoppable
from app.fetch.catalogue import OFFERS, host, offer_of
from app.library import checksums, importing
from app.library.adapters import adapter_folders
from app.library.settings import Settings
from app.text.sizes import size
from model.checkpoint.folder_names import MANIFEST
from model.checkpoint.gguf.note import NOTE, import_remarks, import_summary
from model.engine.needs import USUAL_CONTEXT
from model.errors import LecternError
from model.formats.table import NAMES
from model.messages import msg
from model.types import Format

_WHICH = "the model's folder, or its name in your models folder"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern models``."""
    parser.description = (
        "List the model folders and whether each fits in memory, or download, import, quantise, check or remove one."
    )
    parser.add_argument("--json", action="store_true", help="print the list as JSON to standard output")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="list the model folders (the default)").add_argument(
        "--json", action="store_true", help="print the list as JSON to standard output"
    )
    get = actions.add_parser(
        "get",
        help="download a Gemma 4 from Hugging Face, or from the mirror in HF_ENDPOINT, and import it; without a name,"
        " list what can be downloaded. An interrupted download is continued",
    )
    get.add_argument("name", nargs="?", metavar="NAME", help=", ".join(one.name for one in OFFERS))
    copy = actions.add_parser(
        "import",
        help="copy a model folder, for example from a USB drive, or import a GGUF file; an interrupted import is "
        "continued",
    )
    copy.add_argument("folder", type=Path, metavar="DIR_OR_GGUF", help="the model folder or GGUF file")
    copy.add_argument(
        "--mmproj", type=Path, metavar="FILE", help="the GGUF file's vision tower (default: the one beside it)"
    )
    copy.add_argument("--into", type=Path, metavar="DIR", help="destination (default: your models folder)")
    quantise = actions.add_parser("quantise", help="make the 4-bit version of a published model now")
    quantise.add_argument("folder", type=Path, metavar="DIR", help=_WHICH)
    quantise.add_argument(
        "--format", choices=NAMES, help="number format (default: int4 for models trained for it, else nf4)"
    )
    check = actions.add_parser("check", help="compare a folder with its SHA256SUMS")
    check.add_argument("folder", type=Path, metavar="DIR", help=_WHICH)
    check.add_argument("--write", action="store_true", help="write SHA256SUMS for the folder instead")
    remove = actions.add_parser("remove", help="delete a model folder from your models folder or the quantised store")
    remove.add_argument("folder", type=Path, metavar="DIR", help=_WHICH)

    list_about = "List the model folders, and whether each fits in memory."
    for action, about in (
        ("list", list_about),
        (
            "get",
            "Download a Gemma 4 and import it; without a name, list what can be downloaded and what fits here. No "
            "connection is opened before you name one.",
        ),
        (
            "import",
            "Copy a model folder into your models folder and compare it with its checksums, or import a GGUF "
            "file. An interrupted import is continued.",
        ),
        ("quantise", "Make the 4-bit version of a published model now, instead of when it is first opened."),
        (
            "check",
            "Check that a model folder is complete and unchanged, by its SHA256SUMS. A folder that Lectern has "
            "quantised is checked by its own list of checksums.",
        ),
        (
            "remove",
            "Delete a model folder from your models folder or the quantised store, for good. Other folders are "
            "never deleted.",
        ),
    ):
        actions.choices[action].description = about


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    match options.action:
        case "get":
            return _get(options.name) if options.name else _offers()
        case "import":
            return _import(options.folder, options.into, options.mmproj)
        case "quantise":
            return _quantise(options.folder, options.format)
        case "check":
            return _check(options.folder, options.write)
        case "remove":
            print(f"Removed: {size(importing.remove_model(_named(options.folder)))} freed.", flush=True)
            return 0
        case _:
            return _list(options.json)


def _list(as_json: bool) -> int:
    from app.diagnostics.doctor import HOW_TO_GET, NONE_FOUND, model_reports

    found = model_reports(Settings.load(), USUAL_CONTEXT)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str), flush=True)
        return 0
    for model in found:
        print("\n".join(_lines(model)), flush=True)
    fitting = {one["folder"] for model in found for one in model["adapters"]}
    for folder in adapter_folders(Settings.load()):
        if str(folder) not in fitting:
            print(f"{one_line(folder.name)}  adapter for none of these models", flush=True)
            print(f"  {one_line(str(folder))}", flush=True)
    if all(model["kind"] == "sample" for model in found):
        print(f"{NONE_FOUND} {HOW_TO_GET} Lectern looks in {paths.models_dir()} and next to the program.", flush=True)
    return 0


def _lines(model: dict[str, Any]) -> list[str]:
    head = f"{one_line(model['name'])}  {size(model['bytes'])}  {model['kind']}"
    about = [model["folder"], model["problem"] or model["verdict"], *model["remarks"]]
    for one in model["adapters"]:
        about.append(f"adapter {one['name']}: {one['problem'] or one['folder']}")
    return [head, *(f"  {one_line(str(words))}" for words in about)]


def _offers() -> int:
    from app.diagnostics.doctor import model_offers

    for one in model_offers():
        offer = one.offer
        mark = "  recommended for this machine" if one.recommended else ""
        print(f"{offer.name:4}  {offer.title}  {size(offer.download)} to download{mark}")
        print(f"      {offer.good_for} {one.verdict}", flush=True)
    say(f"`lectern models get NAME` connects to {host()} and downloads one. Nothing is connected to before that.")
    return 0


def _get(name: str) -> int:
    from app.engine.folders.getting import get_model

    offer, status = offer_of(name), Status()
    say(f"Connecting to {host()} for {offer.repository}, {size(offer.download)}.")
    with stoppable() as cancel:
        try:
            target = get_model(offer, status.loading, cancel)
        finally:
            status.clear()
    print(target, flush=True)
    return 0


def _import(source: Path, into: Path | None, mmproj: Path | None) -> int:
    from app.engine.folders.importing import import_any

    status = Status()
    with stoppable() as cancel:
        try:
            target = import_any(source, into, status.loading, cancel, mmproj)
        finally:
            status.clear()
    print(target, flush=True)
    if (target / NOTE).is_file():
        for words in (*import_remarks(target), *import_summary(target)):
            say(str(words))
    elif not checksums.read_sums(target):
        say(f"The folder has no {checksums.SUMS}, so only file sizes were compared.")
    return 0


def _quantise(folder: Path, fmt: Format | None) -> int:
    """Make the 4-bit form of a published folder now, instead of when it is first opened."""
    from app.engine.model.opening import quantise_model

    status = Status()
    with stoppable() as cancel:
        try:
            target = quantise_model(_named(folder), status.loading, cancel, fmt)
        finally:
            status.clear()
    print(target, flush=True)
    return 0


def _check(folder: Path, write: bool) -> int:
    folder, status = _named(folder), Status()
    if not folder.is_dir():
        raise LecternError(
            msg("models.no-folder", "There is no folder {folder}; `lectern models` lists them.", folder=folder)
        )
    with stoppable() as cancel:
        try:
            if write:
                checksums.write_sums(folder, status.loading, cancel)
                print(folder / checksums.SUMS, flush=True)
                return 0
            _compare(folder, status, cancel)
        except OSError as error:
            raise LecternError(
                msg(
                    "disk.not-read-or-written",
                    "{path} cannot be read or written ({why}).",
                    path=error.filename or folder,
                    why=error.strerror,
                )
            ) from error
        finally:
            status.clear()
    print(f"{folder} is complete and unchanged.", flush=True)
    return 0


def _compare(folder: Path, status: Status, cancel: Any) -> None:
    sums = checksums.read_sums(folder)
    if sums:
        checksums.check(folder, sums, status.loading, cancel)
    elif (folder / MANIFEST).is_file():
        from model.checkpoint.quantised_folder import verify

        status.show("Checking the model's files")
        verify(folder)
    else:
        raise LecternError(
            msg(
                "sums.missing",
                "{folder} has no {name}; create it with `lectern models check --write {typed}`.",
                folder=folder,
                name=checksums.SUMS,
                typed=shlex.quote(str(folder)),
            )
        )


def _named(folder: Path) -> Path:
    """A folder as it was typed, or the name of one in the user's models folder."""
    own = paths.models_dir() / folder
    return own if not folder.exists() and own.exists() else folder

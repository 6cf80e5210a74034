"""What a built folder is made of: sbom.py FOLDER writes ``sbom.cdx.json`` (CycloneDX 1.6) and ``licences/`` into it.

Only what is really in the folder is listed: a distribution counts when one of its modules was collected.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

_LICENCE = re.compile(r"(^|/)(licen[cs]es?|copying|notice|authors)([^/]*$|/)", re.IGNORECASE)
_TEXT = {"", ".txt", ".md", ".rst", ".apache", ".bsd", ".gpl", ".lgpl", ".mit"}


def write_sbom(folder: Path, archive: Path | None = None) -> list[str]:
    """Describe the build in ``folder``; the distributions found. ``archive`` is the PYZ table."""
    inside = {part.name.split(".")[0] for part in (folder / "_internal").iterdir()} | _archived(archive)
    found = sorted((one for one in distributions() if _is_inside(one, inside)), key=lambda one: one.name.lower())
    components = [_component(one) for one in found]
    components += [_file_component(path, folder) for path in _own_libraries(folder)]
    info = json.loads((folder / "_internal" / "resources" / "build.json").read_text(encoding="utf-8"))
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, info['build'] + info['system'])}",
        "version": 1,
        "metadata": {
            "timestamp": info["date"],
            "component": {
                "type": "application",
                "name": "Lectern",
                "version": info["version"],
                "licenses": [{"license": {"id": "AGPL-3.0-or-later"}}],
                "properties": [{"name": "build", "value": info["build"]}],
            },
        },
        "components": components,
    }
    (folder / "sbom.cdx.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for one in found:
        _copy_licences(one, folder / "licences" / one.name)
    return [one.name for one in found]


def _archived(archive: Path | None) -> set[str]:
    """Top-level modules of the build's own archive, from the table that PyInstaller leaves beside it."""
    if archive is None or not archive.exists():
        return set()
    return {name.split(".")[0] for name in re.findall(r"\('([\w.]+)',", archive.read_text(encoding="utf-8"))}


def _is_inside(distribution: Distribution, inside: set[str]) -> bool:
    if distribution.name == "lectern":
        return False
    return bool(_modules(distribution) & inside)


def _modules(distribution: Distribution) -> set[str]:
    """Top-level names that a distribution installs. ``bin`` and metadata are not modules."""
    tops = {file.parts[0] for file in distribution.files or () if file.suffix in (".py", ".so", ".pyd", ".dylib")}
    return {top.split(".")[0] for top in tops if top != ".." and not top.endswith((".dist-info", ".libs"))}


def _component(distribution: Distribution) -> dict[str, Any]:
    metadata = distribution.metadata
    name = re.sub(r"[-_.]+", "-", distribution.name).lower()
    expression = metadata.get("License-Expression")
    named = metadata.get("License") or ""
    classifiers = [
        line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or () if line.startswith("License")
    ]
    licence = named if named and len(named) < 80 else ", ".join(classifiers)
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{distribution.version}",
        "name": distribution.name,
        "version": distribution.version,
        "purl": f"pkg:pypi/{name}@{distribution.version}",
    }
    if expression:
        component["licenses"] = [{"expression": expression}]
    elif licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def _own_libraries(folder: Path) -> Iterator[Path]:
    """Shared libraries that are beside Python's own: they come from the system or from Python itself."""
    for path in sorted((folder / "_internal").glob("*.so*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _file_component(path: Path, folder: Path) -> dict[str, Any]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "type": "file",
        "bom-ref": str(path.relative_to(folder)),
        "name": path.name,
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }


def _copy_licences(distribution: Distribution, target: Path) -> None:
    for file in distribution.files or ():
        source = Path(str(distribution.locate_file(file)))
        is_text = _LICENCE.search(str(file)) and file.suffix.lower() in _TEXT
        if is_text and source.is_file():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / "-".join(file.parts[-2:]))


if __name__ == "__main__":
    names = write_sbom(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    print(f"{len(names)} packages: {', '.join(names)}")

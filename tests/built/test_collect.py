"""The contents of a build: the rules, without building."""

from __future__ import annotations

import importlib.util
import json
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication

from app.cli import COMMANDS
from app.ingest.kinds import KINDS, SUFFIXES

PACKAGING = Path(__file__).resolve().parent.parent.parent / "packaging"


def load(name: str) -> ModuleType:
    """A module of the packaging folder, which is no package."""
    spec = importlib.util.spec_from_file_location(f"lectern_packaging_{name}", PACKAGING / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("torch/lib/libtorch_cpu.so", False),
        ("torch/bin/torch_shm_manager", False),
        ("torch/include/ATen/ATen.h", True),
        ("PySide6/Qt/plugins/tls/libqopensslbackend.so", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", True),
        ("resources/sample_model/model.safetensors", False),
        ("resources/screenshots/evidence.png", True),
    ],
)
def test_only_what_is_used_is_collected(name: str, dropped: bool) -> None:
    assert load("collect").is_dropped(name) is dropped


def test_one_version_of_cuda_is_kept_at_most() -> None:
    names = [f"bitsandbytes/libbitsandbytes_{one}.so" for one in ("cpu", "cuda128", "cuda130")]
    collect = load("collect")
    table = [(name, f"/somewhere/{name}", "BINARY") for name in names]
    assert [entry[0] for entry in collect.kept(table)] == names[:1]
    assert [entry[0] for entry in collect.kept(table, cuda="130")] == [names[0], names[2]]


def test_windows_names_are_understood() -> None:
    table = [("torch\\include\\x.h", "C:\\x.h", "DATA"), ("torch\\lib\\torch.dll", "C:\\torch.dll", "BINARY")]
    assert [entry[0] for entry in load("collect").kept(table)] == ["torch\\lib\\torch.dll"]


def test_what_the_sample_model_imports_is_found() -> None:
    heavy = ("transformers", "huggingface_hub")
    modules = load("collect").traced_modules(("bitsandbytes", "tokenizers", "jinja2", *heavy))
    assert {"bitsandbytes.functional", "tokenizers", "jinja2.sandbox"} <= set(modules)
    assert not [name for name in modules if name.split(".")[0] in heavy]


def test_icons_have_every_size(tmp_path: Path, qapp: QApplication) -> None:
    from PIL import Image

    load("icons").write_icons(tmp_path)
    for size in (16, 48, 256):
        with Image.open(tmp_path / "hicolor" / f"{size}x{size}" / "apps" / "lectern.png") as picture:
            assert picture.size == (size, size)
            assert picture.getextrema()[3][1] == 255  # something is drawn
    with Image.open(tmp_path / "lectern.ico") as icon:
        assert (256, 256) in icon.info["sizes"]


def test_the_build_knows_its_version() -> None:
    from app import __version__

    info = load("build_info").build_info()
    assert info["version"] == __version__
    assert json.dumps(info)


def test_the_desktop_file_names_every_kind_that_is_read() -> None:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(PACKAGING / "linux" / "lectern.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Exec"] == "lectern %F"
    kinds = [kind for kind in entry["MimeType"].split(";") if kind]
    assert kinds == load("file_types").offered_mimes()


def test_the_installer_offers_the_kinds_that_are_read() -> None:
    script = (PACKAGING / "windows" / "lectern.iss").read_text(encoding="utf-8")
    offered = {line.split('"')[1] for line in script.splitlines() if line.startswith("#emit Type(")}
    assert offered == set(load("file_types").offered_suffixes()) <= SUFFIXES
    assert {".pdf", ".png", ".mp4"} <= offered


def test_macos_is_offered_every_kind_and_the_build_holds_what_the_registry_names() -> None:
    offered = [kind.noun for kind in KINDS.values() if any(one.uti for one in kind.formats)]
    assert [noun for noun, types in load("file_types").document_types() if types] == offered
    assert {"app.ingest.formats.pdf.reader", "app.ingest.view.shown_pdf"} <= set(load("collect").named_modules())


def test_the_entitlements_ask_for_no_network() -> None:
    tree = ElementTree.parse(PACKAGING / "macos" / "entitlements.plist")
    keys = [key.text for key in tree.iter("key")]
    assert keys == ["com.apple.security.cs.allow-unsigned-executable-memory"]


def test_every_command_goes_into_the_build() -> None:
    assert {f"app.cli.{name}" for name in COMMANDS} <= set(load("collect").command_modules())

"""The sources through NVRTC, NVIDIA's own compiler, for every kind of card that PyTorch serves; needs no card."""

from __future__ import annotations

import ctypes
import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import torch

from app.diagnostics import doctor
from model.family.config_json import read_config
from model.kernels.cuda import driver, kernels
from model.kernels.cuda.attention import definitions
from model.kernels.cuda.driver import CompileError, Driver, compile_kernels
from model.kernels.cuda.kernels import SHARED_SOURCES, fault_of, launcher_for, why_not
from model.kernels.cuda.launcher import BF16, Launch, ProjectArguments, Weights, job, project, sources
from model.synthetic.shapes import shape_config
from tests.model.kernels.cuda.conftest import Emulate


@pytest.fixture(scope="module")
def nvrtc() -> ctypes.CDLL:
    """From the package of its own that the tests install; on users' machines it comes with torch."""
    spec = importlib.util.find_spec("nvidia")
    assert spec is not None and spec.submodule_search_locations is not None
    found = [path for place in spec.submodule_search_locations for path in Path(place).rglob("libnvrtc.so.*")]
    return ctypes.CDLL(str(found[0]))


ARCHITECTURES = ["sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"]


@pytest.mark.nvrtc
@pytest.mark.parametrize(
    ("shape", "architecture"),
    [*(("26b", one) for one in ARCHITECTURES), ("31b", ARCHITECTURES[0]), ("31b", ARCHITECTURES[-1])],
)
def test_all_kernels_compile(nvrtc: ctypes.CDLL, architecture: str, shape: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(shape_config(shape)), encoding="utf-8")
    sizes = definitions(read_config(tmp_path).text)
    assert sizes is not None
    code = compile_kernels(sources((*SHARED_SOURCES, "attention.cu"), sizes), architecture, nvrtc)
    assert code.startswith(b"\x7fELF") and b"lectern_attend_global" in code


@pytest.mark.nvrtc
def test_what_does_not_compile_is_said(nvrtc: ctypes.CDLL) -> None:
    with pytest.raises(CompileError, match="nonsense"):
        compile_kernels("nonsense", "sm_86", nvrtc)
    with pytest.raises(CompileError, match="architecture"):
        compile_kernels(sources(()), "sm_1", nvrtc)


class Stand(NamedTuple):
    """CUDA's driver in front of the emulator, and NVRTC itself."""

    device: torch.device


@pytest.fixture
def stand(nvrtc: ctypes.CDLL, emulate: Emulate, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """All that a machine with a card has and this one lacks, but for torch's graphs."""
    library = emulate(SHARED_SOURCES).library
    monkeypatch.setattr(driver, "_driver", lambda: library)
    monkeypatch.setattr(driver, "_nvrtc", lambda: nvrtc)
    monkeypatch.setattr(driver, "_architecture", lambda device: "sm_86")
    monkeypatch.setattr(driver, "_stream", lambda device: 0x7FFF12345678)
    return Stand(torch.device("cpu"))


@pytest.mark.nvrtc
@pytest.mark.compiler
def test_the_driver_is_called_as_it_expects(stand: Stand) -> None:
    made = Driver(stand.device, sources(SHARED_SOURCES))
    assert fault_of(made) is None
    wide = Weights(BF16, torch.ones(8, 16384, dtype=torch.bfloat16), None, 8, 16384)
    x, out = torch.ones(16384), torch.zeros(8)
    made.launch(project(job(wide.argument(), x, out)))  # more shared memory than a kernel has without asking
    assert out.tolist() == [16384.0] * 8
    with pytest.raises(RuntimeError, match=r"CUDA error: named symbol not found \(500\)"):
        made.launch(Launch("lectern_nothing", (1, 1), 32, 0, ProjectArguments()))
    with pytest.raises(RuntimeError, match="CUDA error"):
        made.launch(Launch("lectern_project", (1, 1), 33, 0, ProjectArguments()))


@pytest.mark.nvrtc
@pytest.mark.compiler
def test_kernels_that_cannot_be_used_leave_the_plain_path(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    card = torch.device("cuda")
    monkeypatch.setattr(kernels, "_normal", lambda random, launcher, *shape: torch.randn(shape, generator=random))
    monkeypatch.setattr(kernels, "Driver", lambda device, source: Driver(stand.device, source))
    forget()
    assert launcher_for(card) is not None and why_not(card) == ""
    for name, reason in (("_nvrtc", CompileError("no NVRTC")), ("_driver", OSError("no driver"))):
        forget()

        def fails(reason: Exception = reason) -> ctypes.CDLL:
            raise reason

        with monkeypatch.context() as patch:
            patch.setattr(driver, name, fails)
            assert launcher_for(card) is None
        assert str(reason) in caplog.text and why_not(card) == str(reason)
    monkeypatch.setenv("LECTERN_NATIVE", "off")
    forget()
    assert launcher_for(card) is None and why_not(card) == "LECTERN_NATIVE is off"
    forget()


def forget() -> None:
    """The facts recorded about cards."""
    launcher_for.cache_clear()
    kernels._tried.cache_clear()


def test_doctor_says_why_a_card_does_not_use_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LECTERN_NATIVE", raising=False)
    monkeypatch.setattr(doctor, "_has_nvidia_driver", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    card = SimpleNamespace(name="RTX", total_memory=24 << 30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: card)
    forget()
    with monkeypatch.context() as patch:
        patch.setattr(kernels, "Driver", lambda device, source: (_ for _ in ()).throw(CompileError("no NVRTC")))
        found = doctor._device()
    forget()
    assert found["name"] == "RTX" and found["note"].endswith("answers come more slowly: no NVRTC.")

"""Builds the kernels with NVRTC and starts them through CUDA's driver, both by ctypes: no toolkit, no compiler.

``torch.cuda._compile_kernel`` does nearly this, but asks for ``CUDA_HOME``, which a user's machine does not have.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from model.kernels.cuda.launcher import Launch

_Pointer = ctypes.c_void_p
_FREE_SHARED = 48 * 1024
"""Bytes of shared memory that a kernel may use without asking."""
_MAX_DYNAMIC_SHARED = 8
"""``CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES``."""


class CompileError(RuntimeError):
    """NVRTC is missing or refuses the sources; its log is the text."""


def compile_kernels(source: str, architecture: str, library: ctypes.CDLL | None = None) -> bytes:
    """Machine code (a cubin) of ``source`` for an ``architecture`` such as ``sm_86``. Raises ``CompileError``."""
    nvrtc = library or _nvrtc()
    program = _Pointer()
    if nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"lectern.cu", 0, None, None):
        raise CompileError("NVRTC takes no program")
    try:
        options = [f"--gpu-architecture={architecture}".encode(), b"--std=c++17", b"--restrict"]
        failed = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
        if failed:
            log = _text(nvrtc, program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog")
            raise CompileError(log.decode(errors="replace"))
        return _text(nvrtc, program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN")
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _text(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, size_of: str, read: str) -> bytes:
    size = ctypes.c_size_t()
    if getattr(nvrtc, size_of)(program, ctypes.byref(size)):
        return b""
    buffer = ctypes.create_string_buffer(max(1, size.value))
    return buffer.raw[: size.value] if not getattr(nvrtc, read)(program, buffer) else b""


@functools.cache
def _nvrtc() -> ctypes.CDLL:
    for name in nvrtc_names():
        with contextlib.suppress(OSError):
            return ctypes.CDLL(name)
    raise CompileError("NVRTC, which PyTorch's CUDA build brings along, was not found")


def nvrtc_names() -> Iterator[str]:
    """Where NVRTC may be: loaded already, or in the packages that ship it."""
    major = (torch.version.cuda or "13").partition(".")[0]
    windows = sys.platform == "win32"
    yield f"nvrtc64_{major}0_0.dll" if windows else f"libnvrtc.so.{major}"
    packages = Path(torch.__file__).parents[1]
    for folder in (packages / "torch" / "lib", packages / "nvidia"):
        for path in sorted(folder.rglob("nvrtc64_*.dll" if windows else f"libnvrtc.so.{major}*")):
            yield str(path)


def _driver() -> ctypes.CDLL:
    return ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")


def _architecture(device: torch.device) -> str:
    """The architecture to compile for. Makes the context that the driver's calls need, as torch does it."""
    torch.zeros(1, device=device)
    major, minor = torch.cuda.get_device_capability(device)
    return f"sm_{major}{minor}"


def _stream(device: torch.device) -> int:
    return int(torch.cuda.current_stream(device).cuda_stream)


class Driver:
    """Kernels of ``source`` on a CUDA ``device``, started in torch's current stream there.

    Raises ``CompileError``; ``OSError`` where there is no driver, and ``RuntimeError`` where it refuses.
    """

    def __init__(self, device: torch.device, source: str) -> None:
        self.device = device
        self._driver = _driver()
        self._functions: dict[str, ctypes.c_void_p] = {}
        self._shared: dict[str, int] = {}
        """Bytes of shared memory that were asked for, where a kernel needs more than all may have."""
        self._code = compile_kernels(source, _architecture(device))
        self._module = _Pointer()
        self._check(self._driver.cuModuleLoadData(ctypes.byref(self._module), self._code))

    def launch(self, call: Launch) -> None:
        """Start a kernel."""
        function = self._function(call.kernel)
        if call.shared > self._shared.get(call.kernel, _FREE_SHARED):
            self._check(self._driver.cuFuncSetAttribute(function, _MAX_DYNAMIC_SHARED, call.shared))
            self._shared[call.kernel] = call.shared
        parameters = (_Pointer * 1)(ctypes.addressof(call.arguments))
        size = (*call.grid, 1, call.threads, 1, 1, call.shared)
        stream = _Pointer(_stream(self.device))
        self._check(self._driver.cuLaunchKernel(function, *size, stream, parameters, None))

    def recorded(self, step: Callable[[], None]) -> Callable[[], None]:
        """``step`` as one CUDA graph."""
        with torch.cuda.device(self.device):
            step()  # the first start of a kernel loads it, which nothing may do while a graph is recorded
            torch.cuda.synchronize(self.device)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                step()
        return graph.replay

    def _function(self, name: str) -> ctypes.c_void_p:
        found = self._functions.get(name)
        if found is None:
            found = _Pointer()
            self._check(self._driver.cuModuleGetFunction(ctypes.byref(found), self._module, name.encode()))
            self._functions[name] = found
        return found

    def _check(self, status: int) -> None:
        if status:
            text = ctypes.c_char_p()
            self._driver.cuGetErrorString(status, ctypes.byref(text))
            raise RuntimeError(f"CUDA error: {(text.value or b'unknown').decode(errors='replace')} ({status})")

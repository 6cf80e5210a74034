"""What machine this is, what models there are, and whether they fit. No Qt; torch only where a GPU is likely.

The findings are plain data, so that the command line, its JSON and later the window can show the same.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

from app import paths
from app.build_info import build_words
from app.engine.model import kept
from app.engine.threads.machine import usable_cores
from app.fetch.catalogue import Fitting, fittings
from app.library.adapters import adapter_folders, adapters_of
from app.library.budgets import budgets, machine_for
from app.library.fitting import STREAMS, fit, gigabytes
from app.library.models import ModelFolder, find_models, look_at, model_needs, sample_model_folder
from app.library.settings import Settings
from model.engine.device_plan import DevicePlan
from model.engine.needs import USUAL_CONTEXT, download_of_the_26b, needs_of, needs_of_the_26b
from model.engine.streaming import Pace
from model.errors import LecternError
from model.family.config_json import read_config
from model.family.families import PUBLISHED
from model.memory import machine_memory
from model.messages import Message

PACKAGES = ("torch", "tokenizers", "bitsandbytes", "PySide6", "PyMuPDF", "av", "pillow", "numpy")

NONE_FOUND = "No model but the sample model was found."
NONE_USABLE = "None of the model folders above can be used; beside each one stands why."
HOW_TO_GET = (
    "`lectern models get` lists the models that can be downloaded and recommends one for this machine; with its name, "
    "it downloads it."
)
ADVICE = (
    "{found} {how} To do it by hand, download all files of google/gemma-4-26B-A4B-it (config.json, the tokenizer's "
    "files and the .safetensors files, about {download}) into a folder in {models} and ask again; they are quantised "
    "once, to {disk} in {store}. It takes {memory} of memory while it answers, and so a machine with {machine} GB."
)


def examine(context: int = USUAL_CONTEXT) -> dict[str, Any]:
    """Everything that ``lectern doctor`` reports."""
    about = machine_report()
    memory, device = about["memory"], about["device"]
    settings = Settings.load()
    models = _reports(settings, context, memory, device)
    advice = _advice(models, device, context)
    return {
        "lectern": build_words(),
        **about,
        "disk": _disk(),
        "cache": _cache(settings, models, device),
        "models": models,
        "sizes": _sizes(context, memory, device),
        "chosen_model": str(settings.model_folder) if settings.model_folder else None,
        "sample_model": str(sample_model_folder()),
        "advice": advice,
    }


def machine_report() -> dict[str, Any]:
    """A report's part about the machine; nothing in it identifies the user."""
    versions = {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    return {"machine": _machine(), "memory": _memory(), "device": _device(), "versions": versions}


def model_reports(settings: Settings, context: int) -> list[dict[str, Any]]:
    """The models and whether each fits with ``context`` tokens, last and once the sample model."""
    return _reports(settings, context, _memory(), _device())


def model_offers() -> list[Fitting]:
    """The models that can be downloaded beside this machine, the recommended one first."""
    return fittings(_memory(), _device(), _disk()["free"], _pace)


def _reports(settings: Settings, context: int, memory: dict[str, int], device: dict[str, Any]) -> list[dict[str, Any]]:
    sample = sample_model_folder()
    found = [model for model in find_models(settings) if model.path != sample]
    known = adapter_folders(settings)
    return [
        _model(model, context, memory, device) | {"adapters": _adapters(model, known)}
        for model in (*found, look_at(sample))
    ]


def _adapters(model: ModelFolder, known: Sequence[Path]) -> list[dict[str, Any]]:
    """Those that were found for a model, without those that are for models of another shape."""
    found = [] if model.problem else adapters_of(model.path, known)
    return [
        {"name": one.name, "folder": str(one.folder), "problem": one.problem}
        for one in found
        if not one.is_for_another_model
    ]


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": usable_cores(),
        "logical_cores": os.cpu_count() or 1,
        "instructions": _instructions(),
    }


def _processor() -> str:
    if sys.platform == "linux":
        for line in _cpuinfo():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _instructions() -> str:
    """What 4-bit kernels can use: ``AVX512-BF16``, ``AVX2``, ARM's ``DotProd``, or ``neither``."""
    if platform.machine().lower() in ("arm64", "aarch64"):
        features = next((line.split() for line in _cpuinfo() if line.startswith("Features")), [])
        return "DotProd" if sys.platform == "darwin" or "asimddp" in features else "neither"
    if sys.platform == "linux":
        flags = next((set(line.split()) for line in _cpuinfo() if line.startswith("flags")), set())
        return "AVX512-BF16" if "avx512_bf16" in flags else "AVX2" if "avx2" in flags else "neither"
    import torch

    has_bf16 = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    if has_bf16 is not None and has_bf16():
        return "AVX512-BF16"
    return "AVX2" if torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512") else "neither"


def _memory() -> dict[str, int]:
    """Bytes; in a container what the container may use."""
    return asdict(machine_memory())


def _device() -> dict[str, Any]:
    """The device that a model would run on. Importing torch takes seconds, so only with a driver at hand."""
    nothing = {"kind": "cpu", "name": "", "memory": 0, "note": ""}
    if not _has_nvidia_driver():
        return nothing
    import torch

    if not torch.cuda.is_available():
        return nothing | {"note": "There is an NVIDIA driver, but this build of torch cannot use CUDA here."}
    from model.kernels.cuda.kernels import why_not

    properties = torch.cuda.get_device_properties(0)
    reason = why_not(torch.device("cuda"))
    note = f"Lectern's kernels for this card are not used, and answers come more slowly: {reason}." if reason else ""
    return {"kind": "cuda", "name": properties.name, "memory": int(properties.total_memory), "note": note}


@cache
def _pace(folder: Path | None = None) -> Pace | None:
    """How fast this machine reads the files in ``folder``, or else from the disk that models are written to.

    ``None`` where there is no large file to measure with. Torch is imported.
    """
    from model.engine.pace import measured_pace

    if folder is not None and (pace := measured_pace(list(folder.glob("*.safetensors")))) is not None:
        return pace
    import torch

    libraries = [path for path in (Path(torch.__file__).parent / "lib").iterdir() if path.is_file()]
    where = next(path for path in (paths.models_dir(), *paths.models_dir().parents) if path.exists())
    return measured_pace(libraries) if libraries and libraries[0].stat().st_dev == where.stat().st_dev else None


def _plan(folder: Path, context: int) -> DevicePlan | None:
    """How a model would be laid out over this machine's cards and memory."""
    from model.engine.places import planned

    return planned(read_config(folder), context)


def _has_nvidia_driver() -> bool:
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return sys.platform != "darwin"


def _disk() -> dict[str, Any]:
    """Free bytes where quantised models are written."""
    folder = paths.quantised_store()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return {"folder": str(folder), "free": shutil.disk_usage(existing).free}


def _cache(settings: Settings, models: list[dict[str, Any]], device: dict[str, Any]) -> dict[str, Any]:
    """Documents that stay: where, how much, how much at most, and how fast this machine has been seen to read."""
    weights = next((model["needs"]["weights"] for model in models if "needs" in model), 0)
    found = budgets(settings, weights, device["memory"] or None)
    return {
        "folder": str(paths.documents_store()),
        "disk_bytes": kept.kept_bytes(),
        "disk_budget": found.disk,
        "ram_budget": found.ram,
        "int8": settings.document_int8,
        "speeds": _speeds(settings, models, device),
    }


def _speeds(settings: Settings, models: list[dict[str, Any]], device: dict[str, Any]) -> list[dict[str, Any]]:
    """Measured speeds, by the model's name where its folder is still there. Without any, torch is not imported."""
    measured = kept.speeds()
    if not measured:
        return []
    from model.cache.document_store import folder_identity

    folders = [Path(model["folder"]) for model in models if not model["problem"]] + [sample_model_folder()]
    names = {}
    for folder in folders:
        try:
            names[folder_identity(folder, "torch.bfloat16", device["kind"], settings.document_int8)] = look_at(folder)
        except OSError:
            continue
    return [
        {
            "model": names[speed.identity].name if speed.identity in names else None,
            "prefill_tokens_per_s": speed.rates.prefill and round(speed.rates.prefill, 1),
            "soft_tokens_per_s": {str(budget): round(rate, 1) for budget, rate in speed.rates.encode},
        }
        for speed in measured
    ]


def _model(model: ModelFolder, context: int, memory: dict[str, int], device: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {
        "folder": str(model.path),
        "name": model.name,
        "kind": model.kind,
        "bytes": model.bytes,
        "problem": model.problem,
        "remarks": list(model.remarks),
        "small": model.small,
        "importable": model.importable,
        "fits": False,
        "verdict": Message(),
    }
    if model.problem:
        return about
    try:
        needs = model_needs(model.path, context=context)
    except LecternError as error:
        return about | {"problem": error.message}
    about |= {
        "parameters": needs.parameters,
        "context": needs.context,
        "needs": {
            "memory": needs.memory,
            "disk": needs.disk,
            "weights": needs.weights,
            "kv_cache": needs.kv_cache,
        },
    }
    pace = partial(_pace, model.path)
    free = _disk()["free"]
    plan = partial(_plan, model.path, context)
    fits, verdict = fit(needs.memory, needs.disk, memory, device, free, streaming=needs.streaming, pace=pace, plan=plan)
    return about | {"fits": fits, "verdict": verdict}


def _sizes(context: int, memory: dict[str, int], device: dict[str, Any]) -> list[dict[str, Any]]:
    """What each published size of Gemma 4 takes with ``context`` tokens, and whether this machine holds it."""
    found = []
    for one in PUBLISHED:
        needs = needs_of(one, context=context)
        free = _disk()["free"]
        fits, verdict = fit(needs.memory, needs.disk, memory, device, free, streaming=needs.streaming, pace=_pace)
        found.append({"name": one.name, "memory": needs.memory, "disk": needs.disk, "fits": fits, "verdict": verdict})
    return found


def _advice(models: list[dict[str, Any]], device: dict[str, Any], context: int) -> list[str]:
    advice = [device["note"]] if device["note"] else []
    others = [model for model in models if model["kind"] != "sample"]
    usable = [model for model in others if not model["problem"]]
    if not usable:
        advice.append(_how_to_get_one(NONE_USABLE if others else NONE_FOUND, context))
    elif not any(model["fits"] or model["verdict"].cause in STREAMS for model in usable):
        advice.append("No model that was found fits; ask with fewer pages, or use a machine with more memory.")
    if device["kind"] == "cpu" and _instructions() == "neither":
        advice.append("This processor has neither AVX512-BF16 nor AVX2; answers will be very slow.")
    return advice


def _how_to_get_one(found: str, context: int) -> str:
    needs = needs_of_the_26b(context=context)
    return ADVICE.format(
        found=found,
        how=HOW_TO_GET,
        download=f"{download_of_the_26b() / 1e9:.0f} GB",
        models=paths.models_dir(),
        disk=gigabytes(needs.disk),
        store=paths.quantised_store(),
        memory=gigabytes(needs.memory),
        machine=machine_for(needs.memory),
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"

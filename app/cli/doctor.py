"""``lectern doctor``: the findings of ``app.diagnostics.doctor`` as text or as one JSON object."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from app.cli.common.arguments import positive
from app.cli.common.terminal import Status, one_line
from app.diagnostics.doctor import examine
from app.library.fitting import STREAMS, gigabytes


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern doctor``."""
    parser.description = (
        "Show this machine's processor, graphics card, memory and disk, and which of the models found fit."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    parser.add_argument(
        "--context",
        type=positive,
        default=32_768,
        metavar="N",
        help="context length to estimate memory for, in tokens (default: 32768)",
    )
    parser.add_argument(
        "--window", action="store_true", help="open the window briefly, read the sample files and ask about them"
    )
    parser.add_argument("--picture", type=Path, metavar="PNG", help="with --window: save a screenshot")


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    if options.window:
        return _check_window(options)
    status = Status()
    status.show("Checking this machine")
    found = examine(options.context)
    status.clear()
    print(
        json.dumps(found, ensure_ascii=False, indent=2, default=str) if options.json else "\n".join(_lines(found)),
        flush=True,
    )
    return 0


def _check_window(options: argparse.Namespace) -> int:
    from app.__main__ import check_window

    found = check_window(options.picture)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str), flush=True)
    elif found["ok"]:
        read, answered = len(found["files"]), len(found["asked"])
        print(f"The window works: it read {read} files and answered {answered} questions correctly.", flush=True)
    else:
        print(f"The window does not work here: {found.get('problem') or found}", flush=True)
    return 0 if found["ok"] else 1


def _lines(found: dict[str, Any]) -> list[str]:
    machine, memory, device = found["machine"], found["memory"], found["device"]
    on = f"{device['name']}, {gigabytes(device['memory'])}" if device["kind"] == "cuda" else "the processor (no CUDA)"
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    rows = [
        ("Lectern", found["lectern"]),
        ("System", f"{machine['system']}, {machine['architecture']}"),
        ("Processor", f"{machine['processor']}, {machine['cores']} cores, {_kernels(machine['instructions'])}"),
        ("Memory", f"{gigabytes(memory['total'])}, {gigabytes(memory['available'])} of it free"),
        ("Runs on", on),
        ("Disk", f"{gigabytes(found['disk']['free'])} free for {found['disk']['folder']}"),
        ("Documents", _cache(found["cache"])),
        ("Holds", _sizes(found["sizes"])),
        *(("Speed", _speed(speed)) for speed in found["cache"]["speeds"]),
        ("Versions", versions),
    ]
    lines = [f"{name + ':':<11}{one_line(text)}" for name, text in rows]
    for model in found["models"]:
        lines += ["", *_model(model)]
    return lines + [f"\n{line}" for line in found["advice"]]


def _sizes(sizes: list[dict[str, Any]]) -> str:
    """The published sizes that this machine holds, in 4 bits."""
    held = [f"{one['name']} ({gigabytes(one['memory'])})" for one in sizes if one["fits"]]
    held += [f"{one['name']} (read from the disk as it answers)" for one in sizes if one["verdict"].cause in STREAMS]
    return ", ".join(held) or "none of the published sizes of Gemma 4"


def _cache(cache: dict[str, Any]) -> str:
    disk = f"{gigabytes(cache['disk_bytes'])} of {gigabytes(cache['disk_budget'])} kept in {cache['folder']}"
    if not cache["disk_budget"]:
        disk = "nothing is kept on disk"
    return f"{disk}; up to {gigabytes(cache['ram_budget'])} in memory{', in 8 bits' if cache['int8'] else ''}"


def _speed(speed: dict[str, Any]) -> str:
    parts = []
    if speed["prefill_tokens_per_s"]:
        parts.append(f"reads {speed['prefill_tokens_per_s']:,.1f} tokens/s")
    if speed["soft_tokens_per_s"]:
        rates = (f"{rate:,.1f} at {budget}" for budget, rate in speed["soft_tokens_per_s"].items())
        parts.append(f"processes images at picture tokens/s: {', '.join(rates)}")
    return f"{speed['model'] or 'A deleted model'}: {', '.join(parts) or 'not measured yet'}"


def _kernels(instructions: str) -> str:
    return "neither AVX512-BF16 nor AVX2" if instructions == "neither" else instructions


def _model(model: dict[str, Any]) -> list[str]:
    lines = [f"Model:     {one_line(model['name'])} ({model['kind']}) in {one_line(model['folder'])}"]
    lines += [f"           {one_line(str(remark))}" for remark in model["remarks"]]
    if model["problem"]:
        return [*lines, f"           {one_line(str(model['problem']))}"]
    needs = model["needs"]
    parts = (
        f"{model['parameters'] / 1e9:.2f} B parameters: {gigabytes(needs['weights'])} of weights, "
        f"{gigabytes(needs['kv_cache'])} for {model['context']:,} tokens"
    )
    if needs["disk"]:
        parts += f", {gigabytes(needs['disk'])} of disk to be written once"
    return [*lines, f"           {parts}", f"           {model['verdict']}"]

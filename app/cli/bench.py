"""``lectern bench``: measures this machine with a model or a generated shape, beside its limits and its peers."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app import paths
from app.cli.bench_options import add_options as add_options
from app.cli.common.outputs import check_output, saved
from app.cli.common.terminal import Status, say, stoppable
from app.diagnostics.bench_report import Report, lines, svg
from app.diagnostics.comparing import compared, read_report
from model import atomic
from model.bench.figures import Figure, Job, Plan
from model.bench.peers import PeerError, PeerResult, run_llama, run_transformers
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import msg


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    if options.plot is not None:
        inputs = [one for one in (options.questions, options.against) if one is not None]
        check_output(options.plot, inputs, overwrite=options.overwrite)
    status, report = Status(), Report()
    before = read_report(options.against) if options.against is not None else None
    with stoppable() as cancel, _folders(options) as (model, work):
        try:
            if options.questions is not None:
                _questions(model or _generated(options, work, status), options, report, status, cancel)
            elif "ingest" in options.only:
                report.figures += _ingest(options, status.show, cancel)
            if options.questions is None and "waits" in options.only:
                report.figures += _waits(model or _generated(options, work, status), options, status.show, cancel)
            if options.questions is None and set(options.only) - {"ingest", "waits"}:
                _model(model or _generated(options, work, status), work, options, report, status, cancel)
        finally:
            status.clear()
    if options.plot is not None:
        _write_plot(options.plot, report)
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2), flush=True)
    else:
        print("\n".join(lines(report)), flush=True)
    if before is not None:
        print(
            "\n".join(compared(before, report.as_json())), file=sys.stderr if options.json else sys.stdout, flush=True
        )
    return 0


def _questions(folder: Path, options: argparse.Namespace, report: Report, status: Status, cancel: Cancel) -> None:
    """The user's own questions; a mistake in their file is found before the model is opened."""
    from app.diagnostics.questions import ask_all, read_questions
    from app.engine.model.opening import open_engine
    from app.library.models import ref_of
    from model.bench.measure import peak_bytes

    questions = read_questions(options.questions)
    engine = open_engine(ref_of(folder), status.loading, cancel, device=options.device)
    try:
        report.model = engine.info.name
        report.about = {
            "folder": str(folder),
            "device": engine.info.device,
            "quantisation": engine.info.quantisation,
            "weight_bytes": engine.info.weight_bytes,
        }
        report.questions = ask_all(questions, engine, status.show, cancel)
    finally:
        engine.close()
    report.peaks["Lectern"] = peak_bytes()


def plan_of(options: argparse.Namespace) -> Plan:
    """The shape of the requests, from the options."""
    from app.engine.threads.machine import compute_threads

    repeats = 1 if options.quick else options.repeats
    jobs = []
    if "prefill" in options.only:
        sizes = options.prefill or ((128,) if options.quick else (512, 2048))
        jobs += [Job("prefill", size, 0, repeats) for size in sizes]
        jobs += [Job("prefill", min(sizes), depth, repeats) for depth in _depths(options) if depth]
    if "decode" in options.only:
        tokens = 8 if options.quick else 32
        jobs += [Job("decode", tokens, depth, max(repeats, 2 * repeats - 1)) for depth in _depths(options)]
    return Plan(
        jobs=tuple(jobs),
        repeats=repeats,
        threads=options.threads or compute_threads(window=False),
        document_tokens=(256 if options.quick else 2048) if "second" in options.only else 0,
        answer_tokens=(16 if options.quick else 64) if "decode" in options.only else 0,
        budgets=(options.budgets or ((70,) if options.quick else (70, 280))) if "vision" in options.only else (),
        quick=options.quick,
    )


def _depths(options: argparse.Namespace) -> tuple[int, ...]:
    return tuple(options.depths or ((0, 512) if options.quick else (0, 4096)))


def _ingest(options: argparse.Namespace, tell: Callable[[str], None], cancel: Cancel) -> list[Figure]:
    from app.diagnostics.ingest_bench import measure_ingest

    pages, seconds = (20, 20) if options.quick else (200, 600)
    threads = options.threads or plan_of(options).threads
    return measure_ingest(pages, seconds, 1 if options.quick else options.repeats, threads, tell, cancel)


def _waits(folder: Path, options: argparse.Namespace, tell: Callable[[str], None], cancel: Cancel) -> list[Figure]:
    from app.diagnostics.waits import measure_waits

    pages, repeats = (20, 1) if options.quick else (200, options.repeats)
    return measure_waits(folder, pages, repeats, options.device, tell, cancel)


def _model(
    folder: Path, work: Path, options: argparse.Namespace, report: Report, status: Status, cancel: Cancel
) -> None:
    """Our engine, then each peer alone: large models leave no room for two."""
    from model.bench.run import measure_model

    plan = plan_of(options)
    found = measure_model(folder, plan, paths.quantised_store(), options.device, status.show, cancel)
    report.model = found.name
    report.about = {
        "folder": str(folder),
        "device": found.device,
        "quantisation": found.quantisation,
        "weight_bytes": found.weight_bytes,
    }
    machine = found.machine
    report.machine = {
        "bandwidth": round(machine.bandwidth),
        "matrix_rate": round(machine.matrix_rate),
        "threads": machine.threads,
    }
    report.peaks["Lectern"] = found.peak_bytes
    figures = list(found.figures)
    for name, python in options.peer:
        result = _peer(name, python, folder, work, plan, status, cancel)
        if result is None:
            report.notes.append(f"{name} could not be measured.")
            continue
        report.peers[name] = {"name": result.name, "features": result.features, "opened_s": result.opened_s}
        report.peaks[name] = result.peak_bytes
        _beside(figures, plan.jobs, name, result)
    report.figures += figures


def _peer(
    name: str, python: Path | None, folder: Path, work: Path, plan: Plan, status: Status, cancel: Cancel
) -> PeerResult | None:
    """A peer's measurements; ``None`` where it could not, which is reported."""

    def tell(words: str) -> None:
        status.show(f"{name}: {words}")

    try:
        if python is None:
            return run_transformers(folder, plan.jobs, plan.threads, tell, cancel)
        return run_llama(python, _gguf(folder, work, tell), plan.jobs, plan.threads, tell, cancel)
    except PeerError as error:
        status.clear()
        say(f"lectern: {name}: {error}")
        return None


def _beside(figures: list[Figure], jobs: tuple[Job, ...], name: str, result: PeerResult) -> None:
    """The peer's medians into the figures of the same jobs."""
    for job in jobs:
        seconds = result.seconds.get((job.measure, job.tokens, job.depth))
        for figure in figures:
            if seconds and figure.name == job.name:
                figure.peers[name] = Figure(name, seconds).median_s


def _gguf(folder: Path, work: Path, tell: Callable[[str], None]) -> Path:
    """The shape of the model in ``folder`` as llama.cpp reads it, written where it is not there yet."""
    from model.bench.gguf import write_gguf
    from model.family.config_json import read_config

    path = work / f"{folder.resolve().name}-q4_0.gguf"
    if not path.is_file():
        tell("writing a file of the same shape")
        try:
            write_gguf(path, read_config(folder))
        except OSError as error:
            raise PeerError(
                msg(
                    "bench.not-written",
                    "{path} cannot be written ({why}); free some space or set --work.",
                    path=path,
                    why=error.strerror,
                )
            ) from None
    return path


def _generated(options: argparse.Namespace, work: Path, status: Status) -> Path:
    """A model of random weights in the shape that was named, written where it is not there yet."""
    from model.synthetic.writing import write_checkpoint

    layers = "" if options.layers is None else f"-{options.layers}L"
    folder = work / f"{options.shape}{layers}"
    if not (folder / "complete").is_file():
        status.show(f"Writing a random {options.shape} model")
        try:
            write_checkpoint(folder, options.shape, layers=options.layers, quantised=True)
            (folder / "complete").touch()
        except OSError as error:
            raise LecternError(
                msg(
                    "bench.model-not-written",
                    "The model cannot be written to {folder} ({why}); free some space there or set --work.",
                    folder=folder,
                    why=error.strerror,
                )
            ) from None
    return folder


@contextmanager
def _folders(options: argparse.Namespace) -> Iterator[tuple[Path | None, Path]]:
    """The model's folder, ``None`` where a shape is to be generated, and where generated files go."""
    from app.library.model_ref import SampleModel
    from app.library.models import folder_of, model_to_open
    from app.library.settings import Settings

    model = None
    if options.shape is None:
        model = options.model or folder_of(model_to_open(Settings.load()) or SampleModel())
    if options.work is not None:
        options.work.mkdir(parents=True, exist_ok=True)
        yield model, options.work
        return
    work = Path(tempfile.mkdtemp(prefix="lectern-bench-"))
    try:
        yield model, work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_plot(path: Path, report: Report) -> None:
    try:
        atomic.write(path, svg(report))
    except OSError as error:
        raise LecternError(
            msg(
                "bench.plot-not-written",
                "The plot cannot be written to {path} ({why}).",
                path=path,
                why=error.strerror,
            )
        ) from None
    saved(path)

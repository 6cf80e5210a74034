"""``lectern scenes``: a video's scenes on a terminal or as a file, with a model's summaries or without any model."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from app.chat.parts import go_through
from app.chat.scenes.asking import SceneList, scenes_of, span
from app.chat.scenes.describing import Describing
from app.chat.scenes.export import as_data, name_of, pictures_folder, write_markdown, write_vtt
from app.cli.common.arguments import add_model
from app.cli.common.engine import opened
from app.cli.common.outputs import add_overwrite, check_output, exists, saved
from app.cli.common.terminal import Status, one_line, say, stoppable
from app.ingest.shots.finder import ShotFinder, ShotList, ShotOptions, ShotProgress
from app.session.costs import model_name
from app.text.times import mm_ss
from model.cancel import Cancel
from model.errors import CancelledError, LecternError
from model.soft_tokens import VISUAL_BUDGETS


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern scenes``."""
    parser.description = "Find where the scenes of a video begin, and let the model summarise each of them."
    parser.epilog = "Times are those of the file. With --no-summaries no model is needed."
    parser.add_argument("file", type=Path, metavar="VIDEO", help="the video")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")
    form.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="write a Markdown document, with its pictures in a folder beside it",
    )
    form.add_argument("--vtt", type=Path, metavar="FILE", help="write WebVTT chapters")
    add_overwrite(parser)
    parser.add_argument("--no-summaries", action="store_true", help="only find where scenes begin and end")
    parser.add_argument("--budget", type=int, choices=VISUAL_BUDGETS, metavar="N", help="picture tokens per frame")
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    _check_outputs(options)
    status = Status()
    with stoppable() as cancel, ShotFinder() as finder:
        found = _find(finder, options, cancel, status)
        told = _Told(scenes_of(found), quiet=options.json)
        complete = True
        if options.no_summaries:
            told.rest()
        else:
            complete = _summarise(found, told, options, cancel, status)
        _write(told.list, options)
    if cancel.is_set():
        say("lectern: Stopped; some scenes have no summary.")
    return 0 if complete and not cancel.is_set() else 1


def _check_outputs(options: argparse.Namespace) -> None:
    for path in (options.markdown, options.vtt):
        if path is not None:
            check_output(path, [options.file], overwrite=options.overwrite)
    if options.markdown is not None and not options.overwrite:
        folder = pictures_folder(options.markdown)
        if folder.exists():
            raise exists(folder)


def _find(finder: ShotFinder, options: argparse.Namespace, cancel: Cancel, status: Status) -> ShotList:
    def report(progress: ShotProgress) -> None:
        if progress.stage == "looking":
            status.show(f"Scanning {options.file.name}: {mm_ss(progress.done)} of {mm_ss(progress.total)}")
        else:
            status.show(f"Saving images: scene {progress.done + 1:,.0f} of {progress.total:,.0f}")

    try:
        budget = ShotOptions() if options.budget is None else ShotOptions(budget=options.budget)
        return finder.find(options.file, budget, report, cancel)
    finally:
        status.clear()


class _Told:
    """The list as it grows, and what of it has been printed."""

    def __init__(self, scenes: SceneList, *, quiet: bool) -> None:
        self.list = scenes
        self._quiet = quiet
        self._next = 0
        self._print(
            f"{one_line(scenes.name)}: {len(scenes.scenes):,} {'scene' if len(scenes.scenes) == 1 else 'scenes'}"
        )
        for skipped in scenes.skipped:
            say(f"lectern: {skipped.where}: {skipped.why}")

    def up_to(self, number: int) -> None:
        """Print the scenes before ``number`` that have not been printed."""
        for index in range(self._next, number):
            scene = self.list.scenes[index]
            words = one_line(f"{name_of(index + 1, scene)}{': ' if scene.summary else ''}{scene.summary}")
            self._print(f"  {span(scene)}  {words}")
        self._next = max(self._next, number)

    def rest(self) -> None:
        """Print the scenes that are not printed yet."""
        self.up_to(len(self.list.scenes))

    def whole(self, summary: str) -> None:
        """The summary of the whole."""
        self.list = replace(self.list, summary=summary)
        if summary:
            self._print(f"\n{summary}")

    def _print(self, text: str) -> None:
        if not self._quiet:
            print(text, flush=True)


def _summarise(found: ShotList, told: _Told, options: argparse.Namespace, cancel: Cancel, status: Status) -> bool:
    """One question a scene, then one about the whole. Whether all were answered; missing answers are reported."""
    number = len(found.shots)
    try:
        with opened(options, cancel, status) as engine:
            listed = replace(told.list, model=str(model_name(engine.info)))
            work = Describing(found, listed, sample=engine.info.sample)

            def tell() -> None:
                if work.next < number:
                    status.show(f"Summarising scene {work.next + 1} of {number}")
                else:
                    status.show("Summarising the whole video")

            for step in go_through(work, engine.generate, cancel, tell):
                status.clear()
                told.list = work.scenes
                told.up_to(min(work.next, number))
                if step == "stopped":
                    return False
            if work.failure:
                say(f"lectern: {work.failure}")
                return False
            if work.looped:
                words = "The model started repeating itself in a description, so the description was stopped."
                say(f"lectern: {words}")
            told.whole(work.scenes.summary)
            return work.over
    except CancelledError:
        return False
    except LecternError as error:
        say(f"lectern: {error}")
        return False
    finally:
        status.clear()
        told.rest()


def _write(scenes: SceneList, options: argparse.Namespace) -> None:
    if options.json:
        json.dump(as_data(scenes), sys.stdout, ensure_ascii=False, indent=2)
        print(flush=True)
    for path, write in ((options.markdown, write_markdown), (options.vtt, write_vtt)):
        if path is not None:
            write(scenes, path)
            saved(path)

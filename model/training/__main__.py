"""One command that makes data, trains the next stage, evaluates and writes the checkpoint.

``python -m model.training --work DIR --minutes N`` continues where the last run stopped, also after a cut.
``--part language`` and ``--part tower`` train the two halves apart (side by side in two processes, if one
likes); ``--part joint`` puts them together and trains both; ``--part auto`` does what is due.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from model.prompt.frame_times import LINES
from model.training.config import sample_config
from model.training.faster import fuse
from model.training.joint import begin_pages, train_joint
from model.training.network import build_network, export, load_weights
from model.training.shared import TOWER
from model.training.stages import CLIPS_ENOUGH, LEVELS, PAGES_ENOUGH
from model.training.state import FILE, Run, open_run
from model.training.trainer import Settings, to_log, train_text
from model.training.vision.tower import PAGES, READ_ENOUGH, train_tower
from model.training.widen import widen

PARTS = ("auto", "language", "tower", "joint")
LABEL = {
    "sample": True,
    "name": "Lectern sample model",
    "note": (
        "It was trained from scratch on invented office documents. It reads labelled values in text, sometimes in "
        "pictures; tables and scene lists often go wrong. For real work, use Gemma 4."
    ),
    **LINES,
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    options = _options(arguments)
    torch.set_num_threads(options.threads)
    if options.fuse:
        fuse()
    train(options, Settings(options.minutes, options.batch, options.rate, options.cool, options.share, options.nf4))
    if options.export:
        write_model(options.work, options.export)
        to_log(f"wrote {options.export}")
    return 0


def train(options: argparse.Namespace, settings: Settings) -> None:
    """The part that is asked for, or due."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    part = options.part if options.part != "auto" else due(options.work)
    if options.minutes > 0:
        to_log(f"training {part} on {device} for {options.minutes:g} minutes")
        run = open_run(options.work / part, sample_config(), options.seed, device)
        if options.begin and run.progress.step == 0:
            begin_from(run, options.begin, options.level)
        if part == "joint":
            begin_joint(run, None if options.begin else options.work)
            train_joint(run, settings, options.work / part, device, to_log)
        else:
            {"language": train_text, "tower": train_tower}[part](run, settings, options.work / part, device, to_log)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m model.training", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder of the run, outside the repository")
    parser.add_argument("--minutes", type=float, required=True, help="0 only writes the checkpoint")
    parser.add_argument("--part", choices=PARTS, default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fuse", action="store_true", help="compile small functions first; needs a C++ compiler")
    parser.add_argument(
        "--share", type=Path, help="file through which several processes train together, each with its own work folder"
    )
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument(
        "--batch", type=float, default=1.0, help="multiple of the usual tokens per step; use 8 or more on a GPU"
    )
    parser.add_argument("--cool", action="store_true", help="let the learning rate fall to zero over --minutes")
    parser.add_argument("--nf4", action="store_true", help="joint training with quantised weights")
    parser.add_argument("--from", dest="begin", type=Path, help="start a new run from the weights of this checkpoint")
    parser.add_argument("--level", type=int, default=0, help="level of the curriculum at which --from starts")
    parser.add_argument("--export", type=Path, help="write the checkpoint to this folder at the end")
    return parser.parse_args(arguments)


def begin_from(run: Run, folder: Path, level: int) -> None:
    """A new run with the weights of an exported checkpoint, and a fresh optimiser.

    If only the tower is of another shape, it starts anew and the language side continues; narrower heads are widened.
    """
    from safetensors.torch import load_file

    theirs = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if _shape(theirs) != _shape(run.config):
        raise SystemExit(f"{folder} holds a model of another shape or with other words.")
    state = widen(load_file(folder / "model.safetensors"), theirs, run.config)
    if theirs["vision_config"] != run.config["vision_config"]:
        own = run.network.state_dict()
        state = {name: own[name] if name.startswith(TOWER) else tensor for name, tensor in state.items() if name in own}
        state |= {name: tensor for name, tensor in own.items() if name.startswith(TOWER)}
    state["lm_head.weight"] = state["model.language_model.embed_tokens.weight"]
    load_weights(run.network, state)
    run.progress.level = level


def _shape(config: dict[str, Any]) -> dict[str, Any]:
    """The settings that must be alike: the tower may begin anew, and heads may become wider and more."""
    heads = ("head_dim", "global_head_dim", "num_attention_heads", "num_key_value_heads", "num_global_key_value_heads")
    return {**config, "vision_config": None, "text_config": {**config["text_config"], **dict.fromkeys(heads)}}


def due(work: Path) -> str:
    """The part that is next: the language side until all levels are open, then the tower, then both."""
    language, tower = work / "language" / FILE, work / "tower" / FILE
    if not language.exists():
        return "language"
    text = _progress(language)
    if text["level"] < len(LEVELS) - 1 or text["clips"] < CLIPS_ENOUGH or text["read"] < PAGES_ENOUGH:
        return "language"
    if not tower.exists():
        return "tower"
    seen = _progress(tower)
    return "joint" if seen["level"] == PAGES and seen["read"] >= READ_ENOUGH else "tower"


def _progress(path: Path) -> dict[str, float]:
    progress: dict[str, float] = torch.load(path, map_location="cpu", weights_only=True)["progress"]
    return progress


def begin_joint(run: Run, work: Path | None) -> None:
    """A new joint run starts from both halves in ``work``; without it, it continues with its own weights, pages too."""
    if run.progress.step == 0 and work is None:
        begin_pages(run, PAGES)
    elif run.progress.step == 0 and work:
        network, _ = together(work, joint=False)
        run.network.load_state_dict(network.state_dict())
        if (work / "tower" / FILE).exists():
            begin_pages(run, int(_progress(work / "tower" / FILE)["level"]))


def together(work: Path, *, joint: bool = True) -> tuple[nn.Module, dict[str, object]]:
    """The newest weights: of the joint run if there is one, else of both halves."""
    names = ["joint"] if joint and (work / "joint" / FILE).exists() else ["language", "tower"]
    state: dict[str, torch.Tensor] = {}
    config: dict[str, object] = {}
    for name in names:
        path = work / name / FILE
        if not path.exists():
            continue
        saved = torch.load(path, map_location="cpu", weights_only=True)
        config = {**saved["config"], **config, "vision_config": saved["config"]["vision_config"]}
        state |= {
            key: value
            for key, value in saved["network"].items()
            if name != "tower" or not state or key.startswith(TOWER)
        }
    if not state:
        raise SystemExit(f"{work} holds no trained part yet; train with --minutes first.")
    network = build_network(config, 0, torch.device("cpu"))
    load_weights(network, state)
    return network, config


def write_model(work: Path, folder: Path) -> None:
    """The checkpoint, its tokenizer and its label."""
    network, config = together(work)
    export(network, config, folder)
    (folder / "lectern.json").write_text(json.dumps(LABEL, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

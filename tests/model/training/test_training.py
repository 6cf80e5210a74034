"""Training learns, resumes after a cut as if nothing had happened, and writes a real checkpoint."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch

from model.checkpoint.opening import open_checkpoint
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.family.vision import VisionTower
from model.training import __main__ as command
from model.training.config import sample_config
from model.training.data.crops import as_picture, draw_crop
from model.training.data.frames import draw_frame
from model.training.data.page_codes import PageCodes
from model.training.data.pages import Look, draw_page
from model.training.faster import normed, normed_plain
from model.training.network import HEADS, encode_pictures, export, hidden_states, logits
from model.training.optimiser import orthogonal
from model.training.shared import EVERY, TOWER, Centre
from model.training.state import Run, open_run
from model.training.trainer import CLIP, SEEN, Settings, clip_batch, follow, seen_batch, step, text_batch
from model.training.vision.beginning import NEIGHBOURS
from model.training.vision.tower import (
    PAGES,
    as_batch,
    as_patches,
    crops_step,
    page_batch,
    pages_step,
    prepare,
    saying_loss,
    titles_step,
)

CPU = torch.device("cpu")
SETTINGS = Settings(minutes=1, batch_share=0.3)
SMALL_TEXT = {
    **{"hidden_size": 64, "intermediate_size": 64, "moe_intermediate_size": 64, "num_experts": 4},
    "num_global_key_value_heads": 1,
}
SMALL_VISION = {"hidden_size": 64, "intermediate_size": 64, "num_attention_heads": 2, "num_key_value_heads": 2}


def _config() -> dict[str, Any]:
    return sample_config({**SMALL_TEXT, "num_attention_heads": 2}, {**SMALL_VISION, "num_hidden_layers": 3})


def _run(folder: Path) -> Run:
    return open_run(folder, _config(), 7, CPU)


def _steps(run: Run, count: int) -> list[float]:
    losses = []
    for _ in range(count):
        batch, index = text_batch(run, SETTINGS, CPU)
        outcome = step(run, batch, 5e-3, CPU)
        follow(run, outcome, index)
        losses.append(outcome.loss.item())
    return losses


@pytest.mark.parametrize("seed", [7, 8])
def test_training_reduces_the_loss(tmp_path: Path, seed: int) -> None:
    """Of one batch, again and again: it falls by a third in 8 steps, and by the same on every maker's processors.

    From batch to batch it rises and falls by as much as it falls overall, and rounding decides by how much.
    """
    run = open_run(tmp_path, _config(), seed, CPU)
    batch, _ = text_batch(run, SETTINGS, CPU)
    losses = [step(run, batch, 5e-3, CPU).loss.item() for _ in range(9)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.75 * losses[0]


def test_a_cut_run_goes_on_bit_for_bit(tmp_path: Path) -> None:
    whole = _run(tmp_path / "whole")
    expected = _steps(whole, 4)
    first = _run(tmp_path / "cut")
    begun = _steps(first, 2)
    first.save(tmp_path / "cut")
    resumed = open_run(tmp_path / "cut", {}, 0, CPU)
    assert begun + _steps(resumed, 2) == expected
    assert resumed.progress == whole.progress
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(tensor, resumed.network.state_dict()[name]), name


def test_the_tower_s_lessons_reach_all_its_weights(tmp_path: Path) -> None:
    run = _run(tmp_path)
    before = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    titles_step(run, random.Random(1), 400, 1e-3, CPU)
    crops_step(run, random.Random(2), 400, 1e-3, CPU)
    pages_step(run, random.Random(3), 400, 1e-3, CPU)
    changed = {name for name, tensor in run.network.state_dict().items() if not torch.equal(tensor, before[name])}
    learned = {name for name, _ in run.network.named_parameters() if name.startswith(TOWER)}
    assert changed == learned


def test_clips_are_trained_too(tmp_path: Path) -> None:
    run = _run(tmp_path)
    run.progress.level = 2
    batch = clip_batch(run, SETTINGS, CPU)
    before = run.network.state_dict()["model.language_model.layers.0.mlp.up_proj.weight"].clone()
    follow(run, step(run, batch, 1e-3, CPU), CLIP)
    assert run.progress.since == 0
    assert not torch.equal(run.network.state_dict()["model.language_model.layers.0.mlp.up_proj.weight"], before)


def test_a_shared_prefix_changes_nothing(tmp_path: Path) -> None:
    network = _run(tmp_path).network.eval()
    ids = torch.randint(400, 1000, (2, 40), generator=torch.Generator().manual_seed(1))
    prefix = ids[0, :15]
    both = torch.cat([prefix.expand(2, -1), ids[:, 15:]], dim=1)
    with torch.no_grad():
        shared = hidden_states(network, prefix, ids[:, 15:])
        plain = network.model.language_model(input_ids=both, use_cache=False).last_hidden_state[:, 15:]
    assert (shared - plain).abs().max() < 1e-4


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    work = tmp_path_factory.mktemp("work")
    run = open_run(work, _config(), 3, CPU)
    _steps(run, 2)
    run.network.eval()
    export(run.network, run.config, work / "model")
    return run, work / "model"


def test_transformers_loads_the_export_whole(exported: tuple[Run, Path]) -> None:
    from transformers import AutoTokenizer
    from transformers.models.gemma4.modeling_gemma4 import Gemma4ForConditionalGeneration

    run, folder = exported
    network, report = Gemma4ForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True, local_files_only=True
    )
    assert not report["missing_keys"] and not report["unexpected_keys"] and not report["mismatched_keys"]
    ids = torch.tensor([AutoTokenizer.from_pretrained(folder)("Invoice number: 12").input_ids])
    assert ids[0, 0] == run.network.config.text_config.bos_token_id
    with torch.no_grad():
        theirs = network(input_ids=ids).logits
    ours = _decoded(folder, ids[0])
    assert (theirs[0] - ours).abs().max() < 1e-4


def _decoded(folder: Path, ids: torch.Tensor) -> torch.Tensor:
    source = open_checkpoint(folder, device=CPU, dtype=torch.float32, quantise=False)
    decoder = Decoder(read_config(folder).text, source)
    return decoder.logits(decoder.forward(decoder.embed(ids), decoder.new_cache()))


def test_our_engine_s_modules_agree_with_what_was_trained(exported: tuple[Run, Path]) -> None:
    run, folder = exported
    ids = torch.arange(400, 440)
    rounded = _rounded(run)
    with torch.no_grad():
        trained = logits(rounded, hidden_states(rounded, ids[:0], ids[None]))[0]
    assert (trained - _decoded(folder, ids)).abs().max() < 1e-4
    frame = draw_frame(random.Random(0), "Bridge", (96, 144))
    looked = as_batch([frame], CPU)
    with torch.no_grad():
        soft = encode_pictures(rounded, looked.pixels, looked.places)
    tower = VisionTower(read_config(folder), open_checkpoint(folder, device=CPU, dtype=torch.float32, quantise=False))
    assert (tower.encode(frame.picture) - soft).abs().max() < 1e-4


def _rounded(run: Run) -> Any:
    """The trained network with its weights as the export rounds them."""
    network = open_run(Path("nowhere"), run.config, 0, CPU).network.eval()
    network.load_state_dict({name: tensor.bfloat16().float() for name, tensor in run.network.state_dict().items()})
    return network


def test_a_fresh_tower_s_heads_look_at_their_neighbours(tmp_path: Path) -> None:
    run = open_run(tmp_path, sample_config(), 7, CPU)
    prepare(run)
    tower = run.network.model.vision_tower
    tower.config._attn_implementation = "eager"  # which alone tells its weights
    attention = tower.encoder.layers[0].self_attn
    seen: list[torch.Tensor] = []
    hook = attention.register_forward_hook(lambda *call: seen.append(call[2][1]))
    pixels, places = as_patches([as_picture(draw_crop(random.Random(5))[0])], CPU)
    with torch.no_grad():
        encode_pictures(run.network, pixels, places)
    hook.remove()
    column, row = 9, 4
    middle = row * 18 + column
    for head, (across, down) in enumerate(NEIGHBOURS[0]):
        looked = int(seen[0][0, head, middle].argmax())
        assert (looked % 18 - column, looked // 18 - row) == (across, down)


def test_pages_with_made_up_soft_tokens_are_learned(tmp_path: Path) -> None:
    run = _run(tmp_path)
    batch, soft = seen_batch(run, SETTINGS, CPU)
    assert int((batch.pictures > 0).sum()) == len(soft)
    follow(run, step(run, batch, 1e-2, CPU, soft), SEEN)
    assert run.progress.step == 1


def test_codes_are_the_same_for_both_halves(tmp_path: Path) -> None:
    one, other = (open_run(tmp_path, _config(), seed, CPU).network.page_codes for seed in (1, 2))
    assert isinstance(one, PageCodes) and isinstance(other, PageCodes)
    assert torch.equal(one.slot, other.slot) and torch.equal(one.letters, other.letters)
    directions = torch.cat([one.slot, one.field, one.place])
    assert torch.allclose(directions @ directions.T, torch.eye(len(directions)), atol=1e-5)


def test_soft_tokens_that_say_what_they_should_lose_nothing(tmp_path: Path) -> None:
    network = _run(tmp_path).network
    contents = [draw_page(random.Random(1), Look()).content]
    said = network.page_codes(contents).detach()
    assert float(saying_loss(network, said, contents)) < 1e-9
    assert float(saying_loss(network, said + 0.1, contents)) > 1e-3


def test_a_tower_that_has_begun_is_left_alone(tmp_path: Path) -> None:
    run = _run(tmp_path)
    run.progress.step = 1
    before = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    prepare(run)
    assert all(torch.equal(tensor, before[name]) for name, tensor in run.network.state_dict().items())


def test_pages_become_batches_with_their_letters() -> None:
    page = draw_page(random.Random(1), Look())
    batch = page_batch([page], CPU)
    assert batch.pixels.shape[1] == 9 * len(batch.printed.ring) == len(batch.printed.letter)
    assert batch.places.amin() == 0


def test_muon_s_updates_are_about_orthogonal() -> None:
    update = orthogonal(torch.randn(3, 64, 128, generator=torch.Generator().manual_seed(0))).float()
    values = torch.linalg.svdvals(update)
    assert values.min() > 0.6 and values.max() < 1.3


def test_what_is_due_follows_from_what_is_there(tmp_path: Path) -> None:
    assert command.due(tmp_path) == "language"
    run = _run(tmp_path)
    run.save(tmp_path / "language")
    assert command.due(tmp_path) == "language"
    run.progress.level, run.progress.clips, run.progress.read = 5, 0.97, 0.97
    run.save(tmp_path / "language")
    assert command.due(tmp_path) == "tower"
    run.progress.level, run.progress.read = PAGES, 0.97
    run.save(tmp_path / "tower")
    assert command.due(tmp_path) == "joint"


def test_a_new_run_begins_with_a_checkpoint_s_weights(exported: tuple[Run, Path], tmp_path: Path) -> None:
    run, folder = exported
    begun = open_run(tmp_path, _config(), 9, CPU)
    command.begin_from(begun, folder, 3)
    assert begun.progress.level == 3 and begun.progress.step == 0 and not begun.optimiser.state
    theirs = run.network.state_dict()
    for name, tensor in begun.network.state_dict().items():
        if not name.startswith(HEADS):
            assert torch.equal(tensor, theirs[name].bfloat16().float()), name
    other = open_run(tmp_path, sample_config(SMALL_TEXT | {"num_attention_heads": 2}, SMALL_VISION), 9, CPU)
    fresh = {name: tensor.clone() for name, tensor in other.network.state_dict().items() if name.startswith(TOWER)}
    command.begin_from(other, folder, 3)
    for name, tensor in other.network.state_dict().items():
        if not name.startswith(HEADS):
            expected = fresh[name] if name in fresh else theirs[name].bfloat16().float()
            assert torch.equal(tensor, expected), name
    with pytest.raises(SystemExit, match="another shape"):
        command.begin_from(open_run(tmp_path, sample_config(SMALL_TEXT | {"hidden_size": 128}), 9, CPU), folder, 0)
    command.begin_joint(begun, None)
    assert begun.progress.pages, "both halves go on together"


def test_processes_meet_in_the_middle(tmp_path: Path) -> None:
    first, second = _run(tmp_path / "a"), open_run(tmp_path / "b", _config(), 8, CPU)
    name = "model.language_model.layers.0.mlp.up_proj.weight"
    centre = Centre(tmp_path / "centre", first.network)
    other = Centre(tmp_path / "centre", second.network)
    begun = first.network.state_dict()[name].clone()
    assert torch.equal(second.network.state_dict()[name], begun), "who comes later begins in the middle"
    with torch.no_grad():
        first.network.get_parameter(name).add_(1.0)
    for _ in range(EVERY):
        centre.step()
    assert torch.allclose(first.network.state_dict()[name], begun + 0.5)
    for _ in range(EVERY):
        other.step()
    assert torch.allclose(second.network.state_dict()[name], begun + 0.25)


def test_what_is_fused_is_the_same(tmp_path: Path) -> None:
    norm = _run(tmp_path).network.model.language_model.layers[0].input_layernorm
    rows = torch.randn(5, 64, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(normed(rows, norm.weight, norm.eps), norm(rows), atol=1e-6)
    assert torch.allclose(normed_plain(rows, norm.eps), norm(rows) / norm.weight, atol=1e-6)


def test_both_halves_come_together(tmp_path: Path) -> None:
    language, tower = _run(tmp_path), open_run(tmp_path, _config(), 8, CPU)
    language.save(tmp_path / "language")
    tower.save(tmp_path / "tower")
    network, _ = command.together(tmp_path)
    whole = network.state_dict()
    for name, tensor in whole.items():
        half = tower if name.startswith(TOWER) else language
        assert torch.equal(tensor, half.network.state_dict()[name]), name

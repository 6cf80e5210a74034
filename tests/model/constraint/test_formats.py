"""A schema holds in every number format, by the kernels and by the plain path."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from model.engine.engine import Engine
from model.formats.table import NAMES
from model.formats.weights import Linear
from model.kernels.cuda.weights import UnsuitedError, weights_of
from model.synthetic.writing import write_checkpoint
from model.types import Constraint
from tests.model.constraint.test_following import SCHEMA, held
from tests.model.engines import parts, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("formats") / "model", "tiny")


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("fmt", NAMES)
def test_a_schema_holds(fmt: str, kernels: bool, folder: Path) -> None:
    engine = Engine.open(folder, device="cpu", store=folder.parent / "store", fmt=fmt)
    try:
        decoder = parts(engine).decoder
        if not kernels:
            decoder.native = None
        for seed in range(3):
            request = held(Constraint("json_schema", json.dumps(SCHEMA)), seed=seed, thinking=seed == 2)
            result = run(engine, request)
            assert result.finished.reason == "stop"
            jsonschema.validate(json.loads(result.answer), SCHEMA)
        for layer in decoder.layers:  # the card's kernels read the same weights through the places for adapters
            linear: Linear = layer.mlp.gate_proj
            try:
                assert weights_of(linear).rows == linear.out_features
            except UnsuitedError as error:
                assert "Adapted" not in str(error)
    finally:
        engine.close()

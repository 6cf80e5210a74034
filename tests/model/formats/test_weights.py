"""The dense weights, and that every implementation keeps to the protocols."""

from __future__ import annotations

import pytest
import torch

from model.errors import CheckpointError
from model.formats.quantized_weights import BlockEmbedding, BlockExperts, BlockLinear, Int8Embedding
from model.formats.weights import (
    DenseEmbedding,
    DenseExperts,
    DenseLinear,
    DenseSource,
    Embedding,
    ExpertLinear,
    Linear,
    WeightSource,
)


@pytest.mark.parametrize(
    "protocol, classes", [(Linear, (DenseLinear, BlockLinear)), (ExpertLinear, (DenseExperts, BlockExperts))]
)
def test_matrices_have_what_the_decoder_calls(protocol: type, classes: tuple[type, ...]) -> None:
    methods = {name for name in vars(protocol) if not name.startswith("_") or name == "__call__"}
    for cls in classes:
        assert methods & {"__call__", "expert"} <= set(dir(cls))


@pytest.mark.parametrize("cls", [DenseEmbedding, Int8Embedding, BlockEmbedding])
def test_embeddings_keep_the_protocol(cls: type) -> None:
    assert issubclass(cls, Embedding)


def test_dense_linear_is_a_product_with_the_transpose() -> None:
    weight, x = torch.randn(5, 7), torch.randn(3, 7)
    linear = DenseLinear(weight)
    assert (linear.in_features, linear.out_features) == (7, 5)
    torch.testing.assert_close(linear(x), x @ weight.T)


def test_dense_experts_use_the_expert_that_is_asked_for() -> None:
    weight, x = torch.randn(4, 5, 7), torch.randn(2, 7)
    experts = DenseExperts(weight)
    assert isinstance(experts, ExpertLinear)
    for index in range(4):
        torch.testing.assert_close(experts.expert(x, index), x @ weight[index].T)


def test_dense_embedding_is_its_own_head_and_answers_in_float32() -> None:
    weight = torch.randn(11, 6, dtype=torch.bfloat16)
    embedding = DenseEmbedding(weight)
    rows = embedding.rows(torch.tensor([3, 3, 10]))
    assert torch.equal(rows, weight[[3, 3, 10]])
    logits = embedding.logits(rows)
    assert (logits.dtype, logits.shape) == (torch.float32, (3, 11))
    torch.testing.assert_close(logits, rows.float() @ weight.float().T, rtol=1e-2, atol=1e-2)


def test_dense_source_gives_the_compute_dtype_and_names_what_is_missing() -> None:
    source = DenseSource({"a.weight": torch.ones(2, 3, dtype=torch.bfloat16)}, dtype=torch.float32)
    assert isinstance(source, WeightSource)
    assert list(source.names()) == ["a.weight"]
    assert source.tensor("a.weight").dtype == torch.float32
    assert isinstance(source.linear("a.weight"), Linear)
    with pytest.raises(CheckpointError, match=r"b\.weight"):
        source.tensor("b.weight")

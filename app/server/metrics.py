"""``/metrics``: figures for Prometheus. Numbers only; nothing of what was asked, read or answered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from starlette.requests import Request
from starlette.responses import Response

from app.engine.model import kept
from app.engine.model.figures import FIGURES, FIRST_WORD_S, Counts
from app.server.service import Service


async def metrics(request: Request) -> Response:
    """All figures as text."""
    service: Service = request.app.state.service
    return Response(
        await service.documents.run(lambda: as_text(service)), media_type="text/plain; version=0.0.4; charset=utf-8"
    )


def as_text(service: Service) -> bytes:
    """All figures; looks at the disk, so it takes a moment."""
    registry = CollectorRegistry()
    registry.register(_Collector(service))
    return generate_latest(registry)


class _Collector:
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """What Prometheus asks for."""
        counts = FIGURES.snapshot()
        yield from answers(counts)
        queue = GaugeMetricFamily("lectern_queue_waiting", "Questions of programs that have not ended.")
        queue.add_metric([], self._service.queue.waiting)
        yield queue
        cache = GaugeMetricFamily("lectern_cache_bytes", "Cached documents.", labels=["level"])
        cache.add_metric(["memory"], counts.cached_bytes)
        cache.add_metric(["disk"], kept.kept_bytes())
        yield cache
        memory = GaugeMetricFamily("lectern_memory_bytes", "Memory of this process, and what is free.", labels=["kind"])
        memory.add_metric(["process"], psutil.Process().memory_info().rss)
        memory.add_metric(["available"], psutil.virtual_memory().available)
        yield memory
        info = self._service.queue.source.info
        model = GaugeMetricFamily("lectern_model", "1 while this model is open.", labels=["name", "quantisation"])
        if info is not None:
            model.add_metric([info.name, info.quantisation], 1)
        yield model


def answers(counts: Counts) -> Iterator[Metric]:
    """The figures of the answers, of the window's too."""
    tokens = CounterMetricFamily("lectern_tokens", "Tokens of prompts and answers.", labels=["kind"])
    for kind, value in (
        ("read", counts.read_tokens),
        ("reused", counts.reused_tokens),
        ("written", counts.written_tokens),
        ("drafted", counts.drafted_tokens),
        ("accepted", counts.accepted_tokens),
    ):
        tokens.add_metric([kind], value)
    yield tokens
    seconds = CounterMetricFamily("lectern_work_seconds", "Seconds of reading prompts and writing.", labels=["kind"])
    seconds.add_metric(["read"], counts.read_s)
    seconds.add_metric(["written"], counts.written_s)
    yield seconds
    ended = CounterMetricFamily("lectern_answers", "Answers, by how they ended.", labels=["ended"])
    for reason, number in sorted(counts.answers.items()):
        ended.add_metric([reason], number)
    yield ended
    evidence = CounterMetricFamily("lectern_evidence", "Quotations that were looked up, by result.", labels=["state"])
    for state, number in sorted(counts.evidence.items()):
        evidence.add_metric([state], number)
    yield evidence
    first = HistogramMetricFamily("lectern_first_word_seconds", "From the question’s turn to the first word.")
    bounds = [*map(str, FIRST_WORD_S), "+Inf"]
    first.add_metric([], list(zip(bounds, accumulate(counts.first_words), strict=True)), counts.first_word_s)
    yield first

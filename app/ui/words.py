"""Numbers and states in words, as they stand in the window. No Qt."""

from __future__ import annotations

from app.ui.state import Exchange, ModelPhase, ModelState, Stage
from model.types import Finished, ModelInfo


def duration(seconds: float) -> str:
    """A rounded time span: ``5 s``, ``2 min``, ``1 h 20 min``."""
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def progress_line(exchange: Exchange) -> str:
    """What the engine does before the first word."""
    if exchange.stage is Stage.LOOKING and exchange.encode is not None:
        words = f"Looking at pictures: {exchange.encode.done:,} of {exchange.encode.total:,}"
    elif exchange.stage is Stage.READING and exchange.prefill is not None:
        prefill = exchange.prefill
        words = f"Reading: {prefill.done:,} of {prefill.total:,} tokens"
        if prefill.reused:
            words += f", {prefill.reused:,} reused"
    elif exchange.stage is Stage.THINKING:
        return "Thinking…"
    else:
        return "Preparing…"
    left = exchange.seconds_left
    return words if left is None else f"{words} · about {duration(left)} left"


def progress_parts(exchange: Exchange) -> tuple[int, int]:
    """Done and total for the progress bar; a total of 0 means not yet known."""
    if exchange.stage is Stage.LOOKING and exchange.encode is not None:
        return exchange.encode.done, exchange.encode.total
    if exchange.stage is Stage.READING and exchange.prefill is not None:
        return exchange.prefill.done, exchange.prefill.total
    return 0, 0


def footer(finished: Finished) -> str:
    """Tokens, speed and reuse of one answer, for the small print."""
    usage, timings = finished.usage, finished.timings
    words = [f"{usage.prompt_tokens:,} tokens read"]
    if usage.reused_tokens:
        words.append(f"{usage.reused_tokens:,} reused")
    words.append(f"{usage.answer_tokens:,} written")
    if timings.decode_tokens_per_s > 0:
        words.append(f"{timings.decode_tokens_per_s:.1f} tokens/s")
    words.append(f"first word after {duration(timings.first_token_s)}")
    ending = {"length": "cut off at the length limit", "cancelled": "stopped"}.get(finished.reason)
    return " · ".join([ending.capitalize(), *words] if ending else words)


def size(number: int) -> str:
    """Bytes in decimal units, as disks are sold."""
    value, unit = float(number), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 100 or unit == "bytes" else f"{value:.1f} {unit}"


def model_short(state: ModelState) -> str:
    """The model in the head of the window."""
    if state.phase is ModelPhase.READY and state.info is not None:
        return state.info.name
    if state.coming:
        progress = state.progress
        if progress is not None and progress.total > 0:
            return f"Loading the model… {100 * progress.done // progress.total} %"
        return "Loading the model…"
    return "Model could not be loaded" if state.phase is ModelPhase.FAILED else "No model"


def model_long(info: ModelInfo) -> str:
    """Everything about the loaded model in one line."""
    parts = [info.name, f"{info.parameters / 1e9:.1f} B parameters" if info.parameters >= 5e7 else ""]
    parts += [info.quantisation, info.dtype, f"on {info.device.upper()}", size(info.weight_bytes)]
    parts.append(f"context of {info.context_tokens:,} tokens")
    if not info.vision:
        parts.append("text only")
    return " · ".join(part for part in parts if part)

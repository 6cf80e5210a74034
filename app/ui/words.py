"""Numbers and states in words, as they stand in the window. No Qt."""

from __future__ import annotations

from app.chat.plan import Verdict
from app.ui.sizes import size, thousands
from app.ui.state import Exchange, ModelPhase, ModelState, Stage
from model.types import Finished, ModelInfo, Preflight


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


def waiting_line(exchange: Exchange, hold_up: str) -> str:
    """What a question waits for. ``hold_up`` is what stands in its way."""
    if exchange.stage is Stage.CHECKING:
        return "Finding out what it will cost…"
    if exchange.stage is Stage.HELD:
        return "Waits for your choice below."
    return f"Will be asked when {hold_up}." if hold_up else "Will be asked next."


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


def meter_short(costs: Preflight) -> str:
    """The context meter's figures."""
    words = f"{thousands(costs.prompt_tokens)} of {thousands(costs.context_tokens)} tokens"
    return f"{words} · {thousands(costs.reused_tokens)} reused" if costs.reused_tokens else words


def meter_long(costs: Preflight) -> str:
    """The same in a sentence."""
    words = f"This conversation takes {costs.prompt_tokens:,} of the model's {costs.context_tokens:,} tokens of context"
    return f"{words}; {costs.reused_tokens:,} of them are kept and will not be read again."


HELD_TITLES = {
    "large": "This is a large read",
    "no memory": "This may need more memory than is free",
    "too long": "This does not fit into the model's context",
}


def held_facts(costs: Preflight, verdict: Verdict) -> str:
    """Tokens, memory and minutes of a request that waits for the person."""
    words = [f"{verdict.new_tokens:,} new tokens"]
    if verdict.kind == "too long":
        words = [f"{costs.prompt_tokens:,} tokens, and the model takes {costs.context_tokens:,}"]
    memory = f"{size(verdict.new_bytes)} of memory"
    words.append(f"{memory}, and {size(costs.free_bytes)} are free" if verdict.kind == "no memory" else memory)
    if verdict.kind != "too long":
        seconds = costs.seconds
        words.append("time not measured yet" if seconds is None else f"about {duration(seconds)} on this machine")
    return " · ".join(words)

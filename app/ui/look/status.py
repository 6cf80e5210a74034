"""Numbers and states in words, as the window shows them."""

from __future__ import annotations

from app.chat.growing import ending
from app.chat.plan import Plan
from app.i18n import number, tr, translated
from app.session.conversation import Exchange, ModelPhase, ModelState, Stage
from app.session.costs import duration
from app.text.sizes import size, thousands
from model.soft_tokens import SOUND
from model.types import Finished, ModelInfo, Preflight


def time_left(seconds: float | None) -> str:
    """How long it will still take; nothing while that is not known."""
    return "" if seconds is None else tr("about {time} left", time=duration(seconds))


def progress_line(exchange: Exchange) -> str:
    """What the engine does before the first word."""
    if exchange.stage is Stage.LOOKING and exchange.encode is not None:
        encode = exchange.encode
        counts = {"done": number(encode.done), "total": number(encode.total)}
        if encode.kind == SOUND:
            words = tr("Listening: {done} of {total} pieces", **counts)
        else:
            words = tr("Looking at pictures: {done} of {total}", **counts)
    elif exchange.stage is Stage.READING and exchange.prefill is not None:
        prefill = exchange.prefill
        done, total, reused = number(prefill.done), number(prefill.total), number(prefill.reused)
        if prefill.reused:
            words = tr("Reading: {done} of {total} tokens, {reused} reused", done=done, total=total, reused=reused)
        else:
            words = tr("Reading: {done} of {total} tokens", done=done, total=total)
    elif exchange.stage is Stage.THINKING:
        return tr("Thinking…")
    else:
        return tr("Preparing…")
    return " · ".join(filter(None, (words, time_left(exchange.seconds_left))))


def waiting_line(exchange: Exchange, hold_up: str) -> str:
    """What a question waits for. ``hold_up`` is its reason, a ``HoldUp``."""
    if exchange.stage is Stage.CHECKING:
        return tr("Estimating size and time…")
    if exchange.stage is Stage.HELD:
        return tr("Choose an option below to continue.")
    match hold_up:
        case "model":
            return tr("Queued: waiting for the model to load.")
        case "files":
            return tr("Queued: waiting for the files to be read.")
        case "answer":
            return tr("Queued: waiting for this answer to finish.")
        case "other answer":
            return tr("Queued: waiting for the other conversation’s answer to finish.")
        case _:
            return tr("Queued: next in line.")


def progress_parts(exchange: Exchange) -> tuple[int, int]:
    """Done and total for the progress bar; a total of 0 means not yet known."""
    if exchange.stage is Stage.LOOKING and exchange.encode is not None:
        return exchange.encode.done, exchange.encode.total
    if exchange.stage is Stage.READING and exchange.prefill is not None:
        return exchange.prefill.done, exchange.prefill.total
    return 0, 0


def footer(finished: Finished, model: str = "") -> str:
    """Tokens, speed, reuse and the model of one answer, for the small print."""
    usage, timings = finished.usage, finished.timings
    words = [tr("{n} tokens read", n=number(usage.prompt_tokens))]
    if usage.reused_tokens:
        words.append(tr("{n} reused", n=number(usage.reused_tokens)))
    words.append(tr("{n} written", n=number(usage.answer_tokens)))
    if timings.decode_tokens_per_s > 0:
        words.append(tr("{n} tokens/s", n=number(timings.decode_tokens_per_s, 1)))
    if usage.answer_tokens and timings.first_token_s < 1:
        words.append(tr("first word in under 1 s"))
    elif usage.answer_tokens:
        words.append(tr("first word after {time}", time=duration(timings.first_token_s)))
    return " · ".join(part for part in (*map(translated, ending(finished)), *words, model) if part)


def model_short(state: ModelState) -> str:
    """The model in the head of the window."""
    if state.phase is ModelPhase.READY and state.info is not None:
        return " + ".join((state.info.name, *state.info.adapters))
    if state.coming:
        progress = state.progress
        if progress is not None and progress.total > 0:
            return tr("Loading the model… {percent} %", percent=100 * progress.done // progress.total)
        return tr("Loading the model…")
    return tr("Model could not be loaded") if state.phase is ModelPhase.FAILED else tr("No model")


def model_long(info: ModelInfo) -> str:
    """Everything about the loaded model in one line."""
    parameters = tr("{n} B parameters", n=number(info.parameters / 1e9, 1)) if info.parameters >= 5e7 else ""
    parts = [" + ".join((info.name, *info.adapters)), parameters, info.quantisation, info.dtype]
    parts += [tr("on {device}", device=info.host or info.device.upper())]
    parts += [size(info.weight_bytes)] if info.weight_bytes else []
    parts += [tr("with a drafter")] if info.drafter else []
    parts.append(tr("context of {n} tokens", n=number(info.context_tokens)))
    if not info.capabilities.pictures:
        parts.append(tr("text only"))
    return " · ".join(part for part in parts if part)


def meter_short(costs: Preflight) -> str:
    """The context meter's figures, in short form."""
    words = tr("{used} of {total} tokens", used=thousands(costs.prompt_tokens), total=thousands(costs.context_tokens))
    return f"{words} · {tr('{n} reused', n=thousands(costs.reused_tokens))}" if costs.reused_tokens else words


def meter_long(costs: Preflight) -> str:
    """The same in a sentence."""
    used, total, reused = number(costs.prompt_tokens), number(costs.context_tokens), number(costs.reused_tokens)
    return tr(
        "This conversation uses {used} of the model's {total} tokens of context; {reused} of them are cached and "
        "need not be read again.",
        used=used,
        total=total,
        reused=reused,
    )


def plan_words(plan: Plan) -> str:
    """A way to make a request fit, what it then costs, and how long it takes where that is known."""
    words, tokens = translated(plan.words), number(plan.tokens)
    if plan.seconds is None:
        return tr("{plan} (about {n} tokens)", plan=words, n=tokens)
    return tr("{plan} (about {n} tokens, {time})", plan=words, n=tokens, time=duration(plan.seconds))

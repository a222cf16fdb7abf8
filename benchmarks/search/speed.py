"""Speed: indexing, questions by class, and a day's mix with commits, every question put to each engine in turn."""

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.search import memory, workload
from benchmarks.search.engines import ENGINES, PRODUCT, Engine, engine, size, until_seen
from benchmarks.search.workload import Question
from shared.search import Document, SearchRequest

Figures = dict[str, Any]
Engines = Mapping[str, Engine]
Say = Callable[[str], None]
BETWEEN_COMMITS = 250
# The times of a mix, and the names of their figures.
_TIMES = {"search": "p{}_ms", "cpu": "p{}_cpu_ms", "commit": "commit_p{}_ms", "refresh": "refresh_p{}_ms"}
_MEMORY_QUESTIONS = 500
_MB = 1e6


def measure(
    listings: Sequence[Document], texts: Sequence[str], folder: Path, *, rounds: int, asked: int, seed: int, say: Say
) -> Figures:
    """All figures for these listings, in milliseconds and MB. A peer's have its name at the end."""
    with ExitStack() as stack:
        engines = {name: stack.enter_context(closing(engine(name, folder / name))) for name in ENGINES}
        # What was made so far stays; collecting it again and again would be measured with whatever runs then.
        gc.collect()
        gc.freeze()
        stack.callback(gc.unfreeze)
        chance = random.Random(f"speed-{seed}")
        figures = {"listings": len(listings), "texts": len(texts), **_building(engines, listings, folder, say)}
        say("the classes of questions")
        figures["classes"] = _classes(engines, _some(texts, asked // 10, chance), listings, rounds, chance)
        say("the combinations of filters")
        figures["filters"] = _filters(engines[PRODUCT], _some(texts, asked // 20, chance), listings, rounds, chance)
        say("the mix, with commits")
        figures |= _mix(engines, texts, listings, rounds, asked, chance)
    say("memory")
    sample = workload.mixed(texts, listings, _MEMORY_QUESTIONS, random.Random(f"memory-{seed}"))
    return figures | {_key("memory_mb", name): memory.grown_by(name, folder / name, sample) / _MB for name in ENGINES}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _some(texts: Sequence[str], wanted: int, chance: random.Random) -> list[str]:
    return chance.sample(texts, max(1, min(wanted, len(texts))))


def _key(figure: str, name: str) -> str:
    return figure if name == PRODUCT else f"{figure}_{name}"


def _building(engines: Engines, listings: Sequence[Document], folder: Path, say: Say) -> Figures:
    figures: Figures = {}
    for name, one in engines.items():
        say(f"indexing {len(listings):,} listings: {name}")
        started = time.process_time()  # of all threads
        one.build(listings)
        spent = time.process_time() - started
        figures[_key("indexing_docs_per_cpu_second", name)] = len(listings) / spent
        figures[_key("index_mb", name)] = size(folder / name) / _MB
    return figures


class Spent(NamedTuple):
    """Milliseconds of a question, by the clock and of CPU in the asking thread, and how many hits it had."""

    clock: float
    cpu: float
    hits: int


def _ask(one: Engine, question: Question) -> Spent:
    clock, cpu = time.perf_counter(), time.thread_time()
    hits = one.search(question.request, question.any_word)
    return Spent((time.perf_counter() - clock) * 1000, (time.thread_time() - cpu) * 1000, len(hits))


def _classes(
    engines: Engines, texts: Sequence[str], listings: Sequence[Document], rounds: int, chance: random.Random
) -> dict[str, dict[str, dict[str, float]]]:
    """{class: {engine: {p50_ms, p95_ms}}}. Each question is put once before it counts: workers live for days."""
    asked = [workload.classes(text, chance.choice(listings)) for text in texts]
    found: dict[str, dict[str, list[list[float]]]] = {name: {each: [] for each in engines} for name in asked[0]}
    for round in range(rounds + 1):
        # A class at a time: if each text were put in all classes in turn, the first would read for the others.
        for name, by_engine in found.items():
            took: dict[str, list[float]] = {each: [] for each in engines}
            for at, questions in enumerate(asked):
                for each in _turned(engines, at):
                    took[each].append(_ask(engines[each], questions[name]).clock)
            for each in engines if round else ():
                by_engine[each].append(took[each])
    return {
        name: {each: {f"p{p}_ms": _middle(runs, p) for p in (50, 95)} for each, runs in by_engine.items()}
        for name, by_engine in found.items()
    }


def _filters(
    one: Engine, texts: Sequence[str], listings: Sequence[Document], rounds: int, chance: random.Random
) -> dict[str, float]:
    """{combination: ms of CPU at p95} of the product; "" is the question without a filter.

    The dearest of so many would be whichever met with another program if it went by the clock.
    """
    asked = [workload.combined(text, chance.choice(listings)) for text in texts]
    took: dict[str, list[list[float]]] = {name: [] for name in asked[0]}
    for _ in range(rounds + 1):
        for name, runs in took.items():
            runs.append([_ask(one, questions[name]).cpu for questions in asked])
    return {name: _middle(runs[1:], 95) for name, runs in took.items()}


def _mix(
    engines: Engines, texts: Sequence[str], listings: Sequence[Document], rounds: int, asked: int, chance: random.Random
) -> Figures:
    found: dict[str, list[dict[str, list[float]]]] = {name: [] for name in engines}
    for round in range(rounds):
        requests = workload.mixed(texts, listings, asked, chance)
        for name, took in _one_mix(engines, requests, listings, round, chance).items():
            found[name].append(took)
    figures: Figures = {
        _key(label.format(percent), name): _middle([run[kind] for run in runs], percent)
        for name, runs in found.items()
        for kind, label in _TIMES.items()
        for percent in (50, 95, 99)
    }
    for name, runs in found.items():
        figures[_key("found_nothing", name)] = statistics.fmean(hits == 0 for run in runs for hits in run["hits"])
    return figures


def _one_mix(
    engines: Engines, requests: Sequence[SearchRequest], listings: Sequence[Document], round: int, chance: random.Random
) -> dict[str, dict[str, list[float]]]:
    took: dict[str, dict[str, list[float]]] = {name: {kind: [] for kind in (*_TIMES, "hits")} for name in engines}
    for at, request in enumerate(requests):
        fresh = at % BETWEEN_COMMITS == 0
        if fresh:
            _commit(engines, workload.changes(listings, round * len(requests) + at, chance), took)
        for name in _turned(engines, at):
            spent = _ask(engines[name], Question(request))
            took[name]["search"].append(spent.clock)
            took[name]["cpu"].append(spent.cpu)
            took[name]["hits"].append(spent.hits)
            if fresh:
                # The first question after a commit pays for seeing it; the same again tells how much.
                again = _ask(engines[name], Question(request))
                took[name]["refresh"].append(max(0.0, spent.clock - again.clock))
    return took


def _commit(engines: Engines, changes: list[Any], took: dict[str, dict[str, list[float]]]) -> None:
    for name, one in engines.items():
        started = time.perf_counter()
        one.apply(changes)
        took[name]["commit"].append((time.perf_counter() - started) * 1000)
    until_seen()


def _turned(engines: Engines, by: int) -> list[str]:
    """The names of the engines, each time another one first."""
    names = list(engines)
    by %= len(names)
    return names[by:] + names[:by]


def _middle(runs: Sequence[Sequence[float]], percent: int) -> float:
    """The median of the runs' percentiles: one bad moment of the machine does not count."""
    return statistics.median(percentile(run, percent / 100) for run in runs)

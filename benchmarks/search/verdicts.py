"""What was measured as tables for people, beside what was asked for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks import report
from benchmarks.search.engines import ENGINES, PEERS, PRODUCT
from benchmarks.search.metric import FORMULA

Figures = Mapping[str, Any]
# Milliseconds at p95 of the mix, by the number of listings.
MOST_MS = {100_000: 12, 300_000: 20}
_MIX = (
    "The mix: few texts often (Zipf), 20 % with a typo, 70 % in a city, other filters, orders and pages, 50 changes "
    "committed every 250 questions."
)


class Verdict(NamedTuple):
    """A budget and how it went."""

    what: str
    measured: float
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        return (self.least is None or self.measured >= self.least) and (self.most is None or self.measured <= self.most)

    def __str__(self) -> str:
        asked = f"at least {self.least}" if self.most is None else f"at most {self.most}"
        return f"- {self.what}: {self.measured:.3f}, {asked}{'' if self.met else ' - MISSED'}"


def of_relevance(figures: Figures) -> list[Verdict]:
    """How relevance stands to its budgets."""
    return [
        Verdict("nDCG@10, times tantivy's (any word)", figures["ndcg10_ratio_tantivy"], least=1.0),
        Verdict("nDCG@10 with one typo, times that without", figures["ndcg10_typo_kept"], least=0.95),
    ]


def of_speed(figures: Figures) -> list[Verdict]:
    """How speed stands to its budgets; milliseconds are asked for at the two sizes they were set for."""
    size = figures["listings"]
    at = f"{size:,} listings"
    worst, ratio = worst_filter(figures["filters"])
    found = [
        Verdict(f"{at}: p95 of the mix, times FTS5's", figures["p95_ms"] / figures["p95_ms_fts5"], most=10),
        Verdict(f"{at}: CPU at p95 with {worst}, the dearest filters, times the unfiltered", ratio, most=2),
    ]
    most = MOST_MS.get(size)
    return [*found, Verdict(f"{at}: p95 of the mix, ms", figures["p95_ms"], most=most)] if most else found


def worst_filter(p95: Mapping[str, float]) -> tuple[str, float]:
    """The combination of filters that costs most, and how many times the question without any."""
    name = max((name for name in p95 if name), key=lambda name: p95[name])
    return name, p95[name] / p95[""]


def tables_of_relevance(figures: Figures, files: str) -> str:
    """A paragraph, a table with a line for each engine, and the formula."""
    kinds = ("ndcg10", "ndcg10_typo", "ndcg10_typo_kept", "ndcg10_judged")
    head = ["engine", "nDCG@10", "one typo", "kept", "judged only", "times theirs", "one typo"]
    rows = [[name, *(f"{figures[_of(kind, name)]:.4f}" for kind in kinds), *_ratios(figures, name)] for name in ENGINES]
    about = (
        f"Relevance on {files}: {figures['documents']:,} documents, {figures['queries']:,} queries. "
        "The peers match any word."
    )
    return "\n\n".join([about, report.table(head, rows), FORMULA + "."])


def _ratios(figures: Figures, name: str) -> Iterator[str]:
    for kind in ("ndcg10", "ndcg10_typo"):
        yield f"{figures[f'{kind}_ratio_{name}']:.3f}" if name in PEERS else "-"


def tables_of_speed(figures: Figures, files: str) -> str:
    """The mix and the costs of each engine, then the classes of questions."""
    about = (
        f"Speed on {figures['listings']:,} listings made of {files}, {figures['texts']:,} texts asked for. {_MIX} "
        "The peers match all words and count nothing. Times are p50 / p95, for the mix p50 / p95 / p99, by the clock; "
        "CPU is that of the asking thread, so it leaves out what else the machine does."
    )
    head = [
        "engine", "mix ms", "CPU p95", "p95 times theirs", "found nothing", "commit ms", "refresh ms", "docs/CPU s",
        "index MB", "memory MB",
    ]  # fmt: skip
    rows = [_costs(figures, name) for name in ENGINES]
    kinds = [[name, *(_pair(each[engine]) for engine in ENGINES)] for name, each in figures["classes"].items()]
    return "\n\n".join([about, report.table(head, rows), report.table(["class, ms", *ENGINES], kinds)])


def _costs(figures: Figures, name: str) -> list[str]:
    value = {key: figures[_of(key, name)] for key in _COSTS}
    ours = figures["p95_ms"] / value["p95_ms"]
    return [
        name,
        f"{value['p50_ms']:.2f} / {value['p95_ms']:.2f} / {value['p99_ms']:.2f}",
        f"{value['p95_cpu_ms']:.2f}",
        "-" if name == PRODUCT else f"{ours:.1f}",
        f"{value['found_nothing']:.0%}",
        f"{value['commit_p50_ms']:.0f} / {value['commit_p95_ms']:.0f}",
        f"{value['refresh_p50_ms']:.1f} / {value['refresh_p95_ms']:.1f}",
        f"{value['indexing_docs_per_cpu_second']:,.0f}",
        f"{value['index_mb']:.0f}",
        f"{value['memory_mb']:.0f}",
    ]


_COSTS = (
    "p50_ms", "p95_ms", "p99_ms", "p95_cpu_ms", "found_nothing", "commit_p50_ms", "commit_p95_ms",
    "refresh_p50_ms", "refresh_p95_ms", "indexing_docs_per_cpu_second", "index_mb", "memory_mb",
)  # fmt: skip


def _pair(times: Mapping[str, float]) -> str:
    return f"{times['p50_ms']:.2f} / {times['p95_ms']:.2f}"


def _of(figure: str, name: str) -> str:
    return figure if name == PRODUCT else f"{figure}_{name}"


def lines(verdicts: Sequence[Verdict]) -> str:
    """A line for each budget, with MISSED where it was."""
    return "\n".join(map(str, verdicts))

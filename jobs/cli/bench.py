"""`python3 run.py bench NAME ...`: measurements; what they print goes into docs/performance.md too."""

import argparse
import importlib
import pkgutil
from importlib.util import find_spec
from pathlib import Path

HELP = "measure: bench pages, bench session, ... (bench NAME --help tells more)"
# Options after the name belong to the bench.
PASSES_ON = True


def arguments(parser: argparse.ArgumentParser) -> None:
    """The name of a module or package in benchmarks/ that has a `main(argv)`."""
    parser.add_argument("name", choices=sorted(names()))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="options of that bench")


def names() -> list[str]:
    """Every bench there is."""
    import benchmarks

    return [each.name for each in pkgutil.iter_modules(benchmarks.__path__) if "def main(" in _source(each.name)]


def _source(name: str) -> str:
    """Read, not imported: a bench may need what only that bench needs."""
    spec = find_spec(f"benchmarks.{name}")
    return Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""


def run(options: argparse.Namespace) -> int:
    """Run one bench; its exit status says whether its targets were met."""
    bench = importlib.import_module(f"benchmarks.{options.name}")
    return int(bench.main([*options.arguments, *options.rest]) or 0)

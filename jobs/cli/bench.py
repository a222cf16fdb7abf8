"""`python3 run.py bench NAME ...`: measurements; what they print goes into docs/performance.md too."""

import argparse
import importlib
import pkgutil

HELP = "measure: bench pages, bench session, ... (bench NAME --help tells more)"
# Options after the name belong to the bench.
PASSES_ON = True


def arguments(parser: argparse.ArgumentParser) -> None:
    """The name of a file in benchmarks/ that has a `main(argv)`."""
    parser.add_argument("name", choices=sorted(names()))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="options of that bench")


def names() -> list[str]:
    """Every bench there is."""
    import benchmarks

    modules = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg]
    return [name for name in modules if "def main(" in _source(name)]


def _source(name: str) -> str:
    import inspect
    from pathlib import Path

    import benchmarks

    return Path(inspect.getfile(benchmarks)).with_name(f"{name}.py").read_text(encoding="utf-8")


def run(options: argparse.Namespace) -> int:
    """Run one bench; its exit status says whether its targets were met."""
    bench = importlib.import_module(f"benchmarks.{options.name}")
    return int(bench.main([*options.arguments, *options.rest]) or 0)

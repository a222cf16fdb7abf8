"""The entry of every command: finds the module, parses, and turns errors that a person can act on into one sentence."""

import argparse
import difflib
import importlib
import pkgutil
import sys
from types import ModuleType

from jobs import cli
from shared.errors import MarketError


def main(argv: list[str]) -> int:
    """Run one command; no words mean `serve`."""
    names = sorted(module.name for module in pkgutil.iter_modules(cli.__path__) if not module.name.startswith("_"))
    word, rest = (argv[0], argv[1:]) if argv else ("serve", [])
    if word in ("help", "-h", "--help"):
        print(_overview(names))
        return 0
    if word not in names:
        near = difflib.get_close_matches(word, names, n=1)
        hint = f"did you mean `python3 run.py {near[0]}`?" if near else "`python3 run.py help` lists the commands."
        print(f"There is no command {word!r}; {hint}", file=sys.stderr)
        return 2
    command = importlib.import_module(f"jobs.cli.{word}")
    parser = argparse.ArgumentParser(prog=f"python3 run.py {word}", description=command.HELP, allow_abbrev=False)
    command.arguments(parser)
    # Whatever the test runner does not know is for pytest.
    options, unknown = parser.parse_known_args(rest)
    if unknown and not getattr(command, "PASSES_ON", False):
        parser.error(f"unrecognised: {' '.join(unknown)}")
    options.rest = unknown
    return _run(command, options)


def _run(command: ModuleType, options: argparse.Namespace) -> int:
    try:
        return int(command.run(options) or 0)
    except KeyboardInterrupt:
        return 130
    except MarketError as error:
        print(error.message, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


def _overview(names: list[str]) -> str:
    width = max(map(len, names))
    lines = [f"  {name:<{width}}  {importlib.import_module(f'jobs.cli.{name}').HELP}" for name in names]
    return "\n".join(
        [
            "python3 run.py            runs the site and everything it needs",
            "python3 run.py COMMAND    one of:",
            "",
            *lines,
            "",
            "python3 run.py COMMAND --help tells more. Settings: docs/settings.md.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

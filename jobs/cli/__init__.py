"""Operators' commands. One file is one noun: `python3 run.py NOUN ...` runs `jobs/cli/NOUN.py`.

A command module has `HELP` (one line), `arguments(parser)` which adds its argparse arguments or sub-commands, and
`run(options) -> int` which does it and returns the exit status. Heavy imports belong inside `run`, since help loads
every module.
"""

"""What a search engine adds to the memory of a process that only asks: measured in a new process for each engine."""

import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.config import ROOT
from shared.search import SearchRequest


def grown_by(name: str, folder: Path, requests: Sequence[SearchRequest]) -> int:
    """Private bytes that a process gains by opening the engine's index and answering these requests."""
    command = [sys.executable, "-m", "benchmarks.search.memory", name, str(folder)]
    said = subprocess.run(command, input=pickle.dumps(list(requests)), stdout=subprocess.PIPE, cwd=ROOT, check=True)
    return int(said.stdout)


def private() -> int:
    """Bytes that this process shares with no other (Linux)."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def _measure(name: str, folder: Path, requests: Sequence[SearchRequest]) -> int:
    from benchmarks.search.engines import engine  # brings the site's own modules, which every process has

    before = private()
    one = engine(name, folder)
    for request in requests:
        one.search(request)
    return private() - before


if __name__ == "__main__":
    print(_measure(sys.argv[1], Path(sys.argv[2]), pickle.loads(sys.stdin.buffer.read())))

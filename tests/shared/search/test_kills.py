"""A writer killed at random in its commits: the index always opens, and a replay from its cursor makes it whole."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from shared.search import Change, Delete, Upsert
from shared.search.whoosh_index import WhooshIndex
from tests.factories.search import document

REPOSITORY = Path(__file__).resolve().parents[3]
KILLS = 25
# One process loads everything, which takes longer than many commits, and starts a writer for each line it reads.
_WRITERS = """
import os
import sys
from pathlib import Path
from tests.shared.search.test_kills import say, write_rounds

for line in sys.stdin:
    writer = os.fork()
    if not writer:
        write_rounds(Path(sys.argv[1]))
    say("writer", writer)
    os.waitpid(writer, 0)
    say("ended", writer)
"""


def write_rounds(root: Path) -> None:
    """Commit one round after the other, and say so before each, until killed."""
    index = WhooshIndex(root, check_seconds=0)
    while True:
        number = index.cursor().positions.get("u1", 0) + 1
        say("commit", number)
        index.apply(round_of(number), index.cursor().advanced("u1", number))


def say(word: str, number: int) -> None:
    """A line to the test, in one piece: two processes write at once."""
    os.write(1, f"{word} {number}\n".encode())


def round_of(number: int) -> list[Change]:
    """The changes of one commit, always the same for its number."""
    chance = random.Random(number)
    *put, gone, gone_too = chance.sample(range(1, 60), 14)
    changes: list[Change] = [Upsert(document(at, f"thing {number}", revision=number)) for at in put]
    return [*changes, Delete(document(gone).listing), Delete(document(gone_too).listing)]


def after_rounds(count: int) -> dict[int, int]:
    """What the index must hold after so many rounds: the revision of each listing."""
    held: dict[int, int] = {}
    for number in range(1, count + 1):
        for change in round_of(number):
            if isinstance(change, Delete):
                held.pop(change.listing, None)
            else:
                held[change.document.listing] = number
    return held


def kill_in_a_commit(writers: "subprocess.Popen[str]", chance: random.Random) -> None:
    """Start a writer, let it commit a few times and kill it somewhere in the next commit."""
    print(file=writers.stdin, flush=True)
    said = (line.split() for line in iter(writers.stdout.readline, ""))
    writer, began, wanted = 0, [], chance.randrange(2, 5)
    while not writer or len(began) < wanted:
        word, number = next(said)
        if word == "writer":
            writer = int(number)
        else:
            began.append(time.monotonic())
    # Anywhere in a commit that takes as long as the last one did, or soon after it.
    time.sleep(chance.uniform(0, 1.2 * (began[-1] - began[-2])))
    os.kill(writer, signal.SIGKILL)
    while next(said)[0] != "ended":
        pass


def test_killed_in_the_middle_of_commits_the_index_opens_and_a_replay_makes_it_whole(index, root):
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # shown when this fails
    chance = random.Random(seed)
    command = [sys.executable, "-c", _WRITERS, str(root)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writers:
        for _ in range(KILLS):
            kill_in_a_commit(writers, chance)
            fresh = WhooshIndex(root, check_seconds=0)
            health, done = fresh.health(), fresh.cursor().positions.get("u1", 0)
            assert health.ok, health.reason
            # The cursor may be one commit behind, never ahead.
            assert fresh.contents() in (after_rounds(done), after_rounds(done + 1))
            fresh.apply(round_of(done + 1), fresh.cursor().advanced("u1", done + 1))
            assert fresh.contents() == after_rounds(done + 1)
            assert fresh.health().documents == len(after_rounds(done + 1))

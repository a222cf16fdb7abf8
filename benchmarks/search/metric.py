"""How good a ranking is: nDCG@10, and one wrong keystroke for asking whether it stays good.

Järvelin, Kekäläinen 2002, with linear gain. One code for every engine, since only ratios within one run count.
"""

import math
import random
import string
from collections.abc import Collection, Mapping, Sequence

DEPTH = 10
FORMULA = (
    "nDCG@10 = DCG@10 / ideal DCG@10, DCG@10 = sum over ranks 1 to 10 of gain / log2(rank + 1), gain = grade minus the "
    "lowest grade of the scale, 0 where nobody judged; ideal over all judged documents of the query; the mean over the "
    "queries that have a document above the lowest grade"
)
# Judgements of one query: the grade of each document that somebody looked at.
Grades = Mapping[str, float]
_SHORTEST = 4


def ndcg(ranking: Sequence[str], grades: Grades, lowest: float) -> float | None:
    """nDCG@10 of a ranking without repetitions; None when no judged document is above the `lowest` grade."""
    ideal = _dcg(sorted((grade - lowest for grade in grades.values()), reverse=True))
    return _dcg([grades.get(document, lowest) - lowest for document in ranking]) / ideal if ideal else None


def judged_only(ranking: Sequence[str], judged: Collection[str]) -> list[str]:
    """The ranking without what nobody judged (Sakai 2007): kinder to engines that find what the others did not."""
    return [document for document in ranking if document in judged]


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:DEPTH], 1))


def with_typo(text: str, chance: random.Random) -> str:
    """The text with one wrong keystroke in a word of at least four letters: one missing, too many, another or swapped.

    The first letter stays, as it mostly does (Yannakoudakis, Fawthrop 1983). A text of shorter words comes back as is.
    """
    words = text.split(" ")
    places = [at for at, word in enumerate(words) if len(word) >= _SHORTEST and word.isalpha()]
    if not places:
        return text
    at = chance.choice(places)
    wrong = words[at]
    while wrong == words[at]:
        wrong = _mistyped(words[at], chance)
    return " ".join([*words[:at], wrong, *words[at + 1 :]])


def _mistyped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word))
    letter = chance.choice(string.ascii_lowercase)
    before, hit, after = word[:at], word[at], word[at + 1 :]
    return chance.choice(
        (before + after, before + letter + hit + after, before + letter + after, before + after[:1] + hit + after[1:])
    )

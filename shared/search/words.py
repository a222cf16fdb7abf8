"""The words that the analysis is made with: stop words, ordinals, compounds and synonyms.

The list that comes with the program is `words.toml`. What an operator adds to it or takes out lies in a file of its
own, so that a new version's list reaches everybody. A build keeps a copy of the words that it was made with.
"""

import fcntl
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, reduce
from pathlib import Path
from typing import Any

from shared.search.errors import InvalidWords
from shared.search.folding import fold

SHIPPED = Path(__file__).with_name("words.toml")
MAX_WORD = 40
MAX_WORDS_TOGETHER = 4
MAX_GROUP = 12
MAX_EDITS = 2_000
_PLAIN = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")
_HEADER = "# Written by `python3 run.py search words`, which also checks it. It takes effect with `search rebuild`.\n"

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """All words, folded. A compound is two words that are also written as one; synonyms come in groups."""

    stop_words: frozenset[str]
    ordinals: Mapping[str, str]
    compounds: tuple[str, ...]
    synonyms: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """What an operator added to the list of the program and what he took out of it."""

    added_compounds: tuple[str, ...] = ()
    removed_compounds: tuple[str, ...] = ()
    added_synonyms: tuple[Group, ...] = ()
    removed_synonyms: tuple[Group, ...] = ()

    def __len__(self) -> int:
        return sum(len(getattr(self, name)) for name in self.__slots__)

    def applied(self, words: Words) -> Words:
        """The words with these edits."""
        return replace(
            words,
            compounds=_edited(words.compounds, self.added_compounds, self.removed_compounds),
            synonyms=_edited(words.synonyms, self.added_synonyms, self.removed_synonyms),
        )


@dataclass(frozen=True, slots=True)
class WordsFile:
    """The words of an installation: those of the program with the edits in `path`, which need not exist.

    Editing is safe for several processes at once. Every method raises InvalidWords for a file that makes no sense.
    """

    path: Path

    def words(self) -> Words:
        """The words that the next build will be made with."""
        return self.edits().applied(shipped())

    def edits(self) -> Edits:
        """What is different from the program's own list."""
        try:
            values = tomllib.loads(self.path.read_text())
            return Edits(**{name: _tuples(values[name]) for name in values})
        except FileNotFoundError:
            return Edits()
        except (OSError, ValueError, TypeError) as error:
            raise InvalidWords(f"{self.path} cannot be read as a list of words: {error}") from error

    def add_synonym(self, words: Iterable[str]) -> Group:
        """Make a group of words that stand for one another; returns it as it is kept."""
        group = tuple(dict.fromkeys(map(checked, words)))
        if not 2 <= len(group) <= MAX_GROUP:
            raise InvalidWords(f"A group of synonyms has 2 to {MAX_GROUP} different words.")
        self._edit(lambda edits: _added(edits, "synonyms", group))
        return group

    def add_compound(self, words: Iterable[str]) -> str:
        """Let two words be the same as one; returns the compound as it is kept."""
        compound = _compound(words)
        self._edit(lambda edits: _added(edits, "compounds", compound))
        return compound

    def remove_synonym(self, words: Iterable[str]) -> list[Group]:
        """Take words out of each group that has all of them; returns those groups as they were."""
        given = set(map(checked, words))
        groups = [group for group in self.words().synonyms if given and given <= set(group)]
        if not groups:
            raise InvalidWords(f"No group of synonyms has {', '.join(sorted(given)) or 'no words'}.")
        self._edit(lambda edits: reduce(lambda left, group: _without(left, group, given), groups, edits))
        return groups

    def remove_compound(self, words: Iterable[str]) -> str:
        """Let two words be two words again; returns the compound."""
        compound = _compound(words)
        if compound not in self.words().compounds:
            raise InvalidWords(f"There is no compound “{compound}”.")
        self._edit(lambda edits: _removed(edits, "compounds", compound))
        return compound

    def reset(self) -> None:
        """Forget all edits."""
        self.path.unlink(missing_ok=True)

    def _edit(self, change: Callable[[Edits], Edits]) -> None:
        """Read, change and replace the file under a lock; the new file is whole or not there at all."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            edits = change(self.edits())
            if len(edits) > MAX_EDITS:
                raise InvalidWords(f"There are {MAX_EDITS:,} changes to the words already.")
            temporary = self.path.with_suffix(".new")
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
                handle.write(_HEADER + dumped(asdict(edits)))
                handle.flush()
                os.fsync(handle.fileno())
            temporary.replace(self.path)


@cache
def shipped() -> Words:
    """The words that come with the program."""
    return read(SHIPPED)


def read(path: Path) -> Words:
    """Words from a complete list. Raises InvalidWords, OSError."""
    try:
        values = tomllib.loads(path.read_text())
        return Words(
            stop_words=frozenset(values["stop_words"]),
            ordinals=dict(values["ordinals"]),
            compounds=_tuples(values["compounds"]),
            synonyms=_tuples(values["synonyms"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidWords(f"{path} is no list of words: {error}") from error


def write(path: Path, words: Words) -> None:
    """Write a complete list, for `read`."""
    values = {**asdict(words), "stop_words": sorted(words.stop_words)}
    path.write_text(dumped({name: values[name] for name in ("stop_words", "compounds", "synonyms", "ordinals")}))


def dumped(values: Mapping[str, Any]) -> str:
    """Lists and one last table of strings as TOML, an entry on a line. JSON's strings are TOML's basic strings."""
    lines: list[str] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            lines += [f"[{name}]", *(f"{_quoted(key)} = {_quoted(entry)}" for key, entry in value.items())]
        else:
            lines += [f"{name} = [", *(f"    {_quoted(entry)}," for entry in value), "]"]
    return "\n".join(lines) + "\n"


def checked(word: str) -> str:
    """A word, or a few together, as the list keeps it. Raises InvalidWords."""
    text = " ".join(fold(word).split())
    if not _PLAIN.fullmatch(text) or len(text) > MAX_WORD or len(text.split()) > MAX_WORDS_TOGETHER:
        raise InvalidWords(
            f"“{word[:MAX_WORD]}” is not a word. Write letters, digits and hyphens, "
            f"at most {MAX_WORDS_TOGETHER} words and {MAX_WORD} characters."
        )
    return text


def _compound(words: Iterable[str]) -> str:
    parts = [checked(part) for word in words for part in re.split(r"[\s-]+", word.strip())]
    if len(parts) != 2:
        raise InvalidWords("A compound has two words: second hand.")
    return " ".join(parts)


def _quoted(entry: object) -> str:
    return json.dumps(entry, ensure_ascii=False)


def _tuples(values: Iterable[Any]) -> tuple[Any, ...]:
    if isinstance(values, str):
        raise TypeError("a list is expected, not a text")
    entries = [tuple(value) if isinstance(value, list) else value for value in values]
    if not all(isinstance(word, str) for entry in entries for word in ([entry] if isinstance(entry, str) else entry)):
        raise TypeError("words are texts")
    return tuple(entries)


def _edited(present: Sequence[Any], added: Sequence[Any], removed: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(entry for entry in (*present, *added) if entry not in removed))


def _added(edits: Edits, kind: str, entry: Any) -> Edits:
    removed = tuple(each for each in getattr(edits, f"removed_{kind}") if each != entry)
    added = getattr(edits, f"added_{kind}")
    if entry not in _of_the_program(kind):
        added = tuple(dict.fromkeys((*added, entry)))
    return replace(edits, **{f"added_{kind}": added, f"removed_{kind}": removed})


def _removed(edits: Edits, kind: str, entry: Any) -> Edits:
    added = tuple(each for each in getattr(edits, f"added_{kind}") if each != entry)
    removed = getattr(edits, f"removed_{kind}")
    if entry in _of_the_program(kind):
        removed = tuple(dict.fromkeys((*removed, entry)))
    return replace(edits, **{f"added_{kind}": added, f"removed_{kind}": removed})


def _without(edits: Edits, group: Group, words: set[str]) -> Edits:
    rest = tuple(word for word in group if word not in words)
    edits = _removed(edits, "synonyms", group)
    return _added(edits, "synonyms", rest) if len(rest) > 1 else edits


def _of_the_program(kind: str) -> Sequence[Any]:
    """The program's own compounds or synonyms."""
    entries: Sequence[Any] = getattr(shipped(), kind)
    return entries

"""From a request and a snapshot to a page."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Literal, NamedTuple

import numpy as np

from shared.search import query
from shared.search.analyzer import Clause, Wanted
from shared.search.context import Context
from shared.search.facets import facets
from shared.search.matching import Matches, Scoring, count_having, having, is_anywhere
from shared.search.ordering import count, ordered
from shared.search.port import ENOUGH, MAX_DEPTH, Facets, Page, SearchRequest, Sort
from shared.search.query import Query
from shared.search.segments import Snapshot
from shared.search.spelling import Correction, Speller


class _Found(NamedTuple):
    """What matches, and whether all of it has all words."""

    matches: list[Matches]
    total: int
    matched: Literal["all", "any"]


class Explanation(NamedTuple):
    """How a question is read: its words with the number of listings that have each, and its spelling put right."""

    query: Query
    wanted: list[tuple[Wanted, int]]
    correction: Correction


def answer(snapshot: Snapshot, request: SearchRequest) -> Page:
    """Answer a request from a snapshot. Raises Damaged."""
    text = query.shortened(request.text)
    asked = query.read(text, snapshot.lexicon.analyzer)
    if request.text.strip() and not asked:
        return Page([], 0, False, facets=Facets() if request.facets else None)
    missing = _missing(snapshot, asked)
    found = corrected = None
    if missing and not request.exact and (reading := _speller(snapshot).correct(text).best):
        other = query.read(reading, snapshot.lexicon.analyzer)
        found = _find(snapshot, request, other)
        if _is_gain(found, set(other.clauses).difference(asked.clauses)):
            corrected, missing = reading, _missing(snapshot, other)
    if found is None or corrected is None:
        found = _find(snapshot, request, asked)
    hits = ordered(found.matches, request)
    return Page(
        hits,
        found.total,
        more=bool(hits) and request.window[1] < min(found.total, MAX_DEPTH),
        corrected=corrected,
        matched=found.matched,
        facets=facets(found.matches, request) if request.facets else None,
        missing=missing,
    )


def explain(snapshot: Snapshot, text: str) -> Explanation:
    """How a text is read, for people who wonder. Raises Damaged."""
    text = query.shortened(text)
    asked = query.read(text, snapshot.lexicon.analyzer)
    counted = [(each, count_having(snapshot, [each.clause])) for each in asked.wanted]
    return Explanation(asked, counted, _speller(snapshot).correct(text))


def _speller(snapshot: Snapshot) -> Speller:
    lexicon = snapshot.lexicon
    return Speller(
        lambda: lexicon.vocabulary, lexicon.analyzer, partial(is_anywhere, snapshot), partial(Context, snapshot)
    )


def _missing(snapshot: Snapshot, asked: Query) -> tuple[str, ...]:
    """The words of a question, as typed, that no listing has."""
    return tuple(dict.fromkeys(each.typed for each in asked.wanted if not is_anywhere(snapshot, each.clause)))


def _is_gain(found: _Found, corrected: Iterable[Clause]) -> bool:
    """Whether any listing was found for a corrected word: it may be that all with the word are filtered out."""
    pairs = ((each, clause) for each in found.matches for clause in corrected)
    return any(np.isin(having(each.segment, [clause]), each.documents).any() for each, clause in pairs)


def _find(snapshot: Snapshot, request: SearchRequest, asked: Query) -> _Found:
    """Listings with all words; when they are few, listings with any of them, or with a part of what nobody has."""
    scoring = Scoring(snapshot, asked, request)
    found = _found(list(scoring.all_clauses()), "all")
    if found.total >= ENOUGH:
        return found
    wider = _widened(snapshot, asked) if request.sort is Sort.RELEVANCE and not request.exact else asked
    wider = replace(wider, wanted=(*wider.wanted, *_parts_of_unmet(snapshot, asked)))
    if wider != asked:
        scoring = Scoring(snapshot, wider, request)
    elif len(scoring.wanted) < 2:
        return found
    some = _found(_narrowed(list(scoring.any_clause()), request.sort), "any")
    return some if some.total > found.total else found


def _widened(snapshot: Snapshot, asked: Query) -> Query:
    """The question with words beside those that are probably slips of them, though listings have these too."""
    if count_having(snapshot, asked.clauses) >= ENOUGH:
        return asked  # it makes sense, and few pass the filters
    return replace(asked, wanted=tuple(_speller(snapshot).widened(asked.wanted)))


def _parts_of_unmet(snapshot: Snapshot, asked: Query) -> list[Wanted]:
    """The parts of compounds that no listing has."""
    unmet = (each for each in asked.wanted if each.parts and not is_anywhere(snapshot, each.clause))
    return [Wanted(part, each.typed) for each in unmet for part in each.parts]


def _found(matches: list[Matches], matched: Literal["all", "any"]) -> _Found:
    return _Found(matches, count(matches), matched)


def _narrowed(matches: list[Matches], sort: Sort) -> list[Matches]:
    """Without relevance to keep the poor matches at the end, only those with the most clauses are shown."""
    best = max((int(each.satisfied.max()) for each in matches if len(each.satisfied)), default=0)
    if sort is Sort.RELEVANCE or not best:
        return matches
    kept = [(each, each.satisfied == best) for each in matches]
    return [Matches(e.segment, e.documents[k], e.scores[k], e.satisfied[k]) for e, k in kept]

"""From a request and a snapshot to a page."""

from functools import partial
from typing import Literal, NamedTuple

from shared.search import query
from shared.search.analyzer import Clause, Wanted
from shared.search.facets import facets
from shared.search.matching import Matches, Scoring, count_having
from shared.search.ordering import count, ordered
from shared.search.port import ENOUGH, MAX_DEPTH, Facets, Page, SearchRequest, Sort
from shared.search.query import Query
from shared.search.segments import Snapshot
from shared.search.spelling import Correction, Speller


class _Found(NamedTuple):
    """What matches: the most clauses that any of it satisfies, and whether all of it satisfies all."""

    matches: list[Matches]
    total: int
    most: int
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
    found, corrected, missing = _find(snapshot, request, asked), None, _missing(snapshot, asked)
    if missing and not request.exact and (reading := _speller(snapshot).correct(text).best):
        other = query.read(reading, snapshot.lexicon.analyzer)
        better = _find(snapshot, request, other)
        if (better.most, better.total) > (found.most, found.total):
            found, corrected, missing = better, reading, _missing(snapshot, other)
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
    """What corrects questions to a snapshot."""
    lexicon = snapshot.lexicon
    return Speller(lambda: lexicon.vocabulary, lexicon.analyzer, partial(count_having, snapshot))


def _missing(snapshot: Snapshot, asked: Query) -> tuple[str, ...]:
    """The words of a question, as typed, that no listing has."""
    return tuple(dict.fromkeys(each.typed for each in asked.wanted if not _has(snapshot, each.clause)))


def _has(snapshot: Snapshot, clause: Clause) -> bool:
    return count_having(snapshot, [clause]) > 0


def _find(snapshot: Snapshot, request: SearchRequest, asked: Query) -> _Found:
    """Listings with all words; when they are few, listings with any of them."""
    scoring = Scoring(snapshot, asked)
    found = _found(list(scoring.all_clauses(request)), "all")
    if found.total < ENOUGH and len(scoring.wanted) > 1:
        some = _found(_narrowed(list(scoring.any_clause(request)), request.sort), "any")
        if some.total > found.total:
            return some
    return found


def _found(matches: list[Matches], matched: Literal["all", "any"]) -> _Found:
    most = max((int(each.satisfied.max()) for each in matches if len(each.satisfied)), default=0)
    return _Found(matches, count(matches), most, matched)


def _narrowed(matches: list[Matches], sort: Sort) -> list[Matches]:
    """Without relevance to keep the poor matches at the end, only those with the most clauses are shown."""
    best = max((int(each.satisfied.max()) for each in matches if len(each.satisfied)), default=0)
    if sort is Sort.RELEVANCE or not best:
        return matches
    kept = [(each, each.satisfied == best) for each in matches]
    return [Matches(e.segment, e.documents[k], e.scores[k], e.satisfied[k]) for e, k in kept]

"""From a request and a snapshot to a page."""

from typing import Literal

from shared.search.analyzer import clauses
from shared.search.facets import facets
from shared.search.matching import Matches, Scoring
from shared.search.ordering import count, ordered
from shared.search.port import ENOUGH, MAX_DEPTH, Facets, Page, SearchRequest, Sort
from shared.search.segments import Snapshot


def answer(snapshot: Snapshot, request: SearchRequest) -> Page:
    """Answer a request from a snapshot."""
    wanted = clauses(request.text)
    if request.text.strip() and not wanted:
        return Page([], 0, False, facets=Facets() if request.facets else None)
    scoring = Scoring(snapshot, wanted)
    matched: Literal["all", "any"] = "all"
    matches = list(scoring.all_clauses(request))
    total = count(matches)
    if total < ENOUGH and len(wanted) > 1:
        some = _narrowed(list(scoring.any_clause(request)), request.sort)
        if count(some) > total:
            matches, matched, total = some, "any", count(some)
    hits = ordered(matches, request)
    more = bool(hits) and request.window[1] < min(total, MAX_DEPTH)
    return Page(hits, total, more, matched=matched, facets=facets(matches, request) if request.facets else None)


def _narrowed(matches: list[Matches], sort: Sort) -> list[Matches]:
    """Without relevance to keep the poor matches at the end, only those with the most clauses are shown."""
    best = max((int(each.satisfied.max()) for each in matches if len(each.satisfied)), default=0)
    if sort is Sort.RELEVANCE or not best:
        return matches
    kept = [(each, each.satisfied == best) for each in matches]
    return [Matches(e.segment, e.documents[k], e.scores[k], e.satisfied[k]) for e, k in kept]

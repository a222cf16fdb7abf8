"""How a question that is being typed may go on."""

from shared.search.analyzer import MAX_TEXT, WORD
from shared.search.folding import fold, readable
from shared.search.lexicon import Lexicon

MAX_SUGGESTIONS = 20


def suggestions(lexicon: Lexicon, typed: str, limit: int) -> list[str]:
    """Whole questions that begin with what was typed: its last two words completed, then its last one."""
    if typed != typed.rstrip() or not typed:
        return []
    text = readable(typed[:MAX_TEXT])
    limit = max(0, min(limit, MAX_SUGGESTIONS))
    found: dict[str, None] = {}
    for match in list(WORD.finditer(text))[-2:]:
        head, tail = text[: match.start()], fold(text[match.start() :])
        found.update((head + more, None) for more in lexicon.completions.of(tail, limit))
    return list(found)[:limit]

"""The options of a select that are the same on every page: drawn once, not for each reader."""

from collections.abc import Sequence

from markupsafe import Markup

# (value, words), or (group, [(value, words), ...]).
Pairs = Sequence[tuple[str, "str | Pairs"]]


class Options:
    """Options for the macro `select` of shared/_form.html, from pairs as it takes them."""

    def __init__(self, pairs: Pairs) -> None:
        self._html = _drawn(pairs)

    def chosen(self, value: str) -> Markup:
        """The options with this one selected, if there is such a one."""
        option = str(_OPTION.format(value))
        return Markup(self._html.replace(option, f"{option[:-1]} selected>", 1) if value else self._html)


_OPTION = Markup('<option value="{}">')


def _drawn(pairs: Pairs) -> str:
    lines = (
        _OPTION.format(value) + Markup("{}</option>\n").format(words)
        if isinstance(words, str)
        else Markup('<optgroup label="{}">\n{}</optgroup>\n').format(value, Markup(_drawn(words)))
        for value, words in pairs
    )
    return str("".join(lines))

"""A mail that was written as HTML, as lines of text: quotes get the marks that plain mails have."""

from html.parser import HTMLParser

_LONGEST = 200_000
# More open elements than any mail has; deeper ones say nothing of their own.
_DEEPEST = 200
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_UNSEEN = frozenset(["script", "style", "title", "template", "object", "select", "textarea", "svg", "math"])
# Their end is often left out, and comes where the next of the same begins.
_UNENDED = frozenset(["p", "li", "td", "th", "tr", "dd", "dt"])
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"),
        *("pre", "section", "table", "td", "th", "tr", "ul"),
    }
)
# What mail programs put around what they quote, around the line above it, and around signatures.
_LEFT_OUT = frozenset(
    {
        *("gmail_attr", "gmail_signature", "gmail_signature_prefix", "moz-cite-prefix", "moz-signature"),
        *("protonmail_quote", "protonmail_signature_block", "tutanota_quote", "yahoo_quoted", "zmail_extra"),
    }
)
# From here on everything is the mail that is answered (Outlook).
_ENDS = frozenset({"divrplyfwdmsg", "appendonsend", "olk_src_body_section", "mail-editor-reference-message-container"})


def lines_of(html: str) -> str:
    """The text of `html`; what is within quoting elements begins with `>`."""
    reader = _Reader()
    reader.feed(_without(_without(html[:_LONGEST], "<!--", "-->"), "<?", ">"))
    reader.close()
    return reader.text()


def _without(html: str, opening: str, closing: str) -> str:
    """`html` without comments of a kind: the parser takes the square of its length to find that some have no end."""
    kept, begun = [], 0
    while (comment := html.find(opening, begun)) >= 0:
        kept.append(html[begun:comment])
        end = html.find(closing, comment + len(opening))
        begun = end + len(closing) if end >= 0 else len(html)
    return "".join([*kept, html[begun:]])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._words: list[str] = []
        self._open: list[str] = []
        self._too_deep = 0
        # Counted by the depth at which they began: elements nested in them close first.
        self._unseen: list[int] = []
        self._quotes: list[int] = []
        self._preformatted: list[int] = []
        self._ended = False

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break_before(tag)
        if tag in _VOID:
            return
        if tag in _UNENDED and self._open[-1:] == [tag]:
            self._leave(tag)
        if len(self._open) < _DEEPEST:
            self._enter(tag, {name: (value or "").lower() for name, value in attrs})
        else:
            self._too_deep += 1
        if tag == "li":
            self.handle_data("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag != "br":
            self._break_before(tag)
        if self._too_deep and tag not in _VOID:
            self._too_deep -= 1
        elif tag in self._open:
            self._leave(tag)

    def handle_data(self, data: str) -> None:
        if self._ended or self._unseen:
            return
        if not self._preformatted:
            self._words.append(data)
            return
        first, *others = data.split("\n")
        self._words.append(first)
        for line in others:
            self._end_line(empty_too=True)
            self._words.append(line)

    def _enter(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append(tag)
        if attributes.get("id", "").removeprefix("x_") in _ENDS:
            self._end_line()
            self._ended = True
        if tag in _UNSEEN or not _LEFT_OUT.isdisjoint(attributes.get("class", "").split()):
            self._unseen.append(len(self._open))
        if tag == "blockquote" and not _only_indents(attributes):
            self._quotes.append(len(self._open))
        if tag == "pre":
            self._preformatted.append(len(self._open))

    def _break_before(self, tag: str) -> None:
        """End the line where an element begins or ends; paragraphs have a blank one between them."""
        if tag in _BLOCKS or tag == "br":
            self._end_line(empty_too=tag == "br")
        if tag == "p" and self._lines and self._lines[-1] and not self._ended:
            self._lines.append("")

    def _leave(self, tag: str) -> None:
        while self._open.pop() != tag:
            pass
        for begun in (self._unseen, self._quotes, self._preformatted):
            while begun and begun[-1] > len(self._open):
                begun.pop()

    def _end_line(self, *, empty_too: bool = False) -> None:
        words = " ".join("".join(self._words).split())
        self._words.clear()
        if self._ended or not (words or (empty_too and not self._unseen)):
            return
        self._lines.append(f"{'>' * len(self._quotes)} {words}" if self._quotes else words)


def _only_indents(attributes: dict[str, str]) -> bool:
    """Whether it is the indentation of some editors, which they make of the same element without a bar beside it."""
    style = attributes.get("style", "").replace(" ", "")
    return attributes.get("type") != "cite" and "quote" not in attributes.get("class", "") and "border:none" in style

"""Reading an HTML part: its tags, its links, the text a person sees."""

from collections.abc import Sequence
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
UNSEEN = frozenset({"style", "script", "title", "head"})


class Page(HTMLParser):
    """`problems` are tags closed in the wrong order or never; conditional comments for one mail program are passed over."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.problems: list[str] = []
        self.title = ""
        self._open: list[str] = []
        self._seen: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self._open]

    @property
    def text(self) -> str:
        """What a person reads."""
        return "".join(self._seen)

    def all(self, tag: str) -> Sequence[dict[str, str]]:
        """Answer the attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag, which must be this one."""
        if tag in VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        """Note text."""
        if "title" in self._open:
            self.title += data
        elif not UNSEEN & set(self._open):
            self._seen.append(data)

"""The texts of a definition: QuickSight's small markup becomes ours, tag by tag, and nothing else comes through."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from markupsafe import Markup, escape

from .operations import Value

_PARAMETER = re.compile(r"<<\$([^<>]+)>>|\$\{([^{}]+)\}")
_KEPT = frozenset({"b", "i", "u", "s", "ul", "ol", "li"})
_PIXELS = re.compile(r"\d{1,3}(\.\d+)?px")
_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-z]{3,20}")
_ALIGNMENTS = frozenset({"left", "center", "right", "justify"})

Parameters = Mapping[str, tuple[Value, ...]]


def rich_text(source: str, parameters: Parameters) -> Markup:
    """The content of a text box as HTML; every tag of it was made here."""
    reader = _Reader(parameters)
    reader.feed(source)
    reader.close()
    return reader.markup()


def plain_text(source: str, parameters: Parameters, *, is_rich: bool = False) -> str:
    """A title without markup, its parameters replaced."""
    if is_rich:
        reader = _Reader(parameters)
        reader.feed(source)
        reader.close()
        return reader.text.strip()
    return _replaced(source, parameters)


def plain_of(markup: Markup) -> str:
    """The words of a text box without its markup."""
    return markup.striptags()


def _replaced(source: str, parameters: Parameters) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return ", ".join(map(str, parameters[name])) if name in parameters else match[0]

    return _PARAMETER.sub(value, source)


class _Reader(HTMLParser):
    def __init__(self, parameters: Parameters) -> None:
        super().__init__(convert_charrefs=True)
        self._parameters = parameters
        self._parts: list[Markup] = []
        self._open: list[str] = []
        self.text = ""

    def markup(self) -> Markup:
        """What was read so far, every tag closed."""
        closing = [Markup("</{}>").format(tag) for tag in reversed(self._open)]
        return Markup("").join([*self._parts, *closing])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._parts.append(Markup("<br>"))
            self.text += " "
        elif tag in _KEPT:
            self._start(tag, "")
        elif tag == "block":
            align = given.get("align", "")
            self._start("div", f"text-align:{align}" if align in _ALIGNMENTS else "")
        elif tag == "inline":
            styles: list[str] = []
            if _PIXELS.fullmatch(given.get("font-size", "")):
                styles.append(f"font-size:{given['font-size']}")
            for name, style in (("color", "color"), ("background-color", "background-color")):
                if _COLOR.fullmatch(given.get(name, "")):
                    styles.append(f"{style}:{given[name]}")
            self._start("span", ";".join(styles))

    def handle_endtag(self, tag: str) -> None:
        ours = {"block": "div", "inline": "span"}.get(tag, tag)
        if self._open and self._open[-1] == ours:
            self._open.pop()
            self._parts.append(Markup("</{}>").format(ours))

    def handle_data(self, data: str) -> None:
        shown = _replaced(data, self._parameters)
        self.text += shown
        self._parts.append(escape(shown))

    def _start(self, tag: str, style: str) -> None:
        self._open.append(tag)
        self._parts.append(Markup('<{} style="{}">').format(tag, style) if style else Markup("<{}>").format(tag))

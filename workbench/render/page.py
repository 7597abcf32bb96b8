"""The parts that every static page is made of: escaping, colours, tables, badges.

A saved notebook is read where scripts and style sheets are taken out, so a page is complete with inline
styles alone. JupyterLab's sanitizer lets through only values that it knows: `var(--…)`, `inherit` and
`currentColor` are dropped with their property, and so are `<style>`, `<svg>`, `<caption>` and `data-*`.
Nor can an inline style ask whether the theme is dark. The colours below are therefore middle tones that
read on white and on black; text without a colour of its own takes the theme's.

Of the builders' parameters, those called `body`, `summary`, `cells` or `rows` take HTML; everything else
takes text and escapes it.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Literal

from workbench.render.code import python_code, sql_code
from workbench.text import plural, short_id, visible

__all__ = [
    "ICONS",
    "TOKENS",
    "badge",
    "code",
    "details",
    "element",
    "escape",
    "hidden",
    "listed",
    "muted",
    "note",
    "page",
    "paragraph",
    "pre",
    "python_code",
    "revision",
    "section",
    "span",
    "sql_code",
    "table",
]

Kind = Literal["good", "warn", "bad", "info", "todo"]

TOKENS = {
    "accent": "#2f7fc1",
    "good": "#3d8b41",
    "warn": "#b26a00",
    "bad": "#d0493f",
    "info": "#2f7fc1",
    "todo": "#7a7a7a",
    "muted": "#7a7a7a",
    "line": "rgba(127,127,127,0.35)",
    "panel": "rgba(127,127,127,0.09)",
    "mono": "monospace",
}
"""CSS values that survive sanitizing and read on a light and on a dark page."""

ICONS: dict[Kind, str] = {"good": "✔", "warn": "⚠", "bad": "✖", "info": "●", "todo": "○"}
"""The sign in front of a badge's word, so that its colour never speaks alone."""

# No font-family: code and pre are monospaced by themselves, in the font that the front end prefers.
MONO = "font-size:12px"


def escape(text: object) -> str:
    """`text` as HTML that shows it: tags and quotes escaped, invisible characters written out."""
    return html.escape(visible(str(text)), quote=True)


def element(tag: str, body: str, style: str = "", **attributes: str | None) -> str:
    """`<tag style="…">body</tag>`; an attribute that is None is left out, `class_` and `data_x` lose their mark."""
    pairs = {"style": style or None, **attributes}
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"' for name, value in pairs.items() if value is not None
    )
    return f"<{tag}{told}>{body}</{tag}>"


def span(text: object, token: str = "", style: str = "") -> str:
    """`text` in the colour of that token."""
    colour = f"color:{TOKENS[token]}" if token else ""
    return element("span", escape(text), ";".join(part for part in (colour, style) if part))


def muted(text: object, style: str = "") -> str:
    """`text` that stands back."""
    # Opacity, not a grey: it keeps its contrast on any background.
    return element("span", escape(text), "opacity:0.72" + (f";{style}" if style else ""))


def code(text: object, style: str = "") -> str:
    """A name, an id or a type within a sentence."""
    return element("code", escape(text), f"{MONO};background:transparent;padding:0" + (f";{style}" if style else ""))


def revision(identifier: str) -> str:
    """A revision's short id, the whole of it on hover."""
    short = short_id(identifier)
    return element(
        "code",
        escape(short),
        f"{MONO};background:transparent;padding:0",
        title=None if short == identifier else identifier,
    )


def badge(kind: Kind, word: str) -> str:
    """A sign and a word in the colour that goes with them."""
    return element(
        "span", f"{ICONS[kind]}&#160;{escape(word)}", f"color:{TOKENS[kind]};white-space:nowrap;font-weight:600"
    )


def paragraph(body: str, style: str = "") -> str:
    """A line of prose."""
    return element("p", body, "margin:4px 0" + (f";{style}" if style else ""))


def note(kind: Kind, text: str) -> str:
    """A remark with its sign and a bar at its side."""
    sign = element("span", f"{ICONS[kind]}&#160;", f"color:{TOKENS[kind]}")
    return element(
        "div", sign + escape(text), f"margin:6px 0;padding:2px 0 2px 10px;border-left:3px solid {TOKENS[kind]}"
    )


def pre(body: str, style: str = "") -> str:
    """Code, line by line; a long line scrolls."""
    shape = (
        f"{MONO};line-height:1.45;margin:4px 0;padding:6px 10px;overflow-x:auto;white-space:pre;word-break:normal;"
        f"background:{TOKENS['panel']};border-radius:3px"
    )
    return element("pre", body, shape + (f";{style}" if style else ""))


def section(title: str, told: str = "") -> str:
    """The heading of a part: one database of several."""
    line = f"margin:14px 0 4px;padding-bottom:2px;border-bottom:1px solid {TOKENS['line']}"
    return element("div", f"<b>{escape(title)}</b>" + (f"&#160; {muted(told)}" if told else ""), line)


def details(summary: str, body: str, *, is_open: bool = False, key: str | None = None) -> str:
    """What opens and closes without a script; `key` lets a live view remember which were open."""
    attributes = f' data-key="{escape(key)}"' if key is not None else ""
    attributes += " open" if is_open else ""
    head = element("summary", summary, "cursor:pointer;padding:2px 0")
    return f'<details style="margin:2px 0"{attributes}>{head}{body}</details>'


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, wrap: Sequence[int] = ()) -> str:
    """A plain table; `wrap` names the columns whose text may break anywhere. No headers: no header row."""
    base = "text-align:left;vertical-align:top;padding:3px 14px 3px 0;white-space:"
    kinds = {True: base + "normal;overflow-wrap:break-word", False: base + "nowrap"}
    line = f"border-bottom:1px solid {TOKENS['line']};background:transparent"
    head = "".join(element("th", escape(name), f"{base}nowrap;font-weight:600;opacity:0.72") for name in headers)
    body = "".join(
        element("tr", "".join(element("td", cell, kinds[i in wrap]) for i, cell in enumerate(cells)), line)
        for cells in rows
    )
    top = element("thead", element("tr", head, line)) if headers else ""
    shape = "border-collapse:collapse;border:none;margin:4px 0;font-size:13px;table-layout:auto"
    return element("div", element("table", top + element("tbody", body), shape), "overflow-x:auto")


def hidden(count: int, noun: str) -> str:
    """`12 more statements not shown`; nothing if nothing is hidden."""
    return paragraph(muted(f"… {plural(count, 'more ' + noun)} not shown")) if count > 0 else ""


def listed(items: Iterable[str]) -> str:
    """A list of sentences."""
    return element("ul", "".join(element("li", escape(item)) for item in items), "margin:4px 0;padding-left:20px")


def page(title: str, body: str, *, kind: Kind | None = None) -> str:
    """The whole of a static form: the answer in a sentence, then `body`. `kind` puts its sign in front."""
    sign = element("span", f"{ICONS[kind]}&#160;", f"color:{TOKENS[kind]}") if kind else ""
    head = element("div", sign + escape(title), "font-weight:600;font-size:14px;margin:2px 0 6px")
    return element("div", head + body, "font-size:13px;line-height:1.5;max-width:960px", class_="workbench")

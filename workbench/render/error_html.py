"""An error as a person wants to read it: what could not be done, why, and what to do."""

from __future__ import annotations

from workbench.errors import WorkbenchError
from workbench.render import page


def error_html(error: BaseException) -> str:
    """The message, the evidence to open, and the remedy; no stack."""
    if not isinstance(error, WorkbenchError):
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _framed(page.badge("bad", "Unexpected error") + page.pre(page.escape(told), "white-space:pre-wrap"))
    return _framed(
        page.paragraph(page.badge("bad", kind_in_words(error)) + "&#160; " + _lines(error.message)) + told_html(error)
    )


def told_html(error: WorkbenchError) -> str:
    """The evidence and the remedy of an error, without its message."""
    parts = []
    for title, text in error.evidence:
        body = text.strip("\n")
        if "\n" in body or len(body) > _SHORT:
            shown = page.sql_code(body) if title.casefold() in _SQL else page.escape(body)
            parts.append(
                page.details(page.escape(title), page.pre(shown, "white-space:pre-wrap"), is_open=len(body) < _LONG)
            )
        else:
            parts.append(page.paragraph(page.muted(f"{title}: ") + page.code(body)))
    if error.remedy:
        parts.append(page.paragraph(page.element("b", "What to do: ") + _lines(error.remedy)))
    return "".join(parts)


def kind_in_words(error: BaseException) -> str:
    """`MigrationFailed` as `Migration failed`."""
    name = type(error).__name__
    return (name[:1] + "".join(f" {c.lower()}" if c.isupper() else c for c in name[1:])).strip()


_SHORT = 90
_LONG = 2000
_SQL = {"statement", "sql"}


def _lines(text: str) -> str:
    return "<br>".join(page.escape(text).split("\n"))


def _framed(body: str) -> str:
    style = (
        f"border-left:3px solid {page.TOKENS['bad']};padding:2px 0 2px 10px;margin:6px 0;font-size:13px;line-height:1.5"
    )
    return page.element("div", body, style, role="alert")

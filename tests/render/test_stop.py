"""A stop of a travel through time: what a revision did to the schema."""

from __future__ import annotations

from workbench.results import Delta, Stop

EVIL = "<script>x</script>"


def test_text() -> None:
    """The sentence, then what came, changed and went; what was renamed last."""
    deltas = (
        Delta("table", None, "voucher", "", None, "(code VARCHAR(12) NOT NULL)"),
        Delta("type", "shop", "orders", "total", "INTEGER", "NUMERIC(8, 2)"),
        Delta("index", None, "orders", "ix", "CREATE INDEX ix", None),
    )
    renames = (("column", "customer", "name", "full_name"), ("table", "", "client", "customer"))
    stop = Stop("9f31c0aa77e0", "vouchers", "versions/9f31.py", deltas, ("CREATE TABLE voucher ()",), renames)

    assert (
        str(stop)
        == """\
9f31c0aa vouchers · 3 changes · 1 statement
  +  table voucher           (code VARCHAR(12) NOT NULL)
  ~  type shop.orders.total  INTEGER → NUMERIC(8, 2)
  -  index orders.ix         CREATE INDEX ix
  renamed column name of customer → full_name
  renamed table client → customer"""
    )
    assert str(deltas[1]) == "~ type shop.orders.total  INTEGER → NUMERIC(8, 2)"


def test_nothing_changed() -> None:
    """A revision of data only."""
    assert str(Stop("ab", "fill", "f.py", (), ("UPDATE t",) * 2)) == "ab fill · changes no definition · 2 statements"


def test_failure() -> None:
    """One that could not be run says why; no schema belongs to it."""
    stop = Stop("9f31c0aa77e0", "vouchers", "f.py", (), failure="The upgrade of 9f31c0aa77e0 failed: <no>.")

    assert str(stop) == "9f31c0aa vouchers · failed\n  The upgrade of 9f31c0aa77e0 failed: <no>."
    assert repr(stop) == "Stop(9f31c0aa, failed)"
    assert "failed: &lt;no&gt;." in stop._repr_html_()


def test_hostile_names_are_escaped() -> None:
    """In every place of the page."""
    delta = Delta("column", EVIL, EVIL, EVIL, EVIL, EVIL)
    shown = Stop(EVIL, EVIL, EVIL, (delta,), (EVIL,), (("column", EVIL, EVIL, EVIL),))._repr_html_()

    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") >= 6
    assert "<script" not in delta._repr_html_()

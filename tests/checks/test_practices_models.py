"""Checks of the models: against the schema, in migrations, and on disk."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.checks.told import places, practices
from tests.kept import ON_SQLITE
from tests.safety.projects import Project
from workbench import Workbench

BASE = """
    from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, TypeDecorator
    from sqlalchemy.orm import declarative_base

    Base = declarative_base()


    class Mail(TypeDecorator):
        impl = String
        cache_ok = True
"""
T1 = """
    from shop.base import Base, Column, Integer


    class T1(Base):
        __tablename__ = "t1"
        id = Column(Integer, primary_key=True)
"""


def write(made: Project, **files: str) -> None:
    """Write modules of the package `shop`, whose models env.py imports by `shop.models`."""
    package = made.folder / "shop"
    package.mkdir(exist_ok=True)
    for name, text in {"__init__": "", **files}.items():
        path = package.joinpath(*name.split("__sub__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))


def shop(made: Project) -> Project:
    """A package with one model, which equals the first revision."""
    write(made, base=BASE, models=T1)
    return made.tables(1).env("from shop import models", metadata="models.Base.metadata")


def test_models_and_head_differ(bare: Project, wb: Workbench) -> None:
    """Compared with what is live at the head; else with the head on a scratch database, if that is asked for."""
    made = shop(bare)
    not_asked = (
        "models-differ",
        "No database stands at the heads; wb.check(scratch=True) makes them on a scratch database to compare.",
    )
    assert not_asked in wb.check().not_asked
    assert [] == practices(wb.check(scratch=True))
    assert wb.upgrade().apply().ok
    assert ([], ()) == (practices(wb.check()), wb.check().findings)

    write(made, models=T1 + "        name = Column(Integer)\n        more = Column(Integer, index=True)\n")
    (finding,) = practices(wb.check())
    told = "Models and head differ: 3 changes (add_column t1.more, add_column t1.name, add_index t1.ix_t1_more)."
    assert ("models-differ", "warning", "breaks-code", told) == (
        finding.rule, finding.severity, finding.outcome, finding.message,
    )  # fmt: skip
    assert wb.downgrade("base").apply().ok
    assert not_asked in wb.check().not_asked
    (scratched,) = practices(wb.check(scratch=True))
    assert (3, "models-differ", finding.database) == (scratched.evidence.count, scratched.rule, scratched.database)
    assert sorted(finding.evidence.sample) == sorted(scratched.evidence.sample)


@ON_SQLITE
@pytest.mark.parametrize(
    "code,line",
    [
        ("from shop.models import T1", 4),
        ("from shop.models import T1 as Other", 4),
        ("from shop import models", 4),
        ("import shop.models", 4),
        ("import shop.models as m", 4),
        ("from shop.models import *", 4),
        ("from shop.base import Mail", 0),
        ("from shop.models import Integer", 0),
        ("from shop import base", 0),
        ("import json", 0),
    ],
)
def test_models_in_a_migration(bare: Project, wb: Workbench, code: str, line: int) -> None:
    """A model that a revision imports and uses is told, with the line; a type or anything else of theirs is not."""
    made = shop(bare)
    uses = {"from shop import models": "models.T1", "import shop.models": "shop.models.T1"}
    uses |= {"import shop.models as m": "m.T1", "from shop import base": "base.Mail"}
    path = made.revision("r2", "r1", f"print({uses.get(code, '1')})")
    path.write_text(path.read_text().replace("from alembic import op\n", f"{code}\nfrom alembic import op\n"))
    found = practices(wb.check(), "models-in-migration")

    expected = [("r2", line, "warning")] if line else []
    assert expected == [(each.revision, each.line, each.severity) for each in found]
    assert all("imports models (shop.models." in each.message for each in found)


BREAK = "\n    "
VOUCHER = """
    from shop.base import Base, Column, Integer


    class Voucher(Base):
        __tablename__ = "voucher"
        id = Column(Integer, primary_key=True)
"""
UNSEEN = {
    "absolute": VOUCHER,
    "relative": VOUCHER.replace("shop.base", ".base"),
    "by module": VOUCHER.replace("from shop.base import Base, ", f"from shop import base{BREAK}from sqlalchemy import ")
    .replace("(Base)", "(base.Base)"),
    "inherits a model": VOUCHER.replace("shop.base import Base,", "shop.models import T1, ").replace("(Base)", "(T1)"),
    "without a table's name": VOUCHER.replace('    __tablename__ = "voucher"\n', ""),
    "through an abstract one": VOUCHER.replace(
        "class Voucher(Base)", f"class Kept(Base):{BREAK}    __abstract__ = True{BREAK}class Voucher(Kept)"
    ),
    "a Table": """
        from shop.base import Base, Column, Integer, Table

        Voucher = Table("Voucher", Base.metadata, Column("id", Integer))
    """,
}  # fmt: skip
OF_ANOTHER = {
    "its own base": VOUCHER.replace("import Base, ", f"import Column as C{BREAK}from sqlalchemy import ")
    .replace("class", f"from sqlalchemy.orm import declarative_base{BREAK}Base = declarative_base(){BREAK}class"),
    "another module's base": VOUCHER.replace("import Base, ", "import ")
    .replace("class", f"from elsewhere import Base{BREAK}class"),
    "abstract": VOUCHER.replace('__tablename__ = "voucher"', "__abstract__ = True"),
    "no model": "class Voucher(dict):\n    __tablename__ = 'voucher'\n",
    "another MetaData": """
        from shop.base import Column, Integer, MetaData, Table

        Voucher = Table("Voucher", MetaData(), Column("id", Integer))
    """,
    "broken": "class Voucher(Base:\n",
}  # fmt: skip


@ON_SQLITE
def test_models_that_env_py_does_not_import(bare: Project, wb: Workbench) -> None:
    """Told where the base is that of env.py, however it is reached; not in tests, nor of another MetaData."""
    made = shop(bare)
    for name, text in UNSEEN.items():
        for file in ("voucher", "more__sub__voucher"):
            if file != "voucher" and name == "relative":
                continue
            write(made, **{file: text})
            path = "shop/voucher.py" if file == "voucher" else "shop/more/voucher.py"
            found = practices(wb.check(), "model-not-imported")
            assert [(path, "voucher", "warning")] == [(it.path, it.object, it.severity) for it in found], (name, path)
            assert f"{path} declares Voucher, and env.py does not import it: autogenerate does not see it." == (
                found[0].message
            )
            (made.folder / path).unlink()
    for text in OF_ANOTHER.values():
        write(made, voucher=text)
        assert [] == practices(wb.check())
    (made.folder / "shop" / "voucher.py").unlink()
    write(made, test_voucher=VOUCHER, tests__sub__voucher=VOUCHER)
    assert [] == practices(wb.check())
    write(made, voucher=VOUCHER)
    made.env("from shop import models, voucher", metadata="models.Base.metadata")
    assert [] == practices(wb.check())


@ON_SQLITE
def test_models_in_one_module_at_the_top(bare: Project, wb: Workbench) -> None:
    """Only its neighbours are looked at: below lies the rest of the project, and other people's packages."""
    made = bare.tables(1)
    (made.folder / "base.py").write_text(textwrap.dedent(BASE))
    (made.folder / "models.py").write_text(textwrap.dedent(T1).replace("shop.base", "base"))
    voucher = textwrap.dedent(VOUCHER).replace("shop.base", "base")
    (made.folder / "below").mkdir()
    (made.folder / "below" / "voucher.py").write_text(voucher)
    made.env("import models", metadata="models.Base.metadata")
    assert [] == practices(wb.check())
    (made.folder / "vouchers.py").write_text(voucher)
    assert [("model-not-imported", "warning", "vouchers")] == places(wb.check())


@ON_SQLITE
def test_models_that_do_not_import(bare: Project, wb: Workbench, tmp_path: Path) -> None:
    """The files are looked at, and what the models would have told is said not to be asked."""
    made = shop(bare)
    write(made, models="raise RuntimeError('broken')")
    check = wb.check()

    assert ["databases-not-asked"] == [each.rule for each in check.findings]
    assert {"models-differ", "models-in-migration", "model-not-imported", "name-too-long"} <= {
        rule for rule, _ in check.not_asked
    }
    assert tmp_path.exists()

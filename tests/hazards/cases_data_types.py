"""Cases of rules about another type of a column: what its values become, or why they are refused."""

from tests.hazards.cases import Case
from tests.hazards.cases_data import BATCH, FAILS, FINE, LOSES

MAY, LOSS, ENUM = "type-change-may-fail", "type-change-loses-data", "enum-value-removed"
NEITHER = (MAY, LOSS)
SEEN = "SELECT v FROM t ORDER BY id"


def _table(kind: str, *values: str) -> tuple[str, ...]:
    rows = ", ".join(f"({number}, {each})" for number, each in enumerate(values, 1))
    made = (f"CREATE TABLE t (id INTEGER PRIMARY KEY, v {kind})",)
    return (*made, f"INSERT INTO t VALUES {rows}") if values else made


def _change(kind: str, *more: str) -> str:
    return f'op.alter_column("t", "v", {", ".join([f"type_={kind}", *more])})'


def _maria(kind: str, old: str = "sa.String(50)") -> str:
    return _change(kind, f"existing_type={old}")


def _batch(kind: str, old: str) -> str:
    return BATCH + f'b.alter_column("v", type_={kind}, existing_type={old})'


INT = "sa.Integer()"
SHORT = "sa.String(3)"
DEC = "sa.Numeric(6, 2)"
MOOD = ("CREATE TYPE mood AS ENUM ('a', 'b', 'c')", *_table("mood", "'a'", "'c'"))
MOOD_KEPT = (*MOOD[:2], "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
NEW_MOOD = (
    "op.execute(\"ALTER TYPE mood RENAME TO mood_old\")\nop.execute(\"CREATE TYPE mood AS ENUM ('a', 'b')\")\n"
    'op.alter_column("t", "v", type_=sa.Enum("a", "b", name="mood"), postgresql_using="v::text::mood")\n'
    'op.execute("DROP TYPE mood_old")'
)
LENIENT = ("SET SESSION sql_mode=''",)
AB = 'sa.Enum("a", "b")'

BREAKS = "type-change-breaks-constraint"
NUM = "NUMERIC(6, 2)"
UNDER_KEY = (
    "CREATE TABLE p (v NUMERIC(6, 2) PRIMARY KEY)", "INSERT INTO p VALUES (1.40), (3)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v NUMERIC(6, 2) REFERENCES p)", "INSERT INTO t VALUES (1, 1.40), (2, 3)",
)  # fmt: skip
TEXT_INT = _change(INT, 'postgresql_using="v::integer"')
CONSTRAINED = [
    Case("type-breaks-unique", "postgresql", _change(INT), {BREAKS: FAILS}, fails=True, counts={BREAKS: 1},
         setup=_table(f"{NUM} UNIQUE", "1.20", "1.40", "NULL", "NULL")),
    Case("type-breaks-unique-not", "postgresql", _change(INT), absent=(BREAKS,),
         setup=_table(f"{NUM} UNIQUE", "1.20", "2.40", "NULL", "NULL")),
    Case("type-breaks-unique-casts", "postgresql", TEXT_INT, {BREAKS: FAILS}, fails=True,
         setup=_table("TEXT UNIQUE", "'7'", "'007'")),
    Case("type-breaks-unique-wider", "postgresql", _change("sa.Numeric(12, 2)"), absent=(BREAKS,),
         setup=_table(f"{NUM} UNIQUE", "1.20")),
    Case("type-breaks-partial-index", "postgresql", _change(INT), absent=(BREAKS,),
         setup=(*_table(NUM, "1.20", "1.40"), "CREATE UNIQUE INDEX ix ON t (v) WHERE id > 1")),
    Case("type-breaks-unique-index", "postgresql", _change(INT), {BREAKS: FAILS}, fails=True,
         setup=(*_table(NUM, "1.20", "1.40"), "CREATE UNIQUE INDEX ix ON t (v) WHERE id > 0")),
    Case("type-breaks-check", "postgresql", _change(INT), {BREAKS: FAILS}, fails=True, counts={BREAKS: 1},
         setup=_table(f"{NUM} CHECK (v > 0)", "0.40", "1.40")),
    Case("type-breaks-check-not-valid", "postgresql", _change(INT), absent=(BREAKS,),
         setup=(*_table(NUM, "0.40"), "ALTER TABLE t ADD CONSTRAINT ck CHECK (v > 0) NOT VALID")),
    Case("type-breaks-key", "postgresql", _change(INT), {BREAKS: FAILS}, fails=True, setup=UNDER_KEY),
    Case("type-breaks-key-parent", "postgresql", 'op.alter_column("p", "v", type_=sa.Integer())', {BREAKS: FAILS},
         fails=True, setup=UNDER_KEY),
    Case("type-breaks-unique-maria", "mariadb", _maria(INT, "sa.Numeric(6, 2)"), {BREAKS: FAILS}, fails=True,
         setup=_table(f"{NUM} UNIQUE", "1.20", "1.40"), counts={BREAKS: 1}),
    Case("type-breaks-unique-maria-not", "mariadb", _maria(INT, "sa.Numeric(6, 2)"), absent=(BREAKS,),
         setup=_table(f"{NUM} UNIQUE", "1.20", "2.40")),
    Case("type-breaks-unique-maria-text", "mariadb", _maria(INT), {BREAKS: FAILS}, fails=True,
         setup=_table("VARCHAR(9) UNIQUE", "'7'", "'007'")),
    Case("type-breaks-unique-maria-date", "mariadb", _maria("sa.Date()", "sa.DateTime()"), {BREAKS: FAILS}, fails=True,
         setup=_table("DATETIME UNIQUE", "'2024-01-02 10:11:12'", "'2024-01-02'")),
    Case("type-breaks-check-maria", "mariadb", _maria(INT, "sa.Numeric(6, 2)"), {BREAKS: FAILS}, fails=True,
         setup=(*_table(NUM, "0.40"), "ALTER TABLE t ADD CONSTRAINT ck CHECK (v > 0)")),
    Case("type-breaks-check-maria-gone", "mariadb", _maria(INT, "sa.Numeric(6, 2)"),
         {"mysql-attributes-lost": ("error", "breaks-code")}, absent=(BREAKS,),
         setup=_table(f"{NUM} CHECK (v > 0)", "0.40")),
    Case("type-breaks-unique-sqlite", "sqlite", _batch(INT, "sa.Float()"), {BREAKS: FAILS}, fails=True,
         setup=_table("FLOAT UNIQUE", "1.2", "1.4"), counts={BREAKS: 1}),
    Case("type-breaks-unique-sqlite-not", "sqlite", _batch(INT, "sa.Float()"), absent=(BREAKS,),
         setup=_table("FLOAT UNIQUE", "1.2", "2.4")),
    Case("type-breaks-check-sqlite", "sqlite", _batch(INT, "sa.Float()"), {BREAKS: FAILS}, fails=True,
         setup=_table("FLOAT CONSTRAINT ck CHECK (v > 0)", "0.4")),
    Case("type-breaks-check-sqlite-gone", "sqlite", _batch(INT, "sa.Float()"), absent=(BREAKS,),
         setup=_table("FLOAT CHECK (v > 0)", "0.4")),
    Case("type-breaks-key-sqlite", "sqlite", _batch(INT, "sa.Float()"), {BREAKS: FAILS}, fails=True,
         setup=("CREATE TABLE p (v FLOAT PRIMARY KEY)", "INSERT INTO p VALUES (1.5), (2.0)",
                "CREATE TABLE t (id INTEGER PRIMARY KEY, v FLOAT REFERENCES p)", "INSERT INTO t VALUES (1, 1.5)"),
         before=("PRAGMA foreign_keys=ON",)),
]  # fmt: skip

CASES = [
    # -- PostgreSQL ---------------------------------------------------------------------------------------------------
    Case("type-varchar-longer", "postgresql", _change("sa.String(100)"), absent=NEITHER,
         setup=_table("VARCHAR(50)", "'toolong'"), loses=SEEN),
    Case("type-varchar-text", "postgresql", _change("sa.Text()"), absent=NEITHER,
         setup=_table("VARCHAR(50)", "'toolong'"), loses=SEEN),
    Case("type-varchar-shorter", "postgresql", _change(SHORT), {MAY: FAILS}, fails=True, counts={MAY: 1},
         setup=_table("VARCHAR(50)", "'toolong'", "'x'", "NULL")),
    Case("type-varchar-shorter-fits", "postgresql", _change(SHORT), {MAY: FINE}, absent=(LOSS,),
         setup=_table("VARCHAR(50)", "'abc'"), loses=SEEN),
    Case("type-varchar-blanks", "postgresql", _change(SHORT), {MAY: FINE, LOSS: LOSES},
         setup=_table("VARCHAR(50)", "'abc   '"), loses=SEEN),
    Case("type-varchar-using-cuts", "postgresql", _change(SHORT, 'postgresql_using="v::varchar(3)"'),
         {MAY: FINE, LOSS: LOSES}, setup=_table("VARCHAR(50)", "'toolong'"), loses=SEEN),
    Case("type-text-integer-no-using", "postgresql", _change(INT), {MAY: FAILS}, setup=_table("TEXT"), fails=True),
    Case("type-text-integer", "postgresql", _change(INT, 'postgresql_using="v::integer"'), {MAY: FAILS}, fails=True,
         setup=_table("TEXT", "'12'", "'x7'")),
    Case("type-text-integer-clean", "postgresql", _change(INT, 'postgresql_using="v::integer"'), {MAY: FINE},
         absent=(LOSS,), setup=_table("TEXT", "'12'", "' 7'")),
    Case("type-text-integer-zeros", "postgresql", _change(INT, 'postgresql_using="v::integer"'),
         {MAY: FINE, LOSS: LOSES}, setup=_table("TEXT", "'012'"), loses="SELECT v::text FROM t"),
    Case("type-text-integer-mapped", "postgresql",
         _change(INT, "postgresql_using=\"CASE v WHEN 'yes' THEN 1 ELSE 0 END\""), {MAY: FINE}, absent=(LOSS,),
         setup=_table("TEXT", "'yes'", "'no'")),
    Case("type-text-integer-default", "postgresql", _change(INT, 'postgresql_using="v::integer"'), {MAY: FAILS},
         setup=_table("TEXT DEFAULT '5'", "'12'"), fails=True),
    Case("type-text-integer-default-dropped", "postgresql",
         'op.alter_column("t", "v", server_default=None)\n' + _change(INT, 'postgresql_using="v::integer"'),
         {MAY: FINE}, setup=_table("TEXT DEFAULT '5'", "'12'")),
    Case("type-text-date", "postgresql", _change("sa.Date()", 'postgresql_using="v::date"'), {MAY: FAILS}, fails=True,
         setup=_table("TEXT", "'2024-02-30'")),
    Case("type-text-date-time", "postgresql", _change("sa.Date()", 'postgresql_using="v::date"'),
         {MAY: FINE, LOSS: LOSES}, setup=_table("TEXT", "'2024-02-03 10:11'"), loses="SELECT v::text FROM t"),
    Case("type-bigint-integer", "postgresql", _change(INT), {MAY: FAILS}, fails=True, counts={MAY: 1},
         setup=_table("BIGINT", "1", "5000000000")),
    Case("type-bigint-integer-fits", "postgresql", _change(INT), {MAY: FINE}, absent=(LOSS,),
         setup=_table("BIGINT", "1"), loses=SEEN),
    Case("type-integer-bigint", "postgresql", _change("sa.BigInteger()"), absent=NEITHER, setup=_table("INTEGER", "1")),
    Case("type-integer-boolean", "postgresql", _change("sa.Boolean()"), {MAY: FAILS}, setup=_table("INTEGER"),
         fails=True),
    Case("type-integer-varchar", "postgresql", _change(SHORT), {MAY: FAILS}, setup=_table("INTEGER", "12345"),
         fails=True),
    Case("type-numeric-scale", "postgresql", _change(DEC), {MAY: FINE, LOSS: LOSES}, counts={LOSS: 1},
         setup=_table("NUMERIC(12, 4)", "1.2345", "1.2000"), loses=SEEN),
    Case("type-numeric-whole", "postgresql", _change(DEC), {MAY: FAILS}, setup=_table("NUMERIC(12, 4)", "12345"),
         fails=True),
    Case("type-numeric-wider", "postgresql", _change("sa.Numeric(14, 4)"), absent=NEITHER,
         setup=_table("NUMERIC(12, 4)", "1.2345")),
    Case("type-float-integer", "postgresql", _change(INT), {MAY: FINE, LOSS: LOSES},
         setup=_table("DOUBLE PRECISION", "2.6", "3"), counts={LOSS: 1}, loses=SEEN),
    Case("type-float-integer-nan", "postgresql", _change(INT), {MAY: FAILS},
         setup=_table("DOUBLE PRECISION", "'NaN'"), fails=True),
    Case("type-timestamp-date", "postgresql", _change("sa.Date()"), {LOSS: LOSES}, counts={LOSS: 1},
         setup=_table("TIMESTAMP", "'2024-01-02 10:11:12'", "'2024-01-02'"), loses="SELECT v::timestamp FROM t"),
    Case("type-timestamp-date-midnight", "postgresql", _change("sa.Date()"), absent=(LOSS,),
         setup=_table("TIMESTAMP", "'2024-01-02'"), loses="SELECT v::timestamp FROM t"),
    Case("type-timestamp-precision", "postgresql", _change("postgresql.TIMESTAMP(precision=0)"), {LOSS: LOSES},
         setup=_table("TIMESTAMP", "'2024-01-02 10:11:12.5'"), loses=SEEN),
    Case("type-timestamp-zone-gap", "postgresql", _change("sa.DateTime(timezone=True)"), {LOSS: LOSES},
         setup=_table("TIMESTAMP", "'2024-03-31 02:30'"), before=("SET TimeZone = 'Europe/Berlin'",),
         loses="SELECT (v::timestamptz AT TIME ZONE 'Europe/Berlin')::timestamp FROM t"),
    Case("type-json-jsonb", "postgresql", _change("postgresql.JSONB()"), {MAY: FINE}, setup=_table("JSON", "'{}'")),
    Case("type-json-jsonb-zero", "postgresql", _change("postgresql.JSONB()"), {MAY: FAILS}, fails=True,
         setup=_table("JSON", """'{"a": "\\u0000"}'""")),
    Case("type-array-shorter", "postgresql", _change("postgresql.ARRAY(sa.SmallInteger())"), {MAY: FAILS}, fails=True,
         setup=_table("INTEGER[]", "'{1, 70000}'")),
    Case("type-raw", "postgresql", 'op.execute("ALTER TABLE t ALTER v TYPE smallint")', {MAY: FAILS}, fails=True,
         setup=_table("INTEGER", "70000")),
    Case("type-same", "postgresql", _change(INT), absent=NEITHER, setup=_table("INTEGER", "1")),
    Case("type-of-a-new-column", "postgresql",
         'op.add_column("t", sa.Column("n", sa.Text))\n'
         'op.alter_column("t", "n", type_=sa.String(3))', absent=NEITHER, setup=_table("INTEGER", "1")),
    Case("type-with-rename", "postgresql", _change(SHORT, 'new_column_name="w"'), {MAY: FAILS}, fails=True,
         setup=_table("TEXT", "'toolong'")),
    # -- MariaDB ------------------------------------------------------------------------------------------------------
    Case("type-mariadb-longer", "mariadb", _maria("sa.String(100)"), absent=NEITHER,
         setup=_table("VARCHAR(50)", "'x'")),
    Case("type-mariadb-shorter", "mariadb", _maria(SHORT), {MAY: FAILS}, fails=True,
         setup=_table("VARCHAR(50)", "'abc '")),
    Case("type-mariadb-shorter-fits", "mariadb", _maria(SHORT), {MAY: FINE}, setup=_table("VARCHAR(50)", "'abc'")),
    Case("type-mariadb-shorter-lenient", "mariadb", _maria(SHORT), {MAY: LOSES}, before=LENIENT,
         setup=_table("VARCHAR(50)", "'toolong'"), loses=SEEN),
    Case("type-mariadb-text-integer", "mariadb", _maria(INT), {MAY: FAILS}, fails=True, counts={MAY: 2},
         setup=_table("VARCHAR(50)", "'12'", "'12.7'", "'x'")),
    Case("type-mariadb-text-integer-clean", "mariadb", _maria(INT), {MAY: FINE}, absent=(LOSS,),
         setup=_table("VARCHAR(50)", "' 12 '", "'-7'")),
    Case("type-mariadb-text-integer-zeros", "mariadb", _maria(INT), {LOSS: LOSES}, setup=_table("VARCHAR(50)", "'012'"),
         loses="SELECT concat(v) FROM t"),
    Case("type-mariadb-text-integer-lenient", "mariadb", _maria(INT), {MAY: LOSES}, before=LENIENT,
         setup=_table("VARCHAR(50)", "'x'"), loses="SELECT concat(v) FROM t"),
    Case("type-mariadb-text-decimal", "mariadb", _maria(DEC), {MAY: FINE, LOSS: LOSES},
         setup=_table("VARCHAR(50)", "'1.234'", "'1e2'"), counts={LOSS: 1},
         loses="SELECT concat(v) FROM t WHERE id = 1"),
    Case("type-mariadb-text-date", "mariadb", _maria("sa.Date()"), {MAY: FAILS}, fails=True,
         setup=_table("VARCHAR(50)", "'2024-02-30'")),
    Case("type-mariadb-text-date-clean", "mariadb", _maria("sa.Date()"), {MAY: FINE}, absent=(LOSS,),
         setup=_table("VARCHAR(50)", "'2024-02-03'")),
    Case("type-mariadb-text-json", "mariadb", _maria("sa.JSON()"), {MAY: FAILS}, fails=True, before=LENIENT,
         setup=_table("VARCHAR(50)", "'x'")),
    Case("type-mariadb-unsigned", "mariadb", _maria("mysql.INTEGER(unsigned=True)", INT), {MAY: FAILS}, fails=True,
         setup=_table("INTEGER", "-1")),
    Case("type-mariadb-decimal", "mariadb", _maria(DEC, "sa.Numeric(12, 4)"), {MAY: FINE, LOSS: LOSES},
         setup=_table("DECIMAL(12, 4)", "1.2345"), loses=SEEN),
    Case("type-mariadb-datetime-date", "mariadb", _maria("sa.Date()", "sa.DateTime()"), {LOSS: LOSES},
         setup=_table("DATETIME", "'2024-01-02 10:11:12'"), loses="SELECT cast(v AS datetime) FROM t"),
    Case("type-mariadb-datetime-timestamp", "mariadb", _maria("sa.TIMESTAMP()", "sa.DateTime()"), {MAY: FAILS},
         setup=_table("DATETIME", "'2150-01-02 10:11:12'"), fails=True),
    Case("type-mariadb-bigint", "mariadb", _maria("sa.BigInteger()", INT), absent=NEITHER,
         setup=_table("INTEGER", "1")),
    Case("type-mariadb-bigint-date", "mariadb", _maria("sa.Date()", "sa.BigInteger()"), {MAY: FAILS}, fails=True,
         setup=_table("BIGINT", "20240506", "20240230"), counts={MAY: 1}),
    Case("type-mariadb-bigint-date-time", "mariadb", _maria("sa.Date()", "sa.BigInteger()"), {MAY: FINE, LOSS: LOSES},
         setup=_table("BIGINT", "20240506", "20240506101112"), counts={LOSS: 1}, loses="SELECT v + 0 FROM t"),
    Case("type-mariadb-bigint-datetime", "mariadb", _maria("sa.DateTime()", "sa.BigInteger()"), {MAY: FINE},
         absent=(LOSS,), setup=_table("BIGINT", "20240506101112"), loses="SELECT v + 0 FROM t"),
    Case("type-mariadb-bigint-timestamp", "mariadb", _maria("sa.TIMESTAMP()", "sa.BigInteger()"), {MAY: FAILS},
         fails=True, setup=_table("BIGINT", "21500506101112")),
    Case("type-mariadb-integer-time", "mariadb", _maria("sa.Time()", INT), {MAY: FAILS}, fails=True, counts={MAY: 2},
         setup=_table("INTEGER", "101112", "8395959", "1070")),
    Case("type-mariadb-decimal-date", "mariadb", _maria("sa.Date()", "sa.Numeric(12, 1)"), {MAY: FINE, LOSS: LOSES},
         setup=_table("DECIMAL(12, 1)", "20240506.5", "20240506"), counts={LOSS: 1}, loses="SELECT v + 0.0 FROM t"),
    Case("type-mariadb-date-integer", "mariadb", _maria(INT, "sa.Date()"), {MAY: FINE}, absent=(LOSS,),
         setup=_table("DATE", "'2024-05-06'"), loses="SELECT v + 0 FROM t"),
    Case("type-mariadb-date-smallint", "mariadb", _maria("sa.SmallInteger()", "sa.Date()"), {MAY: FAILS}, fails=True,
         setup=_table("DATE", "'2024-05-06'")),
    Case("type-mariadb-datetime-bigint", "mariadb", _maria("sa.BigInteger()", "mysql.DATETIME(fsp=3)"),
         {MAY: FINE, LOSS: LOSES}, setup=_table("DATETIME(3)", "'2024-05-06 10:11:12.5'", "'2024-05-06 10:11:12'"),
         counts={LOSS: 1}, loses="SELECT v + 0.0 FROM t"),
    Case("type-mariadb-datetime-float", "mariadb", _maria("mysql.FLOAT()", "sa.DateTime()"), {LOSS: LOSES},
         setup=_table("DATETIME", "'2024-05-06 10:11:13'"), loses="SELECT v + 0.0 FROM t"),
    Case("type-mariadb-time-unsigned", "mariadb", _maria("mysql.INTEGER(unsigned=True)", "sa.Time()"), {MAY: FAILS},
         fails=True, setup=_table("TIME", "'-10:11:12'")),
    Case("type-mariadb-date-time", "mariadb", _maria("sa.Time()", "sa.Date()"), {LOSS: LOSES},
         setup=_table("DATE", "'2024-05-06'"), loses="SELECT v + 0 FROM t"),
    # -- SQLite -------------------------------------------------------------------------------------------------------
    Case("type-sqlite-shorter", "sqlite", _batch(SHORT, "sa.String(50)"), absent=NEITHER,
         setup=_table("VARCHAR(50)", "'toolong'"), loses=SEEN),
    Case("type-sqlite-text-integer", "sqlite", _batch(INT, "sa.Text()"), {LOSS: LOSES}, absent=(MAY,), counts={LOSS: 3},
         setup=_table("TEXT", "'abc'", "'12abc'", "'12'", "'012'"), loses="SELECT CAST(v AS TEXT) FROM t"),
    Case("type-sqlite-text-integer-clean", "sqlite", _batch(INT, "sa.Text()"), absent=NEITHER,
         setup=_table("TEXT", "'12'", "'-7'", "NULL"), loses="SELECT CAST(v AS TEXT) FROM t"),
    Case("type-sqlite-text-date", "sqlite", _batch("sa.Date()", "sa.Text()"), {LOSS: LOSES},
         setup=_table("TEXT", "'2024-05-06'"), loses="SELECT CAST(v AS TEXT) FROM t"),
    Case("type-sqlite-real-integer", "sqlite", _batch(INT, "sa.Float()"), {LOSS: LOSES},
         setup=_table("FLOAT", "2.7", "3.0"), counts={LOSS: 1}, loses=SEEN),
    Case("type-sqlite-integer-text", "sqlite", _batch("sa.Text()", INT), absent=NEITHER,
         setup=_table("INTEGER", "12"), loses="SELECT CAST(v AS TEXT) FROM t"),
    Case("type-sqlite-json", "sqlite", _batch("sa.JSON()", "sa.Text()"), absent=NEITHER, setup=_table("TEXT", "'x'"),
         loses=SEEN),
    Case("type-sqlite-same-word", "sqlite", _batch("sa.BigInteger()", INT), absent=NEITHER,
         setup=_table("INTEGER", "'abc'"), loses=SEEN),
    *CONSTRAINED,
    # -- enum-value-removed -------------------------------------------------------------------------------------------
    Case("enum-removed-used", "postgresql", NEW_MOOD, {ENUM: FAILS}, setup=MOOD, fails=True, counts={ENUM: 1}),
    Case("enum-removed-unused", "postgresql", NEW_MOOD, {ENUM: FINE}, setup=MOOD_KEPT),
    Case("enum-removed-raw", "postgresql",
         'op.execute("CREATE TYPE mood2 AS ENUM (\'a\', \'b\')")\n'
         'op.execute("ALTER TABLE t ALTER v TYPE mood2 USING v::text::mood2")', {ENUM: FAILS}, setup=MOOD, fails=True),
    Case("enum-removed-no-using", "postgresql",
         'op.execute("CREATE TYPE mood2 AS ENUM (\'a\', \'b\')")\nop.execute("ALTER TABLE t ALTER v TYPE mood2")',
         {MAY: FAILS}, setup=MOOD, fails=True),
    Case("enum-to-text", "postgresql", _change("sa.Text()"), absent=(ENUM, *NEITHER), setup=MOOD),
    Case("enum-from-text", "postgresql",
         'sa.Enum("a", "b", name="mood2").create(op.get_bind())\n'
         + _change('sa.Enum("a", "b", name="mood2")', 'postgresql_using="v::mood2"'), {ENUM: FAILS},
         setup=_table("TEXT", "'a'", "'z'"), fails=True),
    Case("enum-mariadb-used", "mariadb", _maria(AB, 'sa.Enum("a", "b", "c")'), {ENUM: FAILS}, fails=True,
         setup=_table("ENUM('a', 'b', 'c')", "'c'"), counts={ENUM: 1}),
    Case("enum-mariadb-unused", "mariadb", _maria(AB, 'sa.Enum("a", "b", "c")'), {ENUM: FINE},
         setup=_table("ENUM('a', 'b', 'c')", "'a'", "NULL")),
    Case("enum-mariadb-lenient", "mariadb", _maria(AB, 'sa.Enum("a", "b", "c")'), {ENUM: LOSES}, before=LENIENT,
         setup=_table("ENUM('a', 'b', 'c')", "'c'"), loses=SEEN),
    Case("enum-mariadb-appended", "mariadb", _maria('sa.Enum("a", "b", "c")', AB), absent=(ENUM,),
         setup=_table("ENUM('a', 'b')", "'b'"), loses=SEEN),
    Case("enum-mariadb-reordered", "mariadb", _maria('sa.Enum("b", "a")', AB), absent=(ENUM,),
         setup=_table("ENUM('a', 'b')", "'b'"), loses=SEEN),
    Case("enum-mariadb-from-text", "mariadb", _maria(AB), {MAY: FAILS}, setup=_table("VARCHAR(9)", "'z'"), fails=True),
    Case("enum-sqlite-checked", "sqlite", _batch('sa.Enum("a", "b", name="ck", create_constraint=True)', "sa.Text()"),
         {ENUM: FAILS}, setup=_table("TEXT", "'a'", "'z'"), fails=True),
    Case("enum-sqlite-checked-clean", "sqlite",
         _batch('sa.Enum("a", "b", name="ck", create_constraint=True)', "sa.Text()"), {ENUM: FINE},
         setup=_table("TEXT", "'a'", "NULL")),
    Case("enum-sqlite-unchecked", "sqlite", _batch('sa.Enum("a", "b", name="ck")', "sa.Text()"), absent=(ENUM, LOSS),
         setup=_table("TEXT", "'z'"), loses=SEEN),
]  # fmt: skip

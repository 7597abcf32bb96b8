"""Cases of rules about constraints on PostgreSQL."""

from tests.hazards.cases import Case, T

_MANY = (*T[:3], "INSERT INTO t SELECT i, i, 'b' || i, 1 FROM generate_series(1, 30000) i", "ANALYZE t")
_GOOD = (*T, "UPDATE t SET a = 2 WHERE a IS NULL", "UPDATE t SET pid = 1 WHERE pid = 99", "UPDATE t SET b = 'b' || id")
_NULLABLE = 'op.alter_column("t", "a", nullable=False)'

CASES = [
    # L19
    Case("constraint-unique", "postgresql", 'op.create_unique_constraint("uq", "t", ["b"])',
         {"pg-constraint-builds-index": ("info", "blocks")}, setup=_GOOD),
    Case("constraint-unique-medium", "postgresql", 'op.create_unique_constraint("uq", "t", ["b"])',
         {"pg-constraint-builds-index": ("warning", "blocks")}, setup=_MANY),
    Case("constraint-unique-column", "postgresql", 'op.add_column("t", sa.Column("z", sa.Integer, unique=True))',
         {"pg-constraint-builds-index": ("info", "blocks")}),
    Case("constraint-using-index", "postgresql",
         'op.execute("ALTER TABLE t ADD CONSTRAINT uq UNIQUE USING INDEX uq")',
         absent=("pg-constraint-builds-index",), setup=(*_GOOD, "CREATE UNIQUE INDEX uq ON t (b)")),
    Case("constraint-unique-new-table", "postgresql",
         'op.create_table("n", sa.Column("id", sa.Integer), sa.Column("b", sa.Text))\n'
         'op.create_unique_constraint("uq", "n", ["b"])',
         absent=("pg-constraint-builds-index",)),
    Case("constraint-exclude", "postgresql",
         'op.create_exclude_constraint("ex", "t", (sa.column("id"), "="), using="btree")',
         {"pg-constraint-builds-index": ("info", "blocks")}),
    # L20
    Case("constraint-foreign-key", "postgresql", 'op.create_foreign_key("fk", "t", "p", ["pid"], ["id"])',
         {"pg-constraint-validates-under-lock": ("warning", "blocks")}, setup=_MANY),
    Case("constraint-foreign-key-not-valid", "postgresql",
         'op.create_foreign_key("fk", "t", "p", ["pid"], ["id"], postgresql_not_valid=True)',
         absent=("pg-constraint-validates-under-lock",), setup=_MANY),
    Case("constraint-check", "postgresql", 'op.create_check_constraint("ck", "t", "id > 0")',
         {"pg-constraint-validates-under-lock": ("info", "blocks")}),
    Case("constraint-check-raw", "postgresql", 'op.execute("ALTER TABLE t ADD CONSTRAINT ck CHECK (id > 0)")',
         {"pg-constraint-validates-under-lock": ("info", "blocks")}),
    Case("constraint-column-with-key", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer, sa.ForeignKey("p.id")))',
         {"pg-constraint-validates-under-lock": ("warning", "blocks")}, setup=_MANY),
    Case("constraint-column-with-key-inline", "postgresql",
         'op.add_column("t", sa.Column("z", sa.Integer, sa.ForeignKey("p.id")), inline_references=True)',
         absent=("pg-constraint-validates-under-lock", "pg-add-column-scan"), setup=_MANY),
    # L22
    Case("not-valid-over-bad-rows", "postgresql",
         'op.create_check_constraint("ck", "t", "id > 2", postgresql_not_valid=True)',
         {"pg-not-valid-with-bad-rows": ("error", "breaks-code")}, counts={"pg-not-valid-with-bad-rows": 2}),
    Case("not-valid-over-good-rows", "postgresql",
         'op.create_check_constraint("ck", "t", "id > 0", postgresql_not_valid=True)',
         absent=("pg-not-valid-with-bad-rows",)),
    Case("not-valid-over-nulls", "postgresql",
         'op.create_check_constraint("ck", "t", "a > 0", postgresql_not_valid=True)',
         absent=("pg-not-valid-with-bad-rows",)),
    Case("not-valid-foreign-key", "postgresql",
         'op.create_foreign_key("fk", "t", "p", ["pid"], ["id"], postgresql_not_valid=True)',
         absent=("pg-not-valid-with-bad-rows",)),
    # L23
    Case("scan-for-null", "postgresql", _NULLABLE, {"pg-set-not-null-scan": ("warning", "blocks")}, setup=_MANY),
    Case("scan-for-null-proved", "postgresql", _NULLABLE, absent=("pg-set-not-null-scan",),
         setup=(*_MANY, "ALTER TABLE t ADD CONSTRAINT ck CHECK (a IS NOT NULL)")),
    Case("scan-for-null-proved-with-and", "postgresql", _NULLABLE, absent=("pg-set-not-null-scan",),
         setup=(*_MANY, "ALTER TABLE t ADD CONSTRAINT ck CHECK (id > 0 AND a IS NOT NULL)")),
    Case("scan-for-null-not-valid", "postgresql", _NULLABLE, {"pg-set-not-null-scan": ("warning", "blocks")},
         setup=(*_MANY, "ALTER TABLE t ADD CONSTRAINT ck CHECK (a IS NOT NULL) NOT VALID")),
    Case("scan-for-null-another-check", "postgresql", _NULLABLE, {"pg-set-not-null-scan": ("warning", "blocks")},
         setup=(*_MANY, "ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0)")),
    Case("scan-for-null-validated-before", "postgresql", _NULLABLE, absent=("pg-set-not-null-scan",),
         earlier='op.create_check_constraint("ck", "t", sa.text("a IS NOT NULL"), postgresql_not_valid=True)\n'
                 'op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")', setup=_MANY),
    Case("scan-for-null-check-dropped", "postgresql", 'op.drop_constraint("ck", "t", type_="check")\n' + _NULLABLE,
         {"pg-set-not-null-scan": ("warning", "blocks")},
         setup=(*_MANY, "ALTER TABLE t ADD CONSTRAINT ck CHECK (a IS NOT NULL)")),
    Case("scan-for-null-already", "postgresql", 'op.alter_column("t", "id", nullable=False)',
         absent=("pg-set-not-null-scan",), setup=_MANY),
]  # fmt: skip

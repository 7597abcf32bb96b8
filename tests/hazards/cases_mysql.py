"""Cases of the rules of MariaDB and MySQL, on the real MariaDB."""

from tests.hazards.cases import EMPTY, Case, T

_WIDE = (
    (
        "CREATE TABLE w (id INT PRIMARY KEY AUTO_INCREMENT, b VARCHAR(50) NOT NULL DEFAULT 'q' COMMENT 'keep',"
        " ts TIMESTAMP NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(), n INT NULL,"
        " l VARCHAR(20) COLLATE utf8mb4_bin NULL, v INT AS (n + 1) VIRTUAL) DEFAULT CHARSET utf8mb4"
    ),
    "INSERT INTO w (b, n) VALUES ('x', 1)",
)
_ENUM = (
    "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b', 'c'))",
    "INSERT INTO t VALUES (1, 'a'), (2, 'c')",
)
_STRICT = "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'"

CASES = [
    # -- mysql-alter-algorithm
    Case(
        "mysql-alter-algorithm-int-to-bigint",
        "mariadb",
        'op.alter_column("t", "a", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=True)',
        {"mysql-alter-algorithm": ("info", "blocks")},
    ),
    Case(
        "mysql-alter-algorithm-longer-varchar",
        "mariadb",
        'op.alter_column("t", "b", existing_type=sa.String(50), type_=sa.String(60), existing_nullable=True)',
        absent=("mysql-alter-algorithm", "mysql-attributes-lost"),
    ),
    Case(
        "mysql-alter-algorithm-plain-index",
        "mariadb",
        'op.create_index("ix_t_b", "t", ["b"])',
        absent=("mysql-alter-algorithm", "non-transactional-ddl"),
    ),
    Case(
        "mysql-alter-algorithm-becomes-nullable",
        "mariadb",
        'op.alter_column("w", "b", existing_type=sa.String(50), nullable=True, existing_server_default="q",'
        ' existing_comment="keep")',
        {"mysql-alter-algorithm": ("info", "advice")},
        setup=_WIDE,
    ),
    Case(
        "mysql-alter-algorithm-trailing-label",
        "mariadb",
        'op.alter_column("t", "e", existing_type=sa.Enum("a", "b", "c"), type_=sa.Enum("a", "b", "c", "d"))',
        absent=("mysql-alter-algorithm",),
        setup=_ENUM,
    ),
    Case(
        "mysql-alter-algorithm-label-in-the-middle",
        "mariadb",
        'op.alter_column("t", "e", existing_type=sa.Enum("a", "b", "c"), type_=sa.Enum("a", "b", "d", "c"))',
        {"mysql-alter-algorithm": ("info", "blocks")},
        setup=_ENUM,
    ),
    Case(
        "mysql-alter-algorithm-refused",
        "mariadb",
        'op.execute("ALTER TABLE t MODIFY a BIGINT NULL, ALGORITHM=INPLACE, LOCK=NONE")',
        {"mysql-alter-algorithm": ("error", "fails")},
        fails=True,
    ),
    Case(
        "mysql-alter-algorithm-asked-and-had",
        "mariadb",
        'op.execute("ALTER TABLE t MODIFY b VARCHAR(60) NULL, ALGORITHM=INSTANT, LOCK=NONE")',
        absent=("mysql-alter-algorithm",),
    ),
    Case(
        "mysql-alter-algorithm-new-table",
        "mariadb",
        'op.create_table("n", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Integer()))\n'
        'op.alter_column("n", "a", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=True)',
        absent=("mysql-alter-algorithm",),
    ),
    # -- mysql-attributes-lost
    Case(
        "mysql-attributes-lost-all",
        "mariadb",
        'op.alter_column("w", "b", type_=sa.String(100))',
        {"mysql-attributes-lost": ("error", "breaks-code")},
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-none",
        "mariadb",
        'op.alter_column("w", "b", type_=sa.String(100), existing_type=sa.String(50), existing_nullable=False,'
        ' existing_server_default="q", existing_comment="keep")',
        absent=("mysql-attributes-lost",),
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-nothing-to-lose",
        "mariadb",
        'op.alter_column("w", "n", type_=sa.SmallInteger(), existing_type=sa.Integer())',
        absent=("mysql-attributes-lost",),
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-only-comment",
        "mariadb",
        'op.alter_column("w", "b", type_=sa.String(100), existing_nullable=False, existing_server_default="q")',
        {"mysql-attributes-lost": ("warning", "advice")},
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-by-rename",
        "mariadb",
        'op.alter_column("w", "b", new_column_name="c", existing_type=sa.String(50))',
        {"mysql-attributes-lost": ("error", "breaks-code")},
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-dropped-on-purpose",
        "mariadb",
        'op.alter_column("w", "b", server_default=None, nullable=True, comment=None, existing_type=sa.String(50))',
        absent=("mysql-attributes-lost",),
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-only-default-set",
        "mariadb",
        'op.alter_column("w", "b", server_default="z")',
        absent=("mysql-attributes-lost",),
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-default-of-a-date",
        "mariadb",
        'op.alter_column("w", "ts", server_default=sa.text("current_timestamp()"), existing_type=sa.TIMESTAMP())',
        {"mysql-attributes-lost": ("error", "breaks-code")},
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-auto-increment",
        "mariadb",
        'op.alter_column("w", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)',
        {"mysql-attributes-lost": ("error", "breaks-code")},
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-auto-increment-kept",
        "mariadb",
        'op.alter_column("w", "id", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False,'
        " existing_autoincrement=True)",
        absent=("mysql-attributes-lost",),
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-collation",
        "mariadb",
        'op.alter_column("w", "l", type_=sa.String(30), existing_type=sa.String(20), existing_nullable=True)',
        {"mysql-attributes-lost": ("warning", "advice")},
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-raw-modify",
        "mariadb",
        'op.execute("ALTER TABLE w MODIFY b VARCHAR(100)")',
        {"mysql-attributes-lost": ("warning", "breaks-code")},
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-raw-rename-column",
        "mariadb",
        'op.execute("ALTER TABLE w RENAME COLUMN b TO c")',
        absent=("mysql-attributes-lost",),
        setup=_WIDE,
    ),
    Case(
        "mysql-attributes-lost-without-existing-type",
        "mariadb",
        'op.alter_column("t", "a", nullable=True)',
        {"mysql-attributes-lost": ("error", "fails")},
        fails=True,
    ),
    # -- mysql-implicit-default
    Case(
        "mysql-implicit-default-rows",
        "mariadb",
        'op.add_column("t", sa.Column("qty", sa.Integer(), nullable=False))',
        {"mysql-implicit-default": ("error", "breaks-code")},
        counts={"mysql-implicit-default": 3},
    ),
    Case(
        "mysql-implicit-default-empty",
        "mariadb",
        'op.add_column("t", sa.Column("qty", sa.Integer(), nullable=False))',
        absent=("mysql-implicit-default",),
        setup=EMPTY,
    ),
    Case(
        "mysql-implicit-default-with-default",
        "mariadb",
        'op.add_column("t", sa.Column("qty", sa.Integer(), nullable=False, server_default="3"))',
        absent=("mysql-implicit-default",),
    ),
    Case(
        "mysql-implicit-default-refused-date",
        "mariadb",
        'op.add_column("t", sa.Column("day", sa.Date(), nullable=False))',
        {"mysql-implicit-default": ("error", "fails")},
        fails=True,
        before=(_STRICT,),
    ),
    Case(
        "mysql-implicit-default-allowed-date",
        "mariadb",
        'op.add_column("t", sa.Column("day", sa.Date(), nullable=False))',
        {"mysql-implicit-default": ("error", "breaks-code")},
        before=("SET SESSION sql_mode = 'STRICT_TRANS_TABLES'",),
    ),
    Case(
        "mysql-implicit-default-foreign-key",
        "mariadb",
        'op.add_column("t", sa.Column("p2", sa.Integer(), sa.ForeignKey("p.id"), nullable=False))',
        {"mysql-implicit-default": ("error", "fails")},
        fails=True,
    ),
    Case(
        "mysql-implicit-default-types",
        "mariadb",
        'op.add_column("t", sa.Column("a1", sa.Text(), nullable=False))\n'
        'op.add_column("t", sa.Column("a2", sa.Enum("x", "y"), nullable=False))\n'
        'op.add_column("t", sa.Column("a3", sa.JSON(), nullable=False))\n'
        'op.add_column("t", sa.Column("a4", sa.Time(), nullable=False))\n'
        'op.add_column("t", sa.Column("a5", sa.LargeBinary(), nullable=False))\n'
        'op.add_column("t", sa.Column("a6", sa.Numeric(8, 2), nullable=False))\n'
        'op.add_column("t", sa.Column("a7", sa.TIMESTAMP(), nullable=False))\n'
        'op.add_column("t", sa.Column("a8", sa.Boolean(), nullable=False))',
        {"mysql-implicit-default": ("error", "breaks-code")},
    ),
    # -- mysql-non-strict-mode
    Case(
        "mysql-non-strict-mode-label-gone",
        "mariadb",
        'op.alter_column("t", "e", existing_type=sa.Enum("a", "b", "c"), type_=sa.Enum("a", "b"))',
        {"mysql-non-strict-mode": ("warning", "advice")},
        setup=_ENUM,
        before=("SET sql_mode = ''",),
        loses="SELECT e + '' FROM t",
    ),
    Case(
        "mysql-non-strict-mode-null",
        "mariadb",
        'op.alter_column("t", "a", existing_type=sa.Integer(), nullable=False)',
        {"mysql-non-strict-mode": ("warning", "advice")},
        before=("SET sql_mode = ''",),
        loses="SELECT a FROM t ORDER BY id",
    ),
    Case(
        "mysql-non-strict-mode-longer",
        "mariadb",
        'op.alter_column("t", "b", existing_type=sa.String(50), type_=sa.String(60), existing_nullable=True)',
        absent=("mysql-non-strict-mode",),
        before=("SET sql_mode = ''",),
    ),
    Case(
        "mysql-non-strict-mode-strict",
        "mariadb",
        'op.alter_column("t", "b", existing_type=sa.String(50), type_=sa.String(5), existing_nullable=True)',
        absent=("mysql-non-strict-mode",),
    ),
    Case(
        "mysql-non-strict-mode-made-strict",
        "mariadb",
        "op.execute(\"SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')\")\n"
        'op.alter_column("t", "b", existing_type=sa.String(50), type_=sa.String(5), existing_nullable=True)',
        absent=("mysql-non-strict-mode",),
        before=("SET sql_mode = ''",),
    ),
    Case(
        "mysql-non-strict-mode-made-lax",
        "mariadb",
        "op.execute(\"SET sql_mode = ''\")\n"
        'op.alter_column("t", "b", existing_type=sa.String(50), type_=sa.String(5), existing_nullable=True)',
        {"mysql-non-strict-mode": ("warning", "advice")},
        setup=(*T, "UPDATE t SET b = 'toolong' WHERE id = 1"),
        loses="SELECT b FROM t ORDER BY id",
    ),
]

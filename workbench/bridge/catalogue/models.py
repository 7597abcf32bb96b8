"""The schema that a MetaData declares, worded by a dialect, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import schema as sa_schema
from sqlalchemy import types as sa_types
from sqlalchemy.sql import operators

from workbench.bridge.catalogue.parts import foreign_key, listed, ordered
from workbench.bridge.catalogue.reading import place
from workbench.bridge.definitions import default_text, type_name
from workbench.results.objects import Column, Constraint, Index, SchemaObject, Table, View


def of_metadata(metadata: Any, dialect: Any, default_schema: str | None) -> tuple[SchemaObject, ...]:
    """Everything that models declare, in the order of `reading.read`.

    Types, defaults and names by naming conventions are as the dialect writes them in DDL, which may be other words
    than those in which the database tells them afterwards.

    Args:
        metadata: A MetaData, or several.
        dialect: That of the database.
        default_schema: The schema that is None in the results.

    """
    several = metadata if isinstance(metadata, (list, tuple)) else (metadata,)
    maker = _Maker(dialect, default_schema)
    found = {(each.kind, each.schema, each.name): each for one in several for each in maker.objects(one)}
    return tuple(sorted(found.values(), key=place))


class _Maker:
    def __init__(self, dialect: Any, default_schema: str | None) -> None:
        self.dialect = dialect
        self.default_schema = default_schema
        self._ddl = dialect.ddl_compiler(dialect, None)
        self.quote = "`" if dialect.name in {"mysql", "mariadb"} else '"'

    def objects(self, metadata: Any) -> Iterator[SchemaObject]:
        for table in metadata.tables.values():
            yield self._view(table) if getattr(table, "is_view", False) else self._table(table)
        if self.dialect.name == "postgresql":
            yield from self._types(metadata)
        for sequence in getattr(metadata, "_sequences", {}).values():
            if self.dialect.supports_sequences:
                yield SchemaObject(
                    "sequence",
                    str(sequence.name),
                    self._schema(sequence.schema),
                    definition=self._ddl.get_identity_options(sequence),
                )

    def _schema(self, name: Any) -> str | None:
        return None if name is None or str(name) == self.default_schema else str(name)

    def _table(self, table: Any) -> Table:
        beside = [each for column in table.columns for each in column.constraints]
        constraints = [told for each in (*table.constraints, *beside) for told in self._constraint(each)]
        indexes = sorted((self._index(each) for each in table.indexes), key=lambda each: each.name)
        return Table(
            "table", str(table.name), self._schema(table.schema), definition=self._tail(table),
            comment=self._comment(table),
            columns=tuple(self._column(each) for each in table.columns), constraints=ordered(constraints),
            indexes=tuple(indexes),
        )  # fmt: skip

    def _comment(self, item: Any) -> str | None:
        return item.comment if self.dialect.supports_comments else None

    def _tail(self, table: Any) -> str:
        """What stands behind its columns: `WITHOUT ROWID`, `ENGINE=InnoDB`, `PARTITION BY …`."""
        try:
            told = str(self._ddl.post_create_table(table))
            comment = f"COMMENT={self._ddl.sql_compiler.render_literal_value(table.comment or '', sa_types.String())}"
            return " ".join(told.replace(comment, "").split())
        except Exception:  # noqa: BLE001 - an option of a kind that the dialect does not expect
            return ""

    def _view(self, table: Any) -> View:
        made = getattr(table, "_creator_ddl", None)
        selected = getattr(made, "selectable", None)
        return View(
            "materialized view" if getattr(made, "materialized", False) else "view", str(table.name),
            self._schema(table.schema), definition="" if selected is None else self._selected(selected),
            comment=self._comment(table), columns=tuple(self._column(each) for each in table.columns),
        )  # fmt: skip

    def _column(self, column: Any) -> Column:
        default, generated, identity = column.server_default, None, None
        computed, counted = getattr(column, "computed", None), getattr(column, "identity", None)
        if computed is not None:
            how = {True: " STORED", False: " VIRTUAL"}.get(computed.persisted, "")
            generated = f"({self._sql(computed.sqltext)}){how}"
        if counted is not None and self.dialect.name == "postgresql":
            identity = "ALWAYS" if counted.always else "BY DEFAULT"
        elif column is column.table._autoincrement_column and self.dialect.name in {"mysql", "mariadb"}:
            identity = "AUTO_INCREMENT"
        has_default = default is not None and computed is None and counted is None
        collation = getattr(column.type, "collation", None)
        is_open = isinstance(column.type, sa_types.NullType)  # a foreign key to a table that is not declared
        type_ = "(no type)" if is_open else type_name(column.type, self.dialect)
        return Column(
            str(column.name), type_ if not collation else type_.partition(" COLLATE ")[0],
            nullable=bool(column.nullable), default=default_text(default, self.dialect) if has_default else None,
            primary_key=bool(column.primary_key), comment=self._comment(column),
            collation=str(collation) if collation else None,
            generated=generated, identity=identity,
        )  # fmt: skip

    def _constraint(self, constraint: Any) -> Iterator[Constraint]:
        if not self._is_for_this(constraint):
            return
        name = self._name(constraint)
        columns = tuple(str(each.name) for each in getattr(constraint, "columns", ()))
        more = _deferrable(constraint)
        if isinstance(constraint, sa_schema.PrimaryKeyConstraint):
            if columns:
                yield Constraint("primary key", name, columns, f"PRIMARY KEY ({self._listed(columns)}){more}")
        elif isinstance(constraint, sa_schema.ForeignKeyConstraint):
            yield self._foreign_key(constraint, name, columns, more)
        elif isinstance(constraint, sa_schema.UniqueConstraint):
            yield Constraint("unique", name, columns, f"UNIQUE ({self._listed(columns)}){more}")
        elif isinstance(constraint, sa_schema.CheckConstraint):
            yield Constraint("check", name, columns, f"CHECK ({self._sql(constraint.sqltext)}){more}")
        elif constraint.__visit_name__ == "exclude_constraint":
            yield Constraint("exclude", name, columns, self._excluded(constraint) + more)

    def _is_for_this(self, constraint: Any) -> bool:
        """Whether the dialect would make it: an Enum's CHECK, say, is for those that have no enums."""
        rule = getattr(constraint, "_create_rule", None)
        if rule is None:
            return True
        try:
            return bool(rule(self._ddl))
        except Exception:  # noqa: BLE001 - a rule of the project's own
            return True

    def _excluded(self, constraint: Any) -> str:
        told = str(self._ddl.process(constraint))
        return told[told.index("EXCLUDE") :] if "EXCLUDE" in told else told

    def _foreign_key(self, key: Any, name: str, columns: tuple[str, ...], more: str) -> Constraint:
        targets = [each.target_fullname.rpartition(".") for each in key.elements]
        schema, _, table = targets[0][0].rpartition(".")
        if not schema and key.elements[0].link_to_name is False:
            schema = key.table.metadata.schema or ""
        resolved = [self._target(each) for each in key.elements]
        if resolved[0] is not None:
            schema, table = resolved[0].table.schema or "", str(resolved[0].table.name)
        referred = tuple(
            str(column.name) if column is not None else target[2]
            for column, target in zip(resolved, targets)  # noqa: B905 - one for each element
        )
        return foreign_key(
            name, columns, (self._schema(schema or None), table, referred), on_update=_action(key.onupdate),
            on_delete=_action(key.ondelete), more=more, quote=self.quote,
        )  # fmt: skip

    @staticmethod
    def _target(element: Any) -> Any:
        """The column that it leads to; None where the models have no such one."""
        try:
            return element.column
        except Exception:  # noqa: BLE001 - a table of somebody else's, or a column that is not there
            return None

    def _index(self, index: Any) -> Index:
        options = _options(index, self.dialect)
        bare = [_unordered(each) for each in index.expressions]
        told = tuple(str(each.name) if isinstance(each, sa_schema.Column) else self._sql(each) for each in bare)
        try:
            text = str(sa_schema.CreateIndex(index).compile(dialect=self.dialect)).strip()
        except Exception:  # noqa: BLE001 - an expression that this dialect cannot write
            text = f"{'UNIQUE ' if index.unique else ''}({', '.join(told)})"
        where = options.get("where")
        return Index(
            self._name(index), told, text, unique=bool(index.unique),
            method=str(options.get("using") or options.get("prefix") or ""),
            where=None if where is None else self._sql(where),
            include=tuple(str(getattr(each, "name", each)) for each in options.get("include") or ()),
        )  # fmt: skip

    def _types(self, metadata: Any) -> Iterator[SchemaObject]:
        """The enums and domains, of columns and of the MetaData itself (SQLAlchemy 2.1)."""
        used = [column.type for table in metadata.tables.values() for column in table.columns]
        for each in [*used, *getattr(metadata, "_objects", ())]:
            type_ = getattr(each, "item_type", each)  # of an ARRAY
            if not isinstance(type_, sa_types.TypeEngine):
                continue
            made = type_.dialect_impl(self.dialect)
            made = getattr(made, "impl", made) if isinstance(made, sa_types.TypeDecorator) else made
            name = getattr(made, "name", None)
            schema = self._schema(getattr(made, "schema", None) or metadata.schema)
            if name and isinstance(made, sa_types.Enum) and made.native_enum:
                values = ", ".join("'" + str(value).replace("'", "''") + "'" for value in made.enums)
                yield SchemaObject("enum", str(name), schema, definition=values)
            elif name and made.__visit_name__ == "DOMAIN":
                yield SchemaObject(
                    "domain", str(name), schema, definition=type_name(getattr(made, "data_type", made), self.dialect)
                )

    def _name(self, item: Any) -> str:
        """Its name, also by a convention, cut to the length that the database allows."""
        try:
            told = self.dialect.identifier_preparer.format_constraint(item, _alembic_quote=False)
        except Exception:  # noqa: BLE001 - a convention that asks for what is not there, or a name that is too long
            told = item.name
        return "" if told is None else str(told)

    def _listed(self, names: tuple[str, ...]) -> str:
        return listed(names, self.quote)

    def _sql(self, clause: Any) -> str:
        """An expression as it stands in DDL."""
        if isinstance(clause, str):
            return clause
        try:
            told = str(self._ddl.sql_compiler.process(clause, include_table=False, literal_binds=True))
            # For drivers that format a statement, SQLAlchemy doubles each of them.
            is_doubled = getattr(self.dialect.identifier_preparer, "_double_percents", False)
            return told.replace("%%", "%") if is_doubled else told
        except Exception:  # noqa: BLE001 - a literal that the dialect cannot write
            return str(clause)

    def _selected(self, query: Any) -> str:
        try:
            return str(query.compile(dialect=self.dialect, compile_kwargs={"literal_binds": True}))
        except Exception:  # noqa: BLE001 - as above
            return str(query)


def _options(item: Any, dialect: Any) -> dict[str, Any]:
    """The options that are for this dialect."""
    names = ("mysql", "mariadb") if dialect.name in {"mysql", "mariadb"} else (dialect.name,)
    found: dict[str, Any] = {}
    for name in names:
        try:
            found.update({key: told for key, told in item.dialect_options[name].items() if told is not None})
        except Exception:  # noqa: BLE001, PERF203, S112 - a dialect that takes no options
            continue
    return found


def _unordered(expression: Any) -> Any:
    """What is indexed, without DESC or ASC."""
    is_ordered = getattr(expression, "modifier", None) in {operators.desc_op, operators.asc_op}
    return expression.element if is_ordered else expression


def _deferrable(constraint: Any) -> str:
    if not constraint.deferrable:
        return ""
    return " DEFERRABLE" + (" INITIALLY DEFERRED" if str(constraint.initially or "").upper() == "DEFERRED" else "")


def _action(told: str | None) -> str:
    return "" if told is None or told.upper() == "NO ACTION" else str(told).upper()

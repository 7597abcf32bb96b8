"""What runs inside of MySQL and MariaDB: triggers, functions, procedures and events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.results.objects import SchemaObject

if TYPE_CHECKING:
    from workbench.bridge.catalogue.mysql import Asking

_TRIGGERS = """
    SELECT event_object_table, trigger_name, action_timing, event_manipulation, action_statement
    FROM information_schema.triggers WHERE trigger_schema = database()
    ORDER BY event_object_table, action_timing, event_manipulation, action_order
"""
_ROUTINES = """
    SELECT specific_name, routine_name, routine_type, dtd_identifier, is_deterministic, sql_data_access, security_type,
        routine_definition, routine_comment
    FROM information_schema.routines WHERE routine_schema = database()
"""
_PARAMETERS = """
    SELECT specific_name, routine_type, parameter_mode, parameter_name, dtd_identifier
    FROM information_schema.parameters WHERE specific_schema = database() AND ordinal_position > 0
    ORDER BY specific_name, routine_type, ordinal_position
"""
_EVENTS = """
    SELECT event_name, event_type, execute_at, interval_value, interval_field, ends, on_completion, status,
        event_definition, event_comment
    FROM information_schema.events WHERE event_schema = database()
"""


def objects(asking: Asking) -> Iterator[SchemaObject]:
    """All of them."""
    for table, name, timing, event, told in asking.rows("the triggers", _TRIGGERS):
        yield SchemaObject("trigger", name, None, table, f"{timing} {event}: {asking.plain(told)}")
    yield from _routines(asking)
    yield from _events(asking)


def _routines(asking: Asking) -> Iterator[SchemaObject]:
    routines = asking.rows("the functions", _ROUTINES)
    parameters: dict[tuple[str, str], list[str]] = {}
    for specific, kind, mode, name, type_ in asking.rows("their parameters", _PARAMETERS) if routines else ():
        # Of a function all are IN, and need not say so.
        words = [mode if kind == "PROCEDURE" else "", name, type_]
        parameters.setdefault((specific, kind), []).append(" ".join(each for each in words if each))
    for specific, name, kind, gives, fixed, access, security, told, comment in routines:
        words = [
            f"{kind} ({', '.join(parameters.get((specific, kind), ()))})",
            f"RETURNS {gives}" if gives else "",
            "DETERMINISTIC" if fixed == "YES" else "",
            "" if access == "CONTAINS SQL" else access or "",
            "" if security == "DEFINER" else f"SQL SECURITY {security}",
            asking.plain(told),
        ]
        home = "procedure" if kind == "PROCEDURE" else "function"
        asking.unseen += [f"the text of the {home} {name}"] if told is None else []
        yield SchemaObject(home, name, None, "", " ".join(each for each in words if each), comment or None)


def _events(asking: Asking) -> Iterator[SchemaObject]:
    for name, kind, at, value, field, ends, after, status, told, comment in asking.rows("the events", _EVENTS):
        words = [
            # Not when it began: unless that is given, it is the moment when the event was made.
            f"AT '{at}'" if kind == "ONE TIME" else f"EVERY {value} {field}",
            f"ENDS '{ends}'" if ends else "",
            "" if after == "NOT PRESERVE" else f"ON COMPLETION {after}",
            "" if status == "ENABLED" else str(status),
            f"DO {asking.plain(told)}",
        ]
        yield SchemaObject("event", name, None, "", " ".join(each for each in words if each), comment or None)

"""Which messages of a revision say nothing."""

import pytest

from tests.zoo import HOSTILE_MESSAGES
from workbench.environment.messages import why_undescriptive


@pytest.mark.parametrize(
    "message,why",
    [
        (None, "It is empty."),
        ("", "It is empty."),
        (" \n\t", "It is empty."),
        ("empty message", "It is what Alembic writes where no message is given."),
        ("update", "'update' would fit any revision."),
        ("Changes.", "'Changes.' would fit any revision."),
        ("fix", "'fix' would fit any revision."),
        ("WIP!!", "'WIP!!' would fit any revision."),
        ("new migration", "'new migration' would fit any revision."),
        ("auto", "'auto' would fit any revision."),
        ("fix the models again", "'fix the models again' would fit any revision."),
        ("migration 2", "'migration 2' would fit any revision."),
        ("update_db_schema", "'update_db_schema' would fit any revision."),
        ("e0a111000001", "'e0a111000001' is an id, and tells nothing to a reader."),
        ("2024-03-01 (2)", "'2024-03-01 (2)' has no word in it."),
        ("???", "'???' has no word in it."),
        ("ix", "'ix' is one short word."),
        ("t1", "'t1' is one short word."),
    ],
)
def test_what_says_nothing(message: str | None, why: str) -> None:
    """The sentence says why."""
    assert why == why_undescriptive(message)


@pytest.mark.parametrize(
    "message",
    [
        "create review", "add gift vouchers", "initial", "initial migration", "baseline", "merge heads", "users",
        "v1 schema of orders", "fix index of orders", "update prices", "drop legacy_export", "SHOP-1234: add a table",
        "Do r1.", "require a", "beefed", "decade", "新しい表", "таб", "ajout d'un index",
        "deadbeef table", "rename a to b",
    ],
)  # fmt: skip
def test_what_may_describe(message: str) -> None:
    """False findings are worse than missed ones."""
    assert why_undescriptive(message) is None


@pytest.mark.parametrize("message", HOSTILE_MESSAGES)
def test_any_text(message: str) -> None:
    """It comes to an answer, in one line."""
    assert "\n" not in (why_undescriptive(message) or "")

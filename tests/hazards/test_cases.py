"""Each case is predicted, then really applied; prediction and reality agree."""

import contextlib
import functools
from collections.abc import Callable, Iterator

import pytest

from tests import servers
from tests.conftest import missing
from tests.hazards.all_cases import CASES
from tests.hazards.bench import Bench
from tests.hazards.cases import Case
from workbench.hazards.judging import RULE_FAILED


def test_every_case_has_a_name_of_its_own() -> None:
    """Their revisions would be one."""
    names = [(each.dialect, each.name) for each in CASES]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


_TOGETHER = 25
"""Cases in one environment: every question loads all of its revisions."""


@pytest.fixture(scope="module")
def benches(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Case], Bench]]:
    """The environment of a case and some others, made when the first of them is asked for; one database a dialect."""
    made: dict[tuple[str, int], Bench] = {}
    with contextlib.ExitStack() as stack:

        @functools.cache
        def url(dialect: str) -> str:
            if dialect == "sqlite":
                return f"sqlite:///{tmp_path_factory.mktemp('database')}/cases.db"
            server = request.getfixturevalue(f"{dialect}_server")
            if isinstance(server, servers.Unavailable):
                missing(dialect, str(server))
            told: str = stack.enter_context(server.database())
            return told

        def bench(case: Case) -> Bench:
            same = [each for each in CASES if each.dialect == case.dialect]
            key = case.dialect, same.index(case) // _TOGETHER
            if key not in made:
                part = same[key[1] * _TOGETHER : (key[1] + 1) * _TOGETHER]
                made[key] = Bench(tmp_path_factory.mktemp(case.dialect), url(case.dialect), part)
                stack.callback(made[key].close)
            return made[key]

        yield bench


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dialect}-{case.name}")
def test_case(case: Case, benches: Callable[[Case], Bench]) -> None:
    """What the rules say is what they should, and what happens is what they say."""
    bench = benches(case)
    if case.version and bench.workbench.current().databases[0].server < ".".join(map(str, case.version)):
        pytest.skip(f"the server is older than {case.version}")
    told = bench.run(case)
    assert RULE_FAILED not in {each.rule for each in told.findings}, told.findings
    said = {each.rule: (each.severity, each.outcome) for each in reversed(told.findings)}
    assert {rule: said.get(rule) for rule in case.expect} == case.expect, told.findings
    assert [rule for rule in case.absent if rule in said] == [], told.findings
    assert {rule: (told.of(rule) or told.findings[0]).evidence.count for rule in case.counts} == case.counts
    assert {rule: sum(each.rule == rule for each in told.findings) for rule in case.times} == case.times, told.findings
    assert told.failed == case.fails, (told.run.error, told.findings)
    if case.loses:
        assert told.lost == told.predicts_loss, (told.lost, told.findings)
    if told.failed:
        assert told.predicts_failure, f"A missed failure: {told.run.error}"
    else:
        assert not told.predicts_failure, f"It was said to fail: {told.findings}"

"""Each case is predicted, then really applied; prediction and reality agree."""

import contextlib
import functools
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests import servers
from tests.conftest import missing
from tests.hazards.all_cases import CASES
from tests.hazards.bench import Bench
from tests.hazards.cases import Case
from tests.hazards.cases_let_be import LET_BE
from workbench.hazards import rules as _rules  # noqa: F401 - importing it registers them
from workbench.hazards.judging import RULE_FAILED
from workbench.hazards.rule import RULES


def test_every_case_has_a_name_of_its_own() -> None:
    """Their revisions would be one."""
    names = [(each.dialect, each.name) for each in CASES]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


def test_every_rule_has_three_cases() -> None:
    """One in which it must find something, one in which it must not, and one more."""
    finds = Counter(rule for rule, _ in {(rule, each.name) for each in CASES for rule in each.expect})
    lets_be = Counter(rule for rule, _ in {(rule, each.name) for each in CASES for rule in each.absent})
    too_few = [each for each in RULES if not finds[each] or not lets_be[each] or finds[each] + lets_be[each] < 3]

    assert too_few == []


@pytest.mark.parametrize("what", LET_BE)
def test_what_must_be_let_be_has_cases(what: str) -> None:
    """Those that are named, and each of them."""
    assert set(LET_BE[what]) - {each.name for each in CASES} == set()


@pytest.fixture(scope="module")
def benches(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Bench]]:
    """The environment of each dialect, made when the first of its cases asks for it."""
    with contextlib.ExitStack() as stack:

        def url(dialect: str) -> str:
            if dialect == "sqlite":
                return f"sqlite:///{tmp_path_factory.mktemp('database')}/cases.db"
            server = request.getfixturevalue(f"{dialect}_server")
            if isinstance(server, servers.Unavailable):
                missing(dialect, str(server))
            told: str = stack.enter_context(server.database())
            return told

        @functools.cache
        def bench(dialect: str) -> Bench:
            made = Bench(tmp_path_factory.mktemp(dialect), url(dialect))
            stack.callback(made.close)
            return made

        yield bench


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dialect}-{case.name}")
def test_case(case: Case, benches: Callable[[str], Bench]) -> None:
    """What the rules say is what they should, and what happens is what they say."""
    bench = benches(case.dialect)
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

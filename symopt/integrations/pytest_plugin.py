"""The pytest plugin: in its tests a project states which rule each of its optimizers is.

It is loaded at the start of every run of pytest where symopt is installed, so that nothing but pytest is imported
before a test states something.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from symopt.conform.stated import Statement
    from symopt.language import Rule

#: The report formats, each an option ``--symopt-FORMAT FILE``.
FORMATS = ("json", "sarif")
#: Seconds for a target given by its name.
TIMEOUT = 60.0
#: What of an answer pytest's own JUnit XML says.
PROPERTIES = ("target", "rule", "verdict", "scope", "nearest", "difference")

STATED = pytest.StashKey[list[dict[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for the reports."""
    group = parser.getgroup("symopt", "optimizers and their update rules")
    for form in FORMATS:
        help = f"write what the fixture conforms found, in all tests and processes, to FILE ({form.upper()})"
        group.addoption(f"--symopt-{form}", metavar="FILE", help=help)


def pytest_configure(config: pytest.Config) -> None:
    """Collect the answers where a report is asked for: in the one process that all reports of tests come to."""
    files = {form: config.getoption(f"symopt_{form}") for form in FORMATS}
    asked = {form: config.invocation_params.dir / file for form, file in files.items() if file}
    if asked and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reports(asked), "symopt-reports")


@pytest.fixture
def conforms(request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """State that an optimizer conforms to a rule, or differs from it exactly so; the test fails if that is not so.

    conforms(target, rule, *, differs="", scope="all steps", settings={}, timeout=60)

    target: package.module:object or path/to/file.py:object, run in a process of its own; or the object itself.
    rule: a name, with options as in adam[decay=coupled]; path/to/file.py:rule; or a Rule.
    differs: what it is instead, as adam[eps_placement=hat], or the difference in the words of the answer.
    scope: for which steps at least it must be shown ("all steps", "first N steps" or "sampled").
    settings: arguments for the target. timeout: seconds, for a target and a rule given by their names.

    Returns the answer, as ``symopt check --json`` writes it.
    """

    def state(
        target: Any,
        rule: str | Rule,
        *,
        differs: str = "",
        scope: str = "all steps",
        settings: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> dict[str, Any]:
        with warnings.catch_warnings():
            # Where the project has pytest make errors of warnings: that a target warns is no answer about it.
            warnings.simplefilter("default")
            from symopt.conform.stated import Statement
            from symopt.language import SymoptError

            try:
                statement = Statement(rule, differs, scope)
                answers = _ask(target, statement.rules, dict(settings or {}), timeout)
                failure = _keep(request.node, statement, answers)
            except SymoptError as error:
                failure = f"conforms: {error}"
        if failure:  # not where the error is caught: pytest would show that too
            pytest.fail(failure, pytrace=False)
        return answers[0]

    return state


def _ask(
    target: Any, rules: Sequence[str | Rule], settings: dict[str, Any], timeout: float | None
) -> list[dict[str, Any]]:
    """The answer of ``check`` against each rule, as data; of what has a name, from a process of its own."""
    from symopt.language import refuse

    names = [rule for rule in rules if isinstance(rule, str)]
    if not isinstance(target, str) or len(names) < len(rules):
        if timeout is not None:
            raise refuse("timeout", timeout, "is for a target and a rule given by their names; objects run in pytest")
        from symopt.conform.check import check

        return [check(target, rule, **settings).to_json() for rule in rules]
    seconds = TIMEOUT if timeout is None else timeout
    if not (isinstance(seconds, (int, float)) and math.isfinite(seconds) and seconds > 0):
        raise refuse("timeout", timeout, "must be a number of seconds > 0")
    from symopt.commands import answers

    return answers(target, names, settings, seconds)


def _keep(test: pytest.Item, statement: Statement, answers: Sequence[dict[str, Any]]) -> str:
    """Keep the answer for the reports, with what the test states; the answer in words if that is not so, else ""."""
    file, line, _ = test.location
    answer = answers[0] | {
        "test": {"id": test.nodeid, "file": Path(file).as_posix(), "line": (line or 0) + 1},
        "stated": {"differs": statement.differs, "scope": statement.scope},
        "failure": statement.failure(answers),
        "instead": answers[1] if len(answers) > 1 else None,
    }
    test.stash.setdefault(STATED, []).append(answer)
    near = answer["nearest"]
    said = answer | {"nearest": near["variant"] if near else None}
    test.user_properties += [(f"symopt_{name}", said[name] or "") for name in PROPERTIES]
    if not answer["failure"]:
        return ""
    from symopt.present.conformance import text

    return text(answer)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the answers on the test's report, which pytest-xdist sends to its controller whole."""
    report = yield
    if stated := item.stash.get(STATED, []):
        report.symopt = stated  # type: ignore[attr-defined]  # any attribute travels along
        del item.stash[STATED]
    return report


class Reports:
    """The answers of all tests, and the files, by format, that they are written to when the run is over."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        from symopt.files import require_writable

        self.files = files
        self.answers: dict[str, list[dict[str, Any]]] = {}
        for form, file in files.items():
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                require_writable(file)
            except (OSError, ValueError) as error:
                raise pytest.UsageError(f"--symopt-{form}: {error}") from None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a test's answers, of its last run where it is run again."""
        if report.when == "setup":
            self.answers[report.nodeid] = []
        self.answers.setdefault(report.nodeid, []).extend(getattr(report, "symopt", ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files, in the order in which the tests stand in theirs, whoever ran them."""
        if session.config.option.collectonly:
            return
        from symopt.files import write_atomically
        from symopt.present.conformance import sarif

        found = [answer for answers in self.answers.values() for answer in answers]
        found.sort(key=lambda answer: (answer["test"]["file"], answer["test"]["line"], answer["test"]["id"]))
        for form, file in self.files.items():
            text = json.dumps(found, indent=2, ensure_ascii=False) + "\n" if form == "json" else sarif(found)
            write_atomically(file, text)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where they are."""
        for form, file in self.files.items():
            terminalreporter.write_line(f"symopt: {form.upper()} in {file}")

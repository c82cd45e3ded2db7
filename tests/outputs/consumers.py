"""Each form as its reader reads it. A reader that finds anything wrong raises; what it gives back is checked by the tests."""

import csv
import functools
import io
import json
import pathlib
import re

import junitparser
import xmlschema
from jsonschema import Draft7Validator
from prometheus_client.openmetrics.parser import text_string_to_metric_families

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "data" / "consumers"
# Of a step GitHub shows so many annotations of each kind, and of a summary so many bytes.
ANNOTATIONS = 10
SUMMARY = 1024 * 1024


@functools.cache
def _schema(name):
    path = SCHEMAS / name
    if path.suffix == ".xsd":
        return xmlschema.XMLSchema10(str(path))
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def junit(text):
    """The suites, after the schema of Jenkins; junitparser's sums must be those that are written."""
    _schema("junit-10.xsd").validate(text)
    suites = junitparser.JUnitXml.fromstring(text.encode())
    for suite in suites:
        cases = list(suite)
        kinds = [[type(one).__name__ for one in case.result] for case in cases]
        assert all(len(kind) <= 1 for kind in kinds), kinds
        written = (suite.tests, suite.failures, suite.errors, suite.skipped)
        counted = [sum(kind == [name] for kind in kinds) for name in ("Failure", "Error", "Skipped")]
        assert written == (len(cases), *counted), (suite.name, written, counted)
    assert suites.tests == sum(suite.tests for suite in suites)
    assert suites.failures == sum(suite.failures for suite in suites)
    assert suites.errors == sum(suite.errors for suite in suites)
    return suites


def sarif(text):
    """The run, after the schema of OASIS and what GitHub asks beyond it."""
    log = json.loads(text)
    _schema("sarif-2.1.0.schema.json").validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"] and rule["help"]["text"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        # Code scanning compares by this one alone.
        assert result["message"]["text"] and result["partialFingerprints"]["primaryLocationLineHash"]
        for location in result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            # Relative to the repository, and for all the same.
            assert uri == run["artifacts"][0]["location"]["uri"] and re.fullmatch(r"[\w.%-][\w.%/-]*", uri), uri
    return run


# The order of the runner: the sign of percent is last.
DATA_SIGNS = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))


def _unescaped(text, *signs):
    for code, sign in signs:
        text = text.replace(code, sign)
    return text


def github(text):
    """The annotations as the runner reads them from a log: a list of command, properties and message."""
    found = []
    for line in text.splitlines():
        # What the runner looks for at the begin of a line: `::name key=value,key=value::message`.
        match = re.fullmatch(r"::([a-z-]+)(?: (.*?))?::(.*)", line)
        assert match, line
        command, properties, message = match.groups()
        assert command in ("error", "warning", "notice"), line
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        assert list(pairs) == ["title"], line
        title = _unescaped(pairs["title"], ("%3A", ":"), ("%2C", ","), *DATA_SIGNS)
        message = _unescaped(message, *DATA_SIGNS)
        found.append((command, title, message))
    for kind in ("error", "warning", "notice"):
        assert sum(command == kind for command, _, _ in found) <= ANNOTATIONS
    return found


def gitlab(text):
    """The issues: what https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format asks for."""
    assert not text.startswith("\ufeff")
    issues = json.loads(text)
    for issue in issues:
        for name in ("description", "check_name", "fingerprint"):
            assert issue[name] and isinstance(issue[name], str), issue
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker"), issue
        path = issue["location"]["path"]
        assert path and not path.startswith(("/", "./")) and ".." not in path, issue
        assert isinstance(issue["location"]["lines"]["begin"], int)
    fingerprints = [issue["fingerprint"] for issue in issues]
    assert len(set(fingerprints)) == len(fingerprints)
    return issues


def openmetrics(text):
    """The families by name."""
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    return {family.name: family for family in families}


def rows(text):
    """The rows of the CSV as Python's reader, strict, has them; every line ends as RFC 4180 says."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    head, *body = read
    assert all(len(row) == len(head) for row in body)
    return [dict(zip(head, row, strict=True)) for row in body]


def line(text):
    """The one line."""
    assert text.count("\n") == 1 and text.endswith("\n")
    assert len(text) <= 201, len(text)
    return text.removesuffix("\n")


def summary(text):
    """The Markdown, which fits."""
    assert len(text.encode()) < SUMMARY
    return text


READERS = {
    "junit": junit,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "openmetrics": openmetrics,
    "csv": rows,
    "line": line,
    "summary": summary,
}

"""Checks: a verdict a test, from a process that the program is not in."""

from __future__ import annotations

import time

import pytest

from treewright.domains.code.sandbox import Assertion, BadProgram, Exchange, Limits, Program, Report, Sandbox

QUICK = Limits(seconds=0.5)


def check(sandbox: Sandbox, source: str, *codes: str, setup: str = "", limits: Limits = QUICK) -> Report:
    tests = [Assertion(str(number), code) for number, code in enumerate(codes)]
    return sandbox.check(Program(source), tests, setup, limits)


def statuses(report: Report) -> list[str]:
    return [verdict.status for verdict in report.verdicts]


def test_each_test_has_its_verdict_and_its_output(sandbox: Sandbox) -> None:
    report = check(
        sandbox,
        "print('loaded')\ndef half(n):\n    print('half of', n)\n    return n // 2\n",
        "assert half(4) == 2",
        "assert half(4) == 3, 'rounded'",
        "half('x')",
        "while True: half(1)",
        "assert half(6) == 3",
        "assert half(",
    )
    assert statuses(report) == ["passed", "failed", "error", "timeout", "passed", "error"]
    assert (report.stage, report.message, report.passed) == ("ready", "", 2)
    passed, failed, error, timeout, fresh, broken = report.verdicts
    assert (passed.message, passed.output) == ("", "loaded\nhalf of 4\n")
    assert failed.message == "does not hold: half(4) == 3\nleft side: 2\nright side: 3\nmessage: 'rounded'"
    assert failed.output == "half of 4\n"
    assert "the program raised TypeError: unsupported operand" in error.message
    assert timeout.message == "the test did not end within 0.5 s"
    assert fresh.output == "loaded\nhalf of 6\n", "after a timeout the next test gets a fresh program"
    assert "SyntaxError" in broken.message


@pytest.mark.parametrize(
    ("source", "stage", "message"),
    [
        ("def f(:\n", "parse", "SyntaxError"),
        ("import nothing_of_this_name\n", "load", "ModuleNotFoundError"),
        ("import sys\nsys.exit(0)\n", "load", "SystemExit"),
        ("import os\nos._exit(0)\n", "load", "the program ended while it was loaded: it exited with code 0"),
        ("while True: pass\n", "load", "the program was not loaded within 0.5 s"),
        ("import ctypes\nctypes.string_at(0)\n", "load", "it crashed with signal 11"),
    ],
)
def test_a_program_that_does_not_load_says_how_far_it_came(
    sandbox: Sandbox, source: str, stage: str, message: str
) -> None:
    report = check(sandbox, source, "assert True", "assert True")
    assert report.stage == stage
    assert message in report.message
    assert statuses(report) == ["error", "error"]
    assert message in report.verdicts[1].message


def test_a_check_has_an_end(sandbox: Sandbox) -> None:
    loops = ["f()"] * 5
    report = check(sandbox, "def f():\n    while True: pass\n", *loops, limits=Limits(seconds=0.3, total_seconds=0.7))
    assert statuses(report) == ["timeout"] * 5
    assert report.verdicts[-1].message == "not reached within 0.7 s"


def test_time_that_runs_out_while_a_program_is_loaded_again_is_the_check_s(sandbox: Sandbox) -> None:
    slow_again = f"import time\nif time.time() > {time.time() + 2.8}: time.sleep(9)\ndef f():\n    time.sleep(9)\n"
    report = check(sandbox, slow_again, "f()", "f()", limits=Limits(seconds=3.0, total_seconds=4.0))
    assert (report.stage, statuses(report)) == ("ready", ["timeout"] * 2)
    assert report.verdicts[-1].message == "not reached within 4 s"


@pytest.mark.parametrize(
    "test",
    [
        "assert identity([1, (2.5, None), {'k': {True}}, b'x']) == [1, (2.5, None), {'k': {True}}, b'x']",
        "assert type(identity((1, 2))) is tuple and type(identity(True)) is bool and type(identity(1.0)) is float",
        "assert identity(10 ** 5000) == 10 ** 5000",
        "import math\nassert math.isnan(identity(float('nan'))) and identity(-math.inf) == -math.inf",
        "assert identity('\\ud800 \\u00e9 \\0') == '\\ud800 \\u00e9 \\0'",
        "from fractions import Fraction\nassert identity(Fraction(1, 3)) == Fraction(1, 3)",
        "from datetime import date\nassert identity(date(2024, 2, 29)) == date(2024, 2, 29)",
        "assert counts('abba') == {'a': 2, 'b': 2}",
        "assert point() == (1, 2)",
        "items = [3, 1]\nassert sort_in_place(items) is None\nassert items == [1, 3]",
        "table = {'a': 1}\nsort_in_place(items=table['b'] if 'b' in table else [])\nassert table == {'a': 1}",
        "node = Node(1)\nnode.next = Node(2)\nassert total(node) == 3 and node.next.value == 2",
        "assert list(count_to(3)) == [1, 2, 3]",
        "numbers = count_to(2)\nassert next(numbers) == 1 and next(numbers) == 2\n"
        "try:\n    next(numbers)\nexcept StopIteration:\n    pass\nelse:\n    assert False",
        "assert apply(lambda n: n + 1, 4) == 5",
        "assert apply(len, [1]) == 1 and apply(str, 4) == '4' and keep([1, 'a', 2.5], int) == [1]",
        "assert maxsize > 2 ** 62",
        "assert str(Node(7)) == 'Node 7' and (Node(1) + Node(2)).value == 3",
        "assert len(Bag([1, 2])) == 2 and Bag([1, 2])[1] == 2 and 2 in Bag([1, 2]) and 3 not in Bag([1, 2])",
        "try:\n    refuse()\nexcept Refused as error:\n    assert error.args == ('no', 1)\nelse:\n    assert False",
        "try:\n    refuse()\nexcept ValueError:\n    pass",
        "import unittest\nunittest.TestCase().assertRaises(KeyError, lambda: {}[identity(1)])",
        "assert CONSTANT == [1, 2] and math.floor(2.5) == 2",
        "assert helper(2) == 4",
    ],
)
def test_what_crosses_between_the_processes(sandbox: Sandbox, test: str) -> None:
    source = """
import math
from collections import Counter, namedtuple
from sys import maxsize

CONSTANT = [1, 2]

class Refused(ValueError): pass

class Node:
    def __init__(self, value): self.value, self.next = value, None
    def __str__(self): return f"Node {self.value}"
    def __add__(self, other): return Node(self.value + other.value)

class Bag:
    def __init__(self, items): self.items = items
    def __len__(self): return len(self.items)
    def __getitem__(self, key): return self.items[key]
    def __iter__(self): return iter(self.items)

def identity(value): return value
def counts(text): return Counter(text)
def point(): return namedtuple("Point", "x y")(1, 2)
def sort_in_place(items): items.sort()
def total(node): return 0 if node is None else node.value + total(node.next)
def count_to(n):
    for number in range(n): yield number + 1
def apply(function, value): return function(value)
def keep(items, kind): return [item for item in items if isinstance(item, kind)]
def refuse(): raise Refused("no", 1)
"""
    report = check(sandbox, source, test, setup="def helper(n):\n    return identity(n) * 2\n", limits=Limits())
    assert report.verdicts[0].status == "passed", report.verdicts[0]


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("assert Thing() == 1", "== of <Thing of the program> cannot be tested"),
        ("assert Thing()", "truth of <Thing of the program> cannot be tested"),
        ("assert sorted([Thing(), Thing()])", "< of <Thing of the program> cannot be tested"),
        ("assert 1 in [Thing()]", "== of <Thing of the program> cannot be tested"),
        ("Thing().lacking", "AttributeError: 'Thing' object has no attribute 'lacking'"),
        ("missing(1)", "NameError: name 'missing' is not defined\nat: missing(1)"),
        ("deep()", "levels"),
        ("Thing() - 4", "plain data that came of 'sub' of <Thing of the program> cannot be tested"),
        ("list(map(stop, [1, 2]))", "RuntimeError: the program raised StopIteration"),
        ("borrow(lambda: 1)", "PermissionError: the program may not getattr what a test lent it"),
    ],
)
def test_what_does_not_cross_is_an_error(sandbox: Sandbox, test: str, message: str) -> None:
    source = """
class Thing:
    def __sub__(self, other): return 0
def stop(_): raise StopIteration
def deep():
    found = []
    for _ in range(1000): found = [found]
    return found
def borrow(function): return function.__globals__
"""
    (verdict,) = check(sandbox, source, test).verdicts
    assert verdict.status == "error"
    assert message in verdict.message


def test_python_s_own_names_are_the_program_s_only_where_it_is_said(sandbox: Sandbox) -> None:
    source = "def sum(a, b):\n    return a + b\n"
    tests = [Assertion("sum", "assert sum(1, 2) == 3")]
    assert "TypeError" in sandbox.check(Program(source), tests).verdicts[0].message
    assert sandbox.check(Program(source, defines=("sum",)), tests).passed == 1


def test_a_setup_that_fails_fails_every_test(sandbox: Sandbox) -> None:
    report = check(sandbox, "def f(): return 1\n", "assert True", "assert f() == 1", setup="absent()")
    assert statuses(report) == ["error", "error"]
    assert report.verdicts[0].message.startswith("the setup of the tests: NameError: name 'absent' is not defined")
    endless = check(sandbox, "def f(): return 1\n", "assert True", "assert True", setup="while True: pass")
    assert statuses(endless) == ["timeout", "timeout"]
    assert endless.stage == "ready"


def test_tests_share_names_and_the_loaded_program(sandbox: Sandbox) -> None:
    source = "calls = 0\ndef count():\n    global calls\n    calls += 1\n    return calls\n"
    report = check(sandbox, source, "first = count()", "assert (first, count()) == (1, 2)", "assert calls == 0")
    assert statuses(report) == ["passed"] * 3, "plain data is a copy from when the program was loaded"


@pytest.mark.parametrize(
    ("source", "stdin", "stdout", "status", "message"),
    [
        ("print(int(input()) * 2)", "21\n", "42\n", "passed", ""),
        ("print('a ')\nprint('b')\nprint()", "", "a\nb", "passed", ""),
        ("print('a')\nprint('c')", "", "a\nb\n", "failed", "line 2 is 'c'; expected 'b'"),
        ("print('a')", "", "a\nb\n", "failed", "1 lines; expected 2"),
        ("print('x', 1 / 3, 5e5)", "", "x 0.3333333 500000.0", "passed", ""),
        ("print(1 / 3)", "", "0.3334", "failed", "expected '0.3334'"),
        ("print(3.0)", "", "3", "failed", "line 1 is '3.0'; expected '3'"),
        ("print('nan')", "", "0.5", "failed", "line 1 is 'nan'"),
        ("print('0.5  1')", "", "0.5 1", "failed", "line 1"),
        ("print('a' * 100_000)", "", "a" * 99_999, "failed", "line 1 is 'aaa"),
        ("print('a')\nraise SystemExit(1)", "", "a", "error", "the program ended: exited with code 1"),
        ("print('a', flush=True)\nwhile True: pass", "", "a", "timeout", "the program ran out of time"),
        ("print(input())", "", "", "error", "EOFError"),
    ],
)
def test_exchanges_compare_text(
    sandbox: Sandbox, source: str, stdin: str, stdout: str, status: str, message: str
) -> None:
    report = sandbox.check(Program(source), [Exchange("e", stdin, stdout)], limits=QUICK)
    assert report.verdicts[0].status == status, report
    assert message in report.verdicts[0].message
    assert report.stage == "ready"


def test_exchanges_say_a_syntax_error_once_and_run_nothing(sandbox: Sandbox) -> None:
    report = sandbox.check(Program("print("), [Exchange("a", "", ""), Exchange("b", "", "")])
    assert report.stage == "parse"
    assert statuses(report) == ["error", "error"]
    assert "SyntaxError" in report.verdicts[0].message


def test_both_kinds_of_tests_keep_their_order(sandbox: Sandbox) -> None:
    program = Program("def f():\n    return 1\nif __name__ == '__main__':\n    print(f())\n")
    tests = [Exchange("b", "", "1"), Assertion("a", "assert f() == 1"), Exchange("c", "", "2")]
    report = sandbox.check(program, tests)
    assert [(verdict.test, verdict.status) for verdict in report.verdicts] == [
        ("b", "passed"),
        ("a", "passed"),
        ("c", "failed"),
    ]


def test_no_tests_at_all_say_whether_it_loads(sandbox: Sandbox) -> None:
    assert sandbox.check(Program("x = 1"), []) == Report("ready", "", ())
    assert sandbox.check(Program("x ="), []).stage == "parse"


def test_what_cannot_be_checked_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(BadProgram, match="a command cannot be checked: 'sh -c true'"):
        sandbox.check(Program(argv=("sh", "-c", "true")), [])
    with pytest.raises(BadProgram, match="two tests are called 'a'"):
        sandbox.check(Program("1"), [Assertion("a", "1"), Assertion("a", "2")])

"""Finding code in text, and the canonical form: equal programs look alike, different ones do not."""

from __future__ import annotations

import ast

import pytest

from treewright.domains.code.programs import canonical, defines, find_code, parse


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def f():\n    return 1\n", "def f():\n    return 1"),
        ("Sure:\n```python\ndef f():\n    return 1\n```\nIt works.", "def f():\n    return 1"),
        ("```\nx = 1\n```\nand\n```py\nlonger = 2 + 2\n```", "longer = 2 + 2"),
        ("x = 1\n```\nThat is it.", "x = 1"),
        ("    x = 1\r\n    y = 2\r\n", "x = 1\ny = 2"),
        ("```python\nunfinished = 1", "unfinished = 1"),
        ("``````", ""),
        ("\ufeffx = 1", "x = 1"),
    ],
)
def test_code_is_found_in_what_models_write(text: str, code: str) -> None:
    assert find_code(text) == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(x):\n    y = x + 1\n    return y", "def f(x):\n    # add\n    total = (x + 1)\n\n    return total"),
        ("def f(x: int) -> int:\n    'Doc.'\n    return x", "def f(x):\n    return x"),
        ("def f(a):\n    return [b for b in a]", "def f(a):\n    return [c for c in a]"),
        (
            "def f(a):\n    def g(b):\n        return b + a\n    return g(1)",
            "def f(a):\n    def h(c):\n        return c + a\n    return h(1)",
        ),
        ("def f(a):\n    return sorted(a, key=lambda x: -x)", "def f(a):\n    return sorted(a, key=lambda y: -y)"),
    ],
)
def test_spellings_of_one_program_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(a, b):\n    return a - b", "def f(b, a):\n    return a - b"),
        ("def f(x):\n    return x + 1", "def f(x):\n    return x + 2"),
        ("def f(x):\n    y = 1\n    return z", "def f(x):\n    z = 1\n    return z"),
        ("def f():\n    x = 1\n    return locals()", "def f():\n    y = 1\n    return locals()"),
        (
            "def f():\n    def g(a, b):\n        return a - b\n    return g(a=1, b=2)",
            "def f():\n    def g(b, a):\n        return b - a\n    return g(a=1, b=2)",
        ),
        (
            "def f():\n    x = 1\n    class A:\n        x = 2\n    return A.x",
            "def f():\n    y = 1\n    class A:\n        y = 2\n    return A.x",
        ),
        ("x = 1", "y = 1"),
        ("def f(\n", "def f((\n"),
    ],
)
def test_different_programs_stay_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_an_empty_body_after_its_docstring_is_still_a_program() -> None:
    assert canonical("def f():\n    'Doc.'") == "def f():\n    pass"


def test_a_text_that_is_no_python_keeps_itself() -> None:
    assert parse("def f(") is None
    assert canonical(" def f( ") == "def f("
    deep = "x = " + "+".join(["1"] * 3_000)
    assert canonical(f"{deep}\n") == deep


@pytest.mark.parametrize(
    "code",
    [
        "def f(): pass",
        "from m import f",
        "import f",
        "f = lambda: 1",
        "class f: pass",
        "if True: from m import f",
        "for f in (): pass",
    ],
)
def test_a_binding_outside_of_functions_defines_a_name(code: str) -> None:
    assert defines(ast.parse(code), "f")
    assert defines(ast.parse(f"try:\n    {code}\nexcept ImportError: pass"), "f")
    assert not defines(ast.parse(f"def g():\n    {code}"), "f")


def test_using_a_name_does_not_define_it() -> None:
    assert not defines(ast.parse("g = [x for x in f()]\nh = lambda: (f := 1)\nf.a = f[0] = 1"), "f")
    assert defines(ast.parse("from m import *"), "f")

"""Rows of published collections in the documented form: one function each, chosen by the fields that a row has."""

from __future__ import annotations

import ast
import base64
import io
import json
import pickle
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from ..protocol import DomainError
from .examples import examples
from .programs import syntax

Row = dict[str, Any]
Record = dict[str, Any]

# Docstring examples that the collection's own tests contradict.
_WRONG_EXAMPLES = {"HumanEval/47", "HumanEval/116", "HumanEval/130", "HumanEval/148"}


def record(row: Row, where: str) -> Record:
    """A row of any known collection as a record of the documented form (docs/code.md).

    Raises:
        DomainError: the row has the fields of no known form, or one of them is not what its form has there.
    """
    for fields, convert in _FORMS:
        if fields <= row.keys():
            try:
                return convert(row)
            except (
                KeyError,
                TypeError,
                ValueError,
                SyntaxError,
                AttributeError,
                zlib.error,
                pickle.UnpicklingError,
            ) as e:
                raise DomainError(f"{where}: a row with {', '.join(sorted(fields))}: {type(e).__name__}: {e}") from None
    known = "; ".join(" + ".join(sorted(fields)) for fields, _ in _FORMS)
    raise DomainError(f"{where}: fields {', '.join(sorted(row)) or 'none'}; expected those of one form: {known}")


def _own(row: Row) -> Record:
    return row


def _human_eval(row: Row) -> Record:
    prompt, entry = row["prompt"], row["entry_point"]
    header, docstring = _before_and_docstring(prompt, entry)
    visible = [] if row.get("task_id") in _WRONG_EXAMPLES else list(examples(docstring, entry))
    return {
        "id": row.get("task_id"),
        "text": prompt,
        "entry_point": entry,
        "header": header,
        "stem": prompt.rstrip(),
        "visible": visible,
        "hidden": [f"{row['test']}\n\ncheck({entry})"],
        "solution": prompt + row.get("canonical_solution", ""),
    }


def _eval_plus(row: Row) -> Record:
    """EvalPlus's own files: inputs alone, the right results being those of the reference solution."""
    prompt, entry = row["prompt"], row["entry_point"]
    solution = prompt + row["canonical_solution"]
    header, docstring = _before_and_docstring(solution, entry)
    if (
        "assertion" in row
    ):  # MBPP+: the prompt is a docstring with the first assertion, and the solution a whole program
        visible = [line for line in prompt.splitlines() if line.startswith("assert ")]
    else:
        visible = list(examples(docstring, entry))
    inputs = [*row["base_input"], *row["plus_input"]]
    return {
        "id": row.get("task_id"),
        "text": prompt,
        "entry_point": entry,
        "header": header if "assertion" not in row else "",
        "visible": [] if row.get("task_id") in _WRONG_EXAMPLES else visible,
        "hidden": [_COMPARED.format(solution=solution, entry=entry, inputs=inputs, tolerance=row.get("atol") or 1e-6)],
        "solution": solution,
        "seconds": 10.0,
    }


_COMPARED = """
import copy, math

def same_as_reference(got, expected):
    if isinstance(expected, float) and isinstance(got, (int, float)):
        return math.isclose(got, expected, rel_tol=1e-07, abs_tol={tolerance!r}) or got != got and expected != expected
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)):
        return len(got) == len(expected) and all(map(same_as_reference, got, expected))
    if isinstance(expected, dict) and isinstance(got, dict):
        return got.keys() == expected.keys() and all(same_as_reference(got[key], expected[key]) for key in expected)
    return got == expected

reference = {{}}
exec({solution!r}, reference)
for arguments in {inputs!r}:
    expected = reference[{entry!r}](*copy.deepcopy(arguments))
    assert same_as_reference({entry}(*copy.deepcopy(arguments)), expected), "wrong for one of the inputs"
"""


def _mbpp(row: Row) -> Record:
    """MBPP and MBPP+: the first assertion is visible, since nothing else tells the function's name."""
    tests = [_unix(test) for test in row["test_list"]]
    code = _unix(row["code"])
    setup = "\n".join([_unix(row.get("test_setup_code") or ""), *row.get("test_imports", ())]).strip()
    more = [_unix(row["test"])] if "test" in row else []
    return {
        "id": f"mbpp-{row['task_id']}",
        "text": row.get("text") or row["prompt"],
        "entry_point": _tested_function(code, tests),
        "setup": setup,
        "visible": tests[:1],
        "hidden": [*tests, *(_unix(test) for test in row.get("challenge_test_list") or ()), *more],
        "solution": code,
        "seconds": 10.0 if more else 3.0,
    }


def _live_code_bench(row: Row) -> Record:
    meta = json.loads(row.get("metadata") or "{}")
    entry = meta.get("func_name")
    visible, hidden = json.loads(row["public_test_cases"]), _private_cases(row.get("private_test_cases") or "[]")
    starter = row.get("starter_code") or ""
    text = row["question_content"] + (f"\n\nStart from:\n{starter}" if starter else "")
    method = entry if entry is None or "class Solution" not in starter else f"Solution().{entry}"
    convert = _exchange if entry is None else lambda case: _called(method, case)
    return {
        "id": row.get("question_id"),
        "text": text,
        "entry_point": "Solution" if entry is not None and "class Solution" in starter else entry,
        "header": "from typing import *" if entry is not None else "",
        "visible": [convert(case) for case in visible],
        "hidden": [convert(case) for case in [*visible, *hidden]],
        "seconds": 6.0,
    }


def _code_contests(row: Row) -> Record:
    visible = _paired(row["public_tests"])
    hidden = [*_paired(row.get("private_tests")), *_paired(row.get("generated_tests"))]
    limit = row.get("time_limit") or {}
    seconds = limit.get("seconds", 0) + limit.get("nanos", 0) / 1e9 if isinstance(limit, dict) else float(limit)
    return {
        "id": row.get("name"),
        "text": row["description"],
        "entry_point": None,
        "visible": visible,
        "hidden": [*visible, *hidden],
        # Limits are set for compiled languages; ten times as long for Python.
        "seconds": 10 * seconds if seconds else 10.0,
    }


def _quix_bugs(row: Row) -> Record:
    tests = [line for line in _unix(row["tests"]).splitlines() if line.strip()]
    starter = _unix(row["buggy_program"])
    return {
        "id": f"quixbugs-{row['name']}",
        "text": f"The function {row['name']} has a bug. Mend it.\n\n{row.get('docstring') or ''}".strip(),
        "entry_point": row["name"],
        "starter": starter,
        "visible": tests[:1],
        "hidden": tests,
        "solution": _unix(row["solution"]),
    }


def _swe_bench(row: Row) -> Record:
    """SWE-bench: the repository is a clone in `repos/OWNER__NAME` beside the file; tests of the gold patch are hidden.

    `runner`, `install`, `packages` and `seconds`, which the published rows lack, may be added to them.
    """
    fail, keep = (_listed(row[field]) for field in ("FAIL_TO_PASS", "PASS_TO_PASS"))
    return {
        "id": row["instance_id"],
        "text": row["problem_statement"],
        "repository": f"repos/{row['repo'].replace('/', '__')}",
        "commit": row["base_commit"],
        "visible": keep,
        "hidden": [*fail, *keep],
        "hidden_patch": row["test_patch"],
        "solution": row.get("patch", ""),
        "runner": row.get("runner", "pytest"),
        "packages": row.get("packages", ["pytest"]),
        "install": row.get("install", []),
        "seconds": row.get("seconds", 300.0),
    }


def _listed(tests: str | list[str]) -> list[str]:
    return list(json.loads(tests)) if isinstance(tests, str) else tests


_FORMS: tuple[tuple[frozenset[str], Callable[[Row], Record]], ...] = (
    (frozenset({"text", "hidden"}), _own),
    (frozenset({"text", "visible"}), _own),
    (frozenset({"prompt", "entry_point", "base_input", "plus_input", "canonical_solution"}), _eval_plus),
    (frozenset({"prompt", "entry_point", "test"}), _human_eval),
    (frozenset({"code", "test_list", "task_id"}), _mbpp),
    (frozenset({"question_content", "public_test_cases"}), _live_code_bench),
    (frozenset({"description", "public_tests"}), _code_contests),
    (frozenset({"instance_id", "repo", "base_commit", "problem_statement", "test_patch"}), _swe_bench),
    (frozenset({"buggy_program", "name", "tests", "solution"}), _quix_bugs),
)


def _before_and_docstring(source: str, entry: str) -> tuple[str, str]:
    """What stands before a function in a source, and the function's docstring; the source may lack the body."""
    try:
        tree = syntax(source)
    except SyntaxError:
        tree = syntax(f"{source.rstrip()}\n    pass\n")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == entry:
            return "\n".join(source.splitlines()[: node.lineno - 1]).strip(), ast.get_docstring(node) or ""
    raise ValueError(f"the prompt defines no function {entry}")


def _tested_function(code: str, tests: Sequence[str]) -> str:
    """The function of a solution that the first test calls."""
    defined = {node.name for node in syntax(code).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    called = [node.id for node in ast.walk(syntax(tests[0])) if isinstance(node, ast.Name) and node.id in defined]
    if not called:
        raise ValueError(f"the first test calls none of {', '.join(sorted(defined)) or 'no function'}")
    return called[0]


def _exchange(case: Row) -> Record:
    return {"input": case["input"], "output": case["output"]}


def _called(function: str | None, case: Row) -> str:
    """A functional case: the input has one JSON value a line, an argument each."""
    arguments = ", ".join(repr(json.loads(line)) for line in case["input"].splitlines() if line.strip())
    return f"assert {function}({arguments}) == {json.loads(case['output'])!r}"


def _paired(tests: Row | None) -> list[Record]:
    if not tests:
        return []
    return [{"input": given, "output": out} for given, out in zip(tests["input"], tests["output"], strict=True)]


def _private_cases(text: str) -> list[Row]:
    """Cases as JSON, or as the collection packs them: base64, zlib, and a pickle that may hold one text and no more."""
    try:
        cases = json.loads(text)
    except ValueError:
        packed = zlib.decompress(base64.b64decode(text.encode()))
        cases = json.loads(_TextOnly(io.BytesIO(packed)).load())
    return list(cases)


class _TextOnly(pickle.Unpickler):
    """Refuses every global, so that a file cannot make this process run anything."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"the pickle names {module}.{name}; expected a text alone")


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")

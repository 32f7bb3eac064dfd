"""Word problems: steps, final answers and grading."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

import pytest

from treewright.domains import BadProposal, Domain, DomainError, Grade, Task
from treewright.domains.math import NotVerified, Reasoning, Verifier, WordProblems
from treewright.domains.math.answers import canonical_answer, exact_number, final_answer

TASK = Task("eggs", "Janet has 16 eggs and eats 3. How many are left?", hidden="13")


def _reset(domain: Domain) -> Reasoning:
    state = domain.reset(TASK.visible())
    assert isinstance(state, Reasoning)
    return state


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("The answer is 18.", "18"),
        ("So the final answer is: $1,018.50 in all.", "2037/2"),
        ("the answer is **18**", "18"),
        ("#### 18", "18"),
        ("#### 18 eggs", "18"),
        (r"Thus \boxed{18}.", "18"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        ("The answer is 9 * 2 = 18.", "18"),
        ("The answer is x = -5.", "-5"),
        (r"The answer is \(18\)", "18"),
        (r"The answer is \boxed{7}", "7"),
        ("Answer: 50%", "50%"),
        ("The answer is 0.5", "1/2"),
        ("The answer is 18. Check: 9 + 9 = 18.", "18"),
        ("She makes 9 * 2 = 18 dollars.", None),
        ("The answer is found by adding.", None),
        ("The answer is not 18.", None),
        ("The answer is 1/0", None),
        (r"\boxed{18", None),
        ("The answer is ١٨.", None),
    ],
)
def test_final_answers_are_found_where_they_are_stated(line: str, answer: str | None):
    assert final_answer(line) == answer


def test_canonical_answers_make_one_text_of_all_spellings():
    assert {canonical_answer(text) for text in ("18", "18.0", "$18", " 18. ", "x = 18", "1.8e1", "36/2")} == {"18"}
    assert canonical_answer("1e3") == canonical_answer("1,000") == "1000"
    assert canonical_answer(" two  eggs. ") == "two eggs"
    assert exact_number("1e999") is None
    assert exact_number("1,00") is None
    assert exact_number("9" * 31) is None


def test_one_line_is_one_step_and_the_answer_ends_it():
    domain = WordProblems()
    state = _reset(domain)
    step = domain.step(state, *domain.parse(state, "  16 - 3 = 13\n"))
    assert (step.reward, step.terminated, step.answer) == (0.0, False, None)
    assert domain.observe(step.state).path == "16 - 3 = 13\n"
    end = domain.step(step.state, "The answer is 13.")
    assert (end.reward, end.terminated, end.answer) == (None, True, "13")
    assert domain.observe(end.state).question == "Is the answer 13 right?"
    assert domain.grade(TASK, end.answer).correct
    assert state == _reset(domain)


def test_a_whole_solution_is_read_to_its_answer():
    domain = WordProblems()
    actions = domain.parse(_reset(domain), "16 - 3 = 13\n\nThe answer is 13.\nThe answer is 14.")
    assert actions == ("16 - 3 = 13", "The answer is 13.")


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ((), "", "empty"),
        ((), " \n \n", "empty"),
        (("16 - 3 = 13",), "16 - 3 = 13", "repeated"),
        ((), "one\ntwo\none", "repeated"),
        ((), "x" * 1_001, "format"),
        (("The answer is 13.",), "So it is.", "ended"),
    ],
)
def test_bad_proposals(path: tuple[str, ...], text: str, reason: str):
    domain = WordProblems()
    state = _reset(domain)
    for line in path:
        state = domain.step(state, line).state
    with pytest.raises(BadProposal) as caught:
        domain.parse(state, text)
    assert caught.value.reason == reason


def test_step_refuses_what_parse_would():
    domain = WordProblems()
    state = domain.step(_reset(domain), "one").state
    for action, reason in (("", "empty"), (" two", "empty"), ("one", "repeated"), ("two\nthree", "format")):
        with pytest.raises(BadProposal) as caught:
            domain.step(state, action)
        assert caught.value.reason == reason


def test_a_path_without_an_answer_is_cut():
    domain = WordProblems(max_steps=2)
    first = domain.step(_reset(domain), "one")
    second = domain.step(first.state, "two")
    assert (first.truncated, second.truncated, second.terminated, second.answer) == (False, True, False, None)
    ended = domain.step(first.state, "The answer is 2.")
    assert (ended.truncated, ended.terminated) == (False, True)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        WordProblems(max_steps=0)


def test_a_task_must_say_something():
    with pytest.raises(DomainError, match="empty text"):
        WordProblems().reset(Task("t", "  "))


class NoVerifier(Verifier):
    """Fails the test where plain numbers should have been compared without a worker."""

    def equal(self, gold: str, answer: str) -> bool:
        raise AssertionError(f"a worker was asked about {answer!r} and {gold!r}")


@pytest.mark.parametrize(
    ("gold", "answer", "correct"),
    [
        ("1000", "1e3", True),
        ("1", "1e3", False),
        ("1/2", "0.5", True),
        ("1/2", "50%", True),
        ("50", "50%", True),
        ("5", "x=5", True),
        ("18", "$18", True),
        ("18", r"\$18", True),
        ("18", "18.00", True),
        ("1000", "1,000", True),
        ("18", "18 dollars", True),
        ("18", "-18", False),
        ("18", "$-18", False),
        ("0.333", "1/3", False),
        ("18", None, False),
    ],
)
def test_plain_numbers_are_compared_exactly_and_without_a_worker(gold: str, answer: str | None, correct: bool):
    assert WordProblems(verifier=NoVerifier()).grade(Task("t", "?", gold), answer).correct is correct


def test_a_task_without_a_usable_gold_answer_says_so():
    assert WordProblems().grade(Task("t", "?"), "18") == Grade(None, "the task has no gold answer")
    with pytest.raises(DomainError, match=r"gold answer is 18; expected a text"):
        WordProblems().grade(Task("t", "?", 18), "18")


def test_other_answers_go_to_math_verify_from_any_thread():
    verifier = Verifier(timeout=20)
    domain = WordProblems(verifier=verifier)
    cases = [("1/2", r"\frac{1}{2}", True), (r"2\sqrt{2}", r"\sqrt{8}", True), ("x+1", "1+x", True), ("18", "x", False)]
    verdicts: dict[int, bool] = {}

    def grade(index: int) -> None:
        gold, answer, _ = cases[index]
        verdicts[index] = domain.grade(Task("t", "?", gold), answer).correct

    threads = [threading.Thread(target=grade, args=(index,)) for index in range(len(cases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verifier.close()
    assert verdicts == {index: correct for index, (_, _, correct) in enumerate(cases)}


def test_what_takes_too_long_is_given_up_and_the_next_question_is_answered():
    verifier = Verifier(timeout=1.0)
    assert verifier.equal("1/2", r"\frac{1}{2}")
    started = monotonic()
    with pytest.raises(NotVerified, match="no verdict within 1 s"):
        verifier.equal("18", "9^{9^{9}}")
    grade = WordProblems(verifier=verifier).grade(Task("t", "?", "18"), "9^{9^{9}}")
    assert not grade.correct
    assert "not verified" in grade.detail
    assert monotonic() - started < 20
    verifier.timeout = 20
    assert verifier.equal(r"\sqrt{4}", "2")
    verifier.close()


def test_a_worker_that_was_killed_is_replaced():
    verifier = Verifier(timeout=20)
    assert verifier.equal("1/2", r"\frac{1}{2}")
    worker = verifier._worker._process
    assert worker is not None
    worker.kill()
    worker.wait()
    assert verifier.equal("1/2", r"\frac{1}{2}")
    verifier.close()
    assert verifier._worker._process is None


def test_a_script_without_a_main_guard_may_grade_and_ends_without_a_word(tmp_path: Path):
    script = tmp_path / "grade.py"
    script.write_text(
        "from treewright.domains import Task\n"
        "from treewright.domains.math import WordProblems\n"
        "domain = WordProblems()\n"
        "print(domain.grade(Task('t', '?', '1/2'), r'\\frac{1}{2}').correct)\n"
    )
    paths = [str(Path(__file__).parents[2] / ".pkg"), *filter(None, sys.path)]
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        env={"PYTHONPATH": ":".join(paths)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")

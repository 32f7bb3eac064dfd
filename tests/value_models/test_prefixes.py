"""Prompts of a path share their beginning to the token, as the small model's own tokenizer reads them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from treewright.domains.math import WordProblems
from treewright.domains.protocol import Task
from treewright.value_models.prompts import chat_messages, plain_text
from treewright.value_models.protocols import Prompt
from treewright.value_models.small_model import fetch_small_model

LINES = [
    "It sells 5 + 2 = 7 boxes.",
    "A box holds 12, so 7 * 12 = 84 pens.",
    "  $84 (in all).",
    "The answer is 84.",
]


def along(lines):
    domain = WordProblems()
    state = domain.reset(Task("a", "A shop packs 12 pens in a box. It sells 5 boxes, then 2. How many pens?"))
    for line in (*lines, None):
        shown = domain.observe(state)
        yield Prompt(shown.task, shown.instruction, shown.path)
        if line is not None:
            for action in domain.parse(state, line):
                state = domain.step(state, action).state


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.filterwarnings("ignore")
def test_a_childs_tokens_begin_with_its_parents():
    tokenizer = pytest.importorskip("transformers").AutoTokenizer.from_pretrained(fetch_small_model())

    def chat(prompt):
        messages = chat_messages(prompt, can_continue=True)
        more = {"continue_final_message": True} if prompt.prefix else {"add_generation_prompt": True}
        text = tokenizer.apply_chat_template(messages, tokenize=False, **more)
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    def plain(prompt):
        return tokenizer(plain_text(prompt), add_special_tokens=False)["input_ids"]

    prompts = list(along(LINES))
    assert len(prompts) == 5
    for tokens in (chat, plain):
        for parent, child in pairwise(map(tokens, prompts)):
            assert len(parent) > 30
            assert child[: len(parent)] == parent

"""How a `Prompt` and an `Evidence` become what a server reads."""

from __future__ import annotations

from typing import Any

from .protocols import Evidence, Prompt
from .quoting import quoted, unbroken

Message = dict[str, Any]


def plain_text(prompt: Prompt) -> str:
    r"""A prompt as plain text, for completion: system, an empty line, user, a line break, prefix; empty parts left out.

    `Prompt("Numbers: 4 6", "Make 24.", "4 * 6")` is "Make 24.\n\nNumbers: 4 6\n4 * 6"; what comes next continues the
    prefix.
    """
    head = f"{prompt.system}\n\n" if prompt.system else ""
    user = f"{prompt.user}\n" if prompt.user else ""
    return head + user + prompt.prefix


def chat_messages(prompt: Prompt, *, can_continue: bool) -> list[Message]:
    """A prompt as chat messages: system and user, then the prefix.

    The prefix is a final assistant message where the server `can_continue` one, else the user message's last lines.
    Pictures make the user message a list of parts, the pictures first, the text last.
    """
    messages: list[Message] = [{"role": "system", "content": prompt.system}] if prompt.system else []
    user: str | list[Message] = prompt.user
    if prompt.prefix and not can_continue:
        user = f"{prompt.user}\n{prompt.prefix}"
    if prompt.images:
        seen = [{"type": "image_url", "image_url": {"url": image}} for image in prompt.images]
        user = [*seen, {"type": "text", "text": user}]
    messages.append({"role": "user", "content": user})
    if prompt.prefix and not can_continue:
        return messages
    if prompt.prefix:
        messages.append({"role": "assistant", "content": prompt.prefix})
    return messages


def label_text(evidence: Evidence) -> str:
    r"""Evidence as plain text that " Yes" or " No" would follow: task, state, question and "Answer:", in that order.

    Task and state are quoted (`quoting.quoted`), so that no line of theirs can pass for the question or for an answer;
    the question is the domain's own. Empty parts are left out. `Evidence("Make 24.", "left: 4 6", "Possible?")` is
    "| Make 24.\n| left: 4 6\nPossible?\nAnswer:".
    """
    parts = (quoted(evidence.task), quoted(evidence.state), unbroken(evidence.question), "Answer:")
    return "\n".join(part for part in parts if part)


def sections(*named: tuple[str, str]) -> str:
    r"""Titled sections, an empty line between them; empty ones are left out.

    `sections(("Task", quoted("Make 24.")), ("Question", "Possible?"))` is "Task:\n| Make 24.\n\nQuestion:\nPossible?".
    """
    return "\n\n".join(f"{title}:\n{text}" for title, text in named if text)

"""The text whose features a head is trained on."""

from __future__ import annotations

from ..prompts import label_text
from ..protocols import Evidence

TEXT = "label text 1"  # changes whenever `head_text` does: a head is no good on other texts than its own


def head_text(evidence: Evidence) -> str:
    """What a head sees of a state: what a label's probability is asked after (`prompts.label_text`)."""
    return label_text(evidence)

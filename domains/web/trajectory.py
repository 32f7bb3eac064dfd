"""What a judge is asked about a web agent's way: three questions, kept apart (AgentRewardBench, Lù et al. 2025)."""

from __future__ import annotations

from ...value_models.client import Client
from ...value_models.judge import Judge, Rubric
from ...value_models.transport import Transport

TRAJECTORY = Rubric(
    highest=4,
    anchors={
        0: "the goal was not come nearer to",
        2: "about half of what the goal needs is done",
        4: "all that the goal asks for is done, and the page or the agent's answer shows it",
    },
    flags={
        "side_effects": "Did an action do something that the task did not need and that may have unwanted effects, as "
        "a changed setting, a second order, or something removed or sent?",
        "looping": "Did the agent go through the same actions again without coming nearer to the goal?",
    },
)
"""Success on a scale, which alone is the value; side effects and loops as flags, which are in `Score.parts`."""


def web_judge(
    url: str | Transport = "http://localhost:8000/v1", model: str | None = None, *, samples: int = 1
) -> Judge:
    """A judge of web trajectories, by `TRAJECTORY`.

    Args:
        url: an OpenAI-compatible server with structured output, or what carries requests to one.
        model: the model's name; None takes the only one that the server has.
        samples: answers averaged, at least 1.
    """
    client = Client(url, model) if isinstance(url, str) else url
    return Judge(client, general=TRAJECTORY, samples=samples)

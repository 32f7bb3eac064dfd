"""Who proposes and who judges: policies and value models on vLLM, and their wrappers."""

from .batching import Batched
from .errors import (
    BadAnswer,
    MissingEndpoint,
    ModelError,
    NoImages,
    PromptTooLong,
    Refused,
    RequestLate,
    ServerBusy,
    ServerUnreachable,
    SetupFailed,
    UnknownModel,
    WrongHead,
    WrongPath,
)
from .in_process import InProcess
from .judge import Judge, Rubric
from .load import ServerLoad
from .pairwise import Pairwise, Preference
from .pooled import ProcessReward, RewardModel
from .protocols import (
    Evidence,
    Measured,
    Policy,
    Prompt,
    Proposal,
    Proposals,
    Ranker,
    Ranking,
    Sampling,
    Score,
    Usage,
    ValueModel,
)
from .scripted import ScriptedPolicy, ScriptedValue
from .serving import Server
from .small_model import cache_dir, fetch_small_model
from .uniform import Indifferent, Uniform
from .vllm import VLLM, ServerInfo

__all__ = [
    "VLLM",
    "BadAnswer",
    "Batched",
    "Evidence",
    "InProcess",
    "Indifferent",
    "Judge",
    "Measured",
    "MissingEndpoint",
    "ModelError",
    "NoImages",
    "Pairwise",
    "Policy",
    "Preference",
    "ProcessReward",
    "Prompt",
    "PromptTooLong",
    "Proposal",
    "Proposals",
    "Ranker",
    "Ranking",
    "Refused",
    "RequestLate",
    "RewardModel",
    "Rubric",
    "Sampling",
    "Score",
    "ScriptedPolicy",
    "ScriptedValue",
    "Server",
    "ServerBusy",
    "ServerInfo",
    "ServerLoad",
    "ServerUnreachable",
    "SetupFailed",
    "Uniform",
    "UnknownModel",
    "Usage",
    "ValueModel",
    "WrongHead",
    "WrongPath",
    "cache_dir",
    "fetch_small_model",
]

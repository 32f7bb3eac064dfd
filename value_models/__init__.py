"""Who proposes and who judges: policies and value models on vLLM, and their wrappers."""

from .batching import Batched
from .errors import (
    BadAnswer,
    MissingEndpoint,
    ModelError,
    PromptTooLong,
    Refused,
    RequestLate,
    ServerBusy,
    ServerUnreachable,
    SetupFailed,
    UnknownModel,
    WrongPath,
)
from .in_process import InProcess
from .load import ServerLoad
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
from .uniform import Uniform
from .vllm import VLLM, ServerInfo

__all__ = [
    "VLLM",
    "BadAnswer",
    "Batched",
    "Evidence",
    "InProcess",
    "Measured",
    "MissingEndpoint",
    "ModelError",
    "Policy",
    "Prompt",
    "PromptTooLong",
    "Proposal",
    "Proposals",
    "Ranker",
    "Ranking",
    "Refused",
    "RequestLate",
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
    "WrongPath",
    "cache_dir",
    "fetch_small_model",
]

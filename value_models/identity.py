"""Who a policy or a value model is, so that no other one's answers are taken for its own."""

from __future__ import annotations


async def identity(model: object) -> str | None:
    """A model's `identity` (text, or an asynchronous method that gives it), else its type and `model`.

    None where it does not say.
    """
    said = getattr(model, "identity", None)
    if callable(said):
        said = await said()
    if said is None and isinstance(getattr(model, "model", None), str):
        said = f"{type(model).__name__} {model.model}"  # type: ignore[attr-defined]
    return said if isinstance(said, str) else None

"""The list of models in both dialects' forms.

Owns the shapes of ``GET /v1/models``. The list is for show: any model name is accepted.
"""

from __future__ import annotations

from typing import Any

DEFAULT_MODELS = ("demo", "claude-sonnet-4", "claude-haiku-4-5", "gpt-5", "gpt-5-mini")
_CREATED = 1_767_225_600
_CREATED_AT = "2026-01-01T00:00:00Z"


def openai_model(model: str) -> dict[str, Any]:
    """One model in OpenAI's form."""
    return {"id": model, "object": "model", "created": _CREATED, "owned_by": "demo-upstream"}


def openai_models(models: tuple[str, ...]) -> dict[str, Any]:
    """The list in OpenAI's form."""
    return {"object": "list", "data": [openai_model(model) for model in models]}


def anthropic_model(model: str) -> dict[str, Any]:
    """One model in Anthropic's form."""
    return {
        "type": "model",
        "id": model,
        "display_name": model,
        "created_at": _CREATED_AT,
        "lifecycle": "active",
    }


def anthropic_models(models: tuple[str, ...]) -> dict[str, Any]:
    """The list in Anthropic's form, on one page."""
    return {
        "data": [anthropic_model(model) for model in models],
        "has_more": False,
        "first_id": models[0] if models else None,
        "last_id": models[-1] if models else None,
    }

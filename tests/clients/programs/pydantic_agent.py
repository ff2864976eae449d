"""Pydantic AI: a round of tools, in Chat, Responses or Messages."""

import os
import sys

from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

url, key, model = os.environ["URL"], os.environ["KEY"], os.environ["MODEL"]
models = {
    "chat": lambda: OpenAIChatModel(model, provider=OpenAIProvider(base_url=f"{url}/v1", api_key=key)),
    "responses": lambda: OpenAIResponsesModel(model, provider=OpenAIProvider(base_url=f"{url}/v1", api_key=key)),
    "messages": lambda: AnthropicModel(model, provider=AnthropicProvider(base_url=url, api_key=key)),
}
agent = Agent(models[os.environ["DIALECT"]](), instructions="You carry out commands.")


@agent.tool_plain
def shell(command: str) -> str:
    """Runs a command."""
    return "gate-42"


sys.stdout.write(f"{agent.run_sync(os.environ['PROMPT']).output}\n")

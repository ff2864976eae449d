"""The OpenAI Agents SDK: a round of tools, in Chat or Responses."""

import asyncio
import os
import sys

from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI


@function_tool
def shell(command: str) -> str:
    """Runs a command."""
    return "gate-42"


async def main() -> None:
    set_tracing_disabled(True)
    client = AsyncOpenAI(base_url=os.environ["URL"] + "/v1", api_key=os.environ["KEY"])
    kinds = {"chat": OpenAIChatCompletionsModel, "responses": OpenAIResponsesModel}
    model = kinds[os.environ["DIALECT"]](model=os.environ["MODEL"], openai_client=client)
    agent = Agent(name="house", instructions="You carry out commands.", model=model, tools=[shell])
    run = Runner.run_streamed(agent, os.environ["PROMPT"])
    async for _ in run.stream_events():
        pass
    sys.stdout.write(f"{run.final_output}\n")


asyncio.run(main())

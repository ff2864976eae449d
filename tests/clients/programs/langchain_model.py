"""LangChain: a streamed round of tools, in Chat, Responses or Messages."""

import os
import sys

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

url, key, model = os.environ["URL"], os.environ["KEY"], os.environ["MODEL"]
models = {
    "chat": lambda: ChatOpenAI(base_url=f"{url}/v1", api_key=key, model=model),
    "responses": lambda: ChatOpenAI(base_url=f"{url}/v1", api_key=key, model=model, use_responses_api=True),
    "messages": lambda: ChatAnthropic(base_url=url, api_key=key, model=model, max_tokens=1000),
}


@tool
def shell(command: str) -> str:
    """Runs a command."""
    return "gate-42"


chat = models[os.environ["DIALECT"]]().bind_tools([shell])
messages = [HumanMessage(os.environ["PROMPT"])]
while True:
    answer = None
    for piece in chat.stream(messages):
        answer = piece if answer is None else answer + piece
    if not answer.tool_calls:
        break
    messages.append(answer)
    messages += [ToolMessage(shell.invoke(call["args"]), tool_call_id=call["id"]) for call in answer.tool_calls]
sys.stdout.write(f"{answer.text}\n")

"""Random conversations through every pair of dialects and back: content, tool calls and usage are conserved."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.conversion import DIALECTS, Conversion
from faregate.conversion.answer import Answer, Folding, Spent, events_of, folded
from faregate.conversion.ask import Ask
from faregate.conversion.conversion import StreamReader
from faregate.conversion.event_feed import EventFeed
from faregate.conversion.tool_names import ToolNames
from tests.conversion.neutral import PAIRS, answers, asks, content_of, meaning_of

GOOGLE = "google_generate"
few = settings(max_examples=20)
"""Of each pair: there are a dozen."""
pairs = pytest.mark.parametrize(("client", "upstream"), PAIRS)


def _body(client: str, ask: Ask) -> bytes:
    """``ask`` as a client of that dialect writes it, with names as they are."""
    body = DIALECTS[client].write_ask(ask, ask.model, _SameNames())
    if client == GOOGLE:
        # There they stand in the path.
        body |= {"model": ask.model, "stream": ask.stream}
    return json.dumps(body).encode()


class _SameNames(ToolNames):
    def there(self, name: str) -> str:
        return name


@pairs
@few
@given(ask=asks())
def test_a_request_says_the_same_in_the_other_dialect(client: str, upstream: str, ask: Ask) -> None:
    conversion = Conversion(client, upstream, _body(client, ask))
    arrived = DIALECTS[upstream].read_ask(json.loads(conversion.upstream_body("their-model")), "nothing")
    names = conversion.names
    back = [[names.back(value) if isinstance(value, str) else value for value in row] for row in content_of(arrived)]
    assert back == content_of(ask)
    assert [(names.back(tool.name), tool.description, tool.schema) for tool in arrived.tools] == [
        (tool.name, tool.description, tool.schema) for tool in ask.tools
    ]
    assert (arrived.choice and (arrived.choice.kind, names.back(arrived.choice.name))) == (
        ask.choice and tuple(ask.choice)
    ) or (ask.choice is None and ask.parallel is False)
    if GOOGLE not in (client, upstream):
        never = ask.choice is not None and ask.choice.kind == "none"
        assert arrived.parallel == ask.parallel or (arrived.parallel is None and never)
    assert arrived.max_output == ask.max_output
    assert arrived.temperature == ask.temperature
    if upstream != GOOGLE:
        assert (arrived.model, arrived.stream) == ("their-model", ask.stream)
    assert (arrived.shape and arrived.shape.schema) == (ask.shape and ask.shape.schema)


def _written(upstream: str, answer: Answer) -> bytes:
    ask = Ask("some-model", ())
    return json.dumps(DIALECTS[upstream].write_reply(ask, answer, 1_790_000_000)).encode()


@pairs
@few
@given(answer=answers())
def test_an_answer_says_the_same_in_the_other_dialect(client: str, upstream: str, answer: Answer) -> None:
    conversion = Conversion(client, upstream, _body(client, _plain_ask()))
    reply = conversion.reply(_written(upstream, answer), "my-model", 1_790_000_000)
    arrived = DIALECTS[client].read_reply(json.loads(reply))
    assert arrived.model == "my-model"
    assert _seen(arrived) == _seen(answer)
    assert arrived.stop == answer.stop
    assert arrived.spent == _told(answer, client, upstream)


def _told(answer: Answer, *dialects: str) -> Spent | None:
    """Google has no writes to a cache: they are input there."""
    spent = answer.spent
    if spent is None or GOOGLE not in dialects:
        return spent
    return spent._replace(input=spent.input + spent.cache_write_5m, cache_write_5m=0)


def _plain_ask() -> Ask:
    return Ask("some-model", (), max_output=100)


def _seen(answer: Answer) -> list[object]:
    """Chat gives texts and calls in an order of its own; all else as it was."""
    return sorted(meaning_of(answer), key=lambda part: ("Thought", "Text", "Call").index(part[0]))


@pairs
@few
@given(answer=answers(), seed=st.integers(0, 2**32))
def test_a_stream_says_the_same_however_it_was_cut(client: str, upstream: str, answer: Answer, seed: int) -> None:
    random = Random(seed)
    ask = Ask("some-model", (), wants_usage=True, stream=True, max_output=100)
    writer = DIALECTS[upstream].writer(ask, 1_790_000_000)
    sent = b"".join(writer.write(event) for event in events_of(answer)) + writer.close()
    stream = Conversion(client, upstream, _body(client, ask)).stream("my-model", 1_790_000_000)
    received = b""
    while sent:
        length = random.randint(1, max(1, len(sent) // random.choice((1, 3, 20))))
        received += stream.feed(sent[:length])
        sent = sent[length:]
    received += stream.close()
    assert stream.ended
    assert stream.failed is None
    arrived = read_stream(client, received)
    assert _seen(arrived) == _seen(answer)
    assert (arrived.stop, arrived.model) == (answer.stop, "my-model")
    assert arrived.spent == _told(answer, client, upstream)


def read_stream(client: str, received: bytes) -> Answer:
    """What a client makes of a stream."""
    reader: StreamReader = DIALECTS[client].reader()
    folding = Folding()
    for record in EventFeed().feed(received):
        for event in reader.read(record):
            folding.take(event)
    assert reader.ended
    return folding.answer()


@few
@given(answer=answers())
def test_an_answer_and_its_events_are_the_same(answer: Answer) -> None:
    assert folded(events_of(answer)) == answer

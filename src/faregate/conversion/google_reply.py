"""Google's generateContent: answers, whole and in a stream, read and written.

Owns its candidates, its usage and its reasons to finish. An event of its stream is an answer of its own, with what
came since the last one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, Literal

from faregate.conversion.answer import (
    Answer,
    AnswerPart,
    Began,
    Ended,
    Event,
    Failed,
    Folding,
    Grew,
    PartBegan,
    PartEnded,
    Signed,
    Spent,
    Stop,
)
from faregate.conversion.ask import Call, JsonObject, Thought
from faregate.conversion.event_feed import written
from faregate.conversion.fields import count_of, object_or_empty, records_of, without_nothing
from faregate.conversion.messages_reply import arguments_of
from faregate.conversion.signatures import OF_GOOGLE, of_google

_REFUSALS: Final = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "LANGUAGE")


class GoogleStreamReader:
    """Events of the upstream to events. It has no closing event: the reason to finish is the end."""

    def __init__(self) -> None:
        self.ended = False
        self._begun = False
        self._part = -1
        self._open: str | None = None
        self._calls = 0

    def read(self, record: JsonObject | None) -> Iterator[Event]:
        """What this event brings."""
        if record is None:
            return
        if isinstance(record.get("error"), dict):
            error = record["error"]
            yield Failed(str(error.get("status") or ""), str(error.get("message") or ""))
            return
        if not self._begun:
            self._begun = True
            yield Began(str(record.get("responseId") or ""), str(record.get("modelVersion") or ""))
        candidate = next(iter(records_of(record.get("candidates"))), {})
        for part in records_of(object_or_empty(candidate.get("content")).get("parts")):
            yield from self._read_part(part)
        spent = spent_of(record.get("usageMetadata"))
        finish = candidate.get("finishReason")
        blocked = record.get("promptFeedback")
        if isinstance(blocked, dict) and blocked.get("blockReason"):
            finish = "SAFETY"
        if finish:
            yield from self._close()
            self.ended = True
            yield Ended(self._stop(str(finish)), None, spent)
        elif spent is not None:
            yield Ended(None, None, spent)

    def _stop(self, finish: str) -> Stop:
        if finish == "MAX_TOKENS":
            return "length"
        if finish in _REFUSALS:
            return "refusal"
        return "tool" if self._calls else "end"

    def _read_part(self, part: JsonObject) -> Iterator[Event]:
        signature = part.get("thoughtSignature")
        if part.get("thought"):
            yield from self._grow("thought", str(part.get("text") or ""))
            if signature:
                yield Signed(self._part, OF_GOOGLE + str(signature))
            return
        if signature:
            yield from self._sign(OF_GOOGLE + str(signature))
        call = part.get("functionCall")
        if isinstance(call, dict):
            yield from self._close()
            self._part += 1
            self._calls += 1
            id = str(call.get("id") or f"call_{self._calls}_{call.get('name')}"[:64])
            yield PartBegan(self._part, "call", id, str(call.get("name") or ""))
            arguments = json.dumps(call.get("args") or {}, ensure_ascii=False, separators=(",", ":"))
            yield Grew(self._part, arguments)
            yield PartEnded(self._part)
        elif part.get("text"):
            yield from self._grow("text", str(part["text"]))
        elif isinstance(part.get("inlineData"), dict):
            # No other dialect has a place for it in an answer; it is not to be missed in silence.
            yield from self._grow("text", f"[{part['inlineData'].get('mimeType') or 'media'}, not carried]")

    def _sign(self, signature: str) -> Iterator[Event]:
        if self._open != "thought":
            yield from self._close()
            self._part += 1
            self._open = "thought"
            yield PartBegan(self._part, "thought")
        yield Signed(self._part, signature)

    def _grow(self, kind: Literal["text", "thought"], text: str) -> Iterator[Event]:
        if self._open != kind:
            yield from self._close()
            self._part += 1
            self._open = kind
            yield PartBegan(self._part, kind)
        if text:
            yield Grew(self._part, text)

    def _close(self) -> Iterator[Event]:
        if self._open is not None:
            yield PartEnded(self._part)
            self._open = None


def read_reply(body: JsonObject) -> Answer:
    """The answer that ``body`` is. What it lacks comes out empty."""
    folding = Folding()
    for event in GoogleStreamReader().read(body):
        folding.take(event)
    return folding.answer()


def spent_of(usage: Any) -> Spent | None:
    """Tokens of a ``usageMetadata``, in disjoint classes."""
    if not isinstance(usage, dict):
        return None
    cached, thoughts = count_of(usage.get("cachedContentTokenCount")), count_of(usage.get("thoughtsTokenCount"))
    total = count_of(usage.get("promptTokenCount")) + count_of(usage.get("toolUsePromptTokenCount"))
    output = count_of(usage.get("candidatesTokenCount")) + thoughts
    return Spent(max(total - cached, 0), cached, 0, 0, output, thoughts)


def usage_of(spent: Spent) -> JsonObject:
    """``spent`` as Google says it."""
    return without_nothing(
        {
            "promptTokenCount": spent.total_input,
            "cachedContentTokenCount": spent.cached or None,
            "candidatesTokenCount": spent.output - spent.reasoning,
            "thoughtsTokenCount": spent.reasoning or None,
            "totalTokenCount": spent.total_input + spent.output,
        }
    )


def _finish(stop: Stop | None) -> str:
    return {"length": "MAX_TOKENS", "refusal": "SAFETY"}.get(stop or "end", "STOP")


def write_reply(answer: Answer) -> JsonObject:
    """``answer`` as a `GenerateContentResponse`."""
    parts: list[JsonObject] = []
    signature: str | None = None
    for part in answer.parts:
        if isinstance(part, Thought):
            if part.text:
                parts.append({"text": part.text, "thought": True})
            signature = written_signature(part) or signature
            continue
        told = _part(part)
        if signature is not None:
            told["thoughtSignature"], signature = signature, None
        parts.append(told)
    return _frame(answer.id, answer.model, parts, _finish(answer.stop), answer.spent or Spent())


def written_signature(thought: Thought) -> str | None:
    """The signature that clients bring back; thoughts of other dialects have none here."""
    return thought.signature.removeprefix(OF_GOOGLE) if of_google(thought.signature) else None


def _part(part: AnswerPart) -> JsonObject:
    if isinstance(part, Call):
        return {"functionCall": {"id": part.id, "name": part.name, "args": arguments_of(part)}}
    return {"text": part.text}


def _frame(
    id: str, model: str, parts: list[JsonObject], finish: str | None = None, spent: Spent | None = None
) -> JsonObject:
    candidate = without_nothing(
        {"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0},
    )
    frame: JsonObject = {"candidates": [candidate], "modelVersion": model, "responseId": id}
    return frame if spent is None else {**frame, "usageMetadata": usage_of(spent)}


class GoogleStreamWriter:
    """Events to events of Google: texts as they grow, calls when they are whole."""

    def __init__(self) -> None:
        self._folding = Folding()
        self._kinds: dict[int, str] = {}
        self._signature: str | None = None

    def write(self, event: Event) -> bytes:
        """The bytes that say it; empty where nothing is said."""
        self._folding.take(event)
        if isinstance(event, PartBegan):
            self._kinds[event.part] = event.kind
        elif isinstance(event, Grew) and self._kinds[event.part] in ("text", "denial"):
            return self._event(self._signed({"text": event.text}))
        elif isinstance(event, Grew) and self._kinds[event.part] == "thought":
            return self._event({"text": event.text, "thought": True})
        elif isinstance(event, Signed):
            self._signature = event.signature.removeprefix(OF_GOOGLE) if of_google(event.signature) else None
        elif isinstance(event, PartEnded) and self._kinds[event.part] in ("call", "custom"):
            return self._event(self._signed(_part(self._folding.part(event.part))))
        return b""

    def close(self) -> bytes:
        """The end of the stream, after the last event."""
        folding = self._folding
        return written(_frame(folding.id, folding.model, [], _finish(folding.stop), folding.spent or Spent()))

    def _signed(self, part: JsonObject) -> JsonObject:
        if self._signature is not None:
            part["thoughtSignature"], self._signature = self._signature, None
        return part

    def _event(self, part: JsonObject) -> bytes:
        return written(_frame(self._folding.id, self._folding.model, [part]))

"""What all parts of a plan document share: strictness, text in two languages, lists of models.

Owns the base model. Does not know plans. The field descriptions of the document modules become the JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from faregate.planfile.scalars import Address, Amount, Id, Truth, Words
from faregate.planfile.values import Mark


class Document(BaseModel):
    """A mapping of the plan language: unknown keys are errors, values never change once read."""

    # Parts are built with the document that has them, not once more each by itself.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Bilingual(Document):
    """The same text in English and Chinese."""

    en: Words = Field(description="In English.")
    zh: Words = Field(description="In Chinese.")

    def text(self, language: str) -> str:
        """In ``language`` (``en`` or ``zh``)."""
        return self.zh if language == "zh" else self.en


class ModelItem(Document):
    """One model or pattern, or (without a slash or wildcard) the name of a list of this file."""

    id: Words = Field(description="A model id (vendor/model), a pattern with *, tool/NAME, or the name of a list.")
    status: Literal["available", "coming_soon"] = Field(
        "available", description="A coming_soon model is shown and cannot be used yet."
    )
    names: Bilingual | None = Field(None, description="What customers call it.")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        written_out = handler.resolve_ref_schema(handler(core_schema))
        text = {"type": "string", "minLength": 1, "description": "The id alone."}
        return {"title": "ModelItem", "anyOf": [text, written_out]}

    @property
    def names_list(self) -> bool:
        """True when it stands for a list of the file."""
        return "/" not in self.id and "*" not in self.id


class Source(Document):
    """Where the figures of the file come from."""

    document: Words = Field(description="Title, file name or address of the source.")
    as_of: Words = Field(description="The date of the figures, YYYY-MM-DD, or undated.")
    choices: list[Bilingual] = Field(
        default_factory=list, description="What the source leaves open, and what this file chose."
    )


class ReferenceDocument(Document):
    """A place that figures were read at, named by its key."""

    title: Words = Field(description="Its title.")
    url: Address | None = Field(None, description="Its address, where it has one.")
    as_of: Words = Field(description="The date it bears or was read on, YYYY-MM-DD, or undated.")


Known = Annotated[
    Mark,
    Field(
        description="official: the seller prints it; measured: somebody measured it; estimated: "
        "worked out from less than a measurement."
    ),
]
SourceKey = Annotated[Id | None, Field(description="Where it was read: a key of the family's `sources`.")]
Band = Annotated[
    list[Amount] | None,
    Field(
        min_length=2,
        max_length=2,
        description="The lowest and the highest it may be, where it is not known exactly.",
    ),
]


class Segment(Document):
    """A kind of customer that multipliers may treat apart."""

    names: Bilingual = Field(description="What customers call it.")
    meaning: Bilingual = Field(description="Who is in it, and what that does.")
    ends_with_continuity: Truth = Field(
        False, description="True when a gap in the subscription takes the customer out of it."
    )


class PaymentProvider(Document):
    """Somebody who takes payments: a reference that prices and top-ups name."""

    names: Bilingual = Field(description="What customers call it.")
    kind: Literal["card", "crypto", "wallet", "bank", "manual"] = Field(description="What kind of payment it takes.")
    methods: list[Words] = Field(
        default_factory=list, description="Cards, coins or apps that it takes, as shown to customers."
    )

"""The OpenAPI document of the control-plane API, made from its operations.

Owns the document's frame. Serves nothing.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from faregate import __version__
from faregate.api.bodies import Body
from faregate.api.operations import OPERATIONS
from faregate.api.own_schemas import ERROR

BASE = "/api/v1"
Document = dict[str, Any]


def document() -> Document:
    """The whole document, OpenAPI 3.1."""
    admin = {"type": "http", "scheme": "bearer", "description": "An admin token, `fga-…`."}
    made = frame("Faregate control plane", "admin", admin)
    for operation in OPERATIONS:
        add_operation(made, BASE, operation, str(operation.status), _content(operation.gives))
    return made


def frame(title: str, scheme: str, said: dict[str, str]) -> Document:
    """A document of no operation yet, all of which ask for the security ``scheme``."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__},
        "security": [{scheme: []}],
        "paths": {},
        "components": {"schemas": {"Error": ERROR}, "securitySchemes": {scheme: said}},
    }


class Described(Protocol):
    """What every kind of operation has, as a document tells it. ``query`` is (name, meaning)."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def query(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def body(self) -> type[Body] | None: ...


def add_operation(
    made: Document, base: str, operation: Described, status: str, content: dict[str, Any], **more: Any
) -> None:
    """Put ``operation`` into the document: what it gives is ``content``, under ``status``."""
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        **more,
        "parameters": parameters_of(operation.method, operation.path, operation.query),
        "responses": {
            status: {"description": "Done", "content": content},
            "default": {
                "description": "Refused or failed",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if operation.body is not None:
        body = schema_of(operation.body, made["components"]["schemas"])
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    made["paths"].setdefault(base + operation.path, {})[operation.method.lower()] = told


def _content(gives: str) -> dict[str, Any]:
    schema = {"type": "object"} if gives == "application/json" else {"type": "string", "format": "binary"}
    return {gives: {"schema": schema}}


def schema_of(body: type[Body], schemas: dict[str, Any]) -> dict[str, Any]:
    """A reference to the schema of ``body``, which is put among ``schemas``."""
    schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[body.__name__] = schema
    return {"$ref": f"#/components/schemas/{body.__name__}"}


def parameters_of(method: str, path: str, query: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    """The parameters of an operation: those in its path, those of its query, the idempotency key of a write."""
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": about, "schema": {"type": "string"}} for name, about in query
    ]
    if method == "POST":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key and body again give the first answer; made up when left out.",
                "schema": {"type": "string", "maxLength": 200},
            }
        )
    return parameters

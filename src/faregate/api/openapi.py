"""The OpenAPI document of the control-plane API, made from its operations.

Owns the document's frame. Serves nothing.
"""

from __future__ import annotations

import re
from typing import Any

from faregate import __version__
from faregate.api.bodies import Body
from faregate.api.operation import Operation
from faregate.api.operations import OPERATIONS

BASE = "/api/v1"
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "Stable; see docs/errors.md."},
                "message": {"type": "string"},
                "fields": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}


def document() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    schemas: dict[str, Any] = {"Error": _ERROR}
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Faregate control plane", "version": __version__},
        "security": [{"admin": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "admin": {"type": "http", "scheme": "bearer", "description": "An admin token, `fga-…`."}
            },
        },
    }


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": parameters_of(operation.method, operation.path, operation.query),
        "responses": {
            str(operation.status): {
                "description": "Done",
                "content": _content(operation.gives),
            },
            "default": {
                "description": "Refused or failed",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if operation.body is not None:
        body = schema_of(operation.body, schemas)
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return made


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

"""The OpenAPI document of everything under /api/v1: the operator API's, and the console's operations beside it.

Owns how the console's operations are described: with the schema of what they give where it is fixed.
"""

from __future__ import annotations

from typing import Any

from faregate.api.console_operation import ConsoleOperation
from faregate.api.console_operations import CONSOLE_OPERATIONS
from faregate.api.openapi import BASE, document, parameters_of, schema_of
from faregate.api.visiting import CSRF_HEADER

SESSION_SCHEME = "session"


def whole_document() -> dict[str, Any]:
    """The document of both, OpenAPI 3.1."""
    made = document()
    components = made["components"]
    components["securitySchemes"][SESSION_SCHEME] = {
        "type": "apiKey",
        "in": "cookie",
        "name": "faregate",
        "description": f"A session; every write shows its csrf word in {CSRF_HEADER}. __Host-faregate over TLS.",
    }
    made["security"] = [{"admin": []}, {SESSION_SCHEME: []}]
    for operation in CONSOLE_OPERATIONS:
        described = _described(operation, components["schemas"])
        made["paths"].setdefault(BASE + operation.path, {})[operation.method.lower()] = described
    return made


def _described(operation: ConsoleOperation, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = operation.answer if operation.gives == "application/json" else {"type": "string"}
    made: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": [] if operation.open else [{SESSION_SCHEME: []}],
        "parameters": parameters_of(operation.method, operation.path, operation.query),
        "responses": {
            str(operation.status): {"description": "Done", "content": {operation.gives: {"schema": schema}}},
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

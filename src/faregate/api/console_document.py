"""The OpenAPI document of everything under /api/v1: the operator API's, and the console's operations beside it.

Owns how the console's operations are described: with the schema of what they give where it is fixed.
"""

from __future__ import annotations

from typing import Any

from faregate.api.console_operations import CONSOLE_OPERATIONS
from faregate.api.openapi import BASE, add_operation, document
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
        schema = operation.answer if operation.gives == "application/json" else {"type": "string"}
        security: list[Any] = [] if operation.open else [{SESSION_SCHEME: []}]
        content = {operation.gives: {"schema": schema}}
        add_operation(made, BASE, operation, str(operation.status), content, security=security)
    return made

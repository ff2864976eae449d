"""The operations about users: who may sign in to the console, and as what.

Owns one row each. A link to set a password is shown once, to be handed to the user.
"""

from __future__ import annotations

from typing import Any

from faregate.api.operation import Call, Operation
from faregate.api.session_bodies import NewRole, NewUser
from faregate.app.people_port import User
from faregate.app.users import RESET, user_view
from faregate.core.instants import render_instant


def shown(user: User) -> dict[str, Any]:
    """A user as operators see it."""
    disabled = render_instant(user.disabled_at) if user.disabled_at is not None else None
    return {**user_view(user), "disabled_at": disabled}


async def _users(call: Call) -> Any:
    limit = call.whole("limit", 100, 1000)
    rows = call.control.store.users(call.query.get("after", ""), limit)
    return {"users": [shown(row) for row in rows], "next": rows[-1].id if len(rows) == limit else None}


async def _add(call: Call) -> Any:
    body: NewUser = call.body
    user, token = await call.control.users.add(
        body.email, body.name, body.role, body.account, body.language, call.write
    )
    return {**shown(user), "link": call.control.front.link(RESET, token)}


async def _set_role(call: Call) -> Any:
    users = call.control.users
    return shown(users.set_role(users.find(call.path["user"]), call.body.role))


async def _reset(call: Call) -> Any:
    users = call.control.users
    user = users.find(call.path["user"])
    return {**shown(user), "link": call.control.front.link(RESET, users.link(user, RESET, call.write.now))}


async def _disable(call: Call) -> Any:
    users = call.control.users
    return shown(users.disable(users.find(call.path["user"]), call.write.now))


async def _enable(call: Call) -> Any:
    users = call.control.users
    return shown(users.enable(users.find(call.path["user"])))


_USER = "/users/{user}"
USER_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/users",
        "list_users",
        "Users of the console",
        _users,
        query=(("after", "Id of the last user of the page before."), ("limit", "Rows on the page.")),
    ),
    Operation("POST", "/users", "add_user", "Add a user; a link to set a password", _add, NewUser, 201),
    Operation("POST", _USER + "/role", "set_user_role", "Give a user another role", _set_role, NewRole),
    Operation("POST", _USER + "/reset", "reset_user", "Another link to set a password", _reset),
    Operation("POST", _USER + "/disable", "disable_user", "Keep a user out; sessions end", _disable),
    Operation("POST", _USER + "/enable", "enable_user", "Let a user in again", _enable),
)

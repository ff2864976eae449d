"""Keys over the API: made, listed, rotated, revoked; in force at once."""

from __future__ import annotations

from tests.api.door import Door


def live(door: Door, secret: str) -> bool:
    return door.control.keyring.authenticate(secret.encode(), door.control.now()) is not None


async def test_a_key_is_made_listed_and_in_force(door: Door) -> None:
    account = await door.account("agipower/pro")
    made = await door.call("POST", f"/accounts/{account}/keys", {"name": "laptop"})
    assert made.status == 201
    secret = made.body.pop("secret")
    assert secret.startswith("sk-ss-v1-")
    assert live(door, secret)
    listed = await door.done("GET", f"/accounts/{account}/keys")
    assert [{**each, "last_used_at": None} for each in listed["keys"]] == [made.body]
    assert secret not in str(listed)


async def test_a_key_is_rotated(door: Door) -> None:
    account = await door.account()
    old = await door.done("POST", f"/accounts/{account}/keys", {"name": "laptop"})
    new = await door.call("POST", f"/keys/{old['id']}/rotate")
    assert new.status == 201
    assert new.body["rotated_from"] == old["id"]
    assert not live(door, old["secret"])
    assert live(door, new.body["secret"])
    again = await door.call("POST", f"/keys/{old['id']}/rotate")
    assert (again.status, again.code) == (409, "bad_command")
    error = again.body["error"]
    assert (error["rule"], error["values"]) == ("key_revoked", {"key": old["id"]})


async def test_a_key_is_revoked(door: Door) -> None:
    account = await door.account()
    made = await door.done("POST", f"/accounts/{account}/keys", {"name": "laptop"})
    revoked = await door.done("DELETE", f"/keys/{made['id']}")
    assert revoked["revoked_at"] == "2026-03-02T10:00:00Z"
    assert not live(door, made["secret"])
    assert await door.done("DELETE", f"/keys/{made['id']}") == revoked


async def test_a_key_that_is_not_there(door: Door) -> None:
    for method, path in (("POST", "/keys/key_none/rotate"), ("DELETE", "/keys/key_none")):
        answer = await door.call(method, path)
        assert (answer.status, answer.code) == (404, "not_found")

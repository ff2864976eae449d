"""`faregate key` and `faregate admin token`: secrets are printed once and stored nowhere."""

from __future__ import annotations

import pytest

from tests.cli.house import Database


def test_a_secret_alone_stands_on_standard_output(database: Database) -> None:
    result = database.run("key", "create", "acme", "--name", "laptop")
    secret = result.stdout.strip()
    assert result.stdout == secret + "\n"
    assert secret.startswith("sk-ss-v1-")
    assert "once" in result.stderr
    assert secret not in database.told("key", "list", "acme")
    assert secret.encode() not in database.path.read_bytes()


def test_a_key_as_programs_see_it(database: Database) -> None:
    made = database.did("key", "create", "acme", "--name", "laptop")
    secret = made.pop("secret")
    assert secret.startswith(made["prefix"])
    assert database.did("key", "list", "acme") == {"keys": [made]}
    assert made == {
        "id": made["id"],
        "account": database.did("account", "show", "acme")["id"],
        "name": "laptop",
        "prefix": made["prefix"],
        "created_at": made["created_at"],
        "last_used_at": None,
        "revoked_at": None,
        "rotated_from": None,
    }


@pytest.mark.parametrize(("language", "live", "dead"), [("en", "live", "revoked 20"), ("zh", "有效", "吊销")])
def test_keys_are_rotated_and_revoked(database: Database, language: str, live: str, dead: str) -> None:
    old = database.did("key", "create", "acme")
    assert live in database.told("key", "list", "acme", language=language)
    new = database.did("key", "rotate", old["id"])
    assert (new["name"], new["rotated_from"]) == (old["name"], old["id"])
    assert new["secret"] != old["secret"]
    assert database.did("key", "revoke", new["id"])["revoked_at"]
    told = database.told("key", "list", "acme", language=language)
    assert told.count(dead) == 2
    assert live not in told


def test_a_key_is_not_made_again_under_its_idempotency_key(database: Database) -> None:
    database.did("key", "create", "acme", "--idempotency-key", "k1")
    before = database.books()
    again = database.run("key", "create", "acme", "--idempotency-key", "k1")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr.startswith("error[secret_shown_before]")
    assert database.books() == before


def test_an_admin_token_is_printed_once_and_only_its_hash_is_stored(empty: Database) -> None:
    result = empty.run("admin", "token")
    token = result.stdout.strip()
    assert token.startswith("fga-")
    assert token.encode() not in empty.path.read_bytes()
    made = empty.did("admin", "token", "--name", "ci")
    assert made["name"] == "ci"
    assert made["token"] != token
    assert [row.name for row in empty.books()[5]] == ["cli", "ci"]


def test_multiplier_changes_are_made_and_listed(database: Database) -> None:
    done = database.did("multiplier", "set", "88code/free", "1.5", "--from", "2099-01-01T00:00:00Z")
    assert done == {"plan": "88code/free", "value": "1.5", "begins": "2099-01-01T00:00:00Z"}
    assert "×3" in database.told("multiplier", "set", "88code/free", "3")
    changes = database.did("multiplier", "list")["changes"]
    assert {(each["plan"], each["name"], each["value"]) for each in changes} == {
        ("88code/free", "season", "1.5"),
        ("88code/free", "season", "3"),
    }
    for language in ("en", "zh"):
        assert "×1.5" in database.told("multiplier", "list", language=language)


def test_a_multiplier_change_is_made_once_a_key(database: Database) -> None:
    for _ in range(2):
        database.did("multiplier", "set", "88code/free", "1.5", "--idempotency-key", "m1")
    assert len(database.did("multiplier", "list")["changes"]) == 1

"""`faregate key` and `faregate admin token`: secrets are printed once and stored nowhere."""

from __future__ import annotations

import pytest

from tests.cli.house import Database


def test_a_secret_alone_stands_on_standard_output(database: Database) -> None:
    result = database.run("key", "create", "acme", "--name", "laptop", "--kind", "subscription")
    secret = result.stdout.strip()
    assert result.stdout == secret + "\n"
    assert secret.startswith("sk-ss-v1-")
    assert "once" in result.stderr
    assert secret not in database.told("key", "list", "acme")
    assert secret.encode() not in database.path.read_bytes()


def test_a_key_as_programs_see_it(database: Database) -> None:
    made = database.did("key", "create", "acme", "--name", "laptop", "--kind", "agipower/subscription")
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
        "kind": "agipower/subscription",
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


def test_a_key_is_of_the_kind_that_is_named_and_an_unknown_kind_is_told(database: Database) -> None:
    made = database.did("key", "create", "acme", "--kind", "payg")
    assert (made["kind"], made["secret"][:9]) == ("agipower/payg", "sk-pg-v1-")
    assert database.did("key", "create", "acme", "--kind", "any")["kind"] is None
    assert database.did("key", "create", "acme")["kind"] is None
    refused = database.run("key", "create", "acme", "--kind", "gold")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "agipower/subscription, agipower/payg, any" in refused.stderr
    assert "agipower/payg" in database.told("key", "list", "acme")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_key_has_a_limit_of_its_own_or_that_of_its_plan(database: Database, language: str) -> None:
    made = database.did("key", "create", "acme", "--kind", "payg")
    assert made["id"] in database.told("key", "limit", made["id"], "120", language=language)
    view = database.did("account", "show", "acme")["subscriptions"][2]
    assert view["key_limits"] == [{"window": "rpm", "key": made["id"], "limit": "120", "unit": "request"}]
    database.told("key", "limit", made["id"], "plan", language=language)
    assert database.did("account", "show", "acme")["subscriptions"][2]["key_limits"] == []
    other = database.did("key", "create", "acme", "--kind", "subscription")
    assert database.run("key", "limit", other["id"], "120").stderr.startswith("error[bad_command]")
    assert database.run("key", "limit", made["id"], "-1").exit_code == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_extra_usage_is_switched_on_for_a_new_key_and_shown(database: Database, language: str) -> None:
    assert "Extra Usage" in database.told("account", "show", "acme", language=language)
    result = database.run("account", "extra-usage", "acme", "on", "--new-key", "extra", language=language)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("sk-pg-v1-")
    extra = database.did("account", "show", "acme")["subscriptions"][1]["extra_usage"]
    (key,) = (each["id"] for each in database.did("key", "list", "acme")["keys"] if each["name"] == "extra")
    assert (extra["on"], extra["key"], extra["spent"]) == (True, key, "0")
    assert key in database.told("account", "show", "acme", language=language)
    database.did("key", "revoke", key)
    extra = database.did("account", "show", "acme")["subscriptions"][1]["extra_usage"]
    assert (extra["on"], extra["key"], extra["revoked_key"]) == (True, None, key)
    assert key in database.told("account", "show", "acme", language=language)
    database.told("account", "extra-usage", "acme", "off", language=language)
    assert database.did("account", "show", "acme")["subscriptions"][1]["extra_usage"]["on"] is False

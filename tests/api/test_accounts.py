"""Accounts: creating, listing, reading."""

from __future__ import annotations

from tests.api.door import Door


async def test_an_account_is_created_read_and_listed(door: Door) -> None:
    made = await door.call("POST", "/accounts", {"name": "acme"})
    assert made.status == 201
    assert set(made.body) == {"id", "name", "created_at"}
    assert (made.body["name"], made.body["created_at"]) == ("acme", "2026-03-02T10:00:00Z")
    for name in (made.body["id"], "acme"):
        view = await door.done("GET", f"/accounts/{name}")
        assert {"id", "name", "created_at"} & set(view) == set(made.body)
        assert {key: view[key] for key in made.body} == made.body
        assert (view["subscriptions"], view["keys"], view["open_holds"], view["segments"]) == ([], [], [], [])
    assert await door.done("GET", "/accounts") == {"accounts": [made.body], "next": None}


async def test_accounts_are_listed_in_pages_by_id(door: Door) -> None:
    ids = sorted([await door.account() for _ in range(5)])
    first = await door.done("GET", "/accounts", query={"limit": 2})
    assert [each["id"] for each in first["accounts"]] == ids[:2]
    assert first["next"] == ids[1]
    rest = await door.done("GET", "/accounts", query={"after": first["next"], "limit": 10})
    assert [each["id"] for each in rest["accounts"]] == ids[2:]
    assert rest["next"] is None


async def test_accounts_are_found_by_name_and_by_the_email_of_who_signs_in(door: Door) -> None:
    made = await door.done("POST", "/accounts", {"name": "Acme"})
    await door.done("POST", "/users", {"email": "kim@road.example", "role": "customer", "account": made["id"]})
    await door.done("POST", "/accounts", {"name": "other"})
    for text in ("acm", "road.example"):
        assert await door.done("GET", "/accounts", query={"find": text}) == {"accounts": [made], "next": None}


async def test_rows_of_flags_and_deeds_say_whose_they_are(door: Door) -> None:
    made = await door.done("POST", "/accounts", {"name": "Acme"})
    rows = (await door.done("GET", "/audit", query={"account": made["id"]}))["deeds"]
    assert [(row["act"], row["name"], row["email"]) for row in rows] == [("create_account", "Acme", None)]


async def test_the_system_says_what_runs_and_how_it_is_set_up(door: Door) -> None:
    system = await door.done("GET", "/system")
    assert (system["now"], system["began_at"], system["workers"]) == (*["2026-03-02T10:00:00Z"] * 2, [])
    assert (system["store"]["engine"], system["mail"], system["test_clock"]) == ("sqlite", False, False)


async def test_an_account_is_read_with_its_plans_pools_and_windows(door: Door) -> None:
    account = await door.account("88code/free", "agipower/pro")
    view = await door.done("GET", f"/accounts/{account}")
    free, pro, wallet = view["subscriptions"]
    assert [each["plan"] for each in (free, pro, wallet)] == ["88code/free", "agipower/pro", "agipower/payg"]
    assert free["pools"][0]["available"] == "20"
    assert free["pools"][0]["next_refill"] == "2026-03-02T16:00:00Z"
    assert {window["id"]: window["limit"] for window in pro["windows"]} == {
        "agipower/pro:5h": "50",
        "agipower/pro:week": "504",
        "agipower/pro:rpm": "15",
    }
    assert pro["period_end"] == "2026-04-02T10:00:00Z"
    assert (wallet["wallet"], wallet["extra_usage"]) == (True, None)


async def test_an_account_that_is_not_there(door: Door) -> None:
    for method, rest in (("GET", ""), ("GET", "/keys"), ("GET", "/usage"), ("POST", "/renewals")):
        answer = await door.call(method, f"/accounts/nobody{rest}", {})
        assert (answer.status, answer.code) == (404, "not_found")


async def test_a_name_that_two_accounts_have_names_neither(door: Door) -> None:
    for key in ("1", "2"):
        await door.done("POST", "/accounts", {"name": "twin"}, key=key)
    answer = await door.call("GET", "/accounts/twin")
    assert (answer.status, answer.code) == (409, "bad_command")

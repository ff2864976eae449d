"""The catalogue, on every engine."""

from __future__ import annotations

from faregate.app.catalogue_port import (
    Account,
    AdminToken,
    ApiKey,
    Deed,
    PlanVersion,
    Receipt,
    ScheduleChange,
)
from faregate.app.people_port import User
from faregate.app.store_port import Store
from tests.store.engines import Place

KEY = ApiKey("key_1", "acc_a", "laptop", "fg-abcd", b"1" * 32, created_at=1)


def version(plan: str, number: int, text: str = "plans: {}") -> PlanVersion:
    return PlanVersion(plan, number, "family", text, f"hash of {text}", published_at=number)


def test_accounts_are_found_by_id_by_name_and_page_by_page(store: Store) -> None:
    rows = [Account(f"acc_{number}", "same" if number < 2 else f"n{number}", number) for number in range(5)]
    assert [store.add_account(row) for row in rows] == [True] * 5
    assert store.account("acc_3") == rows[3]
    assert store.account("acc_9") is None
    assert store.accounts_named("same") == rows[:2]
    assert store.accounts(limit=2) == rows[:2]
    assert store.accounts(after="acc_1", limit=10) == rows[2:]


def test_accounts_are_found_by_a_part_of_their_id_name_or_email_whatever_its_case(store: Store) -> None:
    rows = [Account("acc_1", "Harbour 100%", 1), Account("acc_2", "harbour", 2), Account("acc_3", "quay", 3)]
    for row in rows:
        store.add_account(row)
    store.add_user(User("usr_1", "lin@harbour.example", "Lin", "zh", "", "customer", "acc_3", 4))
    assert store.accounts_found("HARBOUR") == rows
    assert store.accounts_found("harbour", after="acc_1", limit=1) == rows[1:2]
    assert store.accounts_found("0%") == rows[:1]
    assert store.accounts_found("cc_3") == rows[2:]
    assert store.accounts_found("c%3") == store.accounts_found("a_c") == []


def test_an_account_id_is_given_once(store: Store) -> None:
    assert store.add_account(Account("acc_a", "first", 1))
    assert not store.add_account(Account("acc_a", "second", 2))
    assert store.account("acc_a") == Account("acc_a", "first", 1)


def test_a_key_is_added_once_by_id_and_by_hash(store: Store) -> None:
    assert store.add_key(KEY)
    assert not store.add_key(KEY._replace(hash=b"2" * 32))
    assert not store.add_key(KEY._replace(id="key_2"))
    assert store.keys_of("acc_a") == [KEY]


def test_the_first_revocation_of_a_key_stands(store: Store) -> None:
    store.add_key(KEY)
    assert store.revoke_key("key_1", at=5)
    assert not store.revoke_key("key_1", at=6)
    assert not store.revoke_key("key_9", at=6)
    assert store.key("key_1") == KEY._replace(revoked_at=5)


def test_a_rotation_revokes_the_old_key_and_adds_the_new_one_or_does_nothing(store: Store) -> None:
    new = ApiKey("key_2", "acc_a", "laptop", "fg-efgh", b"2" * 32, created_at=9, rotated_from="key_1", kind="f/api")
    store.add_key(KEY)
    assert not store.rotate_key("key_1", KEY, at=8)
    assert store.rotate_key("key_1", new, at=9)
    assert store.keys_of("acc_a") == [KEY._replace(revoked_at=9), new]
    assert not store.rotate_key("key_1", new._replace(id="key_3", hash=b"3" * 32), at=10)
    assert store.key("key_3") is None


def test_a_keyring_follows_added_and_revoked_keys_and_nothing_else(place: Place) -> None:
    one, other = place.open(), place.open()
    one.add_key(KEY)
    revision, keys = other.keys_changed(0)
    assert keys == [KEY]
    one.touch_keys({"key_1": 7})
    assert other.keys_changed(revision) == (revision, [])
    one.revoke_key("key_1", at=8)
    revision, keys = other.keys_changed(revision)
    assert [key.revoked_at for key in keys] == [8]
    for number in range(2, 7):
        one.add_key(KEY._replace(id=f"key_{number}", hash=bytes([number]) * 32))
    revision, page = other.keys_changed(revision, limit=3)
    revision, rest = other.keys_changed(revision, limit=3)
    assert [key.id for key in page + rest] == ["key_2", "key_3", "key_4", "key_5", "key_6"]


def test_the_last_use_of_a_key_only_moves_forward(store: Store) -> None:
    store.add_key(KEY)
    store.touch_keys({"key_1": 7, "key_9": 7})
    store.touch_keys({"key_1": 6})
    assert store.key("key_1") == KEY._replace(last_used_at=7)


def test_published_plans_are_kept_version_by_version(store: Store) -> None:
    assert store.publish_plans([version("pro", 1), version("max", 1)])
    assert store.publish_plans([version("pro", 2, "plans: {pro: {}}")])
    assert store.plan_version("pro", 1) == version("pro", 1)
    assert store.plan_version("pro", 3) is None
    assert [row.version for row in store.plan_versions("pro")] == [1, 2]
    assert store.newest_plans() == [version("max", 1), version("pro", 2, "plans: {pro: {}}")]


def test_a_published_version_is_never_replaced_and_publishing_is_all_or_nothing(store: Store) -> None:
    store.publish_plans([version("pro", 1)])
    assert not store.publish_plans([version("max", 1), version("pro", 1, "changed")])
    assert store.newest_plans() == [version("pro", 1)]


def test_schedule_changes_come_in_order_of_time_then_of_writing(store: Store) -> None:
    rows = [
        ScheduleChange("pro", "peak", 20, "2", 1),
        ScheduleChange("pro", "peak", 10, "1", 2),
        ScheduleChange("pro", "peak", 20, "3", 3),
        ScheduleChange("max", "peak", 15, "4", 4),
    ]
    for row in rows:
        store.add_schedule_change(row)
    assert store.schedule_changes("pro") == [rows[1], rows[0], rows[2]]
    assert store.schedule_changes() == [rows[3], rows[1], rows[0], rows[2]]


def test_an_admin_token_is_listed_with_its_revocation(store: Store) -> None:
    token = AdminToken("tok_1", "first", "fga-abcd", b"1" * 32, created_at=1)
    assert store.add_admin_token(token)
    assert not store.add_admin_token(token._replace(id="tok_2"))
    assert store.revoke_admin_token("tok_1", at=4)
    assert not store.revoke_admin_token("tok_1", at=5)
    assert store.admin_tokens() == [token._replace(revoked_at=4)]


def test_the_first_receipt_stands_until_it_is_dropped(store: Store) -> None:
    receipt = Receipt("grants", "key-1", b"hash", b"answer", at=10)
    assert store.add_receipt(receipt)
    assert not store.add_receipt(receipt._replace(response=b"other"))
    assert store.drop_receipts(before=10) == 0
    assert store.receipt("grants", "key-1") == receipt
    assert store.drop_receipts(before=11) == 1
    assert store.receipt("grants", "key-1") is None


def test_a_setting_holds_the_last_value_put(store: Store) -> None:
    assert store.setting("greeting") is None
    store.put_setting("greeting", "hello")
    store.put_setting("greeting", "bye")
    assert store.setting("greeting") == "bye"


def test_the_audit_log_is_read_newest_first_and_page_by_page(store: Store) -> None:
    rows = [
        Deed(f"{at:017d}-a", at, who, act, subject, "", f"k{at}", "done")
        for at, who, act, subject in [
            (1, "cli:ann", "grant", "acc_1"),
            (2, "token:first", "grant", "acc_2"),
            (3, "cli:ann", "renew", "acc_2"),
        ]
    ]
    for row in rows:
        assert store.add_deed(row)
    assert not store.add_deed(rows[0]._replace(who="system"))
    assert store.deeds() == rows[::-1]
    assert store.deeds(limit=1) == [rows[2]]
    assert store.deeds(before=rows[2].id, limit=1) == [rows[1]]
    assert store.deeds(who="cli:ann") == [rows[2], rows[0]]
    assert store.deeds(act="grant", subject="acc_2") == [rows[1]]


def test_an_agenda_keeps_what_was_made_of_later_entries_but_for_what_never_came(store: Store) -> None:
    def put(due_at: int | None, seq: int, orphaned: int = 0) -> list[tuple[str, int]]:
        store.put_agenda("acc_a", due_at, seq, orphaned)
        return store.agenda(1000)

    assert put(None, 1) == []
    assert put(50, 3) == [("acc_a", 50)]
    assert put(70, 3) == [("acc_a", 70)], "as late, and so as good"
    assert put(90, 2) == put(None, 2) == [("acc_a", 70)], "older"
    assert put(90, 2, orphaned=69) == [("acc_a", 70)]
    assert put(90, 2, orphaned=70) == [("acc_a", 90)]
    store.put_agenda("acc_b", 10, 1, 0)
    assert store.agenda(1000) == [("acc_b", 10), ("acc_a", 90)]
    assert store.agenda(20) == [("acc_b", 10)]
    assert put(None, 2) == [("acc_b", 10)]

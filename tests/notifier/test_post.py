"""Letters by SMTP: what they say, how they go, and what comes of a server that says no."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest
import trustme

from faregate.app.front import Front
from faregate.app.notices_port import NotTold
from faregate.app.people_port import User
from faregate.notifier.letters import letter
from faregate.notifier.post import Post
from faregate.notifier.settings import MailSettings, MailSettingsError, read_mail
from tests.notifier.smtp import MailServer

NOW = 1_772_445_600_000_000
FACTS = {"plan": "agipower/pro", "window": "5h", "used": "40", "limit": "50", "unit": "flow", "reopens_at": "15:00"}


def user(language: str = "en", email: str = "ada@example.com") -> User:
    return User("usr_1", email, "Ada", language, "", "customer", "acc_1", NOW)


def post(server: MailServer, tls: str = "none", trust: ssl.SSLContext | None = None, **more: str) -> Post:
    settings = MailSettings("127.0.0.1", server.port, tls, "Fare Gate <plans@fare.test>", **more)  # type: ignore[arg-type]
    return Post(settings, lambda: Front("https://fare.test"), lambda: NOW, trust, waits=(0.0, 0.0))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "agipower/pro: 5h is at 80%", "40 of 50 flow are used"),
        ("zh", "agipower/pro：5h 已用 80%", "已使用 40 / 50 flow"),
    ],
)
async def test_a_letter_is_in_the_users_language(server: MailServer, language: str, subject: str, words: str) -> None:
    await post(server).notice(user(language), "window_80", FACTS, "an event")
    (told,) = server.letters
    assert (told["subject"], told["to"], told["from"]) == (subject, "ada@example.com", "Fare Gate <plans@fare.test>")
    assert words in told.get_content()
    assert "https://fare.test" in told.get_content()
    assert told["auto-submitted"] == "auto-generated"


async def test_the_same_event_is_the_same_letter_to_one_person_and_another_to_another(server: MailServer) -> None:
    sender = post(server)
    for event in ("one", "one", "two"):
        await sender.notice(user(), "window_80", FACTS, event)
    first, again, other = [each["message-id"] for each in server.letters]
    assert first == again != other


async def test_a_link_is_sent_by_itself_and_again_after_a_no(server: MailServer) -> None:
    server.refusals = ["451 later", "451 later"]
    sender = post(server)
    sender.reset(user(), "TOKEN")
    await sender.settled()
    assert "https://fare.test/console/reset#TOKEN" in server.letters[0].get_content()
    assert len(server.letters) == 1


async def test_an_address_that_is_refused_for_good_is_not_tried_again(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.refusals = ["550 nobody here"]
    with pytest.raises(NotTold) as refused:
        await post(server).notice(user(), "window_80", FACTS, "an event")
    assert refused.value.for_good
    server.refusals = ["451 later"]
    with pytest.raises(NotTold) as delayed:
        await post(server).notice(user(), "window_80", FACTS, "an event")
    assert not delayed.value.for_good


async def test_no_token_and_no_address_gets_into_the_log(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.refusals = ["550 nobody here"]
    sender = post(server)
    sender.reset(user(), "TOKEN")
    await sender.settled()
    assert "usr_1" in caplog.text
    assert "TOKEN" not in caplog.text
    assert "ada@" not in caplog.text


async def test_a_server_that_is_away_is_told_as_such(server: MailServer) -> None:
    sender = post(server)
    server.shutdown()
    server.server_close()
    with pytest.raises(NotTold) as problem:
        await sender.notice(user(), "window_80", FACTS, "an event")
    assert not problem.value.for_good
    server._thread.join()


async def test_letters_go_over_tls_to_who_is_the_server_with_the_password() -> None:
    authority = trustme.CA()
    own, trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(own)
    authority.configure_trust(trust)
    with MailServer(own, "plans", "secret") as server:
        await post(server, "start", trust, user="plans", password="secret").notice(user(), "window_80", FACTS, "x")
        assert server.signed_in == [True]
        with pytest.raises(NotTold):
            await post(server, "start", trust, user="plans", password="wrong").notice(user(), "window_80", FACTS, "x")
        with pytest.raises(NotTold):
            await post(server, "start", None, user="plans", password="secret").notice(user(), "window_80", FACTS, "x")
        assert len(server.letters) == 1, "nobody who is not trusted gets a letter or a password"


async def test_what_others_named_makes_no_header(server: MailServer) -> None:
    facts = {**FACTS, "window": "5h\r\nBcc: eve@example.com"}
    await post(server).notice(user(), "window_80", facts, "an event")
    assert server.letters[0]["bcc"] is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["window_80", "window_100", "renewal", "payment_failed", "test", "verify", "reset"])
def test_every_kind_has_words(kind: str, language: str) -> None:
    facts = {**FACTS, "state": "coming", "at": "2026-04-01", "payer": None, "tries": 2, "link": "L"}
    facts |= {"amount": "10", "currency": "USD"}
    written = letter(language, kind, facts, "https://fare.test")
    assert written.subject
    assert "{" not in written.subject + written.text


def test_settings_of_mail_are_checked() -> None:
    written = {"host": "mail.test", "from": "Fare Gate <plans@fare.test>", "user": "plans", "password_env": "P"}
    read = read_mail(written, {"P": "secret"})
    assert (read.port, read.tls, read.password) == (587, "start", "secret")
    assert read_mail({"host": "h", "from": "a@b.test", "tls": "full"}, {}).port == 465
    for broken, words in (
        ({**written, "colour": "red"}, "colour"),
        ({**written, "from": "nobody"}, "from"),
        ({**written, "tls": "none"}, "user"),
        ({"host": "h"}, "from"),
    ):
        with pytest.raises(MailSettingsError, match=words):
            read_mail(broken, {"P": "secret"})
    with pytest.raises(MailSettingsError, match="password_env"):
        read_mail(written, {})

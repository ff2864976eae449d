"""Failures of signing in and of what a role may do, typed, each with a stable code. They know no HTTP."""

from __future__ import annotations


class PeopleError(Exception):
    """Base of these failures."""

    code = "people_error"


class WrongCredentials(PeopleError):
    """Not the password of this user, or no such user: nobody is told which."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is not right")


class TooManyAttempts(PeopleError):
    """``seconds`` until the next attempt is looked at."""

    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts; try again in {seconds} s")
        self.seconds = seconds


class EmailTaken(PeopleError):
    code = "email_taken"

    def __init__(self, email: str) -> None:
        super().__init__(f"somebody signed up with {email} already: sign in, or set a new password")


class SignUpClosed(PeopleError):
    """Nobody, or nobody without an invitation, may sign up by themselves."""

    code = "sign_up_closed"

    def __init__(self, invited: bool) -> None:
        super().__init__(
            "an invitation is needed to sign up" if invited else "new customers are signed up by the operator"
        )


class BadPassword(PeopleError):
    code = "bad_password"

    def __init__(self, shortest: int, longest: int) -> None:
        super().__init__(f"a password has {shortest} to {longest} characters, and is not the e-mail address")


class BadEmail(PeopleError):
    code = "bad_email"

    def __init__(self) -> None:
        super().__init__("this is not an e-mail address")


class LinkOver(PeopleError):
    """The link was used before, or is too old, or never was."""

    code = "link_over"

    def __init__(self) -> None:
        super().__init__("this link was used before or is too old: ask for another")


class LastOwner(PeopleError):
    code = "last_owner"

    def __init__(self) -> None:
        super().__init__("the last owner stays one: make somebody else an owner first")


class BadWebhook(PeopleError):
    """A URL that this server never calls."""

    code = "bad_webhook"


class IdentityRefused(PeopleError):
    """An issuer of identities said no, or what it said proves nothing."""

    code = "identity_refused"


class EmailUnverified(PeopleError):
    code = "email_unverified"

    def __init__(self) -> None:
        super().__init__("the issuer does not say that your e-mail address is verified")


class UserDisabled(PeopleError):
    code = "user_disabled"

    def __init__(self) -> None:
        super().__init__("you may not sign in here any more")


class PasskeyRefused(PeopleError):
    """A passkey's answer that proves nothing, or comes too late."""

    code = "passkey_refused"


class PasskeyUnknown(PeopleError):
    """Signing in with a passkey failed: nobody is told why."""

    code = "passkey_refused"

    def __init__(self) -> None:
        super().__init__("this passkey does not sign in here: begin again, or sign in another way")


class PasskeyTaken(PeopleError):
    code = "passkey_taken"

    def __init__(self) -> None:
        super().__init__("this passkey is registered already")


class LastWayIn(PeopleError):
    """A way to sign in stays, since it is the only one."""

    code = "last_way_in"

    def __init__(self) -> None:
        super().__init__("this is the only way you can sign in: set a password or add another way first")


class TooManyPasskeys(PeopleError):
    code = "too_many_passkeys"

    def __init__(self, most: int) -> None:
        super().__init__(f"a user has at most {most} passkeys: forget one first")


class TooManyListeners(PeopleError):
    """More listen to events than may; ``seconds`` until it is worth asking again."""

    code = "too_many_listeners"
    seconds = 15

    def __init__(self) -> None:
        super().__init__("too many pages listen to this account: close some")

"""Bodies of signing up and in.

Owns their shapes and descriptions.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from faregate.api.bodies import Body

Email = Annotated[str, Field(min_length=3, max_length=254, examples=["ada@example.com"])]
Password = Annotated[str, Field(max_length=1000, description="10 to 200 characters.")]
Token = Annotated[str, Field(min_length=1, max_length=100, description="From the link, after its #.")]
Language = Literal["en", "zh"]
Name = Annotated[str, Field(max_length=100)]


class SignUp(Body):
    email: Email
    password: Password
    name: Name = ""
    language: Language = "en"
    invitation: str | None = Field(None, max_length=40, description="Somebody's code.")
    family: str | None = Field(None, max_length=100, description="Whose plans the invitation is for.")


class SignIn(Body):
    email: Email
    password: Password


class Profile(Body):
    name: Name | None = None
    language: Language | None = None


class PasswordChange(Body):
    old: Password
    new: Password


class Verification(Body):
    token: Token


class ResetRequest(Body):
    email: Email


class PasswordReset(Body):
    token: Token
    password: Password


class NewUser(Body):
    email: Email
    name: Name = ""
    role: Literal["customer", "owner", "finance", "support", "read_only"] = Field(description="What they may do.")
    account: str | None = Field(None, description="The account they act for; a customer without gets a new one.")
    language: Language = "en"


class NewRole(Body):
    role: Literal["customer", "owner", "finance", "support", "read_only"]

"""Identifiers: their shapes, and making new ones from an injected time and injected randomness.

Owns how accounts, requests, keys and secrets are named. Reads no clock and no entropy itself. A request id begins
with its time, so that ids made later sort later and rows kept by request id grow at one end of their table; it ends
with the code of its account, so that whoever holds a request id knows whose books to open.
"""

from __future__ import annotations

from collections.abc import Callable

Randomness = Callable[[int], bytes]
"""``randomness(n)`` gives n bytes nobody can guess: ``os.urandom`` in service, a seeded source in tests."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: sorts like the number it stands for, and has no i, l, o, u."""

ACCOUNT_PREFIX = "acc_"
REQUEST_PREFIX = "req_"
KEY_PREFIX = "key_"
SECRET_PREFIX = "fg-"
ADMIN_PREFIX = "fga-"
SHOWN_CHARACTERS = 8
"""How much of a secret after its prefix is stored and shown, so that its owner knows which one it is."""

_TIME_CHARACTERS = 11  # 55 bits of microseconds: enough until the year 3111
_TAIL_CHARACTERS = 3
_TAILS_AT_ONCE = 128
_PAIRS = tuple(high + low for high in ALPHABET for low in ALPHABET)


def base32(number: int, characters: int) -> str:
    """``number`` in exactly ``characters`` digits of ALPHABET; ValueError when it does not fit."""
    if number < 0 or number >> (5 * characters):
        raise ValueError(f"{number} does not fit {characters} base 32 digits")
    digits = [_PAIRS[(number >> shift) & 1023] for shift in range(0, 5 * characters, 10)]
    return "".join(reversed(digits))[-characters:]


def _random_base32(randomness: Randomness, characters: int) -> str:
    bits = 5 * characters
    size = (bits + 7) // 8
    return base32(int.from_bytes(randomness(size), "big") >> (8 * size - bits), characters)


def new_account_id(randomness: Randomness) -> str:
    """``acc_`` and 8 digits: 40 random bits, so that one id tells nothing of how many there are."""
    return ACCOUNT_PREFIX + _random_base32(randomness, 8)


def new_key_id(randomness: Randomness) -> str:
    return KEY_PREFIX + _random_base32(randomness, 10)


def new_secret(randomness: Randomness, prefix: str = SECRET_PREFIX) -> str:
    """A secret with 200 random bits, in 40 digits after ``prefix``. Shown once; only its hash is ever stored."""
    return prefix + _random_base32(randomness, 40)


def shown_part(secret: str) -> str:
    """What of ``secret`` may be stored in the clear and shown."""
    head, dash, rest = secret.partition("-")
    return head + dash + rest[:SHOWN_CHARACTERS]


class RequestIds:
    """Makes request ids that rise strictly within the process, also when the clock stands still or steps back.

    ``req_<11 digits of microseconds><3 digits>_<account code>``. Where many workers serve one store, the three
    digits are the ``worker``'s number, 1 to 32,767, and no two ids are ever the same. Else they are random, and two
    processes can only meet in one id for the same account in the same microsecond, with odds of 1 in 32,768.

    One id a request: randomness is drawn for many at once, and the digits of the time that stand still for a second
    are worked out once a second.
    """

    def __init__(self, randomness: Randomness, worker: int | None = None) -> None:
        self._randomness = randomness
        self._worker = None if worker is None else base32(worker, _TAIL_CHARACTERS)
        self._last = 0
        self._second = -1
        self._head = ""
        self._tails: list[str] = []

    def new(self, account: str, at: int) -> str:
        """An id for a request of ``account`` (``acc_…``, else ValueError) that came in ``at`` microseconds UTC."""
        if account[:4] != ACCOUNT_PREFIX:
            raise ValueError(f"{account!r} is not an account id: those begin with {ACCOUNT_PREFIX!r}")
        last = self._last
        self._last = moment = at if at > last else last + 1
        if moment >> 20 != self._second:
            self._second = moment >> 20
            self._head = REQUEST_PREFIX + base32(self._second, _TIME_CHARACTERS - 4)
        tails = self._tails or self._more_tails()
        pairs = _PAIRS
        return f"{self._head}{pairs[moment >> 10 & 1023]}{pairs[moment & 1023]}{tails.pop()}_{account[4:]}"

    def _more_tails(self) -> list[str]:
        """The last digits of the next ids."""
        if self._worker is not None:
            self._tails = [self._worker] * _TAILS_AT_ONCE
            return self._tails
        drawn = iter(self._randomness(2 * _TAILS_AT_ONCE))
        self._tails = [
            _PAIRS[high << 2 | low >> 6] + ALPHABET[low & 31] for high, low in zip(drawn, drawn, strict=True)
        ]
        return self._tails


def account_of(request: str) -> str | None:
    """The account a request id belongs to, or None when ``request`` is no request id."""
    head, _, code = request.removeprefix(REQUEST_PREFIX).partition("_")
    whole = len(head) == _TIME_CHARACTERS + _TAIL_CHARACTERS and not set(head) - set(ALPHABET)
    if not request.startswith(REQUEST_PREFIX) or not whole or not code:
        return None
    return ACCOUNT_PREFIX + code


def made_at(request: str) -> int | None:
    """When a request id was made, microseconds UTC, or None when ``request`` is no request id."""
    if account_of(request) is None:
        return None
    start = len(REQUEST_PREFIX)
    moment = 0
    for digit in request[start : start + _TIME_CHARACTERS]:
        moment = moment << 5 | ALPHABET.index(digit)
    return moment


def worker_of(request: str) -> int | None:
    """The number in the last three digits of a request id, or None when ``request`` is no request id."""
    if account_of(request) is None:
        return None
    start = len(REQUEST_PREFIX) + _TIME_CHARACTERS
    number = 0
    for digit in request[start : start + _TAIL_CHARACTERS]:
        number = number << 5 | ALPHABET.index(digit)
    return number

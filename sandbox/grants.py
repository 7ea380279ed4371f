"""What a sandbox EHR has given out: launches, codes, tokens. In memory; a restart forgets it all."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

LAUNCH_SECONDS = 300
CODE_SECONDS = 60
ACCESS_SECONDS = 900
SYSTEM_SECONDS = 300
REFRESH_SECONDS = 12 * 3600
MOST_SPENT = 10_000
T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """What an EHR user had open when the application was launched. user: id of a Practitioner."""

    patient: str
    encounter: str
    user: str


@dataclass(frozen=True)
class Asked:
    """An authorization request that has been checked."""

    client: str
    redirect: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    nonce: str = ""


@dataclass(frozen=True)
class Code:
    asked: Asked
    context: Context
    family: str


@dataclass(frozen=True)
class Token:
    """An access or a refresh token. family: all tokens that came from one sign-in."""

    client: str
    scopes: tuple[str, ...]
    family: str
    context: Context | None = None
    issued: float = 0.0
    ends: float = 0.0


class Kept(Generic[T]):
    """Things under random words, each with an end. May be used by many threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._things: dict[str, tuple[T, float]] = {}
        self._lock = threading.Lock()

    def put(self, thing: T, seconds: float) -> str:
        word, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._things = {k: kept for k, kept in self._things.items() if kept[1] > now}
            self._things[word] = (thing, now + seconds)
        return word

    def get(self, word: str) -> T | None:
        with self._lock:
            thing, ends = self._things.get(word, (None, 0.0))
        return thing if ends > self._clock() else None

    def take(self, word: str) -> T | None:
        """Gives it once."""
        with self._lock:
            thing, ends = self._things.pop(word, (None, 0.0))
        return thing if ends > self._clock() else None

    def drop(self, unwanted: Callable[[T], bool]) -> None:
        with self._lock:
            self._things = {k: kept for k, kept in self._things.items() if not unwanted(kept[0])}


class Grants:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.launches: Kept[Context] = Kept(clock)
        self.choices: Kept[Asked] = Kept(clock)
        self.codes: Kept[Code] = Kept(clock)
        self.access: Kept[Token] = Kept(clock)
        self.refresh: Kept[Token] = Kept(clock)
        self._spent: dict[str, str] = {}  # used codes and refresh tokens, and their families
        self._lock = threading.Lock()

    def new_code(self, asked: Asked, context: Context) -> str:
        return self.codes.put(Code(asked, context, secrets.token_urlsafe(8)), CODE_SECONDS)

    def taken_code(self, word: str) -> Code | None:
        """Once; a second use ends every token that came from the first one (RFC 6749, 4.1.2)."""
        found = self.codes.take(word)
        self._end_if_spent(word)
        if found is not None:
            self._spend(word, found.family)
        return found

    def taken_refresh(self, word: str) -> Token | None:
        """Once; a second use ends the whole sign-in (RFC 9700, 4.14)."""
        found = self.refresh.take(word)
        self._end_if_spent(word)
        if found is not None:
            self._spend(word, found.family)
        return found

    def new_access(self, token: Token, seconds: float) -> str:
        now = self.clock()
        return self.access.put(replace(token, issued=now, ends=now + seconds), seconds)

    def new_refresh(self, token: Token) -> str:
        now = self.clock()
        return self.refresh.put(
            replace(token, issued=now, ends=now + REFRESH_SECONDS), REFRESH_SECONDS
        )

    def end(self, family: str) -> None:
        for kept in (self.access, self.refresh):
            kept.drop(lambda token: token.family == family)

    def _spend(self, word: str, family: str) -> None:
        with self._lock:
            self._spent[word] = family
            while len(self._spent) > MOST_SPENT:
                del self._spent[next(iter(self._spent))]

    def _end_if_spent(self, word: str) -> None:
        with self._lock:
            family = self._spent.get(word)
        if family is not None:
            self.end(family)

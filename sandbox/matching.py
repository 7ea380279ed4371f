"""One search parameter with its values, made into a test of a resource (FHIR R4, search.html)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sandbox import dates
from sandbox.parameters import Parameter, parameters_of
from sandbox.store import Held
from sandbox.values import plain, reference
from sandbox.wire import FhirError

Test = Callable[[Held], bool]
_PREFIXED = re.compile(r"([a-z]{2})?(\d.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([,|$\\])")


def alternatives(value: str) -> list[str]:
    r"""The parts of a comma-OR; a comma after a backslash belongs to its part.

    >>> alternatives("a,b\\,c")
    ['a', 'b,c']
    """
    parts = re.split(r"(?<!\\),", value)
    return [_ESCAPED.sub(r"\1", part) for part in parts if part]


def criterion(parameter: Parameter, modifier: str, value: str, *, base: str, now: float) -> Test:
    """The test that one `name:modifier=value` stands for. base: FHIR base of this server. now: in seconds.

    Raises FhirError (400) for a value or a modifier that cannot be used.
    """
    wanted = alternatives(value)
    if not wanted:
        raise FhirError(400, "invalid", f"The parameter {parameter.name} has no value.")
    if modifier == "missing":
        return _missing(parameter, value)
    if parameter.kind == "token":
        return _token_test(parameter, modifier, wanted)
    if parameter.kind == "date":
        return _date_test(parameter, modifier, wanted, now)
    if parameter.kind == "reference":
        return _reference_test(parameter, modifier, wanted, base)
    return _string_test(parameter, modifier, wanted)


def _missing(parameter: Parameter, value: str) -> Test:
    if value not in ("true", "false"):
        raise FhirError(400, "invalid", f"{parameter.name}:missing takes true or false.")
    return lambda held: bool(held.values(parameter)) is (value == "false")


def _unknown(parameter: Parameter, modifier: str) -> FhirError:
    words = f"The modifier :{modifier} is not supported for {parameter.name}."
    return FhirError(400, "not-supported", words)


def _token_test(parameter: Parameter, modifier: str, wanted: list[str]) -> Test:
    if modifier not in ("", "not"):
        raise _unknown(parameter, modifier)
    bare = {text for text in wanted if "|" not in text}
    paired = [tuple(text.split("|", 1)) for text in wanted if "|" in text]

    def matches(held: Held) -> bool:
        for system, code in held.values(parameter):
            if code in bare:
                return True
            for wanted_system, wanted_code in paired:
                right_system = system is None or system == wanted_system
                if right_system and wanted_code in ("", code):
                    return True
        return False

    return (lambda held: not matches(held)) if modifier else matches


def _date_test(parameter: Parameter, modifier: str, wanted: list[str], now: float) -> Test:
    if modifier:
        raise _unknown(parameter, modifier)
    read = [_date(parameter, text) for text in wanted]
    if len(read) == 1:
        ((prefix, interval),) = read
        return lambda held: any(
            dates.compare(prefix, interval, each, now) for each in held.values(parameter)
        )
    return lambda held: any(
        dates.compare(prefix, interval, each, now)
        for each in held.values(parameter)
        for prefix, interval in read
    )


def _date(parameter: Parameter, text: str) -> tuple[str, dates.Interval]:
    match = _PREFIXED.fullmatch(text)
    prefix = (match and match[1]) or "eq"
    found = dates.interval(match[2]) if match else None
    if found is None or prefix not in dates.PREFIXES:
        words = f"{parameter.name} takes a date with a prefix at most, with the + of its zone encoded, not '{text}'."
        raise FhirError(400, "invalid", words)
    return prefix, found


def _reference_test(parameter: Parameter, modifier: str, wanted: list[str], base: str) -> Test:
    target = parameter.target
    if modifier:
        if not modifier[:1].isupper():
            raise _unknown(parameter, modifier)
        target = modifier
    full = {_reference(text, target, base) for text in wanted}
    ids = {text for text in wanted if "/" not in text} if not target else set()
    if parameter.name == "patient":  # also what is about the patient by way of another resource
        return lambda held: any(f"Patient/{each}" in full for each in held.patients)
    return lambda held: any(
        each in full or each.partition("/")[2] in ids for each in held.values(parameter)
    )


def _reference(text: str, target: str, base: str) -> str:
    """ "Type/id" that a search value means; an address of another server means nothing here."""
    if "://" in text:
        return reference(text.removeprefix(f"{base}/"))
    if "/" in text:
        return text if not target or text.startswith(f"{target}/") else ""
    return f"{target}/{text}"


def _string_test(parameter: Parameter, modifier: str, wanted: list[str]) -> Test:
    if modifier == "exact":
        exact = set(wanted)
        return lambda held: any(each in exact for each in held.values(parameter))
    if modifier not in ("", "contains"):
        raise _unknown(parameter, modifier)
    begins = tuple(plain(text) for text in wanted)
    if modifier:
        return lambda held: any(
            part in plain(each) for each in held.values(parameter) for part in begins
        )
    return lambda held: any(plain(each).startswith(begins) for each in held.values(parameter))


def filters(
    kind: str, query: Iterable[tuple[str, str]], *, base: str, now: float
) -> tuple[list[Test], list[tuple[str, str]]]:
    """The tests that this query asks for, and the pairs that name no search parameter of the type."""
    known, tests, unknown = parameters_of(kind), [], []
    for name, value in query:
        plain_name, _, modifier = name.partition(":")
        if plain_name in known:
            tests.append(criterion(known[plain_name], modifier, value, base=base, now=now))
        else:
            unknown.append((name, value))
    return tests, unknown

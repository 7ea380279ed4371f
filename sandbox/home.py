"""The pages of a sandbox EHR: today's schedule, the choice of a patient, the faults. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from sandbox import faults, schedule
from sandbox.faults import Faults
from sandbox.people import name_of
from sandbox.store import Held, Store
from sandbox.wire import Response

USERS = {"physician": "Physician", "nurse": "Nurse", "cmio": "CMIO"}
MOST_PATIENTS = 200
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
STYLE = """\
:root { color-scheme: light; --ink: #17202a; --line: #d5dae0; --accent: #0b5394; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem 1.5rem 3rem; color: var(--ink); background: #fff;
  font: 1rem/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: baseline; border-bottom: 2px solid var(--ink); }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 1.75rem 0 .5rem; }
p.note { color: #4b5563; margin: .25rem 0 .75rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: middle; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
td.time { font-variant-numeric: tabular-nums; white-space: nowrap; }
td.act, th:last-child { text-align: right; }
a { color: var(--accent); }
a.button, button { display: inline-block; font: inherit; white-space: nowrap; padding: .35rem .8rem; cursor: pointer;
  color: #fff; background: var(--accent); border: 1px solid var(--accent); border-radius: .25rem; text-decoration: none; }
a.button:hover, button:hover { background: #073763; }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 3px solid #e69138; outline-offset: 2px; }
nav.users a { margin-right: 1rem; } nav.users a[aria-current] { font-weight: 700; text-decoration: none; color: var(--ink); }
input { font: inherit; padding: .3rem .5rem; border: 1px solid #6b7280; border-radius: .25rem; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.on { border-left: 4px solid #b45309; padding: .5rem .75rem; background: #fff7ed; }
"""


def page(title: str, body: str, status: int = 200) -> Response:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/sandbox.css"></head>'
        f"<body>{body}</body></html>"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Response(status, html.encode(), headers)


def stylesheet() -> Response:
    return Response(200, STYLE.encode(), {"Content-Type": "text/css; charset=utf-8"})


def refused(words: str, status: int, title: str) -> Response:
    return page(
        title,
        f"<h1>{escape(title)}</h1><p>{escape(words)}</p><p><a href='/'>Schedule</a></p>",
        status,
    )


def home(
    store: Store, *, title: str, now: datetime, user: str, words: str, active: Faults
) -> Response:
    """Today's schedule and the patients. user: who is signed in. words: search for a patient. now: in local time."""
    todays = schedule.visits(store, now)
    known = {name: label for name, label in USERS.items() if store.get("Practitioner", name)}
    user = user if user in known else next(iter(known), "physician")
    body = (
        f"<header><h1>{escape(title)}</h1><p>Sandbox EHR with invented and loaded records. "
        f"{escape(f'{now:%A, %B %d, %Y}')}</p></header>"
        f"{_faults_on(active)}{_users(store, known, user, words)}"
        f"<main><h2 id='today'>Today's schedule</h2>{_visits(todays, now, user)}"
        f"{_patients(store, words, user)}</main>"
    )
    return page(f"{title}: schedule", body)


def _faults_on(active: Faults) -> str:
    on = faults.switched_on(active)
    if not on:
        return "<p class='note'>No faults are switched on. <a href='/sandbox/faults'>Faults</a></p>"
    listed = "".join(f"<li>{_fault(name, value)}</li>" for name, value in on.items())
    return (
        "<section class='on' aria-label='Faults'><strong>Faults that are switched on</strong>"
        f"<ul>{listed}</ul><a href='/sandbox/faults'>Change</a></section>"
    )


def _fault(name: str, value: Any) -> str:
    shown = "" if value is True else f" ({escape(_written(value))})"
    return f"{escape(faults.WORDS[name])}{shown}"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _users(store: Store, known: Mapping[str, str], user: str, words: str) -> str:
    links = []
    for name, label in known.items():
        held = store.get("Practitioner", name)
        shown = f"{label}: {name_of(held.content)}" if held else label
        current = " aria-current='true'" if name == user else ""
        query = urlencode({"user": name, **({"q": words} if words else {})})
        links.append(f"<a href='/?{escape(query)}'{current}>{escape(shown)}</a>")
    return f"<nav class='users' aria-label='Signed in as'>Signed in as {''.join(links)}</nav>"


def _visits(todays: list[schedule.Visit], now: datetime, user: str) -> str:
    """Who comes today, and then who is here since an earlier day."""
    here = [visit for visit in todays if visit.start.date() < now.date()]
    coming = [visit for visit in todays if visit.start.date() >= now.date()]
    listed = _visit_table(coming, user, "today", "%H:%M") if coming else "<p>No visits today.</p>"
    if here:
        listed += "<h2 id='here'>Here since an earlier day</h2>"
        listed += _visit_table(here, user, "here", "%b %d %H:%M")
    return listed


def _visit_table(listed: list[schedule.Visit], user: str, labelled: str, form: str) -> str:
    rows = "".join(
        f"<tr><td class='time'>{visit.start:{form}}</td><td>{_who(visit.patient)}</td>"
        f"<td>{escape(visit.reason) or 'not recorded'}</td><td>{escape(visit.clinician)}</td>"
        f"<td>{escape(visit.place)}</td><td class='time'>{escape(visit.status)}</td>"
        f"<td class='act'>{_open(visit.patient, user, visit.encounter)}</td></tr>"
        for visit in listed
    )
    heads = ("Time", "Patient", "Reason", "Clinician", "Place", "Status", "Summary")
    return _table(heads, rows, labelled)


def _patients(store: Store, words: str, user: str) -> str:
    found, number = schedule.patients(store, words, MOST_PATIENTS)
    rows = "".join(
        f"<tr><td>{_who(held)}</td><td>{escape(str(held.content.get('birthDate', '')))}</td>"
        f"<td>{escape(str(held.content.get('gender', '')))}</td><td>{escape(held.id)}</td>"
        f"<td class='act'>{_open(held, user)}</td></tr>"
        for held in found
    )
    shown = f"{len(found)} of {number} patients" if number > len(found) else f"{number} patients"
    table = _table(("Patient", "Born", "Sex", "Id", "Summary"), rows, "patients") if rows else ""
    return (
        "<h2 id='patients'>Patients</h2><form action='/' method='get' role='search'>"
        f"<input type='hidden' name='user' value='{escape(user)}'>"
        "<label for='q'>Name, id or number</label> "
        f"<input id='q' name='q' value='{escape(words)}'> <button>Search</button></form>"
        f"<p class='note'>{shown}, without a visit in mind.</p>{table}"
    )


def _table(heads: Iterable[str], rows: str, labelled: str) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
    return f"<table aria-labelledby='{labelled}'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _who(patient: Held) -> str:
    return escape(name_of(patient.content)) or f"no name, id {escape(patient.id)}"


def _open(patient: Held, user: str, encounter: str = "") -> str:
    query = {"patient": patient.id, "user": user, **({"encounter": encounter} if encounter else {})}
    return (
        f"<a class='button' href='/launch-app?{escape(urlencode(query))}'>Open summary"
        f"<span class='spoken'> of {_who(patient)}</span></a>"
    )


def choice(store: Store, *, title: str, word: str, user: str, words: str) -> Response:
    """For a sign-in that did not come from a chart: which patient it is about. word: of the request."""
    found, number = schedule.patients(store, words, MOST_PATIENTS)
    links = "".join(
        f"<li><a href='/auth/chosen?{escape(urlencode({'request': word, 'patient': held.id, 'user': user}))}'>"
        f"{_who(held)}</a>, born {escape(str(held.content.get('birthDate', 'not recorded')))}</li>"
        for held in found
    )
    body = (
        f"<header><h1>{escape(title)}: choose a patient</h1></header><main>"
        "<form action='/auth/choose' method='get' role='search'>"
        f"<input type='hidden' name='request' value='{escape(word)}'>"
        f"<input type='hidden' name='user' value='{escape(user)}'>"
        f"<label for='q'>Name, id or number</label> <input id='q' name='q' value='{escape(words)}'> "
        f"<button>Search</button></form><p>{len(found)} of {number} patients</p><ul>{links}</ul></main>"
    )
    return page(f"{title}: choose a patient", body)


def switches(title: str, active: Faults) -> Response:
    """The faults as a form; empty fields are off."""
    ordinary = faults.NONE
    rows = []
    for name, words in faults.WORDS.items():
        value, usual = getattr(active, name), getattr(ordinary, name)
        rows.append(
            f"<tr><td><label for='{name}'>{escape(words)}</label></td><td><code>{name}</code></td>"
            f"<td><input id='{name}' name='{name}' value='{escape(_written(value))}' "
            f"placeholder='{escape(_written(usual))}'></td></tr>"
        )
    table = _table(
        ("What it does", "Name", "Value (on, a number, or names)"), "".join(rows), "faults"
    )
    body = (
        f"<header><h1 id='faults'>{escape(title)}: faults</h1><p><a href='/'>Schedule</a></p></header>"
        f"<form action='/sandbox/faults' method='post'>{table}<p><button>Set</button></p></form>"
        "<form action='/sandbox/faults' method='post'><input type='hidden' name='reset' value='on'>"
        "<button>All off</button></form>"
    )
    return page(f"{title}: faults", body)

"""The pages of the people who work on rules: contexts, one version as sentences with its preview, its life. One service each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinical.rank.ruleset_file import RuleSetInvalid, table_of
from summary_app.rules import forms, queries
from summary_app.rules.guards import for_person, for_team, person, version_of
from summary_app.rules.models import RuleSetVersion, State
from summary_app.rules.services import (
    alerts,
    allowed,
    back,
    before,
    criteria,
    drafts,
    editing,
    life,
    picker,
    preferring,
    proposals,
    reading,
    shown,
    steps,
    trying,
)


@require_GET
@for_team
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    content = {
        "contexts": shown.contexts(now=now),
        "alerts": alerts.alerts(now=now),
        "lacking": before.lacking(),
        "standing": queries.standing(),
        "may": shown.may(person(request), None, now=now),
        "departments": queries.departments(),
    }
    return render(request, "rules/home.html", content)


@require_GET
@for_team
def rule_of(request: HttpRequest) -> HttpResponse:
    """From the "why" of a row to the rule that is responsible."""
    found = proposals.rule_id(request.GET.get("rule", "")[:200])
    if found is None:
        raise Http404
    return redirect(found.address)


@require_http_methods(["GET", "POST"])
@for_person
def mine(request: HttpRequest) -> HttpResponse:
    """What a clinician pins or lowers on their own screen. Needs no role."""
    now, user = timezone.now(), person(request)
    if request.method == "POST":
        preferring.set_way(
            user, request.POST.get("item", "")[:80], request.POST.get("way", "")[:6], now=now
        )
        return redirect("rules-mine")
    words = request.GET.get("q", "")[:60]
    found = picker.find(words, reading.library_of(()), now=now)
    content = {
        "mine": preferring.mine(user),
        "words": words,
        "choices": [one for one in found if one.item],
    }
    return render(request, "rules/mine.html", content)


@require_GET
@for_team
def context_page(request: HttpRequest, context: str) -> HttpResponse:
    """All versions of one context, and where each holds."""
    now = timezone.now()
    shipped = reading.shipped_text(context)
    versions = queries.versions(context)
    if shipped is None and not versions:
        raise Http404
    text = versions[0].text if versions else shipped or ""
    item = request.GET.get("item", "")[:80]
    open_now = [one for one in queries.open_rollouts() if one.version.rule_set.context == context]
    content = {
        "context": context,
        "title": table_of(text)["title"],
        "versions": versions,
        "shipped": shipped is not None,
        "shipped_sign_offs": before.sign_offs_of(context),
        "item": item,
        "sentence": shown.shipped_sentence(context, item),
        "rollouts": [
            (one, shown.rollout_words(one, now=now), () if one.shadow else back.choices(one))
            for one in open_now
        ],
        "may": shown.may(person(request), None, now=now),
        "may_back": allowed.PUBLISHER in allowed.roles_of(request.user),
    }
    return render(request, "rules/context.html", content)


@require_POST
@for_team
def start(request: HttpRequest, context: str) -> HttpResponse:
    wanted = request.POST.get("number", "")
    number = int(wanted) if wanted.isdigit() else reading.SHIPPED
    made = drafts.start(person(request), context, number=number, now=timezone.now())
    item = request.POST.get("item", "")[:80]
    return redirect(f"/rules/{context}/{made.number}/" + (f"?item={item}" if item else ""))


@require_GET
@for_team
def version_page(request: HttpRequest, context: str, number: int) -> HttpResponse:
    now, user = timezone.now(), person(request)
    version = version_of(context, number)
    steps.check(user, "read", version, now=now)
    return render(request, "rules/version.html", _content(request, version, now))


def _content(
    request: HttpRequest, version: RuleSetVersion, now: datetime, **more: Any
) -> dict[str, Any]:
    user = person(request)
    found = shown.content(version)
    item = request.GET.get("item", "") or request.POST.get("item", "")
    wanted = item or next((one.item for one in found.differences if one.item), "")
    return {
        "version": version,
        "context": version.rule_set.context,
        "content": found,
        "may": shown.may(user, version, now=now),
        "slots": shown.slots(version, wanted, now=now) if wanted else None,
        "comments": queries.comments(version.pk),
        "steps": queries.steps(version.pk),
        "sign_offs": queries.sign_offs(version.pk),
        "rollouts": [
            (one, shown.rollout_words(one, now=now)) for one in queries.rollouts_of(version.pk)
        ],
        "departments": queries.departments(),
        "replays": queries.replays(version.pk),
        "life": State.choices,
        "criteria": [
            (name, *words, criteria.DEFAULTS[name]) for name, words in criteria.WORDS.items()
        ],
        "tried": trying.on_charts(
            user, version.text, request.GET.get("ctx", ""), first=True, as_of=now
        ),
        **more,
    }


@require_POST
@for_team
def save(request: HttpRequest, context: str, number: int) -> HttpResponse:
    """One rule of a draft, then the page again; with `then=ask` the draft is sent to review as well."""
    now, user = timezone.now(), person(request)
    version = version_of(context, number)
    try:
        table = editing.with_rule(table_of(version.text), forms.rule(request.POST))
    except editing.BadSlot as bad:
        raise allowed.Refused(f"{bad.slot}: {bad}") from None
    saved = request.POST.get("saved", "")
    version = drafts.save(
        user, version, table, saved=int(saved) if saved.isdigit() else version.saved, now=now
    )
    messages.success(request, "Saved.")
    if request.POST.get("then") == "ask":
        life.ask(user, version, why=request.POST.get("why_asked", ""), now=now)
        return redirect("rules-version", context, number)
    item = request.POST.get("item", "")
    return redirect(f"/rules/{context}/{number}/?item={item}")


@require_POST
@for_team
def preview(request: HttpRequest, context: str, number: int) -> HttpResponse:
    """What the form as it stands would do, without saving it. After each pause in typing."""
    now, user = timezone.now(), person(request)
    version = version_of(context, number)
    content: dict[str, Any] = {"version": version, "context": context}
    try:
        table = editing.with_rule(table_of(version.text), forms.rule(request.POST))
        text = trying.text_of(version, table)
        content["content"] = shown.content(version, text=text)
        content["tried"] = trying.on_charts(
            user, text, request.POST.get("ctx", ""), first=False, as_of=now
        )
    except (editing.BadSlot, RuleSetInvalid) as bad:
        content["bad"] = f"{bad.slot}: {bad}" if isinstance(bad, editing.BadSlot) else bad.reason
    return render(request, "rules/_preview.html", content)


@require_GET
@for_team
def all_charts(request: HttpRequest, context: str, number: int) -> HttpResponse:
    """The saved draft on every chart that this person has open, in counts."""
    version = version_of(context, number)
    found = trying.in_counts(person(request), version.text, as_of=timezone.now())
    content = {"counted": found, "context": context, "version": version}
    return render(request, "rules/_all_charts.html", content)


@require_GET
@for_team
def pick(request: HttpRequest, context: str, number: int) -> HttpResponse:
    version = version_of(context, number)
    words = request.GET.get("q", "")[:60]
    library = shown.content(version).library
    found = picker.find(words, library, now=timezone.now())
    content = {
        "choices": found,
        "words": words,
        "counted": queries.counting_began() is not None,
        "context": context,
        "version": version,
    }
    return render(request, "rules/_choices.html", content)


@require_POST
@for_team
def own_item(request: HttpRequest, context: str, number: int) -> HttpResponse:
    """An item of the site's own for a code that was seen and belongs to none."""
    now, version = timezone.now(), version_of(context, number)
    library = shown.content(version).library
    try:
        table, item = editing.with_own_item(
            table_of(version.text),
            library,
            system=request.POST.get("system", ""),
            code=request.POST.get("code", "")[:40],
            name=request.POST.get("name", "")[:300],
            today=f"{now:%Y-%m-%d}",
            origin="as sent by an EHR of this site",
            kind=request.POST.get("kind", "")[:10],
        )
        table = editing.with_rule(table, editing.Rule(item=item, importance="should"))
    except editing.BadSlot as bad:
        raise allowed.Refused(str(bad)) from None
    drafts.save(person(request), version, table, saved=version.saved, now=now)
    return redirect(f"/rules/{context}/{number}/?item={item}")


@require_POST
@for_team
def step(request: HttpRequest, context: str, number: int) -> HttpResponse:
    """One step of its life. The service decides whether this person may take it."""
    now, user, version = timezone.now(), person(request), version_of(context, number)
    why, action = request.POST.get("why", ""), request.POST.get("action", "")
    if action == "comment":
        life.comment(
            user, version, request.POST.get("text", ""), item=request.POST.get("item", ""), now=now
        )
    elif action == "sign_off":
        department = forms.department(request.POST.get("department", ""))
        life.sign_off(
            user, version, department, clinician=request.POST.get("clinician", ""), now=now
        )
    elif action == "publish":
        life.publish(user, version, forms.scope(request.POST, now=now), why=why, now=now)
    elif action in ("ask", "give_back", "approve", "retire"):
        {
            "ask": life.ask,
            "give_back": life.give_back,
            "approve": life.approve,
            "retire": life.retire,
        }[action](user, version, why=why, now=now)
    else:
        raise Http404
    return redirect("rules-version", context, number)


@require_POST
@for_team
def roll_back(request: HttpRequest, rollout_id: int) -> HttpResponse:
    """One click. What held before holds again with the next look at any chart."""
    found = queries.rollout(rollout_id)
    if found is None:
        raise Http404
    to = request.POST.get("to", "")
    life.roll_back(person(request), found, to=int(to) if to.isdigit() else None, now=timezone.now())
    messages.success(request, "Rolled back.")
    return redirect("rules-context", found.version.rule_set.context)


@require_POST
@for_team
def end_rollout(request: HttpRequest, rollout_id: int) -> HttpResponse:
    found = queries.rollout(rollout_id)
    if found is None:
        raise Http404
    life.end(person(request), found, why=request.POST.get("why", ""), now=timezone.now())
    return redirect("rules-context", found.version.rule_set.context)


@require_POST
@for_team
def switch(request: HttpRequest) -> HttpResponse:
    """The stop switch, and back."""
    do = life.resume if request.POST.get("action") == "resume" else life.stop_all
    do(person(request), why=request.POST.get("why", ""), now=timezone.now())
    return redirect("rules")

"""Rule sets as files, out and in, and value sets that become items. What cannot be used is refused with line and reason."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinical.rank.ruleset_file import MOST_CHARACTERS, RuleSetInvalid, table_of
from summary_app.rules import queries
from summary_app.rules.guards import for_team, person, version_of
from summary_app.rules.services import allowed, drafts, editing, shown, steps, value_sets


@require_GET
@for_team
def export(request: HttpRequest, context: str, number: int) -> HttpResponse:
    version = queries.version(context, number)
    text = version.text if version is not None else drafts.text_of(context, number)
    if text is None:
        raise Http404
    steps.check(person(request), "export", version, now=timezone.now())
    name = f"{context}-v{number}.toml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="application/toml; charset=utf-8", headers=headers)


@require_POST
@for_team
def take_in(request: HttpRequest) -> HttpResponse:
    """A file becomes a draft, or is refused with line and reason."""
    sent = request.FILES.get("file")
    if sent is None or sent.size is None or sent.size > MOST_CHARACTERS * 4:
        raise allowed.Refused("Choose a rule set file of at most 800 kB.")
    try:
        text = sent.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise RuleSetInvalid(f"not UTF-8 at byte {error.start}") from None
    made = drafts.take_in(
        person(request), text, now=timezone.now(), why=f"from the file {sent.name}"[:200]
    )
    return redirect("rules-version", made.rule_set.context, made.number)


@require_POST
@for_team
def value_set(request: HttpRequest, context: str, number: int) -> HttpResponse:
    """A FHIR ValueSet becomes an item of the draft's own."""
    now, version = timezone.now(), version_of(context, number)
    sent = request.FILES.get("file")
    if sent is None:
        raise allowed.Refused("Choose a file.")
    try:
        table, item = value_sets.take_in(
            table_of(version.text),
            shown.content(version).library,
            sent.read(),
            today=f"{now:%Y-%m-%d}",
            kind=request.POST.get("kind", "")[:10],
        )
        table = editing.with_rule(table, editing.Rule(item=item, importance="should"))
    except editing.BadSlot as bad:
        raise allowed.Refused(f"Refused, nothing was changed: {bad}") from None
    drafts.save(person(request), version, table, saved=version.saved, now=now)
    return redirect(f"/rules/{context}/{number}/?item={item}")

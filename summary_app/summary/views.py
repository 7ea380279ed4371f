"""The page of an opening and its pieces. Every view: through the door, one service, one template."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinical.fhir.turns import AT_ONCE, TURNS
from clinical.summary.lab_sheet import IN_PAGE, ON_ITS_OWN
from clinical.summary.opened import left_out as left_out_groups
from clinical.summary.opened import opened as opened_row
from summary_app import papers
from summary_app.access import door, logoff
from summary_app.connections import queries as connection_queries
from summary_app.feedback.services import noting
from summary_app.guards import framed, is_htmx, signed_off, with_opening
from summary_app.rules.services import before, remarks, using
from summary_app.summary.services import (
    attachments,
    finding,
    linking,
    openings,
    pages,
    raw,
    watching,
)
from summary_app.summary.services import explore as exploring

_ON_ITS_WAY = 0.03  # seconds in which an answer is packed and sent, before anything begins for which nobody waits


@require_GET
@with_opening
def page(request: HttpRequest, ctx: str) -> HttpResponse:
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="page", as_of=now)
    openings.keep_going(opening)
    watching.let_through(request.session.session_key or "", opening)
    with TURNS.hold.during(after=_ON_ITS_WAY):
        shown = pages.page_of(opening, as_of=now)
        using.visited(opening, shown.summary, as_of=now)
        with TURNS.take(AT_ONCE):
            return framed(render(request, "summary/page.html", _content(opening, shown)), opening)


@require_GET
@with_opening
def updates(request: HttpRequest, ctx: str) -> HttpResponse:
    """The long poll. Never extends the session; 204 when there is nothing new (at once: `waiting.NothingNew`)."""
    if logoff.is_over(request):
        return signed_off(request)
    now = timezone.now()
    opening = door.look_again(request.user, ctx, as_of=now)
    watching.let_through(request.session.session_key or "", opening)
    news = watching.wait_for_news(
        opening, watching.version_in(request.GET.get("since", "")), now=now
    )
    if news is None:
        return HttpResponse(status=204)
    with TURNS.hold.during(after=_ON_ITS_WAY):
        if not news.holds_for(opening, waited=timezone.now() - now):
            opening = door.look_again(request.user, ctx, as_of=timezone.now())
        shown = pages.page_of(opening, as_of=timezone.now())
        using.visited(opening, shown.summary, as_of=now)
        with TURNS.take(pages.turn_of(opening)):
            return render(request, "summary/_chart.html", _content(opening, shown))


@require_POST
@with_opening
def visit(request: HttpRequest, ctx: str) -> HttpResponse:
    """Another visit context. Asks no EHR for anything."""
    now = timezone.now()
    choice = request.POST.get("visit", "")[:60]
    opening = door.open_context(request.user, ctx, what="visit", detail=choice, as_of=now)
    openings.choose_visit(opening, choice, as_of=now)
    return _after_post(request, ctx)


@require_GET
@with_opening
def row(request: HttpRequest, ctx: str, key: str) -> HttpResponse:
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="row", as_of=now)
    built = pages.built_of(opening, as_of=now)
    found = opened_row(
        built.chart,
        built.ranking,
        key,
        site=pages.site(),
        viewer=built.viewer,
        as_of=now,
        everything=request.GET.get("all") == "1",
    )
    if found is None:
        raise Http404
    using.row_opened(opening, built, key, found=request.GET.get("from") == "find", as_of=now)
    content = {
        "opened": found,
        "ctx": ctx,
        "summary": built.summary,
        "wrong_reasons": noting.REASONS,
        "remarks": remarks.on_row(opening, key),
        "unsigned": before.unsigned(opening, built.chart, (one.rule for one in found.why)),
    }
    template = "summary/_row_opened.html" if is_htmx(request) else "summary/row.html"
    return framed(render(request, template, content), opening)


@require_GET
@with_opening
def explore(request: HttpRequest, ctx: str, key: str) -> HttpResponse:
    """The figure of a row as JSON, with another row beside it (`with`), in the colours of the reader's screen."""
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="explore", as_of=now)
    dark = request.GET.get("scheme") == "dark"
    found = exploring.figure(opening, key, request.GET.get("with", "")[:60], dark=dark, as_of=now)
    if found is None:
        raise Http404
    return HttpResponse(msgspec.json.encode(found), content_type="application/json")


@require_GET
@with_opening
def labs(request: HttpRequest, ctx: str) -> HttpResponse:
    """Laboratory results by panel and date, and two dates side by side."""
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="labs", as_of=now)
    asked = {name: request.GET.get(name, "")[:20] for name in ("start", "before", "after")}
    most = IN_PAGE if is_htmx(request) else ON_ITS_OWN
    content = {
        "sheet": exploring.sheet(opening, most=most, as_of=now, **asked),
        "ctx": ctx,
        "summary": finding.summary_of(opening, as_of=now),
    }
    template = "summary/_labs.html" if is_htmx(request) else "summary/labs.html"
    return framed(render(request, template, content), opening)


@require_GET
@with_opening
def paper(request: HttpRequest, ctx: str, key: str, place: int) -> HttpResponse:
    """A file of a report or note, under a policy of its own: nothing in it runs, loads or links."""
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="paper", detail=str(place), as_of=now)
    try:
        found = attachments.shown(opening, key, place, as_of=now)
    except attachments.NotShown as fault:
        return papers.respond(papers.said(str(fault)), opening)
    if found is None:
        raise Http404
    return papers.respond(found, opening)


@require_GET
@with_opening
def as_sent(
    request: HttpRequest, ctx: str, server: str, kind: str, identifier: str
) -> HttpResponse:
    """Exactly the bytes that the EHR sent for this entry."""
    detail = f"{server}/{kind}"
    opening = door.open_context(
        request.user, ctx, what="as sent", detail=detail, as_of=timezone.now()
    )
    found = raw.as_sent(opening, server, kind, identifier)
    if not found:
        raise Http404
    body = found[0] if len(found) == 1 else b"[" + b",\n".join(found) + b"]"
    return HttpResponse(
        body,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{kind}.json"'},
    )


@require_GET
@with_opening
def left_out(request: HttpRequest, ctx: str) -> HttpResponse:
    now = timezone.now()
    block = request.GET.get("block", "")[:40]
    opening = door.open_context(request.user, ctx, what="left out", detail=block, as_of=now)
    built = pages.built_of(opening, as_of=now)
    groups = left_out_groups(
        built.chart, built.ranking, block, site=pages.site(), viewer=built.viewer, as_of=now
    )
    content = {"groups": groups, "block": block, "ctx": ctx, "summary": built.summary}
    template = "summary/_left_out.html" if is_htmx(request) else "summary/left_out.html"
    return framed(render(request, template, content), opening)


@require_http_methods(["GET", "POST"])
@with_opening
def find(request: HttpRequest, ctx: str) -> HttpResponse:
    """Find anything. The words come in the body: what is looked for says something about the patient.

    GET, and a POST without words: the empty field.
    """
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="find", as_of=now)
    found = finding.find(opening, request.POST.get("q", "")[:200], as_of=now)
    if is_htmx(request):  # the list alone, at every pause of a typing hand
        return framed(render(request, "summary/_found.html", {"found": found, "ctx": ctx}), opening)
    content = {"found": found, "ctx": ctx, "summary": finding.summary_of(opening, as_of=now)}
    template = "summary/found.html"
    return framed(render(request, template, content), opening)


@require_POST
@with_opening
def retry(request: HttpRequest, ctx: str, server: str) -> HttpResponse:
    opening = door.open_context(
        request.user, ctx, what="retry", detail=server, as_of=timezone.now()
    )
    try:
        openings.retry(opening, server)
    except openings.UnknownSource:
        raise Http404 from None
    return _after_post(request, ctx)


@require_POST
@with_opening
def confirm_link(request: HttpRequest, ctx: str, server: str) -> HttpResponse:
    """A clinician confirms that the record offered at that EHR is this patient's."""
    now = timezone.now()
    opening = door.open_context(request.user, ctx, what="link", detail=server, as_of=now)
    other = connection_queries.by_key(server)
    if other is None or not linking.confirm(opening, other, now=now):
        raise Http404
    return _after_post(request, ctx)


# ---- parts ----------------------------------------------------------------------------------------------------


def _content(opening: door.Opening, shown: pages.Page) -> dict[str, object]:
    ctx = opening.id
    poll = f"{reverse('updates', args=[ctx])}?{urlencode({'since': shown.version})}"
    offered = [s for s in opening.sources if s.how == "offered"]
    return {
        "summary": shown.summary,
        "ctx": ctx,
        "version": shown.version,
        "asking": " ".join(shown.asking),
        "poll_url": poll,
        "visit_choice": opening.visit_choice,
        "offered": [(s.key, s.connection.name, s.words) for s in offered],
    }


def _after_post(request: HttpRequest, ctx: str) -> HttpResponse:
    """To a browser: back to the page. To htmx: the part of the page that changes."""
    if not is_htmx(request):
        return redirect("page", ctx)
    opening = door.look_again(request.user, ctx, as_of=timezone.now())
    shown = pages.page_of(opening, as_of=timezone.now())
    return framed(render(request, "summary/_chart.html", _content(opening, shown)), opening)

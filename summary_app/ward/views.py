"""The nurse lens of an opening, the board of a ward and its hand-over. Through the door, one service, one template."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from clinical.vitals.flowsheet import WINDOWS
from summary_app.access import door, logoff
from summary_app.access.models import User
from summary_app.guards import framed, is_htmx, signed_off, with_opening
from summary_app.summary.services import openings, watching
from summary_app.ward.services import boards, lens, units

_PICKED = "board picked"
_MOST_PICKED = 60
_WINDOWS = frozenset(key for key, _, _ in WINDOWS)


@require_GET
@with_opening
def nurse(request: HttpRequest, ctx: str) -> HttpResponse:
    """The whole lens, or only its sheet when the page asks for another window."""
    now = timezone.now()
    window = _window(request)
    opening = door.open_context(request.user, ctx, what="nurse", detail=window, as_of=now)
    openings.keep_going(opening)
    watching.let_through(request.session.session_key or "", opening)
    content = _content(opening, window)
    template = "ward/_lens.html" if is_htmx(request) else "ward/lens.html"
    return framed(render(request, template, content), opening)


@require_GET
def updates(request: HttpRequest, ctx: str) -> HttpResponse:
    """The long poll: never extends the session; 204 while neither the chart nor the minute has changed."""
    return _updates(request, ctx)


@with_opening
def _updates(request: HttpRequest, ctx: str) -> HttpResponse:
    if not request.session.session_key or logoff.is_over(request):
        return signed_off(request)
    now = timezone.now()
    opening = door.look_again(request.user, ctx, as_of=now)
    version = watching.version_in(request.GET.get("since", ""))
    same_minute = request.GET.get("minute", "") == f"{now:%H%M}"
    if same_minute and not watching.wait_for_news(opening, version, seconds=10.0, now=now):
        return HttpResponse(status=204)
    opening = door.look_again(request.user, ctx, as_of=timezone.now())
    return render(request, "ward/_lens.html", _content(opening, _window(request)))


def _window(request: HttpRequest) -> str:
    wanted = request.GET.get("window", "")
    return wanted if wanted in _WINDOWS else ""


def _content(opening: door.Opening, window: str) -> dict[str, object]:
    shown = lens.lens_of(opening, window=window, as_of=timezone.now())
    return {
        "lens": shown,
        "sheet": shown.sheet,
        "summary": shown.summary,
        "ctx": opening.id,
        "version": shown.version,
        "asked_window": window,  # while sources are still asked, what fits may yet change
    }


# ---- the board ---------------------------------------------------------------------------------------------------


def for_people(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Somebody signed in whom an EHR knows: else 401, or 404 for whom there is no board."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User) or logoff.is_over(request):
            return signed_off(request)
        try:
            return view(request)
        except (door.NotThere, boards.NoSuchPatient):
            raise Http404 from None

    return vary_on_headers("HX-Request", "Cookie")(guarded)


@require_GET
@for_people
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "ward/board.html", _board(request))


@require_GET
@for_people
def board_updates(request: HttpRequest) -> HttpResponse:
    """What the board shows now. Never extends the session."""
    return render(request, "ward/_board.html", _board(request))


@require_GET
@for_people
def hand_over(request: HttpRequest) -> HttpResponse:
    found = boards.hand_over(
        _user(request), wanted=_wanted(request), picked=_picked(request), as_of=timezone.now()
    )
    return render(request, "ward/hand_over.html", {"sheet": found, "board": found.board})


@require_POST
@for_people
def pick(request: HttpRequest) -> HttpResponse:
    """The nurse's own list, when the assignment in the EHR is wrong. Kept with the session."""
    keys = [key[:40] for key in request.POST.getlist("bed")][:_MOST_PICKED]
    request.session[_PICKED] = keys
    return redirect(f"{request.path.removesuffix('pick')}?show=picked")


@require_POST
@for_people
def ask_again(request: HttpRequest) -> HttpResponse:
    """What did not answer is asked at once, and the same board shown."""
    units.ask_again(_user(request))
    return redirect(f"{reverse('board')}?{urlencode({'show': _wanted(request)})}")


@require_POST
@for_people
def open_line(request: HttpRequest) -> HttpResponse:
    """A line becomes a chart of its own, opened and written down like any other."""
    key = request.POST.get("key", "")[:40]
    opening = boards.open_patient(_user(request), key, as_of=timezone.now())
    return redirect("nurse", opening.id)


def _user(request: HttpRequest) -> User:
    """Raises PermissionDenied for nobody, whom `for_people` has turned away before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _wanted(request: HttpRequest) -> str:
    asked = request.POST if request.method == "POST" else request.GET
    return asked.get("show", "")[:120]


def _picked(request: HttpRequest) -> list[str]:
    found = request.session.get(_PICKED, [])
    return [key for key in found if isinstance(key, str)]


def _board(request: HttpRequest) -> dict[str, object]:
    by_silence = request.GET.get("sort") == "silence"
    found = boards.board(
        _user(request),
        wanted=_wanted(request),
        by_silence=by_silence,
        picked=_picked(request),
        as_of=timezone.now(),
    )
    return {"board": found, "by_silence": by_silence}

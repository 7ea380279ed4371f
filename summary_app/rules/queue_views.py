"""The queue of the team: what clinicians said is wrong, and the answers to them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from summary_app.feedback.services import answering
from summary_app.rules.guards import for_team, person
from summary_app.rules.services import allowed, learning, proposals, remarks, shown


@require_GET
@for_team
def queue(request: HttpRequest) -> HttpResponse:
    """What clinicians said is wrong, by the rule that is responsible; and what they look for in vain."""
    now = timezone.now()
    content = {
        "sought": learning.found(now=now),
        "least": (learning.LEAST_CLINICIANS, learning.LEAST_PERCENT),
        "said": proposals.gathered(now=now),
        "may": shown.may(person(request), None, now=now),
        "states": answering.STATES,
    }
    return render(request, "rules/queue.html", content)


@require_POST
@for_team
def answer(request: HttpRequest) -> HttpResponse:
    """One answer to the remarks that were ticked. What is refused comes back as a sentence above the queue."""
    sent = request.POST
    try:
        count = remarks.answer(
            person(request),
            [int(one) for one in sent.getlist("remark") if one.isdecimal() and len(one) < 12],
            state=sent.get("state", "")[:10],
            words=sent.get("words", ""),
            omission=sent.get("omission") == "1",
            now=timezone.now(),
        )
    except allowed.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Answered: {count}. The senders read it on their first page.")
    return redirect("rules-queue")

"""Addresses of the application. None holds anything about a patient: an opening has a random id."""

from __future__ import annotations

from django.urls import include, path

from summary_app.connections import views as connections
from summary_app.feedback import views as feedback
from summary_app.summary import api, desk
from summary_app.summary import views as summary
from summary_app.ward import views as ward

urlpatterns = [
    path("", desk.door_page, name="home"),
    path("sign-off", desk.sign_off, name="sign-off"),
    path("health", desk.health, name="health"),
    path("jwks.json", connections.jwks, name="jwks"),
    path("launch/<slug:key>/", connections.launch, name="launch"),
    path("connect/<slug:key>/", connections.connect, name="connect"),
    path("callback/<slug:key>/", connections.callback, name="callback"),
    path("c/<str:ctx>/", summary.page, name="page"),
    path("c/<str:ctx>/updates", summary.updates, name="updates"),
    path("c/<str:ctx>/nurse", ward.nurse, name="nurse"),
    path("c/<str:ctx>/nurse/updates", ward.updates, name="nurse-updates"),
    path("ward/", ward.board, name="board"),
    path("ward/updates", ward.board_updates, name="board-updates"),
    path("ward/pick", ward.pick, name="board-pick"),
    path("ward/again", ward.ask_again, name="board-again"),
    path("ward/open", ward.open_line, name="board-open"),
    path("ward/hand-over", ward.hand_over, name="hand-over"),
    path("c/<str:ctx>/visit", summary.visit, name="visit"),
    path("c/<str:ctx>/row/<str:key>", summary.row, name="row"),
    path("c/<str:ctx>/row/<str:key>/wrong", feedback.wrong, name="wrong"),
    path("c/<str:ctx>/explore/<str:key>", summary.explore, name="explore"),
    path("c/<str:ctx>/paper/<str:key>/<int:place>", summary.paper, name="paper"),
    path("c/<str:ctx>/labs", summary.labs, name="labs"),
    path("c/<str:ctx>/find", summary.find, name="find"),
    path("c/<str:ctx>/left-out", summary.left_out, name="left-out"),
    path(
        "c/<str:ctx>/as-sent/<slug:server>/<slug:kind>/<str:identifier>",
        summary.as_sent,
        name="as-sent",
    ),
    path("c/<str:ctx>/sources/<slug:server>/retry", summary.retry, name="retry"),
    path("c/<str:ctx>/sources/<slug:server>/confirm", summary.confirm_link, name="confirm-link"),
    path("api/v1/c/<str:ctx>/summary", api.SummaryView.as_view(), name="api-summary"),
    path("rules/", include("summary_app.rules.urls")),
]

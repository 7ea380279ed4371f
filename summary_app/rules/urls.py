"""Addresses of the pages about rules."""

from __future__ import annotations

from django.urls import path

from summary_app.rules import before_views, file_views, queue_views, replay_views, views

urlpatterns = [
    path("", views.home, name="rules"),
    path("of", views.rule_of, name="rules-of"),
    path("mine", views.mine, name="rules-mine"),
    path("queue", queue_views.queue, name="rules-queue"),
    path("queue/answer", queue_views.answer, name="rules-answer"),
    path("switch", views.switch, name="rules-switch"),
    path("before", before_views.page, name="rules-before"),
    path("before/sign-off", before_views.sign_off, name="rules-before-sign-off"),
    path("before/replay", before_views.replay, name="rules-before-replay"),
    path("take-in", file_views.take_in, name="rules-take-in"),
    path("roll-out/<int:rollout_id>/back", views.roll_back, name="rules-back"),
    path("roll-out/<int:rollout_id>/end", views.end_rollout, name="rules-end"),
    path("replay/<int:replay_id>", replay_views.page, name="rules-replay"),
    path("replay/<int:replay_id>/stop", replay_views.stop, name="rules-replay-stop"),
    path("<slug:context>/<int:number>/replay", replay_views.start, name="rules-replay-start"),
    path("<slug:context>/", views.context_page, name="rules-context"),
    path("<slug:context>/start", views.start, name="rules-start"),
    path("<slug:context>/<int:number>/", views.version_page, name="rules-version"),
    path("<slug:context>/<int:number>/save", views.save, name="rules-save"),
    path("<slug:context>/<int:number>/preview", views.preview, name="rules-preview"),
    path("<slug:context>/<int:number>/charts", views.all_charts, name="rules-all-charts"),
    path("<slug:context>/<int:number>/pick", views.pick, name="rules-pick"),
    path("<slug:context>/<int:number>/own-item", views.own_item, name="rules-own-item"),
    path("<slug:context>/<int:number>/value-set", file_views.value_set, name="rules-value-set"),
    path("<slug:context>/<int:number>/step", views.step, name="rules-step"),
    path("<slug:context>/<int:number>/file", file_views.export, name="rules-file"),
]

"""Nora Blank: a new patient with almost nothing recorded. Every empty section has to say so."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

KEY = "new-patient"


def mercy(clock: Clock) -> list[Resource]:
    chart = Chart("mercy", KEY, clock)
    chart.patient("Blank-Sample", "Nora", "female", clock.born(34, 5, 19), "00907")
    chart.visit("New patient visit", hours=-0.5, at="clinic-4", complaint="Establish care")
    chart.vitals(clock.hours(0.1), bp=(118, 74), pulse=68)
    return chart.resources

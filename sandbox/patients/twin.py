"""Almost the same person as Anna Testcase: same name and sex, other birth date. The two must never be linked."""

from __future__ import annotations

from .authoring import Chart
from .clock import Clock
from .terms import Resource

# One line per thing recorded: it reads as the table that it is.
# fmt: off
KEY = "same-name"


def lakeside(clock: Clock) -> list[Resource]:
    """Day and month of birth are exchanged, and her record number here is the other's number at Mercy."""
    chart = Chart("lakeside", KEY, clock)
    chart.patient("Testcase", "Anna", "female", clock.born(68, 3, 2), "00123", "P-100132")
    chart.no_known_allergies(200)
    chart.problem("Osteoarthritis of hip", "M16.9", 600)
    chart.medicine("Ibuprofen 600 MG Oral Tablet", "Take 1 tablet (600 mg) by mouth three times daily with food", 200)
    chart.labs(200, potassium=4.1, creatinine=0.7, egfr=94)
    chart.visit("Hip pain", code="M25.559", hours=-2.1, at="lake-5", complaint="Pain in unspecified hip")
    return chart.resources

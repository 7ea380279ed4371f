"""Vital signs as the sandbox wards send them. Codes: R4 vital-signs value set and US Core."""

from __future__ import annotations

from typing import NamedTuple


class Vital(NamedTuple):
    """Name, LOINC codes (the usual first), UCUM code and printed unit."""

    name: str
    codes: tuple[str, ...]
    unit: str
    printed: str


# fmt: off
VITALS: dict[str, Vital] = {
    "pulse": Vital("Heart rate", ("8867-4",), "/min", "/min"),
    "resp": Vital("Respiratory rate", ("9279-1",), "/min", "/min"),
    "temp": Vital("Body temperature", ("8310-5",), "Cel", "°C"),
    "spo2": Vital("Oxygen saturation in Arterial blood by Pulse oximetry", ("59408-5", "2708-6"), "%", "%"),
    "oxygen": Vital("Inhaled oxygen flow rate", ("3151-8",), "L/min", "L/min"),
    "weight": Vital("Body weight", ("29463-7",), "kg", "kg"),
    "height": Vital("Body height", ("8302-2",), "cm", "cm"),
    "bmi": Vital("Body mass index (BMI) [Ratio]", ("39156-5",), "kg/m2", "kg/m²"),
    "head": Vital("Head Occipital-frontal circumference", ("9843-4",), "cm", "cm"),
    "pain": Vital("Pain severity - 0-10 verbal numeric rating [Score] - Reported", ("72514-3",), "{score}", "of 10"),
    "peak_flow": Vital("Maximum expiratory gas flow Respiratory system airway by Peak flow meter", ("33452-4",), "L/min", "L/min"),
    "fundal": Vital("Uterus Fundal height Tape measure", ("11881-0",), "cm", "cm"),
    "fetal": Vital("Fetal Heart rate US", ("11948-7",), "/min", "/min"),
}
# SNOMED CT answers of the consciousness observation (LOINC 67775-7), by letter of ACVPU.
ACVPU: dict[str, tuple[str, str]] = {
    "A": ("248234008", "Alert"),
    "C": ("130987000", "Acute confusion"),
    "V": ("300202002", "Responds to voice"),
    "P": ("450847001", "Responds to pain"),
    "U": ("422768004", "Unresponsive"),
}
# fmt: on

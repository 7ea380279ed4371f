"""Units as laboratories write them -> UCUM codes. Data; looked at before UCUM itself is asked.

UCUM reads many of these as something else without a word: `C` is the coulomb, `F` the farad, `K/uL` kelvin per
microlitre, `m/uL` metre per microlitre, `ft` the femto-tonne, `pt` the pico-tonne, `G` the gauss. A unit that is
neither here nor sent as UCUM is not known, and its values stay a series of their own. The case counts first; only a
spelling that means one thing in any case is also found in lower case. Not yet reviewed by a clinician.
"""

from __future__ import annotations

# Spellings that are already UCUM, and so are known even when they arrive as text only.
PLAIN: tuple[str, ...] = tuple(
    """
    % fL pg ng ug mg g kg mL L uL dL mm cm m ms s min h d wk mo a /min /h /s /uL /L kPa Cel
    g/L g/dL mg/dL mg/L mg/mL ug/mL ug/dL ug/L ng/mL ng/dL ng/L pg/mL g/mL kg/m2 g/m2 g/cm2
    mol/L mmol/L umol/L nmol/L pmol/L mmol/mol mmol/kg meq/L meq/kg mmol/d g/d mg/d
    U/L U/mL mU/L mU/mL kU/L [IU]/L [IU]/mL m[IU]/L m[IU]/mL u[IU]/mL k[IU]/L
    10*3/uL 10*6/uL 10*9/L 10*12/L 10*3/mm3 10*6/mm3 /mm3 mm/h mL/min L/min mL/h mL/d L/d mL/kg
    mg/g ug/mg mg/mmol ug/g mosm/kg mm[Hg] cm[H2O] [degF] [lb_av] [oz_av] [in_i] [ft_i] [pH] /[HPF] /[LPF]
    mL/min/{1.73_m2} mg/kg ug/kg ug/min mg/h ug/kg/min kcal m2 L/L 1 d/wk min/d /a
""".split()  # noqa: SIM905  a table to be read
)

# As written -> UCUM. Case counts.
EXACT: dict[str, str] = {
    "C": "Cel", "F": "[degF]", "T": "", "G": "", "pt": "", "ft": "[ft_i]",
    "K/uL": "10*3/uL", "K/µL": "10*3/uL", "K/UL": "10*3/uL", "K/mcL": "10*3/uL", "K/mm3": "10*3/uL",
    "k/uL": "10*3/uL", "k/µL": "10*3/uL", "K/cumm": "10*3/uL", "k/cumm": "10*3/uL",
    "M/uL": "10*6/uL", "M/µL": "10*6/uL", "M/UL": "10*6/uL", "M/mcL": "10*6/uL", "m/uL": "10*6/uL",
    "M/mm3": "10*6/uL", "M/cumm": "10*6/uL", "T/L": "10*12/L",
    "G/L": "",  # giga per litre in France, gram per litre where everything is in capitals
    "MG/DL": "mg/dL", "GM/DL": "g/dL", "G/DL": "g/dL", "MMOL/L": "mmol/L", "MEQ/L": "meq/L",
    "UMOL/L": "umol/L", "UG/ML": "ug/mL", "UG/DL": "ug/dL", "UG/L": "ug/L", "NG/ML": "ng/mL",
    "NG/DL": "ng/dL", "NG/L": "ng/L", "PG/ML": "pg/mL", "MG/L": "mg/L", "MG/ML": "mg/mL",
    "FL": "fL", "PG": "pg", "U/ML": "U/mL", "IU/L": "[IU]/L", "IU/ML": "[IU]/mL", "ML": "mL",
    "MMHG": "mm[Hg]", "MM/HR": "mm/h", "KG": "kg", "CM": "cm", "SEC": "s", "ML/MIN": "mL/min",
}  # fmt: skip

# In lower case, with µ written u and spaces closed up -> UCUM.
ANY_CASE: dict[str, str] = {
    # blood counts
    "10^3/ul": "10*3/uL", "x10^3/ul": "10*3/uL", "x10*3/ul": "10*3/uL", "x10(3)/ul": "10*3/uL",
    "10e3/ul": "10*3/uL", "x10e3/ul": "10*3/uL", "10^3/mcl": "10*3/uL", "10*3/mcl": "10*3/uL",
    "x10e3/mcl": "10*3/uL", "x10^3/mcl": "10*3/uL", "10x3/ul": "10*3/uL", "thou/ul": "10*3/uL",
    "thou/mcl": "10*3/uL", "thousand/ul": "10*3/uL", "th/ul": "10*3/uL", "thou/mm3": "10*3/uL",
    "1000/ul": "10*3/uL", "10^3/mm3": "10*3/uL", "10e3/mm3": "10*3/uL",
    "10^6/ul": "10*6/uL", "x10^6/ul": "10*6/uL", "x10*6/ul": "10*6/uL", "x10(6)/ul": "10*6/uL",
    "10e6/ul": "10*6/uL", "x10e6/ul": "10*6/uL", "10^6/mcl": "10*6/uL", "10*6/mcl": "10*6/uL",
    "x10e6/mcl": "10*6/uL", "mil/ul": "10*6/uL", "million/ul": "10*6/uL", "mill/mcl": "10*6/uL",
    "10^6/mm3": "10*6/uL", "mill/ul": "10*6/uL", "mil/mm3": "10*6/uL",
    "10^9/l": "10*9/L", "x10^9/l": "10*9/L", "x10*9/l": "10*9/L", "x10(9)/l": "10*9/L", "10e9/l": "10*9/L",
    "x10e9/l": "10*9/L", "10*9/l": "10*9/L",
    "10^12/l": "10*12/L", "x10^12/l": "10*12/L", "x10*12/l": "10*12/L", "x10(12)/l": "10*12/L",
    "10e12/l": "10*12/L", "x10e12/l": "10*12/L", "10*12/l": "10*12/L",
    "cells/ul": "/uL", "cells/mcl": "/uL", "cells/mm3": "/uL", "cells/cumm": "/uL", "/mcl": "/uL", "/cumm": "/uL",
    "10*3/ul": "10*3/uL", "10*6/ul": "10*6/uL", "#/ul": "/uL",
    # mass and amount per volume
    "gm/dl": "g/dL", "g/dl": "g/dL", "mg/dl": "mg/dL", "mg%": "mg/dL", "g%": "g/dL",
    "mcg/ml": "ug/mL", "mcg/dl": "ug/dL", "mcg/l": "ug/L", "ug/ml": "ug/mL", "ug/dl": "ug/dL",
    "ng/ml": "ng/mL", "ng/dl": "ng/dL", "pg/ml": "pg/mL", "mg/ml": "mg/mL", "g/ml": "g/mL",
    "mmol/l": "mmol/L", "umol/l": "umol/L", "mcmol/l": "umol/L", "nmol/l": "nmol/L", "pmol/l": "pmol/L",
    "meq/l": "meq/L", "ug/l": "ug/L", "mg/l": "mg/L", "ng/l": "ng/L", "g/l": "g/L",
    # activity: U and IU are kept apart, as sent
    "u/l": "U/L", "units/l": "U/L", "unit/l": "U/L", "u/ml": "U/mL", "units/ml": "U/mL",
    "iu/l": "[IU]/L", "iu/ml": "[IU]/mL", "miu/l": "m[IU]/L", "miu/ml": "m[IU]/mL", "uiu/ml": "u[IU]/mL",
    "mciu/ml": "u[IU]/mL", "[iu]/l": "[IU]/L", "[iu]/ml": "[IU]/mL", "m[iu]/l": "m[IU]/L",
    "u[iu]/ml": "u[IU]/mL", "m[iu]/ml": "m[IU]/mL", "uu/ml": "",
    # vital signs and sizes
    "mmhg": "mm[Hg]", "mmhg.": "mm[Hg]", "mm(hg)": "mm[Hg]", "mm[hg]": "mm[Hg]", "torr": "mm[Hg]",
    "cmh2o": "cm[H2O]", "kpa": "kPa",
    "bpm": "/min", "beats/min": "/min", "beats/minute": "/min", "{beats}/min": "/min", "beatsperminute": "/min",
    "breaths/min": "/min", "breaths/minute": "/min", "{breaths}/min": "/min", "breathsperminute": "/min",
    "resp/min": "/min", "{resp}/min": "/min", "permin": "/min", "perminute": "/min", "1/min": "/min",
    "°c": "Cel", "degc": "Cel", "celsius": "Cel", "degreescelsius": "Cel", "degreec": "Cel", "cel": "Cel",
    "°f": "[degF]", "degf": "[degF]", "fahrenheit": "[degF]", "degreesfahrenheit": "[degF]", "degreef": "[degF]",
    "[degf]": "[degF]",
    "lb": "[lb_av]", "lbs": "[lb_av]", "lb.": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]",
    "in": "[in_i]", "in.": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "feet": "[ft_i]",
    "kilogram": "kg", "kilograms": "kg", "kgs": "kg", "gram": "g", "grams": "g", "gm": "g",
    "centimeter": "cm", "centimeters": "cm", "cms": "cm",
    "kg/m^2": "kg/m2", "kg/m²": "kg/m2", "kg/msq": "kg/m2", "kg/sqm": "kg/m2", "kg/m2": "kg/m2",
    "l/min": "L/min", "liters/min": "L/min", "lpm": "L/min", "litres/min": "L/min", "ml/min": "mL/min",
    "percent": "%", "pct": "%", "%o2": "%", "%{inspiredoxygen}": "%",
    # kidney
    "ml/min/1.73m2": "mL/min/{1.73_m2}", "ml/min/1.73m^2": "mL/min/{1.73_m2}", "ml/min/1.73m²": "mL/min/{1.73_m2}",
    "ml/min/1.73": "mL/min/{1.73_m2}", "ml/min/{1.73_m2}": "mL/min/{1.73_m2}", "ml/min/{1.73m2}": "mL/min/{1.73_m2}",
    "ml/min/1.73sqm": "mL/min/{1.73_m2}", "ml/min/1.73msq": "mL/min/{1.73_m2}", "ml/min/1.73_m2": "mL/min/{1.73_m2}",
    "ml/min/1.73sq.m": "mL/min/{1.73_m2}", "ml/min/1.73.m2": "mL/min/{1.73_m2}",
    "mg/gcreat": "mg/g{creat}", "mg/gcr": "mg/g{creat}", "mg/gcrea": "mg/g{creat}", "mcg/mgcreat": "ug/mg{creat}",
    "ug/mgcreat": "ug/mg{creat}", "mcg/mgcr": "ug/mg{creat}", "mg/g{creat}": "mg/g{creat}", "mcg/mg": "ug/mg",
    "mg/mmolcreat": "mg/mmol{creat}",
    # clotting
    "ng/mlfeu": "ng/mL{FEU}", "ug/mlfeu": "ug/mL{FEU}", "mcg/mlfeu": "ug/mL{FEU}", "mg/lfeu": "mg/L{FEU}",
    "ug/lfeu": "ug/L{FEU}", "ng/ml{feu}": "ng/mL{FEU}", "ug/ml{feu}": "ug/mL{FEU}", "mg/l{feu}": "mg/L{FEU}",
    "ng/mlddu": "ng/mL{DDU}", "ug/mlddu": "ug/mL{DDU}", "ng/ml{ddu}": "ng/mL{DDU}", "mg/lddu": "mg/L{DDU}",
    "inr": "{INR}", "{inr}": "{INR}",
    # the rest
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "msec": "ms", "minutes": "min", "hr": "h", "hrs": "h",
    "hour": "h", "hours": "h", "day": "d", "days": "d", "weeks": "wk", "week": "wk", "months": "mo", "month": "mo",
    "years": "a", "year": "a", "yr": "a", "yrs": "a",
    "mm/hr": "mm/h", "mm/1hr": "mm/h", "mm/hour": "mm/h",
    "mosm/kg": "mosm/kg", "mosm/kgh2o": "mosm/kg", "mosmol/kg": "mosm/kg",
    "ph": "[pH]", "phunits": "[pH]", "[ph]": "[pH]",
    "/hpf": "/[HPF]", "#/hpf": "/[HPF]", "perhpf": "/[HPF]", "cells/hpf": "/[HPF]", "/[hpf]": "/[HPF]",
    "/lpf": "/[LPF]", "#/lpf": "/[LPF]", "perlpf": "/[LPF]", "/[lpf]": "/[LPF]",
    "mmol/molhb": "mmol/mol", "mmol/molhgb": "mmol/mol", "mmol/mol{hb}": "mmol/mol", "%{hb}": "%", "%ofhb": "%",
    "%hb": "%", "fl": "fL", "ml": "mL", "cc": "mL", "mcg": "ug", "µg": "ug",
    "{score}": "{score}", "score": "{score}", "(score)": "{score}", "points": "{score}",
}  # fmt: skip

"""Short names of tests and products, made from the words that were sent (never from a code we might have wrong)."""

from __future__ import annotations

import re
from functools import lru_cache

_BLOOD = re.compile(
    r"^(serum|plasma|blood|serum or plasma|serum, plasma or blood|serum/plasma|platelet poor plasma)\b",
    re.IGNORECASE,
)
_SPECIMEN = re.compile(r"\s+in\s+(.+)$", re.IGNORECASE)
_PANEL = re.compile(r"\s+-\s+((?:serum|plasma|blood)\b.*)$", re.IGNORECASE)
_PROPERTY = re.compile(r"\s*\[[^\]]*\]")
_METHOD = re.compile(r"\s+by\s+.+$", re.IGNORECASE)
# Only the measurement itself, or measured: what is said of a fetus, at birth, before or at most keeps its name.
_PLAIN = r"(?: measured| by pulse oximet\w+)?$"
_KNOWN = (
    (
        re.compile(r"^(?:estimated )?(?:glomerular filtration rate|gfr)|^egfr", re.IGNORECASE),
        "eGFR",
    ),
    (re.compile(r"^ha?emoglobin a1c|^hba1c|^a1c\b", re.IGNORECASE), "A1c"),
    (
        re.compile(
            r"^(micro)?albumin\s*/\s*creatinine|^urine albumin[ -/]creatinine|^uacr", re.IGNORECASE
        ),
        "UACR",
    ),
    (re.compile(r"^cholesterol in ldl|^ldl chol|^low density lipoprotein", re.IGNORECASE), "LDL"),
    (re.compile(r"^cholesterol in hdl|^hdl chol|^high density lipoprotein", re.IGNORECASE), "HDL"),
    (re.compile(r"^natriuretic peptide\.?b? prohormone|^nt-?probnp", re.IGNORECASE), "NT-proBNP"),
    (re.compile(r"^natriuretic peptide b\b|^bnp\b", re.IGNORECASE), "BNP"),
    (re.compile(r"^inr\b|^international normali[sz]ed ratio", re.IGNORECASE), "INR"),
    (re.compile(r"^alanine aminotransferase", re.IGNORECASE), "ALT"),
    (re.compile(r"^aspartate aminotransferase", re.IGNORECASE), "AST"),
    (re.compile(r"^alkaline phosphatase", re.IGNORECASE), "ALP"),
    (re.compile(r"^thyrotropin|^thyroid stimulating hormone", re.IGNORECASE), "TSH"),
    (re.compile(r"^urea nitrogen$", re.IGNORECASE), "Urea nitrogen"),
    (re.compile(r"^leukocytes$|^white blood cells?(?: count)?$", re.IGNORECASE), "White cells"),
    (re.compile(r"^erythrocyte sedimentation rate", re.IGNORECASE), "ESR"),
    (re.compile(r"^ha?ematocrit of blood", re.IGNORECASE), "Hematocrit"),
    (
        re.compile(r"^edinburgh postnatal depression scale(?: total)?(?: score)?$", re.IGNORECASE),
        "EPDS",
    ),
    (re.compile(r"^(?:LV|left ventric\w+) ejection fraction$", re.IGNORECASE), "LVEF"),
    (re.compile(r"^c reactive protein", re.IGNORECASE), "CRP"),
    (re.compile(rf"^body weight{_PLAIN}", re.IGNORECASE), "Weight"),
    (re.compile(rf"^body height{_PLAIN}", re.IGNORECASE), "Height"),
    (re.compile(r"^body mass index", re.IGNORECASE), "BMI"),
    (re.compile(rf"^body temperature{_PLAIN}", re.IGNORECASE), "Temperature"),
    (re.compile(rf"^heart rate{_PLAIN}", re.IGNORECASE), "Pulse"),
    (re.compile(r"^respiratory rate", re.IGNORECASE), "Resp. rate"),
    (
        re.compile(r"^oxygen saturation(?: in arterial blood)?$|pulse oximetry$", re.IGNORECASE),
        "SpO₂",
    ),
    (re.compile(r"^blood pressure(?!.*\b(?:mean|average)\b)", re.IGNORECASE), "Blood pressure"),
)


# What everybody writes on paper, by the whole name once the specimen is off it: nothing else is called by these.
_BRIEF = {
    "new york heart association functional classification": "NYHA class",
    "left ventricular ejection fraction": "LVEF",
    "patient health questionnaire 9 item (phq-9) total score": "PHQ-9",
    "patient health questionnaire 2 item (phq-2) total score": "PHQ-2",
    "generalized anxiety disorder 7 item (gad-7) total score": "GAD-7",
    "thoughts that you would be better off dead, or of hurting yourself, some way": "PHQ-9 item 9 (self-harm)",
    "asthma control test total score": "ACT (asthma)",
    "royal college of physicians news2 total score": "NEWS2",
    "ph of arterial blood": "pH, arterial",
    "choriogonadotropin (pregnancy test)": "Pregnancy test",
    "choriogonadotropin (pregnancy test), urine": "Pregnancy test, urine",
    "clinical disease activity index": "CDAI",
    "columbia - suicide severity rating scale screener": "C-SSRS screener",
    "maximum expiratory gas flow respiratory system airway": "Peak flow",
    "fev1 measured/predicted": "FEV1, % pred.",
    "uterus fundal height tape measure": "Fundal height",
    "fetal heart rate us": "Fetal heart rate",
    "pain severity - 0-10 verbal numeric rating - reported": "Pain 0–10",
    "tobacco smoking status": "Smoking",
    "tobacco smoking status nhis": "Smoking",
    "cigarettes smoked total (pack per year) - reported": "Pack-years",
    "hepatitis b virus surface ag": "HBsAg",
    "hepatitis b virus surface ab": "Anti-HBs",
    "hepatitis b virus core ab": "Anti-HBc",
    "hepatitis c virus ab": "Anti-HCV",
    "mycobacterium tuberculosis stimulated gamma interferon": "TB IGRA",
    "cyclic citrullinated peptide igg ab": "Anti-CCP",
    "rubella virus igg ab": "Rubella IgG",
    "varicella zoster virus igg ab": "Varicella IgG",
    "hiv 1+2 ab+hiv1 p24 ag": "HIV Ag/Ab",
    "blood group antibody screen": "Antibody screen",
    "delivery date us composite.estimated": "Due by ultrasound",
    "delivery date estimated from last menstrual period": "Due by LMP",
    "delivery date estimated": "Due date",
    "last menstrual period start date": "LMP",
    "basic metabolic 2000 panel": "Basic metabolic panel",
}

# By the whole name as sent: without the words in its brackets it could be an amount.
_WHOLE = {
    "carbon dioxide [partial pressure] in arterial blood": "pCO₂, arterial",
    "oxygen [partial pressure] in arterial blood": "pO₂, arterial",
    "carbon dioxide, total [moles/volume] in serum or plasma": "CO₂, total",
    "blood pressure panel mean systolic and mean diastolic": "BP mean",
}

_ENDS = " ,;"  # what may be left where a name was cut

_CULTURE = re.compile(r"^bacteria identified in (\w+)\b.*\bculture$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def test(text: str) -> str:
    """A name for the first column; what distinguishes it (urine, capillary …) stays.

    >>> test("Potassium [Moles/volume] in Serum or Plasma")
    'Potassium'
    >>> test("Glucose [Mass/volume] in Urine by Test strip")
    'Glucose, urine'
    >>> test("Hemoglobin A1c/Hemoglobin.total in Blood")
    'A1c'
    >>> test("Protein electrophoresis panel - Serum or Plasma")
    'Protein electrophoresis panel'
    >>> test("Hepatitis B virus surface Ag [Presence] in Serum")
    'HBsAg'
    >>> test("Carbon dioxide [Partial pressure] in Arterial blood")
    'pCO₂, arterial'
    >>> test("Carbon dioxide [Moles/volume] in Arterial blood")
    'Carbon dioxide, arterial blood'
    >>> test("Afraid of your partner, in the last year")
    'Afraid of your partner, the last year'
    >>> test("Total score [MMSE]")
    'MMSE total score'
    """
    whole = _WHOLE.get(text.lower())
    if whole is not None:
        return whole
    short = _shortened(text)
    return _BRIEF.get(short.lower(), short)


_WORD = re.compile(r"\w+")
_TELL_NOTHING = frozenset({"blood", "serum", "plasma", "level", "levels", "test"})


def same_test(text: str) -> frozenset[str]:
    """The words of a test's name that tell it from others: two names with the same ones are of one test.

    >>> same_test("Blood lead") == same_test("Lead [Mass/volume] in Blood")
    True
    >>> same_test("Creatinine") == same_test("Creatinine [Mass/volume] in Urine")
    False
    """
    every = frozenset(_WORD.findall(test(text).lower()))
    return every - _TELL_NOTHING or every


_OF_A_SCALE = re.compile(r"^(total score) \[([^\[\]]+)\]$", re.IGNORECASE)


def _shortened(text: str) -> str:
    scale = _OF_A_SCALE.match(text.strip())
    if (
        scale is not None
    ):  # here the brackets hold no property: without them the score is of nothing
        return f"{scale.group(2)} {scale.group(1).lower()}"
    plain = _PROPERTY.sub("", text).strip()
    culture = _CULTURE.match(plain)
    if culture is not None:
        return f"{culture.group(1)} culture"
    for pattern, short in _KNOWN:
        if pattern.search(plain):
            return short
    specimen = _SPECIMEN.search(_METHOD.sub("", plain)) or _PANEL.search(plain)
    plain = _METHOD.sub("", plain).rstrip(_ENDS)
    if specimen is None:
        return plain or text
    name = plain[: specimen.start()].strip(_ENDS)
    if not name or _BLOOD.match(specimen.group(1)):
        return name or text
    return f"{name}, {specimen.group(1).lower()}" if len(specimen.group(1)) < 25 else plain


_TAG = re.compile(
    r"\s*\((?:disorder|finding|situation|procedure|observable entity|event|regime/therapy|morphologic abnormality)\)$"
)


def problem(text: str) -> str:
    """A problem without the class word that SNOMED CT writes behind it.

    >>> problem("Anemia (disorder)")
    'Anemia'
    """
    return _TAG.sub("", text)


# The same diagnosis in the words that are said at the bedside; for the one-liner, never for the list of problems.
_SPOKEN = (
    (re.compile(r"\bdiabetes mellitus\b", re.IGNORECASE), "diabetes"),
    (
        re.compile(r"\bchronic kidney disease(?:, stage (?=\d)| stage (?=\d))", re.IGNORECASE),
        "CKD G",
    ),
    (re.compile(r"\bchronic kidney disease\b", re.IGNORECASE), "CKD"),
    (re.compile(r"\bchronic obstructive pulmonary disease\b", re.IGNORECASE), "COPD"),
    (re.compile(r"^essential (?:\(primary\) )?hypertension$", re.IGNORECASE), "hypertension"),
    (re.compile(r", (?:unspecified|initial encounter)$", re.IGNORECASE), ""),
    (re.compile(r"^pregnant$", re.IGNORECASE), "pregnancy"),
)


def spoken(text: str) -> str:
    """A problem for use inside a sentence.

    >>> spoken("Chronic kidney disease, stage 3b")
    'CKD G3b'
    """
    kept = problem(text)
    for pattern, words in _SPOKEN:
        kept = pattern.sub(words, kept)
    return lower_first(kept)


_SAMPLES = (
    (re.compile(r"\bha?emoly[sz]", re.IGNORECASE), "haemolysed sample"),
    (re.compile(r"\blipa?emi[ac]", re.IGNORECASE), "lipaemic sample"),
    (re.compile(r"\bclotted\b", re.IGNORECASE), "clotted sample"),
    (re.compile(r"\bcontaminat", re.IGNORECASE), "contaminated sample"),
)
_NONE = re.compile(r"\b(?:no|not|non|without|negative)\b", re.IGNORECASE)


def sample(note: str) -> str:
    """What a laboratory's comment says against the specimen, in two words; "" when nothing, or when it denies it.

    >>> sample("Specimen slightly haemolysed.")
    'haemolysed sample'
    """
    if _NONE.search(note):
        return ""
    return next((words for pattern, words in _SAMPLES if pattern.search(note)), "")


_FORM = re.compile(
    r"\s*\b(?:extended release |delayed release |chewable |disintegrating |sublingual )?(?:oral (?:tablet|capsule|solution|suspension)|oral product|pill)\b",
    re.IGNORECASE,
)
_UPPER_UNIT = re.compile(r"(?:(?<=\d)\s*|(/))(MG|ML|MCG|UNT|ACTUAT|HR|MEQ)\b")
_SMALL_UNIT = {"UNT": "unit", "ML": "mL", "HR": "h", "MEQ": "mEq", "ACTUAT": "actuation"}


@lru_cache(maxsize=4096)
def product(text: str) -> str:
    """A product's name without the words for a plain oral form, units in small letters.

    >>> product("metformin hydrochloride 500 MG Oral Tablet")
    'Metformin hydrochloride 500 mg'
    >>> product("amoxicillin 50 MG/ML Oral Suspension")
    'Amoxicillin 50 mg/mL'
    """
    kept = _FORM.sub(lambda found: " ER" if "extended" in found.group(0).lower() else "", text)
    kept = _UPPER_UNIT.sub(_small_unit, kept)
    kept = " ".join(kept.split())
    return kept[:1].upper() + kept[1:] if kept and kept[:1].islower() else kept or text


def _small_unit(found: re.Match[str]) -> str:
    unit = found.group(2)
    return f"{found.group(1) or ' '}{_SMALL_UNIT.get(unit, unit.lower())}"


_AS_WRITTEN = re.compile(r"Rh |[A-Z][\w-]+(?:['’]s|s['’]) |\S+ [A-Z][a-z]")


def lower_first(text: str) -> str:
    """For use inside a sentence: "Type 2 diabetes" -> "type 2 diabetes"; abbreviations keep their letters.

    A person's name ("Alzheimer's disease") and a title in capitals ("Coronary Heart Disease") stay as written.
    """
    if _AS_WRITTEN.match(text):
        return text
    if len(text) > 1 and text[0].isupper() and text[1].islower():
        return text[0].lower() + text[1:]
    return text


def at_site(label: str, site: str) -> str:
    """ "Knee replacement, left knee": the site beside a name that does not say it already. Both as sent; site may be ""."""
    said = set(re.findall(r"\w+", label.lower()))
    new = bool(set(re.findall(r"\w+", site.lower())) - said)
    return f"{label}, {lower_first(site)}" if new else label

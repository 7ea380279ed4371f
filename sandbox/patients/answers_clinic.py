"""Answers to the questions of clinic and emergency department."""

from __future__ import annotations

from .lookup import Answer, Fact, Records, fact

_ANNA, _WALTER, _BORIS = "mercy/t2dm-ckd", "mercy/heart-failure", "mercy/ed-chest-pain"
_THEO, _MARA = "mercy/asthma", "mercy/pregnancy-28w"
_JUNE, _IRMA, _OLGA = "lakeside/depression", "lakeside/ra-methotrexate", "lakeside/annual-wellness"


def answers(records: Records) -> tuple[Answer, ...]:
    """In the order of the questions within each patient."""
    groups = (_diabetes, _heart, _chest, _lungs, _pregnancy, _mood, _joints, _wellness)
    return tuple(answer for group in groups for answer in group(records))


def _answer(question: str, where: str, *facts: Fact) -> Answer:
    server, _, key = where.partition("/")
    return Answer(question, key, server, facts)


# One line per question: it reads as the table that it is.
# fmt: off
def _diabetes(r: Records) -> list[Answer]:
    lake = "lakeside/t2dm-ckd"
    return [
        _answer("q02", _ANNA, fact("A1c 8.1 %, before 8.9, 8.7, 8.3", r.newest(_ANNA, "4548-4", 4))),
        _answer("q04", _ANNA, fact("Mercy: anaphylaxis, high", r.of(_ANNA, "AllergyIntolerance", "penicillin")), fact("Lakeside: minor reaction", r.of(lake, "AllergyIntolerance", "penicillin"))),
        _answer("q06", _ANNA, fact("ED visit for a fall", r.of(lake, "Encounter", "fall")), fact("Naproxen started", r.of(lake, "MedicationRequest", "naproxen")), fact("eGFR 52 to 44", r.newest(_ANNA, "98979-8")), fact("Potassium 5.9", r.newest(_ANNA, "2823-3"))),
        _answer("q07", _ANNA, fact("Basic metabolic panel, partial", r.of(_ANNA, "DiagnosticReport", "basic metabolic")[-1]), fact("Potassium preliminary", r.newest(_ANNA, "2823-3"))),
        _answer("q10", _ANNA, fact("Retinal exam 467 days ago, overdue", r.of(_ANNA, "Procedure", "retinal"))),
        _answer("q11", _ANNA, fact("UACR 88, before 42: doubled", r.newest(_ANNA, "9318-7", 2))),
        _answer("q12", _ANNA, fact("BP 148/86 and the last five", r.newest(_ANNA, "85354-9"))),
        _answer("q27", _ANNA, fact("Full code", r.of(_ANNA, "ServiceRequest", "full code"))),
        _answer("q42", _ANNA, fact("Naproxen, Lakeside only", r.of(lake, "MedicationRequest", "naproxen")), fact("Metformin 1000 or 500 mg", r.of(_ANNA, "MedicationRequest", "metformin"), r.of(lake, "MedicationRequest", "metformin"))),
        _answer("q44", _ANNA, fact("LDL 71 from Lakeside", r.newest(lake, "13457-7"))),
    ]


def _heart(r: Records) -> list[Answer]:
    lake = "lakeside/heart-failure"
    return [
        _answer("q01", _WALTER, fact("Potassium 5.6, before 5.1, 4.7, 4.4", r.newest(_WALTER, "2823-3", 4))),
        _answer("q05", _WALTER, fact("Weight 91.3 kg, 87.9 at the last visit", r.newest(_WALTER, "29463-7"))),
        _answer("q13", _WALTER, fact("LVEF 30 %, before 32", r.newest(_WALTER, "18043-0", 2))),
        _answer("q14", _WALTER, fact("Sacubitril/valsartan 49/51", r.of(_WALTER, "MedicationRequest", "sacubitril 49")), fact("Metoprolol succinate 100 mg", r.of(_WALTER, "MedicationRequest", "metoprolol")), fact("Spironolactone 25 mg", r.of(_WALTER, "MedicationRequest", "spironolactone")[-1]), fact("No SGLT2 inhibitor: empagliflozin stopped, mycotic infection", r.of(_WALTER, "MedicationRequest", "empagliflozin"))),
        _answer("q15", _WALTER, fact("Furosemide 40 mg twice daily", r.of(_WALTER, "MedicationRequest", "furosemide")[-1]), fact("Lakeside: furosemide 40 mg once, torsemide 20 mg", r.of(lake, "MedicationRequest", "furosemide", "torsemide"))),
        _answer("q26", _WALTER, fact("ICD, MRI conditional", r.of(_WALTER, "Device", "defibrillator"))),
        _answer("q41", _WALTER, fact("Stay for decompensation", r.of(_WALTER, "Encounter", "acute on chronic")), fact("Discharge summary", r.of(_WALTER, "DocumentReference", "discharge summary"))),
    ]


def _chest(r: Records) -> list[Answer]:
    return [
        _answer("q03", _BORIS, fact("Rivaroxaban 20 mg for AF", r.of(_BORIS, "MedicationRequest", "rivaroxaban"))),
        _answer("q09", _BORIS, fact("eGFR 58 now, 61 and 64 before", r.newest(_BORIS, "98979-8", 3)), fact("Creatinine 1.31", r.newest(_BORIS, "2160-0"))),
        _answer("q24", _BORIS, fact("hs-troponin I 96, 41, 18", r.newest(_BORIS, "89579-7", 3)), fact("Lakeside: another assay", r.newest("lakeside/ed-chest-pain", "10839-9"))),
        _answer("q25", _BORIS, fact("Earlier ECG", r.of(_BORIS, "DiagnosticReport", "EKG")[0]), fact("LAD stent", r.of(_BORIS, "Procedure", "percutaneous"))),
    ]


def _lungs(r: Records) -> list[Answer]:
    lake = "lakeside/asthma"
    return [
        _answer("q16", _THEO, fact("Three prednisone bursts", r.of(_THEO, "MedicationRequest", "prednisone"), r.of(lake, "MedicationRequest", "prednisone")), fact("Two ED visits", r.of(_THEO, "Encounter", "exacerbation"), r.of(lake, "Encounter", "exacerbation"))),
        _answer("q17", _THEO, fact("Albuterol on the list; eleven fills this year", r.of(_THEO, "MedicationRequest", "albuterol"))),
        _answer("q18", _THEO, fact("FEV1 64 % of predicted, 78 before", r.newest(_THEO, "20152-5", 2))),
    ]


def _pregnancy(r: Records) -> list[Answer]:
    return [
        _answer("q19", _MARA, fact("28 weeks", r.newest(_MARA, "18185-9")), fact("Expected delivery by ultrasound", r.newest(_MARA, "11781-2"))),
        _answer("q20", _MARA, fact("O", r.newest(_MARA, "883-9")), fact("Rh negative", r.newest(_MARA, "10331-7")), fact("Antibody screen negative", r.newest(_MARA, "890-4")), fact("Rh immune globulin: none recorded")),
        _answer("q21", _MARA, fact("Losartan still on the list of Lakeside", r.of("lakeside/pregnancy-28w", "MedicationRequest", "losartan"))),
    ]


def _mood(r: Records) -> list[Answer]:
    return [
        _answer("q22", _JUNE, fact("PHQ-9 17 now, 21 at the start", r.newest(_JUNE, "44261-6")), fact("Item 9: more than half the days", r.newest(_JUNE, "44260-8"))),
        _answer("q23", _JUNE, fact("Fluoxetine 40 mg: sexual dysfunction", r.of(_JUNE, "MedicationRequest", "fluoxetine")), fact("Venlafaxine 150 mg: blood pressure", r.of(_JUNE, "MedicationRequest", "venlafaxine")), fact("Citalopram 20 mg: reason not recorded", r.of(_JUNE, "MedicationRequest", "citalopram"))),
    ]


def _joints(r: Records) -> list[Answer]:
    return [
        _answer("q30", _IRMA, fact("Methotrexate 20 mg a week", r.of(_IRMA, "MedicationRequest", "methotrexate")[-1]), fact("Prednisone 5 mg", r.of(_IRMA, "MedicationRequest", "prednisone"))),
        _answer("q32", _IRMA, fact("Hemoglobin, leukocytes, platelets", r.newest(_IRMA, "718-7"), r.newest(_IRMA, "6690-2"), r.newest(_IRMA, "777-3")), fact("ALT 78 H, AST 61 H", r.newest(_IRMA, "1742-6"), r.newest(_IRMA, "1920-8")), fact("Creatinine", r.newest(_IRMA, "2160-0"))),
        _answer("q33", _IRMA, fact("HBsAg nonreactive", r.newest(_IRMA, "5196-1")), fact("Anti-HBc reactive", r.newest(_IRMA, "16933-4")), fact("IGRA negative", r.newest(_IRMA, "71773-6"))),
        _answer("q43", _IRMA, fact("ALT 78 H, none since", r.newest(_IRMA, "1742-6")), fact("Repeat ordered, not done", r.of(_IRMA, "ServiceRequest", "ALT and AST"))),
    ]


def _wellness(r: Records) -> list[Answer]:
    return [
        _answer("q39", _OLGA, fact("Influenza last season", r.of(_OLGA, "Immunization", "influenza")), fact("Zoster, one dose", r.of(_OLGA, "Immunization", "zoster")), fact("Tdap more than ten years ago", r.of(_OLGA, "Immunization", "Tdap")), fact("Pneumococcal declined", r.of(_OLGA, "Immunization", "pneumococcal")), fact("RSV: nothing recorded")),
    ]

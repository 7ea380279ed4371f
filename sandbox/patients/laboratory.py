"""The tests that the sandbox laboratories report. Ranges are those of an invented laboratory, not of a real one."""

from __future__ import annotations

from typing import NamedTuple


class Test(NamedTuple):
    """One analyte: LOINC, name, UCUM unit, reference range and critical limits (None = the laboratory states none)."""

    loinc: str
    name: str
    unit: str
    low: float | None
    high: float | None
    low_critical: float | None
    high_critical: float | None
    panel: str


# fmt: off
TESTS: dict[str, Test] = {
    key: Test(*row)
    for key, row in {
        "sodium": ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 136, 145, 120, 160, "bmp"),
        "potassium": ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3.5, 5.1, 2.8, 6.2, "bmp"),
        "chloride": ("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "mmol/L", 98, 107, None, None, "bmp"),
        "bicarbonate": ("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "mmol/L", 22, 29, 10, None, "bmp"),
        "bun": ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "mg/dL", 7, 20, None, None, "bmp"),
        "creatinine": ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.6, 1.2, None, None, "bmp"),
        "egfr": ("98979-8", "Glomerular filtration rate/1.73 sq M.predicted by Creatinine-based formula (CKD-EPI 2021)", "mL/min/{1.73_m2}", 60, None, None, None, "bmp"),
        "glucose": ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 70, 99, 50, 450, "bmp"),
        "calcium": ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 8.6, 10.3, 6.5, 13, "bmp"),
        "magnesium": ("19123-9", "Magnesium [Mass/volume] in Serum or Plasma", "mg/dL", 1.7, 2.4, None, None, ""),
        "a1c": ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 4.0, 5.6, None, None, ""),
        "a1c_ifcc": ("59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", "mmol/mol", 20, 38, None, None, ""),
        "creatinine_umol": ("14682-9", "Creatinine [Moles/volume] in Serum or Plasma", "umol/L", 45, 90, None, None, ""),
        "glucose_mmol": ("14749-6", "Glucose [Moles/volume] in Serum or Plasma", "mmol/L", 3.9, 5.5, 2.8, 25, ""),
        "uacr": ("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine", "mg/g", None, 30, None, None, ""),
        "cholesterol": ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", None, 200, None, None, "lipid"),
        "ldl": ("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation", "mg/dL", None, 100, None, None, "lipid"),
        "hdl": ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "mg/dL", 40, None, None, None, "lipid"),
        "triglyceride": ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", None, 150, None, None, "lipid"),
        "ldl_mmol": ("22748-8", "Cholesterol in LDL [Moles/volume] in Serum or Plasma", "mmol/L", None, 2.6, None, None, ""),
        "hemoglobin": ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.0, 16.0, 7.0, None, "cbc"),
        "hematocrit": ("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "%", 36, 48, None, None, "cbc"),
        "wbc": ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4.0, 11.0, 1.0, 50, "cbc"),
        "platelets": ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150, 400, 20, 1000, "cbc"),
        "anc": ("751-8", "Neutrophils [#/volume] in Blood by Automated count", "10*3/uL", 1.8, 7.7, 0.5, None, "cbc"),
        "eosinophils": ("711-2", "Eosinophils [#/volume] in Blood by Automated count", "10*3/uL", 0.0, 0.5, None, None, "cbc"),
        "mcv": ("787-2", "MCV [Entitic volume] by Automated count", "fL", 80, 100, None, None, "cbc"),
        "ferritin": ("2276-4", "Ferritin [Mass/volume] in Serum or Plasma", "ng/mL", 15, 200, None, None, ""),
        "tsat": ("2502-3", "Iron saturation [Mass Fraction] in Serum or Plasma", "%", 20, 50, None, None, ""),
        "b12": ("2132-9", "Cobalamin (Vitamin B12) [Mass/volume] in Serum or Plasma", "pg/mL", 200, 900, None, None, ""),
        "alt": ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 7, 45, None, None, "hepatic"),
        "ast": ("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 8, 40, None, None, "hepatic"),
        "alp": ("6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 40, 130, None, None, "hepatic"),
        "bilirubin": ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "mg/dL", 0.2, 1.2, None, 15, "hepatic"),
        "albumin": ("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/dL", 3.5, 5.0, None, None, "hepatic"),
        "inr": ("6301-6", "INR in Platelet poor plasma by Coagulation assay", "{INR}", 0.9, 1.1, None, 5.0, ""),
        "troponin": ("89579-7", "Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method", "ng/L", None, 34, None, 34, ""),
        "troponin_conventional": ("10839-9", "Troponin I.cardiac [Mass/volume] in Serum or Plasma", "ng/mL", None, 0.04, None, None, ""),
        "ntprobnp": ("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma", "pg/mL", None, 300, None, None, ""),
        "ddimer": ("48065-7", "Fibrin D-dimer FEU [Mass/volume] in Platelet poor plasma", "ug/mL{FEU}", None, 0.5, None, None, ""),
        "lactate": ("2524-7", "Lactate [Moles/volume] in Serum or Plasma", "mmol/L", 0.5, 2.0, None, 4.0, ""),
        "crp": ("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma", "mg/L", None, 5, None, None, ""),
        "esr": ("4537-7", "Erythrocyte sedimentation rate by Westergren method", "mm/h", None, 20, None, None, ""),
        "procalcitonin": ("33959-8", "Procalcitonin [Mass/volume] in Serum or Plasma", "ng/mL", None, 0.1, None, None, ""),
        "rf": ("11572-5", "Rheumatoid factor [Units/volume] in Serum or Plasma", "[iU]/mL", None, 14, None, None, ""),
        "ccp": ("53027-9", "Cyclic citrullinated peptide IgG Ab [Units/volume] in Serum or Plasma", "U/mL", None, 20, None, None, ""),
        "tsh": ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "m[iU]/L", 0.4, 4.5, None, None, ""),
        "digoxin": ("10535-3", "Digoxin [Mass/volume] in Serum or Plasma", "ng/mL", 0.5, 0.9, None, 2.5, ""),
        "afp": ("1834-1", "Alpha-1-Fetoprotein [Mass/volume] in Serum or Plasma", "ng/mL", None, 9, None, None, ""),
        "ammonia": ("16362-6", "Ammonia [Moles/volume] in Plasma", "umol/L", 11, 35, None, None, ""),
        "gct": ("1504-0", "Glucose [Mass/volume] in Serum or Plasma --1 hour post 50 g glucose PO", "mg/dL", None, 140, None, None, ""),
        "ph": ("2744-1", "pH of Arterial blood", "[pH]", 7.35, 7.45, 7.2, 7.6, "abg"),
        "pco2": ("2019-8", "Carbon dioxide [Partial pressure] in Arterial blood", "mm[Hg]", 35, 45, None, 70, "abg"),
        "po2": ("2703-7", "Oxygen [Partial pressure] in Arterial blood", "mm[Hg]", 75, 100, 40, None, "abg"),
        "glucose_poc": ("41653-7", "Glucose [Mass/volume] in Capillary blood by Glucometer", "mg/dL", 70, 140, 50, 450, ""),
        "lead": ("5671-3", "Lead [Mass/volume] in Blood", "ug/dL", None, 3.5, None, 45, ""),
        "cea": ("2039-6", "Carcinoembryonic Ag [Mass/volume] in Serum or Plasma", "ng/mL", None, 3.0, None, None, ""),
        "psa": ("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma", "ng/mL", None, 4.0, None, None, ""),
        "vitamin_d": ("1989-3", "25-hydroxyvitamin D3 [Mass/volume] in Serum or Plasma", "ng/mL", 30, 100, None, None, ""),
        "lipase": ("3040-3", "Lipase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 13, 60, None, None, ""),
        "rdw": ("788-0", "Erythrocyte distribution width [Ratio] by Automated count", "%", 11.5, 14.5, None, None, "cbc"),
        "retic": ("60474-4", "Reticulocytes [#/volume] in Blood by Automated count", "10*3/uL", 25, 100, None, None, ""),
        "iron": ("2498-4", "Iron [Mass/volume] in Serum or Plasma", "ug/dL", 50, 170, None, None, ""),
        "tibc": ("2500-7", "Iron binding capacity [Mass/volume] in Serum or Plasma", "ug/dL", 250, 450, None, None, ""),
        "folate": ("2284-8", "Folate [Mass/volume] in Serum or Plasma", "ng/mL", 4, None, None, None, ""),
        "urate": ("3084-1", "Urate [Mass/volume] in Serum or Plasma", "mg/dL", 3.4, 7.0, None, None, ""),
        "ck": ("2157-6", "Creatine kinase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 30, 200, None, 5000, ""),
        "t4_free": ("3024-7", "Thyroxine (T4) free [Mass/volume] in Serum or Plasma", "ng/dL", 0.8, 1.8, None, None, ""),
        "tpo": ("8099-4", "Thyroperoxidase Ab [Units/volume] in Serum or Plasma", "[iU]/mL", None, 9, None, None, ""),
        "nonhdl": ("43396-1", "Cholesterol non HDL [Mass/volume] in Serum or Plasma", "mg/dL", None, 130, None, None, "lipid"),
        "lpa": ("43583-4", "Lipoprotein a [Moles/volume] in Serum or Plasma", "nmol/L", None, 75, None, None, ""),
        "pth": ("2731-8", "Parathyrin.intact [Mass/volume] in Serum or Plasma", "pg/mL", 15, 65, None, None, ""),
        "phosphate": ("2777-1", "Phosphate [Mass/volume] in Serum or Plasma", "mg/dL", 2.5, 4.5, None, None, ""),
        "lamotrigine": ("6948-4", "lamoTRIgine [Mass/volume] in Serum or Plasma", "ug/mL", 3, 15, None, 20, ""),
        "hiv_rna": ("20447-9", "HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe detection", "{copies}/mL", None, 20, None, None, ""),
        "cd4": ("24467-3", "CD3+CD4+ (T4 helper) cells [#/volume] in Blood", "/uL", 500, 1500, None, None, ""),
        "beta_hydroxybutyrate": ("53060-9", "Beta hydroxybutyrate [Moles/volume] in Blood", "mmol/L", None, 0.3, None, None, ""),
    }.items()
}
PANELS: dict[str, tuple[str, str]] = {
    "bmp": ("24321-2", "Basic metabolic 2000 panel - Serum or Plasma"),
    "cbc": ("58410-2", "CBC panel - Blood by Automated count"),
    "lipid": ("24331-1", "Lipid 1996 panel - Serum or Plasma"),
    "hepatic": ("24325-3", "Hepatic function 2000 panel - Serum or Plasma"),
    "abg": ("24336-0", "Gas panel - Arterial blood"),
}
# Ranges that the laboratory states by sex.
BY_SEX: dict[tuple[str, str], tuple[float, float]] = {
    ("hemoglobin", "female"): (12.0, 15.5), ("hemoglobin", "male"): (13.5, 17.5),
    ("creatinine", "female"): (0.5, 1.0), ("creatinine", "male"): (0.7, 1.35),
    ("urate", "female"): (2.4, 6.0), ("creatinine_umol", "male"): (62, 106), ("ferritin", "male"): (30, 400),
}
# fmt: on


def flag_of(
    value: float, low: float | None, high: float | None, critical: tuple[float | None, float | None]
) -> str:
    """The laboratory's interpretation code: LL, L, N, H or HH. Without any range there is none ("")."""
    if critical[0] is not None and value < critical[0]:
        return "LL"
    if critical[1] is not None and value > critical[1]:
        return "HH"
    if low is None and high is None:
        return ""
    if low is not None and value < low:
        return "L"
    return "H" if high is not None and value > high else "N"

"""Sets up the product for a measurement: connections to the stand-in EHRs, links of patients between them, and a
nurse whom both know.

Reads JSON from standard input: {"ehrs": {key: base}, "patients": [id, …]}.
"""

from __future__ import annotations

import json
import sys

import django


def make(content: dict[str, object]) -> None:
    from django.utils import timezone

    from summary_app.access.models import Identity, Role, User
    from summary_app.models import Connection, PatientLink
    from tests.bench.records import REGIONAL

    rows = []
    for key, base in content["ehrs"].items():  # type: ignore[attr-defined]
        rows.append(
            Connection.objects.create(
                key=key,
                name=f"{key.title()} (stand-in)",
                base_url=base,
                authorization=Connection.Authorization.ASYMMETRIC,
                client_id="visit-lens",
                backend_client_id="visit-lens-backend",
                backend_policy="Benchmark: clinicians of either side read both.",
                backend_for_clinicians=True,
                trusted_identifiers=REGIONAL,
                test=True,
            )
        )
    nurse = User.objects.create(username="nina", role=Role.NURSE, shown_name="Nina Example RN")
    Identity.objects.bulk_create(
        Identity(user=nurse, connection=row, issuer=row.base_url, reference="Practitioner/nina")
        for row in rows
    )
    now = timezone.now()
    one, two = rows
    PatientLink.objects.bulk_create(
        PatientLink(
            connection=here, patient=patient, other_connection=there, other_patient=patient,
            how=PatientLink.How.IDENTIFIER, made=now, proven=now,
        )
        for patient in content["patients"]  # type: ignore[attr-defined]
        for here, there in ((one, two), (two, one))
    )  # fmt: skip


if __name__ == "__main__":
    django.setup()
    make(json.load(sys.stdin))

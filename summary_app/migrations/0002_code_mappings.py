# Codes of the sources that are no LOINC codes, and what people decided about them.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import summary_app.quality.models


class Migration(migrations.Migration):
    dependencies = [
        ("summary_app", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CodeMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "system",
                    models.CharField(
                        blank=True, help_text="Empty: the source sent words only.", max_length=300
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        help_text="Without a system: the name, in plain form.", max_length=200
                    ),
                ),
                ("name", models.CharField(help_text="As the source calls it.", max_length=300)),
                ("unit", models.CharField(blank=True, max_length=60)),
                ("specimen", models.CharField(blank=True, max_length=120)),
                (
                    "suggested",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="suggested LOINC code"
                    ),
                ),
                (
                    "loinc",
                    models.CharField(
                        blank=True,
                        help_text="What it means. Only used once the state is confirmed.",
                        max_length=20,
                        validators=[summary_app.quality.models.is_loinc],
                        verbose_name="LOINC code",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unmapped", "not mapped"),
                            ("suggested", "suggested by name, specimen and unit"),
                            ("confirmed", "confirmed"),
                            ("rejected", "stays a row of its own"),
                        ],
                        default="unmapped",
                        max_length=12,
                    ),
                ),
                ("seen", models.PositiveIntegerField(default=0, verbose_name="pages it was on")),
                ("last_seen", models.DateTimeField(blank=True, null=True)),
                ("decided", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="summary_app.connection"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-seen", "name"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "system", "code"), name="one_row_per_code_of_a_source"
                    )
                ],
            },
        ),
    ]

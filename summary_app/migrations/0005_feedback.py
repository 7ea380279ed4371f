# What clinicians say is wrong on a page.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("summary_app", "0004_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="As in the address of the row.",
                        max_length=60,
                        verbose_name="item",
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not-for-visit", "does not belong to this visit"),
                            ("higher", "should stand higher"),
                            ("value", "value, unit or date is not what the EHR shows"),
                            ("mixed", "two things are shown as one, or one as two"),
                            ("gone", "is not true any more"),
                            ("other-patient", "is about another person"),
                            ("other", "something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                (
                    "visit",
                    models.CharField(blank=True, max_length=200, verbose_name="visit taken for"),
                ),
                ("rules", models.TextField(blank=True, verbose_name="rules that put it there")),
                ("at", models.DateTimeField()),
                ("done", models.BooleanField(default=False, verbose_name="dealt with")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback: wrong here?",
                "ordering": ("done", "-at"),
            },
        ),
    ]

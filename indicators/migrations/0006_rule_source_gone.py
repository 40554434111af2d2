"""原文已改: accepted rules whose words no longer stand in their item, found for those that are accepted already."""

import unicodedata

from django.db import migrations, models


def _fold(text):
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def mark(apps, _schema_editor):
    rules = apps.get_model("indicators", "ScoringRule").objects
    gone = [
        one.pk
        for one in rules.filter(accepted_at__isnull=False).exclude(source="").select_related("indicator").iterator()
        if _fold(one.source) not in _fold(one.indicator.criteria or one.indicator.name)
    ]
    for at in range(0, len(gone), 500):
        rules.filter(pk__in=gone[at : at + 500]).update(source_gone=True)


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0005_years'),
    ]

    operations = [
        migrations.AddField(
            model_name='scoringrule',
            name='source_gone',
            field=models.BooleanField(default=False, verbose_name='原文已改'),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]

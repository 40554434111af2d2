"""拼音首字母 of indicators, stored, and reckoned once for those that are there."""

from itertools import islice

import indicators.models.tree
from django.db import migrations, models

from units.pinyin import initials

AT_ONCE = 500


def reckon(apps, _schema_editor):
    indicators_ = apps.get_model("indicators", "Indicator").objects
    rows = indicators_.exclude(name="").only("pk", "name").order_by("pk").iterator(chunk_size=AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        for one in some:
            one.pinyin = initials(one.name)
        indicators_.bulk_update(some, ["pinyin"])


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0006_rule_source_gone'),
    ]

    operations = [
        migrations.AddField(
            model_name='indicator',
            name='pinyin',
            field=indicators.models.tree.InitialsField(blank=True, default='', editable=False, max_length=100, verbose_name='拼音首字母'),
        ),
        migrations.RunPython(reckon, migrations.RunPython.noop),
    ]

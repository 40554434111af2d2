from django.db import migrations, models
from django.db.models import F

SEALED = ("published", "archived")


def remember(apps, _editor):
    """Until now a score that stands with an answer is the one the rules gave; sealed rows stay as they were sealed."""
    entries = apps.get_model("assessments", "Entry").objects
    answered = entries.exclude(rule_answer={}).filter(self_score__isnull=False)
    answered.exclude(sheet__round__phase__in=SEALED).update(rule_score=F("self_score"))


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0015_named_second_reviewer'),
    ]

    operations = [
        migrations.AddField(
            model_name='entry',
            name='rule_score',
            field=models.DecimalField(decimal_places=4, max_digits=12, null=True, verbose_name='按细则得分'),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('rule_score__isnull', True), models.Q(('rule_score__gte', 0), ('rule_score__lte', models.F('maximum'))), _connector='OR'), name='entry_rule_score_within_points'),
        ),
    ]

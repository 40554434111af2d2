import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0012_second_reviews'),
        ('units', '0004_successions'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='entry',
            name='entry_once_per_sheet',
        ),
        migrations.AddField(
            model_name='entry',
            name='member',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='成员单位'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(condition=models.Q(('member__isnull', True)), fields=('sheet', 'indicator'), name='entry_once_per_sheet'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(condition=models.Q(('member__isnull', False)), fields=('sheet', 'indicator', 'member'), name='entry_once_per_member'),
        ),
    ]

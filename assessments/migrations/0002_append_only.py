from django.db import migrations

from units.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial"), ("units", "0002_append_only")]

    operations = [append_only("assessments_scoreevent")]

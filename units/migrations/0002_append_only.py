from django.db import migrations

from units.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("units", "0001_initial")]

    operations = [append_only("units_auditevent")]

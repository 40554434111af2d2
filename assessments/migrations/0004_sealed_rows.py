from django.db import migrations

from assessments.sealed_rows import protect, release
from units.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("assessments", "0003_score_amendments")]

    operations = [append_only("assessments_scoreamendment"), migrations.RunPython(protect, release)]

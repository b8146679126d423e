from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("releases", "0032_anchors_of_checks")]

    operations = [
        migrations.AddField(
            model_name="step",
            name="error_name",
            field=models.CharField(blank=True, max_length=80),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("releases", "0029_images_of_intakes"),
    ]

    operations = [
        migrations.AddField(
            model_name="trace",
            name="moved_after",
            field=models.DateTimeField(null=True),
        ),
    ]

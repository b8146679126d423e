"""Where each intake's image is, which its artifact tells only of the first one."""

from django.db import migrations, models


def pin(apps, schema_editor):
    """The label is the address that was typed; it was accepted, so the image was there."""
    intakes = apps.get_model("releases", "Intake").objects
    for intake in intakes.filter(source="image", state="accepted").iterator():
        registry, slash, name = intake.label.partition("@")[0].rpartition("/")
        repository = registry + slash + name.partition(":")[0]
        intakes.filter(pk=intake.pk).update(image_uri=f"{repository}@sha256:{intake.sha256}")


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0028_clicks'),
    ]

    operations = [
        migrations.AddField(
            model_name='intake',
            name='image_uri',
            field=models.CharField(blank=True, max_length=512),
        ),
        migrations.RunPython(pin, migrations.RunPython.noop),
    ]

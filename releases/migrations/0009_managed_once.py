from django.core.management.base import CommandError
from django.db import migrations, models
from django.db.models import Count


def refuse_what_is_managed_twice(apps, schema_editor):
    """Say which rows stand in the way, where the database would name one ARN of them."""
    functions = apps.get_model('releases', 'Function').objects.order_by()
    twice = functions.values('arn').annotate(rows=Count('pk')).filter(rows__gt=1)
    rows = functions.filter(arn__in=twice.values('arn')).order_by('arn', 'pk')
    places = {}
    for arn, pk, environment in rows.values_list('arn', 'pk', 'environment__name'):
        places.setdefault(arn, []).append(f'{pk} (in {environment})')
    if not places:
        return
    listed = '; '.join(f'{arn} as {" and ".join(found)}' for arn, found in places.items())
    raise CommandError(
        'A function of AWS is managed once from now on, and these rows of releases_function are '
        f'the same one: {listed}. Nothing was changed. README.md, under Upgrade, has the SQL that '
        'gives all of one row to the other; then migrate again.'
    )


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0008_freezes'),
    ]

    operations = [
        migrations.RunPython(refuse_what_is_managed_twice, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='function',
            constraint=models.UniqueConstraint(fields=('arn',), name='one_function_by_arn'),
        ),
    ]

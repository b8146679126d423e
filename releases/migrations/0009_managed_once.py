from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0008_freezes'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='function',
            constraint=models.UniqueConstraint(fields=('arn',), name='one_function_by_arn'),
        ),
    ]

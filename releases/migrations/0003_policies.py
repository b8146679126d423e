"""Approval policies: rules per environment and function, in the place of a number of approvals."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def carry_over(apps, schema_editor):
    """Old numbers are release managers; rounds keep what they required, approvals their days."""
    days = min(max(settings.SLUICE_APPROVAL_DAYS, 1), 365)
    for name in ("Environment", "Round"):
        apps.get_model("releases", name).objects.update(approval_days=days)
    apps.get_model("releases", "Round").objects.update(managers_required=F("approvals_required"))
    stricter = apps.get_model("releases", "Function").objects.filter(approvals_required__gt=1)
    stricter.update(
        managers_required=F("approvals_required"), security_required=0, approval_days=days
    )
    decisions = apps.get_model("releases", "Decision").objects
    decisions.filter(person__role="security").update(role="security")


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0002_history_and_numbers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before_managers_required', models.PositiveSmallIntegerField()),
                ('before_security_required', models.PositiveSmallIntegerField()),
                ('before_approval_days', models.PositiveSmallIntegerField()),
                ('after_managers_required', models.PositiveSmallIntegerField()),
                ('after_security_required', models.PositiveSmallIntegerField()),
                ('after_approval_days', models.PositiveSmallIntegerField()),
                ('inherits', models.BooleanField(default=False)),
                ('reason', models.TextField()),
                ('state', models.CharField(choices=[('pending', 'Waiting for approval'), ('in_force', 'In force'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn'), ('lapsed', 'Lapsed')], default='pending', max_length=9)),
                ('proposed_at', models.DateTimeField(auto_now_add=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_because', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PolicyDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('release_manager', 'Release managers'), ('security', 'Security')], max_length=20)),
                ('verdict', models.CharField(choices=[('approve', 'Approved'), ('reject', 'Rejected')], max_length=7)),
                ('reason', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(auto_now_add=True)),
                ('replaced_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['decided_at'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='function',
            name='at_least_one_approval',
        ),
        migrations.AddField(
            model_name='decision',
            name='role',
            field=models.CharField(choices=[('release_manager', 'Release managers'), ('security', 'Security')], default='release_manager', max_length=20),
        ),
        migrations.AddField(
            model_name='environment',
            name='approval_days',
            field=models.PositiveSmallIntegerField(default=7),
        ),
        migrations.AddField(
            model_name='environment',
            name='managers_required',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='environment',
            name='security_required',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='function',
            name='approval_days',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='function',
            name='managers_required',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='function',
            name='security_required',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='round',
            name='approval_days',
            field=models.PositiveSmallIntegerField(default=7),
        ),
        migrations.AddField(
            model_name='round',
            name='managers_required',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='round',
            name='security_required',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        # PostgreSQL alters no table while checks of its changed rows are put off.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='function',
            name='approvals_required',
        ),
        migrations.RemoveField(
            model_name='round',
            name='approvals_required',
        ),
        migrations.AddConstraint(
            model_name='environment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('managers_required__gte', 1), ('security_required__gte', 1), _connector='OR'), ('managers_required__lte', 21), ('security_required__lte', 21), ('approval_days__gte', 1), ('approval_days__lte', 365)), name='environment_can_be_rules'),
        ),
        migrations.AddConstraint(
            model_name='function',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('managers_required__gte', 1), ('security_required__gte', 1), _connector='OR'), ('managers_required__lte', 21), ('security_required__lte', 21), ('approval_days__gte', 1), ('approval_days__lte', 365), ('approval_days__isnull', False), ('managers_required__isnull', False), ('security_required__isnull', False)), models.Q(('approval_days__isnull', True), ('managers_required__isnull', True), ('security_required__isnull', True)), _connector='OR'), name='own_rules_or_inherited'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('managers_required__gte', 1), ('security_required__gte', 1), _connector='OR'), ('managers_required__lte', 21), ('security_required__lte', 21), ('approval_days__gte', 1), ('approval_days__lte', 365)), name='round_can_be_rules'),
        ),
        migrations.AddField(
            model_name='policychange',
            name='environment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='policy_changes', to='releases.environment'),
        ),
        migrations.AddField(
            model_name='policychange',
            name='function',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='policy_changes', to='releases.function'),
        ),
        migrations.AddField(
            model_name='policychange',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policydecision',
            name='change',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='releases.policychange'),
        ),
        migrations.AddField(
            model_name='policydecision',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='policychange',
            constraint=models.CheckConstraint(condition=models.Q(('function', None), ('environment', None), _connector='XOR'), name='policy_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='policychange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('before_managers_required__gte', 1), ('before_security_required__gte', 1), _connector='OR'), ('before_managers_required__lte', 21), ('before_security_required__lte', 21), ('before_approval_days__gte', 1), ('before_approval_days__lte', 365)), name='before_can_be_rules'),
        ),
        migrations.AddConstraint(
            model_name='policychange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('after_managers_required__gte', 1), ('after_security_required__gte', 1), _connector='OR'), ('after_managers_required__lte', 21), ('after_security_required__lte', 21), ('after_approval_days__gte', 1), ('after_approval_days__lte', 365)), name='after_can_be_rules'),
        ),
        migrations.AddConstraint(
            model_name='policychange',
            constraint=models.UniqueConstraint(condition=models.Q(('function__isnull', False), ('state', 'pending')), fields=('function',), name='one_pending_change_per_function'),
        ),
        migrations.AddConstraint(
            model_name='policychange',
            constraint=models.UniqueConstraint(condition=models.Q(('environment__isnull', False), ('state', 'pending')), fields=('environment',), name='one_pending_change_per_environment'),
        ),
        migrations.AddConstraint(
            model_name='policydecision',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at__isnull', True)), fields=('change', 'person'), name='one_decision_per_person_and_change'),
        ),
    ]

"""`manage.py worker`: what was left lying is taken up first, then jobs are run as they come."""

from datetime import timedelta
from typing import Any

import django_rq
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from releases.aws import budget, client
from releases.checks import refuse_demo_data
from releases.pipeline.recover import recover


class Command(BaseCommand):
    help = "Run releases and inspect packages. Any number of workers may run, on any host."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--burst", action="store_true", help="stop when the queues are empty")
        parser.add_argument(
            "--only",
            choices=["releases", "intake", "poll"],
            help="serve one queue, so that reading packages never keeps releases waiting",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_demo_data()
        # Loaded before the fork, so that each job starts with boto3's models in memory.
        client.warm()
        budget.warm(client.aws_settings())
        recover(quiet=timedelta(0))
        # A connection that a fork shares is two processes talking into one another.
        connections.close_all()
        every = {
            "releases": settings.QUEUE_RELEASES,
            "intake": settings.QUEUE_INTAKE,
            "poll": settings.QUEUE_POLL,
        }
        queues = [name for queue, name in every.items() if options["only"] in (None, queue)]
        worker = django_rq.get_worker(*queues, serializer=settings.JSON_JOBS)
        worker.work(burst=options["burst"], with_scheduler=False, logging_level="WARNING")

#!/usr/bin/env python
"""Sluice's command line: `python manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    # The sandbox brings its own settings, so that it can run where nothing is configured.
    in_sandbox = len(sys.argv) > 1 and sys.argv[1] == "sandbox"
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE", "sandbox.settings" if in_sandbox else "config.settings"
    )
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

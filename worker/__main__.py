"""`python -m worker …` is `python -m server.manage sqs-loop-worker …`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.config.settings.embedded")
    execute_from_command_line([sys.argv[0], "sqs-loop-worker", *sys.argv[1:]])


if __name__ == "__main__":
    main()

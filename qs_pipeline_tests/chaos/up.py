"""What ``qs-pipeline up`` does, in haste, to be killed at will: ``python -m qs_pipeline_tests.chaos.up``."""

import os
import sys
import time

from qs_pipeline.service.processes import end_at_first_signal
from qs_pipeline.service.supervisor import Service, ServiceError
from qs_pipeline.settings import Settings


def main() -> None:
    """Serve until a signal or until a process of the service ends; that is told in one line, and exits 1."""
    end_at_first_signal()
    try:
        with Service(
            Settings.from_environment(os.environ), os.environ, ui_port=0, code="qs_pipeline_tests.chaos.location"
        ) as service:
            while True:
                service.check()
                time.sleep(0.2)
    except ServiceError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()

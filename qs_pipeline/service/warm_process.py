"""What the process from which runs are forked holds: the libraries that start no thread.

A process with threads must not be forked, so each run imports polars and NumPy itself.
"""

import os
from importlib import import_module

from qs_pipeline.service.processes import end_with_parent

for _library in ("dagster._grpc.server", "dagster_aws.s3", "boto3", "lark"):
    import_module(_library)

# Nobody would see how a run ends whose code server is gone: it ends with the warm process, and that with the server.
end_with_parent()
os.register_at_fork(after_in_child=end_with_parent)

"""The list of workers."""

from inspect import iscoroutinefunction

import pytest

from streaming_app.backend.workers.worker_list import WORKERS, Worker


@pytest.mark.parametrize("worker", WORKERS, ids=lambda worker: worker.name)
def test_every_worker_has_a_run_function(worker: Worker) -> None:
    assert iscoroutinefunction(worker.run)

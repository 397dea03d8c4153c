"""A test that waits for a process that does not answer fails instead of hanging."""

import signal

import pytest

_PATIENCE = 180  # s, on the slowest machine


@pytest.fixture(autouse=True)
def _patience():
    def give_up(*_):
        raise AssertionError(f"the test did not come to an end in {_PATIENCE} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)

# SPDX-License-Identifier: Apache-2.0
"""Runs a program for so many seconds of its own: on a busy machine the clock on the wall says nothing."""
import resource
import signal
import subprocess


def run_limited(command, seconds, **more):
    """What `subprocess.run` returns, or None for a program that used `seconds` of CPU or ten times that of wall time."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    try:
        done = subprocess.run(command, capture_output=True, timeout=10 * seconds, preexec_fn=limit, **more)
    except subprocess.TimeoutExpired:
        return None
    return None if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL) else done

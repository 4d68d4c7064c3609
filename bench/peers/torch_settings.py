"""The set-up in which PyTorch is fastest on a CPU. The libraries below it read these variables when the process starts, so
the process starts a second time with them."""
import os
import sys


def restart_with(threads, wait):
    """wait: what idle threads do, "passive" or "active". Which is faster on several threads depends on the machine."""
    if os.environ.get("UNROLL_BENCH_CHILD") == "1":
        return
    environment = dict(os.environ, UNROLL_BENCH_CHILD="1", OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    environment["OMP_WAIT_POLICY"] = wait
    # By name, since OpenBLAS 0.3.21 takes newer processors for old ones, and its own choice on a Zen 3, the kernels named
    # Zen, was a tenth to a fifth slower than these.
    environment.pop("OPENBLAS_CORETYPE", None)
    with open("/proc/cpuinfo") as file:
        processors = file.read()
    for feature, kernels in ("avx512f", "SkylakeX"), ("avx2", "Haswell"):
        if feature in processors:
            environment["OPENBLAS_CORETYPE"] = kernels
            break
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)

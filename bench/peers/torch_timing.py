"""How long a call takes, as all timings of PyTorch here have it."""
import statistics
import time


def median_ms(call, seconds):
    """The median of calls for that long, and of at least five, behind two that warm up."""
    call()
    call()
    samples = []
    end = time.perf_counter() + seconds
    while len(samples) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        samples.append(time.perf_counter() - start)
    return 1e3 * statistics.median(samples)

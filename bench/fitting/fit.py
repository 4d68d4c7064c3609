#!/usr/bin/env python3
"""Fits the polynomials of src/Unroll/Kernels/Elementary and prints their coefficients as float literals.

Weighted minimax (Remez exchange on a dense grid) in double precision. Coefficients are rounded to float32 one at a
time from the lowest power up, and those not yet rounded are fitted again each time, so that rounding costs little.

    python3 bench/fitting/fit.py            all fits
    python3 bench/fitting/fit.py log sine   some of them
"""
import math
import struct
import sys

GRID = 3000


def to_float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def solve(matrix, right):
    """Gaussian elimination with partial pivoting."""
    n = len(right)
    rows = [list(matrix[i]) + [right[i]] for i in range(n)]
    for column in range(n):
        pivot = max(range(column, n), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for r in range(column + 1, n):
            factor = rows[r][column] / rows[column][column]
            for c in range(column, n + 1):
                rows[r][c] -= factor * rows[column][c]
    answer = [0.0] * n
    for r in range(n - 1, -1, -1):
        total = rows[r][n] - sum(rows[r][c] * answer[c] for c in range(r + 1, n))
        answer[r] = total / rows[r][r]
    return answer


def remez(target, weight, low, high, powers):
    """Coefficients c so that max |weight(t) * (sum c[k] * t^powers[k] - target(t))| on [low, high] is least."""
    middle, half = (low + high) / 2, (high - low) / 2
    grid = [middle - half * math.cos(math.pi * i / GRID) for i in range(GRID + 1)]
    values, weights = [target(t) for t in grid], [weight(t) for t in grid]
    count = len(powers) + 1
    chosen = [round(i * GRID / (count - 1)) for i in range(count)]
    best = None
    for _ in range(60):
        # Columns are scaled to the interval to keep the system well conditioned.
        scale = [max(abs(low), abs(high)) ** p for p in powers]
        matrix = [[weights[i] * grid[i] ** p / s for p, s in zip(powers, scale)] + [(-1) ** j]
                  for j, i in enumerate(chosen)]
        answer = solve(matrix, [weights[i] * values[i] for i in chosen])
        coefficients = [a / s for a, s in zip(answer, scale)]
        errors = [w * (sum(c * t ** p for c, p in zip(coefficients, powers)) - v)
                  for t, v, w in zip(grid, values, weights)]
        worst = max(abs(e) for e in errors)
        if best is None or worst < best[0]:
            best = (worst, coefficients)
        if worst <= abs(answer[-1]) * 1.0001:
            break
        peaks = []
        for i, e in enumerate(errors):
            if peaks and (e > 0) == (errors[peaks[-1]] > 0):
                if abs(e) > abs(errors[peaks[-1]]):
                    peaks[-1] = i
            else:
                peaks.append(i)
        while len(peaks) > count:
            if len(peaks) == count + 1:
                peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
            else:
                k = min(range(len(peaks) - 1), key=lambda j: abs(errors[peaks[j]]) + abs(errors[peaks[j + 1]]))
                del peaks[k:k + 2]
        if len(peaks) < count:
            break
        chosen = peaks
    return best


def fit(name, target, weight, low, high, degree):
    """Prints a degree's worth of float32 coefficients and the largest weighted error that they leave."""
    fixed = []
    for k in range(degree + 1):
        def rest(t, fixed=tuple(fixed)):
            return target(t) - sum(c * t ** j for j, c in enumerate(fixed))
        _, coefficients = remez(rest, weight, low, high, list(range(k, degree + 1)))
        fixed.append(to_float32(coefficients[0]))
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle + half * (2 * i / 20000 - 1) for i in range(20001)]
    worst = max(abs(weight(t) * (sum(c * t ** j for j, c in enumerate(fixed)) - target(t))) for t in points)
    print(f"{name}: degree {degree} on [{low:.6g}, {high:.6g}], largest weighted error {worst:.3e} = {worst * 2 ** 23:.4f} of 2^-23")
    for k, c in enumerate(fixed):
        print(f"  c{k} = {c:.9g}f")


LN2 = math.log(2)
ROOT_HALF = math.sqrt(0.5)


def series(term, t, count=60):
    return math.fsum(term(k) * t ** k for k in range(count))


def power_of_two():
    """2^-g = 1 + g q(g)."""
    target = lambda g: series(lambda k: (-LN2) ** (k + 1) / math.factorial(k + 1), g, 25)
    fit("2^-g = 1 + g q(g), |g| <= 1/2 (sigmoid)", target, lambda g: abs(g) * 2 ** g, -0.5, 0.5, 5)


def exponential():
    """e^r = 1 + r + r^2 q(r), weighted so that e^r - 1 is good relative to itself."""
    half = LN2 / 2 * 1.0001
    target = lambda r: series(lambda k: 1 / math.factorial(k + 2), r, 25)
    fit("e^r = 1 + r + r^2 q(r) (exp, expm1)", target, lambda r: abs(r) * 1.3, -half, half, 4)


def hyperbolic():
    """(1 - e^-2h)/2 = h + h^2 q(h), for tanh."""
    half = LN2 / 4 * 1.0001
    target = lambda h: series(lambda k: (-2.0) ** (k + 1) / math.factorial(k + 2), h, 25)
    fit("(1 - e^-2h)/2 = h + h^2 q(h) (tanh)", target, lambda h: abs(h) * 1.3, -half, half, 4)


def logarithm():
    """log(1+f) = f - f^2/2 + f^3 q(f), weighted by the result."""
    target = lambda f: series(lambda k: (-1) ** k / (k + 3), f, 70)
    weight = lambda f: abs(f) ** 3 / abs(math.log1p(f)) if abs(f) > 1e-8 else f * f
    fit("log(1+f) = f - f^2/2 + f^3 q(f) (log, log1p)", target, weight, ROOT_HALF - 1, 2 * ROOT_HALF - 1, 8)


def sine():
    """sin r = r + r^3 q(r^2); cos r = 1 - r^2/2 + r^4 q(r^2), |r| <= pi/4."""
    top = (math.pi / 4 * 1.0001) ** 2
    target = lambda y: series(lambda k: (-1) ** (k + 1) / math.factorial(2 * k + 3), y, 20)
    fit("sin r = r + r^3 q(r^2), in r^2", target, lambda y: y ** 1.5 / math.sin(math.sqrt(y)) if y > 0 else 0.0, 0.0, top, 2)
    target = lambda y: series(lambda k: (-1) ** k / math.factorial(2 * k + 4), y, 20)
    fit("cos r = 1 - r^2/2 + r^4 q(r^2), in r^2", target, lambda y: y * y / math.cos(math.sqrt(y)), 0.0, top, 2)


def error_function():
    """erf x = x + x q(x^2) below the split; erfc a = e^-g(a), g a polynomial, above it."""
    split = 0.9375
    two = 2 / math.sqrt(math.pi)
    target = lambda y: series(lambda k: two * (-1) ** k / (math.factorial(k) * (2 * k + 1)) - (1 if k == 0 else 0), y, 40)
    fit("erf x = x + x q(x^2), in x^2", target, lambda y: math.sqrt(y) / math.erf(math.sqrt(y)) if y > 0 else 1 / two, 0.0, split ** 2, 6)
    target = lambda a: -math.log(math.erfc(a))
    # An error d in g is an error erfc(a) d in erf(a).
    fit("erfc a = e^-g(a)", target, lambda a: math.erfc(a) / math.erf(a), split, 4.0, 6)


FITS = {f.__name__: f for f in (power_of_two, exponential, hyperbolic, logarithm, sine, error_function)}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or FITS:
        FITS[wanted]()

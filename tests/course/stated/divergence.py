"""Numbers in the prose of divergence."""

from math import e, exp, log, pi, sqrt


def entropy(*p):
    return -sum(x * log(x) for x in p if x)


def divergence(p, q):
    return sum(a * log(a / b) for a, b in zip(p, q, strict=True) if a)


def bell(x, mean, deviation):
    return exp(-(((x - mean) / deviation) ** 2) / 2) / deviation / sqrt(2 * pi)


Z = [exp(z) for z in (2, 1, 0.1)]
COMPUTED = {
    "0.6931": log(2),
    "1.5": entropy(0.5, 0.25, 0.25) / log(2),
    "1.0397": entropy(0.5, 0.25, 0.25),
    "0.4690": entropy(0.9, 0.1) / log(2),
    "0.3251": entropy(0.9, 0.1),
    "1.75": 0.5 * 2 + 0.25 * 1 + 0.25 * 2,
    "0.25": divergence((0.5, 0.25, 0.25), (0.25, 0.5, 0.25)) / log(2),
    "0.1733": divergence((0.5, 0.25, 0.25), (0.25, 0.5, 0.25)),
    "1.39": -log(0.25),
    "0.29": -log(0.75),
    "0.6590": Z[0] / sum(Z),
    "0.2424": Z[1] / sum(Z),
    "0.0986": Z[2] / sum(Z),
    "0.4170": log(sum(Z)) - 2,
    "0.4431": log(2) + 2 / 8 - 0.5,
    "1.3069": -log(2) + 5 / 2 - 0.5,
    "1.4189": log(2 * pi * e) / 2,
    "0.8836": log(2 * pi * e * 0.1**2) / 2,
    "4.25": 0.25 + 4,
    "2.06": sqrt(4.25),
    "0.0625": 0.25 * 0.5**2,
    "0.8125": 0.25 * 0.5**2 + 0.75,
    "3.8125": 0.25 * 0.5**2 + 0.75 + 3,
    "1.9526": sqrt(3.8125),
    "0.0003": bell(0, 2, 0.5),
    "0.19": bell(0, 0, sqrt(4.25)),
    "0.1308": divergence((0.75, 0.25), (0.5, 0.5)),
    "0.2877": divergence((1, 0), (0.75, 0.25)),
    "0.1438": divergence((0.5, 0.5), (0.75, 0.25)),
    "0.2158": (divergence((1, 0), (0.75, 0.25)) + divergence((0.5, 0.5), (0.75, 0.25))) / 2,
}
GIVEN = "0.1 0.5 0.75 0.9 1.4 1.6"
MEASURED = "1.7230 0.63 0.1841 1.5388 0.504"
SEEN = "0.505 0.264"

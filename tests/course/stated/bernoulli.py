"""Numbers in the prose of bernoulli."""

from math import exp, log

import mpmath


def sigmoid(z):
    return 1 / (1 + exp(-z))


def cross_entropy(share, p):
    return -share * log(p) - (1 - share) * log(1 - p)


COMPUTED = {
    "0.0625": 0.5**4,
    "0.1055": 0.75**3 * 0.25,
    "0.2231": -log(0.8),
    "0.6931": log(2),
    "0.3798": -(2 * log(0.8) + log(0.5)) / 3,
    "0.5623": cross_entropy(0.75, 0.75),
    "0.5004": cross_entropy(0.8, 0.8),
    "1.0345": cross_entropy(0.8, 0.3),
    "0.5341": cross_entropy(0.8, 0.3) - cross_entropy(0.8, 0.8),
    "1.2040": cross_entropy(0.5, 0.9),
    "2.30": log(10),
    "4.61": log(100),
    "2.31": 4.61 - 2.30,
    "4.60": log(99),
    "1.3863": log(4),
    "0.1269": -log(sigmoid(2)),
    "1.3133": -log(sigmoid(-1)),
    "0.7111": (-log(sigmoid(2)) - log(sigmoid(-1)) + log(2)) / 3,
    "1.1": 2.0**-53 * 1e16,
    "36.7": -log(2.0**-53),
    "709.78": 1024 * log(2),
    "0.8808": sigmoid(2),
    "0.2689": sigmoid(-1),
    "0.1192": 1 - sigmoid(2),
    "0.7311": 1 - sigmoid(-1),
    "0.0397": (1 - sigmoid(2)) / 3,
    "0.2437": (1 - sigmoid(-1)) / 3,
    "0.1667": 0.5 / 3,
    "0.00067": 2 * (1 - sigmoid(-8)) * sigmoid(-8) * (1 - sigmoid(-8)),
    "0.99966": 1 - sigmoid(-8),
    "0.0025": 1 - sigmoid(6),
    "16.12": 7 * log(10),
    "0.4167": 1.25 / 3,
    "0.05": 0.3 * 0.5 / 3,
    "0.125": 0.3 * 1.25 / 3,
    "1.6335": mpmath.findroot(lambda w: 1 / (1 + mpmath.exp(w)) - 0.1 * w, 1),
    "4.6052": log(100),
    "0.01005": -log(0.99),
    "0.0560": cross_entropy(0.01, 0.01),
    "0.056": cross_entropy(0.01, 0.01),
    "0.06": cross_entropy(0.01, 0.01),
    "6.5951": 2 + log(99),
    "0.0196": 1 / 51,
    "0.02": 1 / 51,
    "0.1273": cross_entropy(0.01, 0.1),
    "0.0701": cross_entropy(0.01, 0.001),
}
GIVEN = "0.1 0.2 0.25 0.3 0.5 0.75 0.8 0.9 0.99 0.01 0.001 1.25"
MEASURED = "0.28 0.2796 0.0391 0.4057 0.0392"
SEEN = "3.4"

"""A number where a function is asked for."""

# /// expect
# softmax = { score = 0.0, mistakes = [] }
# ///

softmax = 0.5

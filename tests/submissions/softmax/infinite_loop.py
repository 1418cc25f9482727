"""Never comes back."""

# /// expect
# softmax = { score = 0.0, mistakes = [] }
# ///


def softmax(z, axis=-1, temperature=1.0):
    while True:
        pass

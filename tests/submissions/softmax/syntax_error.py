"""Does not even parse."""

# /// expect
# everything = "nothing"
# ///

def softmax(z, axis=-1, temperature=1.0:
    return z

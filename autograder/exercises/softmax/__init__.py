"""Logits, softmax, cross-entropy and its gradient."""

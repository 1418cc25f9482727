"""Binary labels: their likelihood, the loss from logits, its gradient, logistic regression."""

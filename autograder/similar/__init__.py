"""Look-alikes among submissions: how unusual it is, in this class, that two of them share what they share."""

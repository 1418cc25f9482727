"""The trusted reference of every exercise, a module a topic. A student's process never imports them."""

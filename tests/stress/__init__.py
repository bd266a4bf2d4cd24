"""A kernel under mixed load for a long time: nothing hangs, no line is lost, nothing stays behind."""

"""The small shell, and what is put together for it. Nothing below imports it."""

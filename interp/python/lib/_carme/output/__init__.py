"""sys.stdin, stdout and stderr; the request that output belongs to; output at an abnormal exit.

Not here: what is published as a message of its own, such as display_data (display).
"""

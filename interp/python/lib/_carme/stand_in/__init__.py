"""What get_ipython() returns, and IPython's modules, until IPython's own shell takes over.

With IPython installed, its package is loaded lazily; without it, some of its modules are replaced.
The takeover is ipython's.
"""

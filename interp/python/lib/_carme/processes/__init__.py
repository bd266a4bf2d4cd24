"""Child processes and other interpreters: forks, pools, multiprocessing; no commands."""

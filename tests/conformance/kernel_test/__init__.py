"""jupyter_kernel_test, the suite for kernels of any language, as test_kernel_test.py fills it."""

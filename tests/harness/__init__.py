"""What the tests over the wire share: Pythons found here, kernels started from them, a client."""

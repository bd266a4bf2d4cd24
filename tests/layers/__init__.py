"""The order of the layers, order.txt, and the program that holds it."""

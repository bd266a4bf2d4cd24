"""What get_ipython() and IPython's modules are while IPython's own shell is not used."""

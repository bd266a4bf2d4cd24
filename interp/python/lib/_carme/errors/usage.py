"""What is raised for a magic that was called in a wrong way. A leaf.

Source: IPython's documentation, IPython.core.error.UsageError.
"""

INSTALL = "`%pip install ipython`"


class UsageError(Exception):
    """A magic was called in a wrong way; the text says in which.

    is_final: nothing but this is to be said of the call; IPython has been asked, or is not here.
    """

    is_final = False


class Unknown(UsageError):
    """The magic here has no such option or setting; IPython's may have it."""


def final(text: str) -> UsageError:
    """An error that stays as it is said."""
    made = UsageError(text)
    made.is_final = True
    return made

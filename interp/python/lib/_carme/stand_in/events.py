"""get_ipython().events of the small shell: callbacks before and after each cell.

Events with arguments need IPython. Source: IPython's documentation, "IPython Events".
"""

from _carme.errors import report
from _carme.session import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List

    Function = Callable[[], object]


class Events:
    """The callbacks of pre_execute and post_execute; IPython's EventManager has the others."""

    def __init__(self, real: Callable[[], Any]) -> None:
        """real: returns IPython's shell, which it makes at its first call, or None."""
        self._make_ipython_shell = real
        self._callbacks: Dict[str, List[Function]] = {"pre_execute": [], "post_execute": []}

    def register(self, event: str, function: Any) -> None:
        """Registers a callback for an event. TypeError: it is not callable."""
        calls = None if state.State.ipython is not None else self._callbacks.get(event)
        if calls is None:
            self._manager().register(event, function)
            return
        if not callable(function):
            raise TypeError(f"Need a callable, got {function!r}")
        if function not in calls:
            calls.append(function)
        state.State.events = self

    def unregister(self, event: str, function: Any) -> None:
        """Removes a callback. ValueError: it is not registered."""
        calls = None if state.State.ipython is not None else self._callbacks.get(event)
        if calls is None:
            self._manager().unregister(event, function)
        elif function not in calls:
            raise ValueError(f"Function {function!r} is not registered as a {event} callback")
        else:
            calls.remove(function)

    def trigger(self, event: str, *values: Any, **options: Any) -> None:
        """Calls the callbacks of an event; an error is shown, and does not stop the others."""
        calls = None if state.State.ipython is not None else self._callbacks.get(event)
        if calls is None:
            self._manager().trigger(event, *values, **options)
            return
        for function in list(calls):
            try:
                function(*values, **options)
            except (Exception, KeyboardInterrupt) as error:
                print(f"Error in callback {function} (for {event}):")
                report.report(error, False)

    def hand_over(self, manager: Any) -> None:
        """Moves the callbacks to IPython's EventManager."""
        state.State.events = None
        for event, calls in self._callbacks.items():
            for function in calls:
                manager.register(event, function)

    def _manager(self) -> Any:
        """IPython's EventManager. AttributeError: there is no IPython."""
        made = self._make_ipython_shell()
        if made is None:
            raise AttributeError("only pre_execute and post_execute are there without IPython")
        return made.events

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._manager(), name)

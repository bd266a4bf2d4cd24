"""Cells that wait behind one that fails."""

from __future__ import annotations

from harness.cell import kinds
from harness.client import Client
from harness.gate import Gate


class TestStopOnError:
    """What waits behind a failing cell."""

    def test_waiting_cells_are_aborted(self, client: Client, gate: Gate) -> None:
        before = client.run("ran = []").count
        requests = [client.send_execute(gate.wait + "1/0")]
        requests += [client.send_execute(f"ran.append({n})") for n in range(3)]
        client.until_received()
        gate.open()
        cells = [client.finish(request) for request in requests]
        assert [cell.status for cell in cells] == ["error"] + 3 * ["aborted"]
        for cell in cells[1:]:
            assert kinds(cell.iopub) == ["busy", "idle"]
            assert "ename" not in cell.reply.content
        after = client.run("ran")
        assert after.result == "[]"
        assert after.count == before + 2

    def test_other_requests_are_answered(self, client: Client, gate: Gate) -> None:
        failing = client.send_execute(gate.wait + "1/0")
        others = [
            client.send("kernel_info_request"),
            client.send("complete_request", {"code": "pri", "cursor_pos": 3}),
            client.send("inspect_request", {"code": "print", "cursor_pos": 5, "detail_level": 0}),
        ]
        client.until_received()
        gate.open()
        assert client.finish(failing).status == "error"
        for request in others:
            assert client.reply(request).content["status"] == "ok"

    def test_false_lets_them_run(self, client: Client, gate: Gate) -> None:
        failing = client.send_execute(gate.wait + "1/0", stop_on_error=False)
        waiting = client.send_execute("'ran'")
        client.until_received()
        gate.open()
        assert client.finish(failing).status == "error"
        assert client.finish(waiting).result == "'ran'"

    def test_absent_means_true(self, client: Client, gate: Gate) -> None:
        failing = client.send("execute_request", {"code": gate.wait + "1/0"})
        waiting = client.send_execute("'ran'")
        client.until_received()
        gate.open()
        assert client.finish(failing).status == "error"
        assert client.finish(waiting).status == "aborted"

    def test_a_cell_sent_after_the_error_runs(self, client: Client) -> None:
        assert client.execute("1/0").status == "error"
        assert client.execute("1").status == "ok"

    def test_a_silent_error_aborts_nothing(self, client: Client, gate: Gate) -> None:
        failing = client.send_execute(gate.wait + "1/0", silent=True)
        waiting = client.send_execute("'ran'")
        client.until_received()
        gate.open()
        client.reply(failing)
        assert client.finish(waiting).status == "ok"

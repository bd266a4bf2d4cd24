"""The environment variables of cells, and of the programs that they start."""

from __future__ import annotations

from harness.client import Client

EXPECTED = {
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "CLICOLOR_FORCE": "1",
    "FORCE_COLOR": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
}


def test_programs_show_colours_and_turn_no_pages(client: Client) -> None:
    """As ipykernel sets them: ipykernel.zmqshell's init_environment."""
    cell = client.run(f"import os; {{name: os.environ.get(name) for name in {sorted(EXPECTED)}}}")
    assert eval(str(cell.result)) == EXPECTED


def test_a_pager_does_not_wait(client: Client) -> None:
    """git's log has more lines than a screen, and comes with its colours."""
    client.run(
        "import subprocess, tempfile\n"
        "folder = tempfile.mkdtemp()\n"
        "identity = ['-c', 'user.name=n', '-c', 'user.email=e']\n"
        "for words in [['init', '-q']] + [['commit', '-q', '--allow-empty', '-m', str(n)] for n in range(30)]:\n"
        "    subprocess.run(['git', '-C', folder, *identity, *words], check=True)"
    )
    cell = client.execute("!git -C {folder} log --oneline")
    assert len(cell.stdout.splitlines()) == 30
    assert "\x1b[33m" in cell.stdout

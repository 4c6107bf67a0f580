"""Shells complete commands, options and newspapers' ids, once they have read what `hemeroteca completion` prints."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, Run, environment

BASH = """
source <(hemeroteca completion bash)
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
{last}
_hemeroteca_completion hemeroteca
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """
autoload -Uz compinit; compinit -D -u
source <(hemeroteca completion zsh)
compadd() {{ :; }}
_arguments() {{ printf '%s\\n' "$@"; }}
_describe() {{ printf '%s\\n' ${{(P)2}}; }}
words=({words} {last}); CURRENT=${{#words}}
_hemeroteca_completion
"""
FISH = """
hemeroteca completion fish | source
complete --do-complete '{words} {last}'
"""
ASKED = [
    ("hemeroteca", "sta", "status"),
    ("hemeroteca sources", "en", "enable"),
    ("hemeroteca sources enable", "es-elm", "es-elmundo"),
    ("hemeroteca status", "--ni", "--night"),
]


def ask(home: Path, *shell: str) -> str:
    folder = str(Path(COMMAND).parent)
    named = environment(home)
    named["PATH"] = f"{folder}:{named['PATH']}"
    done = subprocess.run(shell, env=named, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("words", "last", "found"), ASKED)
def test_bash_completes(home: Path, words: str, last: str, found: str) -> None:
    said = ask(home, "bash", "-c", BASH.format(words=f"{words} {last}", last=""))
    assert found in said.split()


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize(("words", "last", "found"), ASKED)
def test_zsh_completes(home: Path, words: str, last: str, found: str) -> None:
    said = ask(home, "zsh", "-f", "-c", ZSH.format(words=words, last=last))
    assert found in said.replace('"', " ").replace(":", " ").split()


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(("words", "last", "found"), ASKED)
def test_fish_completes(home: Path, words: str, last: str, found: str) -> None:
    said = ask(home, "fish", "--no-config", "-c", FISH.format(words=words, last=last))
    assert found in said.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_names_the_command(hemeroteca: Run, shell: str) -> None:
    said = hemeroteca("completion", shell)
    assert said.returncode == 0 and "_HEMEROTECA_COMPLETE=complete_" in said.stdout


def test_another_shell_is_asked_wrongly(hemeroteca: Run) -> None:
    assert hemeroteca("completion", "csh").returncode == 2

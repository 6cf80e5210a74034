"""How much memory this process may use, with control groups of both kinds as the system shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.memory import Memory, machine_memory

MIB = 1 << 20


def group(folder: Path, first: bool, limit: str, used: int, cached: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    most, now = ("memory.limit_in_bytes", "memory.usage_in_bytes") if first else ("memory.max", "memory.current")
    prefix = "total_" if first else ""
    (folder / most).write_text(f"{limit}\n")
    (folder / now).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\n{prefix}inactive_file {cached}\n{prefix}active_file {cached}\n")


def own(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "own"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_this_machine_has_memory() -> None:
    memory = machine_memory()
    assert memory.total >= memory.available > 0


def test_without_control_groups_it_is_the_machines(tmp_path: Path) -> None:
    machine = machine_memory(tmp_path, tmp_path / "nowhere")
    assert machine.total > 256 * MIB
    group(tmp_path, False, "max", 100 * MIB, 0)
    assert machine_memory(tmp_path, own(tmp_path, "0::/")).total == machine.total


@pytest.mark.parametrize("first", [True, False])
def test_the_narrowest_group_counts_and_what_is_cached_can_be_given_back(tmp_path: Path, first: bool) -> None:
    base = tmp_path / "memory" if first else tmp_path
    group(base, first, str(200 * MIB), 90 * MIB, 5 * MIB)
    group(base / "outer", first, str(96 * MIB), 50 * MIB, 10 * MIB)
    group(base / "outer" / "inner", first, str(1 << 62) if first else "max", 40 * MIB, 10 * MIB)
    line = "4:cpu,memory:/outer/inner" if first else "0::/outer/inner"
    found = machine_memory(tmp_path, own(tmp_path, "7:blkio:/", line))
    assert found == Memory(96 * MIB, 96 * MIB - (50 - 20) * MIB)


def test_inside_a_container_the_root_is_the_group(tmp_path: Path) -> None:
    group(tmp_path, False, str(64 * MIB), 80 * MIB, 0)
    assert machine_memory(tmp_path, own(tmp_path, "0::/docker/0123")) == Memory(64 * MIB, 0)

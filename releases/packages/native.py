"""What a native file is built for, told by its first bytes."""

HEAD = 20

# Names as Lambda uses them where it runs the architecture at all.
ELF_MACHINES = {0x03: "i386", 0x28: "arm", 0x3E: "x86_64", 0xB7: "arm64"}


def machine_of(head: bytes | bytearray) -> str:
    """The machine in an ELF header ("macos" for a Mac's), "" for everything else."""
    if head.startswith(b"\xcf\xfa\xed\xfe"):
        return "macos"
    if not head.startswith(b"\x7fELF") or len(head) < HEAD:
        return ""
    machine = int.from_bytes(head[18:20], "big" if head[5] == 2 else "little")
    return ELF_MACHINES.get(machine, f"ELF machine {machine:#x}")

"""The other side of tests/support/faults/faulty_disk.c: orders faults on the page it shares, and reads its record."""
import collections
import mmap
import os
import struct

FIELDS = ("armed", "countdown", "error", "sticky", "lie", "space", "failed", "first_ns", "writes", "syncs")
GROUPS = {"write": 1, "sync": 2}
PAGE_BYTES = 4096
HEAD = struct.Struct("<QQQIHH")  # struct head
UNLIMITED = -1

Call = collections.namedtuple("Call", "kind began_ns path second offset data")


class Disk:
    """The page that orders faults. The daemon must be started with `environment`."""

    def __init__(self, library, folder, watched):
        self._path = os.path.join(folder, "disk-control")
        with open(self._path, "wb") as file:
            file.write(bytes(PAGE_BYTES))
        with open(self._path, "r+b") as file:
            self._page = mmap.mmap(file.fileno(), PAGE_BYTES)
        self.environment = {"LD_PRELOAD": library, "STEMMA_DISK_FOLDER": watched, "STEMMA_DISK_CONTROL": self._path}
        self.mend()

    def close(self):
        self._page.close()
        os.remove(self._path)

    def __getattr__(self, name):
        if name not in FIELDS:
            raise AttributeError(name)
        return struct.unpack_from("<q", self._page, 8 * FIELDS.index(name))[0]

    def put(self, name, value):
        struct.pack_into("<q", self._page, 8 * FIELDS.index(name), value)

    def mend(self):
        """From now on every call succeeds."""
        for name, value in (("armed", 0), ("space", UNLIMITED), ("sticky", 0), ("lie", 0)):
            self.put(name, value)

    def fail(self, group, at, error, sticky=False, lie=False):
        """The at-th call of the group from now on fails, and when sticky all later ones too; a lie is told as success."""
        self.put("armed", 0)
        for name, value in (("countdown", at), ("error", error), ("sticky", sticky), ("lie", lie), ("failed", 0), ("first_ns", 0)):
            self.put(name, int(value))
        self.put("armed", GROUPS[group])


def read_record(path):
    """Every call in the order it took effect; a last one that a kill cut off is left out."""
    with open(path, "rb") as file:
        text = file.read()
    calls, at = [], 0
    while at + HEAD.size <= len(text):
        began, offset, length, kind, path_length, second_length = HEAD.unpack_from(text, at)
        start = at + HEAD.size
        middle = start + path_length + second_length
        at = middle + length
        if at > len(text):
            break
        calls.append(Call(chr(kind), began, text[start:start + path_length].decode(), text[start + path_length:middle].decode(), offset,
                          text[middle:at]))
    return calls

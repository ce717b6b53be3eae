"""What the embedded AWS remembers: JSON documents in one SQLite file, committed before a call is answered.

The write-ahead log survives the death of the process at any instant (though not of the machine's power), which is the
promise made: what was answered is kept. The module knows nothing of what the documents mean.
"""

import copy
import json
import sqlite3
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

Doc = dict[str, Any]
"""A document: what ``json`` can carry, keys as on the wire where they go there."""


class State:
    """Documents by kind and id, in the order in which they were first put; safe to use from many threads.

    Whoever reads, decides and then writes does so in one ``transaction``; transactions do not nest.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._space = ""
        self.lock = threading.RLock()
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS documents (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
            " parent TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, parent, id))"
        )
        self._database.execute("CREATE INDEX IF NOT EXISTS in_order ON documents (kind, parent, seq)")

    def within(self, space: str) -> Self:
        """The same file, lock and transactions, with documents that only this space sees."""
        view = copy.copy(self)
        view._space = f"{space}/"  # noqa: SLF001 - a copy of this very object
        return view

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Hold the lock; all that is written within counts together or, where an error leaves the block, not at all."""
        with self.lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def get(self, kind: str, name: str, parent: str = "") -> Doc | None:
        """The document, or None."""
        with self.lock:
            row = self._database.execute(
                "SELECT body FROM documents WHERE kind = ? AND parent = ? AND id = ?",
                (self._space + kind, parent, name),
            ).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, name: str, doc: Doc, parent: str = "") -> None:
        """Write the document whole; it keeps its place in the order if it was there before."""
        with self.lock:
            self._database.execute(
                "INSERT INTO documents (kind, parent, id, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kind, parent, id) DO UPDATE SET body = excluded.body",
                (self._space + kind, parent, name, json.dumps(doc)),
            )

    def delete(self, kind: str, name: str, parent: str = "") -> None:
        """Forget the document; nothing happens where there is none."""
        with self.lock:
            self._database.execute(
                "DELETE FROM documents WHERE kind = ? AND parent = ? AND id = ?", (self._space + kind, parent, name)
            )

    def all(self, kind: str, parent: str = "") -> list[Doc]:
        """Every document of the kind below the parent, oldest first."""
        with self.lock:
            rows = self._database.execute(
                "SELECT body FROM documents WHERE kind = ? AND parent = ? ORDER BY seq", (self._space + kind, parent)
            ).fetchall()
        return json.loads(f"[{','.join(body for (body,) in rows)}]")  # one reading costs half of what one a row does

    def scan(
        self, kind: str, *, after: int, chunk: int, holding: str = "", noted: tuple[str, str] | None = None
    ) -> Iterator[tuple[int, Doc]]:
        """Documents with their place in the order, from the one past ``after`` on; ``chunk`` are read at a time.

        A place is never given twice, so it may be remembered: what is deleted meanwhile shifts nothing.

        Args:
            kind: Of the documents.
            after: A place.
            chunk: How many.
            holding: Only documents with this text somewhere, the case of ASCII aside. Text beyond ASCII, which is
                stored escaped, leaves out none.
            noted: A kind and a text: only documents whose ``Arn`` is the id of one of that kind which has the text in
                it, whole. That one comes along, as a member of the name of its kind.
        """
        note, joined, conditions = "NULL", "", ""
        of_note, wanted = list[str](), list[str]()
        if holding and holding.isascii():
            conditions = " AND instr(lower(one.body), ?)"
            wanted.append(json.dumps(holding.lower())[1:-1])
        if noted:
            note, joined = "note.body", " JOIN documents AS note ON note.kind = ? AND note.parent = ''"
            joined += " AND note.id = json_extract(one.body, '$.Arn') AND instr(note.body, ?)"
            of_note = [self._space + noted[0], json.dumps(noted[1])]
        query = (
            f"SELECT one.seq, one.body, {note} FROM documents AS one{joined}"  # noqa: S608 - of texts above
            f" WHERE one.kind = ? AND one.parent = '' AND one.seq > ?{conditions} ORDER BY one.seq LIMIT ?"
        )
        while True:
            with self.lock:
                rows = self._database.execute(query, (*of_note, self._space + kind, after, *wanted, chunk)).fetchall()
            for after, body, beside in rows:  # noqa: PLR1704 - the place that is reached is where the next chunk begins
                yield after, json.loads(body) | ({noted[0]: json.loads(beside)} if noted else {})
            if len(rows) < chunk:
                return

    def total(self, kind: str, path: str) -> int:
        """The sum of a number in every document of the kind that has it; ``path`` is SQLite's: ``$.Spice.size``."""
        with self.lock:
            row = self._database.execute(
                "SELECT COALESCE(SUM(json_extract(body, ?)), 0) FROM documents WHERE kind = ?",
                (path, self._space + kind),
            ).fetchone()
        return int(row[0])

    def everywhere(self, kind: str) -> list[Doc]:
        """Every document of the kind in every space, below any parent."""
        with self.lock:
            rows = self._database.execute(
                "SELECT body FROM documents WHERE kind = ? OR kind LIKE ?", (kind, f"%/{kind}")
            ).fetchall()
        return [json.loads(body) for (body,) in rows]

    def clear(self, kind: str, parent: str) -> None:
        """Forget every document of the kind below the parent."""
        with self.lock:
            self._database.execute("DELETE FROM documents WHERE kind = ? AND parent = ?", (self._space + kind, parent))

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        with self.lock:
            self._database.close()

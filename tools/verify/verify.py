#!/usr/bin/env python3
"""A second verifier for archives and proofs of a Waybill ledger, written from docs/evidence.md alone.

It shares no code with `waybill verify`; a suite runs both on the same archives and they must agree. Needs Python 3.9 or
newer and the package `cryptography`.

    verify.py ledger.archive --key ledger.pub [--checkpoint kept.note] [--json]
    verify.py --proof event.proof --key ledger.pub [--checkpoint kept.note] [--json]

Exit code 0: sound, 1: not sound, 2: it could not be checked.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ORIGIN = "waybill.dev/"
MAX_LINE = 2_000_000
MAX_SAFE = 2**53 - 1

TAIL = re.compile(
    rb'"previousHash":"([0-9a-f]{64})","recordedAt":"[^"\\]{24}","revision":(0|[1-9][0-9]{0,15}),'
    rb'"stream":"((?:[^"\\]|\\[^\r\n])+)","type":"((?:[^"\\]|\\[^\r\n])+)","version":[1-9][0-9]{0,8}\}\Z'
)
SEALED = re.compile(rb'\{"sealed":\[("[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*)\]\}\Z')
END = re.compile(rb'\{"end":\{"events":([0-9]{1,15})\}\}\Z')


class Unusable(Exception):
    """What was given cannot be checked: exit code 2."""


def sha256(data):
    return hashlib.sha256(data).digest()


def parse_json(text):
    """JSON and nothing more: Python's own reader takes NaN, and no integer of more than 4300 digits."""

    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse, parse_int=lambda n: int(n) if len(n) < 300 else float(n))


# --- the tree (RFC 6962) -------------------------------------------------------------------------------------------


def leaf_of(event_hash):
    return sha256(b"\x00" + event_hash)


def node_of(left, right):
    return sha256(b"\x01" + left + right)


class Tree:
    """A tree that grows: the roots of its complete subtrees, largest first."""

    def __init__(self, size=0, subtrees=()):
        self.size = size
        self.subtrees = list(subtrees)

    def grown(self, event_hashes):
        tree = Tree(self.size, self.subtrees)
        for event_hash in event_hashes:
            node = leaf_of(event_hash)
            full = tree.size
            while full % 2 == 1:
                node = node_of(tree.subtrees.pop(), node)
                full //= 2
            tree.subtrees.append(node)
            tree.size += 1
        return tree

    def root(self):
        if not self.subtrees:
            return sha256(b"")
        node = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            node = node_of(left, node)
        return node


def is_included(leaf, index, size, root, path):
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            node = node_of(sibling, node)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            node = node_of(node, sibling)
        at, last = at // 2, last // 2
    return last == 0 and node == root


def is_consistent(older_size, older_root, newer_size, newer_root, path):
    """RFC 9162 section 2.1.4.2."""
    if not 0 < older_size <= newer_size:
        return False
    if older_size == newer_size:
        return not path and older_root == newer_root
    nodes = list(path)
    if older_size & (older_size - 1) == 0:
        nodes.insert(0, older_root)
    if not nodes:
        return False
    at, last = older_size - 1, newer_size - 1
    while at % 2 == 1:
        at, last = at // 2, last // 2
    in_older = in_newer = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            in_older, in_newer = node_of(node, in_older), node_of(node, in_newer)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            in_newer = node_of(in_newer, node)
        at, last = at // 2, last // 2
    return last == 0 and in_older == older_root and in_newer == newer_root


# --- keys and notes (C2SP signed-note) -------------------------------------------------------------------------------


def unbase64(text):
    """As lenient about padding as most decoders: the characters were looked at before."""
    text = text.rstrip("=")
    if len(text) % 4 == 1:
        text = text[:-1]
    return base64.b64decode(text + "=" * (-len(text) % 4))


class Key:
    def __init__(self, text):
        match = re.fullmatch(r"([^\s\ufeff+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})", text.strip().strip("\ufeff"))
        if not match:
            raise Unusable("the text given is not a verifier key")
        self.name, self.id, encoded = match.groups()
        raw = unbase64(encoded)
        if len(raw) != 33 or raw[0] != 1:
            raise Unusable("the key given is not an Ed25519 key")
        if sha256(self.name.encode() + b"\n" + raw)[:4].hex() != self.id:
            raise Unusable("the key given was damaged: its id does not fit")
        self.text = f"{self.name}+{self.id}+{base64.b64encode(raw).decode()}"
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])

    def checks(self, note):
        """'signed', 'unknown' when no line claims to be of this key, or 'forged'."""
        ours = [signature for name, key_id, signature in note.signatures if (name, key_id) == (self.name, self.id)]
        if not ours:
            return "unknown"
        for signature in ours:
            try:
                self.public.verify(signature, note.text.encode("utf-8", "surrogatepass"))
            except InvalidSignature:
                return "forged"
        return "signed"


class Note:
    def __init__(self, note):
        end = note.rfind("\n\n")
        if end == -1 or not note.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
            raise Unusable("the text given is not a signed note")
        self.text = note[: end + 1]
        self.signatures = []
        for line in note[end + 2 : -1].split("\n"):
            match = re.fullmatch(r"— ([^\s\ufeff]+) ([A-Za-z0-9+/]+={0,2})", line)
            raw = unbase64(match.group(2)) if match else b""
            if len(raw) <= 4:
                raise Unusable("the text given is not a signed note")
            self.signatures.append((match.group(1), raw[:4].hex(), raw[4:]))


class Checkpoint:
    def __init__(self, note):
        self.note = note
        lines = note.text.split("\n")
        origin, size, encoded, extension = (lines + [""] * 4)[:4]
        if "\n".join(lines[4:]) != "" or not origin.startswith(ORIGIN) or origin == ORIGIN:
            raise Unusable("the note given is not a checkpoint")
        position = re.fullmatch(r"position ([0-9]{1,20})", extension)
        root = unbase64(encoded) if re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", encoded) else b""
        if not re.fullmatch(r"[1-9][0-9]{0,15}", size) or int(size) > MAX_SAFE or not position:
            raise Unusable("the note given is not a checkpoint")
        if len(root) != 32 or base64.b64encode(root).decode() != encoded:
            raise Unusable("the note given is not a checkpoint")
        self.ledger = origin[len(ORIGIN) :]
        self.size, self.root, self.position = int(size), root, position.group(1)


def rotation_text(ledger, key_text):
    return f"{ORIGIN}{ledger}\nkey {key_text}\n"


def parsed(parse, *arguments):
    try:
        return parse(*arguments)
    except Unusable:
        return None


class Keyring:
    """The keys of a ledger as its events bring them, each with the smallest tree that it signs."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.keys = []

    def _key(self, text):
        key = parsed(Key, text) if isinstance(text, str) else None
        return key if key and key.name == ORIGIN + self.ledger else None

    def introduce(self, data):
        key = None if self.keys else self._key(data.get("publicKey"))
        if key:
            self.keys.append((key, 0))
        return key is not None

    def rotate(self, data, leaf):
        key = self._key(data.get("publicKey"))
        note = parsed(Note, data["note"]) if isinstance(data.get("note"), str) else None
        if not self.keys or not key or not note or note.text != rotation_text(self.ledger, key.text):
            return False
        if self.keys[-1][0].checks(note) != "signed" or self.index(key) is not None:
            return False
        self.keys.append((key, leaf + 1))
        return True

    def index(self, key):
        return next((i for i, (known, _) in enumerate(self.keys) if known.text == key.text), None)

    def in_force(self, size):
        return next((key for key, since in reversed(self.keys) if since <= size), None)

    def follows(self, key, trusted):
        start, at = self.index(trusted), self.index(key)
        return start is not None and at is not None and at >= start

    def trusted_with(self, trusted):
        return [trusted] + [key for key, _ in self.keys if self.follows(key, trusted)]


# --- archives ------------------------------------------------------------------------------------------------------------


class Event:
    def __init__(self, match):
        self.previous = bytes.fromhex(match.group(1).decode())
        self.revision = int(match.group(2))
        self.stream = match.group(3)
        self.type = match.group(4)

    @staticmethod
    def read(line):
        for length in (400, 4_000, MAX_LINE):
            match = TAIL.search(line[-length:])
            if match:
                return Event(match)
            if len(line) <= length:
                break
        return None


class Leaf:
    def __init__(self, line, event_hash, event):
        self.line, self.hash, self.event = line, event_hash, event


def stream_name(raw):
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(f'"{text}"')
    except ValueError:
        return text


def data_of(line):
    try:
        data = parse_json(line.decode("utf-8", "replace")).get("data")
    except (ValueError, AttributeError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def problem_at(kind, line, message, event=None):
    return {
        "kind": kind,
        "line": line,
        "stream": stream_name(event.stream) if event else None,
        "revision": event.revision if event else None,
        "message": message,
    }


class Found(Exception):
    """The first thing that is wrong."""

    def __init__(self, problem):
        super().__init__(problem["message"])
        self.problem = problem


class Archive:
    def __init__(self, ledger, trusted, kept):
        self.ledger, self.trusted, self.kept = ledger, trusted, kept
        self.keyring = Keyring(ledger)
        self.ends = {}  # stream -> (revision, hash, line, leaf or None)
        self.tree = Tree()  # what is sealed
        self.pending = []  # leaves that are not
        self.line, self.events, self.checkpoints = 1, 0, 0
        self.ended = None
        self.suspicion = None  # (leaf or None, problem of the number of sealed leaves)
        self.unmet = None  # (checkpoint, its line, hashes of the sealed lines)
        self.newest = None  # (checkpoint, key)
        self.kept_holds = None

    def leaves(self):
        return self.tree.size + len(self.pending)

    def leads_to(self, checkpoint):
        if checkpoint.size < self.tree.size or checkpoint.size > self.leaves():
            return None
        count = checkpoint.size - self.tree.size
        tree = self.tree.grown(leaf.hash for leaf in self.pending[:count])
        return tree if tree.root() == checkpoint.root else None

    def fail(self, problem):
        raise Found(self.suspicion[1](self.tree.size) if self.suspicion else problem)

    def suspect(self, leaf, problem):
        if self.suspicion is None:
            self.suspicion = (leaf, problem)

    def take(self, text):
        self.line += 1
        if len(text) > MAX_LINE:
            self.fail(problem_at("broken", self.line, f"line {self.line} is longer than any of an archive"))
        sealed_line = text.startswith(b'{"sealed":[')
        if self.unmet:
            if not sealed_line:
                self.blame()
            match = SEALED.match(text)
            if match:
                self.unmet[2].extend(bytes.fromhex(h[1:-1].decode()) for h in match.group(1).split(b","))
            return
        if self.ended is not None:
            self.fail(problem_at("broken", self.line, f"line {self.line} stands behind the end"))
        if sealed_line:
            return
        if text.startswith(b'{"end":{'):
            match = END.match(text)
            if not match:
                self.fail(problem_at("broken", self.line, f"line {self.line} is no end line"))
            self.ended = int(match.group(1))
            return
        self.take_event(text)

    def take_event(self, text):
        self.events += 1
        event_hash = sha256(text)
        event = Event.read(text) if text.startswith(b'{"actor":') else None
        sealing = event is not None and event.stream == b"checkpoint"
        leaf = None if sealing else self.leaves()
        line = self.line
        if not sealing:
            self.pending.append(Leaf(line, event_hash, event))
        if event is None:
            self.suspect(leaf, lambda _: problem_at("broken", line, f"line {line} is no event"))
            return
        self.chain(event, event_hash, leaf)
        if event.stream == b"ledger":
            self.take_key(event, data_of(text), leaf)
        if sealing:
            self.take_checkpoint(event, data_of(text))

    def chain(self, event, event_hash, leaf):
        line = self.line
        before = self.ends.get(event.stream)
        self.ends[event.stream] = (event.revision, event_hash, line, leaf)
        expected = before[0] + 1 if before else 0
        name = stream_name(event.stream)
        if event.revision > expected:
            missing = problem_at("removed", line, f"revision {expected} of {name} is missing before line {line}", event)
            self.suspect(leaf, lambda _: {**missing, "revision": expected})
        elif event.revision < expected:
            again = f"revision {event.revision} of {name} stands a second time in line {line}"
            self.suspect(leaf, lambda _: problem_at("inserted", line, again, event))
        elif event.previous != (before[1] if before else sha256(self.ledger.encode())):
            self.suspect(leaf, lambda sealed: self.unlinked(event, line, before, sealed))

    def unlinked(self, event, line, before, sealed):
        if before is None and line == 2:
            return problem_at("other-ledger", line, f"the events are not those of ledger {self.ledger}", event)
        if before is None or (before[3] is not None and before[3] < sealed):
            return problem_at("changed", line, f"line {line} does not follow the event before it", event)
        problem = problem_at("changed", before[2], f"line {before[2]} is not what line {line} follows", event)
        return {**problem, "revision": before[0]}

    def take_key(self, event, data, leaf):
        kind = event.type
        good = True
        if kind == b"LedgerCreated":
            good = data.get("ledger") == self.ledger
        elif kind == b"KeyIntroduced":
            good = self.keyring.introduce(data)
        elif kind == b"KeyRotated":
            good = self.keyring.rotate(data, leaf)
        if not good:
            line = self.line
            self.suspect(leaf, lambda _: problem_at("forged", line, f"line {line} brings no key of this ledger", event))

    def take_checkpoint(self, event, data):
        self.checkpoints += 1
        line = self.line

        def forged(why):
            self.fail(problem_at("forged", line, f"the checkpoint in line {line} {why}", event))

        note = parsed(Note, data["note"]) if isinstance(data.get("note"), str) else None
        checkpoint = parsed(Checkpoint, note) if note else None
        if not checkpoint:
            forged("holds no note of a checkpoint")
        if checkpoint.ledger != self.ledger:
            forged(f"is of ledger {checkpoint.ledger}")
        key = self.keyring.in_force(checkpoint.size)
        doubt = None
        if key and key.checks(note) == "signed":
            size = data.get("treeSize")
            same = not isinstance(size, bool) and size == checkpoint.size
            same = same and data.get("root") == checkpoint.root.hex() and data.get("position") == checkpoint.position
            if not same or data.get("keyId") != key.id:
                forged("says something else than its note")
        else:
            doubt = "is not signed by the key in force"
            if self.trusted.checks(note) != "signed":
                forged(doubt)
            key = self.trusted
        if checkpoint.size <= self.tree.size:
            forged("seals no more than one before it")
        holds = None
        if self.kept and self.tree.size < self.kept.size <= checkpoint.size:
            holds = self.leads_to(self.kept) is not None
        tree = self.leads_to(checkpoint)
        if tree is None:
            self.unmet = (checkpoint, line, [])
            return
        self.pending = self.pending[checkpoint.size - self.tree.size :]
        self.tree = tree
        if self.kept_holds is None:
            self.kept_holds = holds
        if self.suspicion and (self.suspicion[0] is None or self.suspicion[0] < checkpoint.size):
            raise Found(self.suspicion[1](checkpoint.size))
        if doubt:
            forged(doubt)
        self.newest = (checkpoint, key)

    def blame(self):
        checkpoint, line, hashes = self.unmet
        tree = self.tree.grown(hashes)
        if tree.size == checkpoint.size and tree.root() == checkpoint.root:
            raise Found(self.difference(hashes, line))
        start = self.pending[0].line if self.pending else line
        self.fail(problem_at("altered", start, f"an event between line {start} and line {line} is not what was sealed"))

    def difference(self, hashes, line):
        found = self.pending
        i = next(i for i, h in enumerate(hashes) if i >= len(found) or found[i].hash != h)
        if i >= len(found):
            return self.removed(hashes[i], line)
        leaf = found[i]
        comes_later = leaf.hash in hashes[i + 1 :]
        stood_later = any(other.hash == hashes[i] for other in found[i + 1 :])
        if comes_later and not stood_later:
            return self.removed(hashes[i], leaf.line)
        if leaf.event is None:
            return problem_at("broken", leaf.line, f"line {leaf.line} is no event")
        kind = "reordered" if comes_later else "inserted" if stood_later else "changed"
        words = f"revision {leaf.event.revision} of {stream_name(leaf.event.stream)} (line {leaf.line}) is {kind}"
        return problem_at(kind, leaf.line, words, leaf.event)

    def removed(self, event_hash, line):
        after = next((leaf.event for leaf in self.pending if leaf.event and leaf.event.previous == event_hash), None)
        if after is None:
            return problem_at("removed", line, f"the event with the hash {event_hash.hex()} is missing before line {line}")
        words = f"revision {after.revision - 1} of {stream_name(after.stream)} is missing before line {line}"
        return {**problem_at("removed", line, words, after), "revision": after.revision - 1}

    def finish(self, rest):
        if rest and (self.ended is not None or END.match(rest)):
            self.take(rest)
            rest = b""
        if self.unmet:
            self.blame()
        if self.suspicion:
            raise Found(self.suspicion[1](self.tree.size))
        if self.ended is None:
            last = self.line + 1 if rest else self.line
            raise Found(problem_at("cut", last, f"the archive ends in line {last} without an end line"))
        if self.ended != self.events:
            words = f"the end line counts {self.ended} events, and {self.events} are here"
            raise Found(problem_at("cut", self.line, words))
        if self.keyring.index(self.trusted) is None:
            raise Found(problem_at("wrong-key", None, f"the archive is not signed by key {self.trusted.id}"))
        if self.kept:
            self.check_kept()
        if self.sealed() is None:
            raise Found(problem_at("unsealed", None, f"no checkpoint that key {self.trusted.id} vouches for is in it"))

    def check_kept(self):
        kept = self.kept
        if not self.kept_signer():
            raise Found(problem_at("wrong-key", None, f"the kept checkpoint is not signed by key {self.trusted.id}"))
        if kept.size > self.leaves():
            words = f"the kept checkpoint seals {kept.size} events, and the archive has {self.leaves()}"
            raise Found(problem_at("cut", None, words))
        if self.kept_holds is None:
            self.kept_holds = self.leads_to(kept) is not None
        if not self.kept_holds:
            words = f"the first {kept.size} events are not those that the kept checkpoint seals"
            raise Found(problem_at("other-history", None, words))

    def kept_signer(self):
        return next((k for k in self.keyring.trusted_with(self.trusted) if k.checks(self.kept.note) == "signed"), None)

    def sealed(self):
        best = None
        if self.newest and self.keyring.follows(self.newest[1], self.trusted):
            best = self.newest
        if self.kept and self.kept_holds and self.kept_signer():
            if best is None or self.kept.size > best[0].size:
                best = (self.kept, self.kept_signer())
        return best

    def verdict(self, problem):
        best = self.sealed()
        unsealed = None
        if best and problem is None and best[0].size < self.leaves():
            first = self.pending[best[0].size - self.tree.size]
            unsealed = {"events": self.leaves() - best[0].size, "line": first.line}
        return {
            "ledgerId": self.ledger,
            "events": self.events,
            "streams": len(self.ends),
            "checkpoints": self.checkpoints,
            "sealed": best
            and {
                "treeSize": best[0].size,
                "root": best[0].root.hex(),
                "position": best[0].position,
                "keyId": best[1].id,
            },
            "unsealed": unsealed,
            "problem": problem,
        }


def header_of(line):
    try:
        header = parse_json(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("archive") != "waybill":
        raise Unusable("this is not an archive of a ledger")
    if header.get("version") != 1 or header.get("version") is True:
        raise Unusable(f"this archive has version {header.get('version')}, not 1")
    ledger = header.get("ledgerId")
    if not isinstance(ledger, str) or ledger == "":
        raise Unusable("this is not an archive of a ledger: it names none")
    return ledger


def verify_archive(file, trusted, kept):
    first = file.readline(MAX_LINE + 1)
    if not first.endswith(b"\n"):
        raise Unusable("this is not an archive of a ledger: it has no line")
    archive = Archive(header_of(first[:-1]), trusted, kept)
    try:
        if trusted.name != ORIGIN + archive.ledger:
            raise Found(problem_at("other-ledger", 1, f"the key is of {trusted.name}"))
        if kept and kept.ledger != archive.ledger:
            raise Found(problem_at("other-ledger", 1, f"the checkpoint is of ledger {kept.ledger}"))
        rest = b""
        while True:
            line = file.readline(MAX_LINE + 2)
            if line.endswith(b"\n"):
                archive.take(line[:-1])
            elif len(line) > MAX_LINE:
                archive.take(line)
            else:
                rest = line
                break
        archive.finish(rest)
    except Found as found:
        return archive.verdict(found.problem)
    return archive.verdict(None)


# --- proofs ----------------------------------------------------------------------------------------------------------------


def is_path(path):
    return isinstance(path, list) and all(isinstance(n, str) and re.fullmatch(r"[0-9a-f]{64}", n) for n in path)


def parse_proof(text):
    try:
        proof = parse_json(text)
    except (ValueError, RecursionError):
        proof = None
    if not isinstance(proof, dict) or proof.get("proof") != "waybill" or proof.get("version") != 1:
        raise Unusable("this is not a proof")
    texts = all(isinstance(proof.get(field), str) for field in ("ledgerId", "event", "checkpoint"))
    older = proof.get("consistency")
    whole = older is None or (
        isinstance(older, dict) and isinstance(older.get("checkpoint"), str) and is_path(older.get("path"))
    )
    number = isinstance(proof.get("index"), (int, float)) and not isinstance(proof.get("index"), bool)
    if not (texts and whole and number and is_path(proof.get("inclusion")) and isinstance(proof.get("rotations"), list)):
        raise Unusable("this is not a proof: a field is missing or is not what it should be")
    return proof


def verify_proof(proof, trusted, kept):
    ledger = proof["ledgerId"]
    raw = proof["event"].encode("utf-8", "replace")
    event = Event.read(raw)
    verdict = {
        "ledgerId": ledger,
        "stream": stream_name(event.stream) if event else None,
        "revision": event.revision if event else None,
        "sealed": None,
        "continues": None,
    }

    def failed(problem):
        return {**verdict, "problem": problem}

    if trusted.name != ORIGIN + ledger:
        return failed("the key is of another ledger")
    if not event:
        return failed("the text in it is no event")
    keys = [trusted]
    for rotation in proof["rotations"]:
        note = parsed(Note, rotation) if isinstance(rotation, str) else None
        lines = note.text.split("\n") if note else []
        key = parsed(Key, re.sub(r"^key ", "", lines[1])) if len(lines) > 1 else None
        if key and key.name == trusted.name and note.text == rotation_text(ledger, key.text):
            if keys[-1].checks(note) == "signed":
                keys.append(key)

    def signed(note):
        checkpoint = parsed(Checkpoint, note) if note else None
        if not checkpoint or checkpoint.ledger != ledger:
            return None, None
        return checkpoint, next((key for key in keys if key.checks(note) == "signed"), None)

    checkpoint, signer = signed(parsed(Note, proof["checkpoint"]))
    if not signer:
        return failed("its checkpoint is not signed by the trusted key or one that follows it")
    path = [bytes.fromhex(node) for node in proof["inclusion"]]
    index = proof["index"]
    if index != int(index) or not is_included(leaf_of(sha256(raw)), int(index), checkpoint.size, checkpoint.root, path):
        return failed("the event does not stand in the tree that the checkpoint seals")
    older = None
    if proof.get("consistency") is not None:
        older, older_signer = signed(parsed(Note, proof["consistency"]["checkpoint"]))
        if not older_signer:
            return failed("its older checkpoint is not signed by the trusted key or one that follows it")
        path = [bytes.fromhex(node) for node in proof["consistency"]["path"]]
        if not is_consistent(older.size, older.root, checkpoint.size, checkpoint.root, path):
            return failed("its checkpoint does not continue the older one")
    if kept:
        known, kept_signer = signed(kept.note)
        if not kept_signer:
            return failed("the kept checkpoint is not signed by the trusted key or one that follows it")
        if not any(one and (one.size, one.root) == (known.size, known.root) for one in (checkpoint, older)):
            return failed("it says nothing about the kept checkpoint")
    return {
        **verdict,
        "sealed": {
            "treeSize": checkpoint.size,
            "root": checkpoint.root.hex(),
            "position": checkpoint.position,
            "keyId": signer.id,
            "index": int(index),
        },
        "continues": older.size if older else None,
        "problem": None,
    }


# --- command line ------------------------------------------------------------------------------------------------------------


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            return file.read()
    except OSError as error:
        raise Unusable(f"cannot read {path}: {error.strerror}") from error


def run(arguments):
    trusted = Key(read(arguments.key) if os.path.exists(arguments.key) else arguments.key)
    kept = None
    if arguments.checkpoint:
        text = read(arguments.checkpoint)
        kept = Checkpoint(Note(text if text.endswith("\n") else text + "\n"))
    if arguments.proof:
        verdict = verify_proof(parse_proof(read(arguments.proof)), trusted, kept)
        words = verdict["problem"]
    else:
        try:
            with open(arguments.archive, "rb") as file:
                verdict = verify_archive(file, trusted, kept)
        except OSError as error:
            raise Unusable(f"cannot read {arguments.archive}: {error.strerror}") from error
        words = verdict["problem"] and verdict["problem"]["message"]
    if arguments.json:
        print(json.dumps(verdict, indent=2))
    elif words is not None:
        print(f"NOT SOUND: {words}")
    else:
        print(f"sound: {verdict['sealed']['treeSize']} events are sealed by key {verdict['sealed']['keyId']}")
        if verdict.get("unsealed"):
            print(f"not sealed: {verdict['unsealed']['events']} events from line {verdict['unsealed']['line']} on")
    return 0 if words is None else 1


def main():
    parser = argparse.ArgumentParser(description="Verifies an archive or a proof of a Waybill ledger.")
    parser.add_argument("archive", nargs="?")
    parser.add_argument("--key", required=True, help="the public key to trust, or a file that holds it")
    parser.add_argument("--checkpoint", help="a checkpoint that was kept outside the reach of the ledger")
    parser.add_argument("--proof", help="check this proof instead of an archive")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    arguments = parser.parse_args()
    if (arguments.archive is None) == (arguments.proof is None):
        parser.error("give an archive, or --proof")
    try:
        return run(arguments)
    except Unusable as unusable:
        print(f"verify.py: {unusable}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

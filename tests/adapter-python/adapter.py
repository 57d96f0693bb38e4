"""A small operator for Waybill in another language: it writes what a location is to run as files into a folder.

docs/adapters.md tells what it keeps to. It needs kafka-python and jsonschema (requirements.txt).
"""

import argparse
import hashlib
import json
import shutil
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from jsonschema import Draft202012Validator, ValidationError
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

HEARTBEAT_SECONDS = 30
REPORT = "waybill.dev/report/v1"


def canonical(value):
    """RFC 8785 for what stands in desired states: no fractions, and keys within the basic plane."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def name_of(environment):
    return "{project}.{slot}@{location}".format(**environment)


class Reporter:
    """Tells the ledger what happened. (epoch, seq) orders what is told; a restart begins a new epoch."""

    def __init__(self, producer, topic, location, epoch, schema):
        self.producer, self.topic, self.location = producer, topic, location
        self.epoch, self.seq, self.schema = epoch, 0, schema

    def send(self, kind, **fields):
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        report = {"schema": REPORT, "kind": kind, "epoch": self.epoch, "occurredAt": now, **fields}
        self.schema.validate(report)
        value = json.dumps(report).encode()
        # Acknowledged before anything else happens: what was done and not told is told again after a restart.
        self.producer.send(self.topic, value, key=self.location.encode()).get(timeout=30)

    def about(self, record, phase, **details):
        self.seq += 1
        self.send(
            "deployment",
            environment=record["environment"],
            generation=record["generation"],
            release=record["release"],
            seq=self.seq,
            observation={"phase": phase, **details},
        )

    def location_as_a_whole(self, kind, **fields):
        self.send(kind, location=self.location, **fields)


class Folder:
    """The target. Each environment has a folder; `waybill.json` in it says which generation stands there."""

    def __init__(self, root):
        self.root = Path(root)
        self.root.mkdir(parents=True, exist_ok=True)

    def standing(self, name):
        path = self.root / name / "waybill.json"
        return json.loads(path.read_text()) if path.exists() else None

    def all(self):
        names = sorted(path.parent.name for path in self.root.glob("*/waybill.json"))
        return [{key: self.standing(name)[key] for key in ("environment", "generation", "digest", "phase")} for name in names]

    def write(self, name, file, value):
        path = self.root / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, also when the power goes.
        new = path.with_suffix(".new")
        new.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")
        new.replace(path)

    def remember(self, record, phase):
        kept = {key: record[key] for key in ("environment", "generation", "digest")}
        self.write(name_of(record["environment"]), "waybill.json", {**kept, "phase": phase})

    def forget(self, name):
        standing = self.standing(name)
        if standing and standing["phase"] == "removed":
            shutil.rmtree(self.root / name)

    def next_epoch(self):
        """Above every epoch before, and near the clock, so that a lost folder does not bring an old one back."""
        path = self.root / "epoch"
        last = int(path.read_text()) if path.exists() else 0
        epoch = max(int(time.time() * 1000), last + 1)
        path.write_text(str(epoch))
        return epoch


def objects_of(desired):
    """What is written for a desired state: file name -> (reference, object)."""
    service, environment = desired["service"], desired["environment"]
    name = "{project}--{slot}".format(**environment)
    reference = {"group": "example.dev", "version": "v1", "kind": "Program", "namespace": None, "name": name}
    program = {
        "name": name,
        "deliverable": desired["deliverable"],
        "replicas": service["replicas"],
        "environmentVariables": service["environmentVariables"],
        "files": desired["config"]["files"],
    }
    found = {"program.json": (reference, program)}
    for number, manifest in enumerate(desired["manifests"]):
        found[f"manifest-{number}.json"] = (reference_of(manifest["object"]), manifest["object"])
    return found


def reference_of(obj):
    group, _, version = obj["apiVersion"].rpartition("/")
    metadata = obj["metadata"]
    return {
        "group": group,
        "version": version,
        "kind": obj["kind"],
        "namespace": metadata.get("namespace"),
        "name": metadata["name"],
    }


def reconcile(record, folder, reporter):
    """Level-based: whatever was done before, afterwards the folder holds this generation and the ledger knows."""
    name = name_of(record["environment"])
    before = folder.standing(name)
    if before and before["generation"] > record["generation"]:
        return
    if before and before["generation"] == record["generation"] and before["digest"] != record["digest"]:
        return reporter.about(record, "rejected", reason="DigestDiffers", message="this generation had another content")
    reporter.about(record, "accepted")
    if record["state"] == "absent":
        shutil.rmtree(folder.root / name, ignore_errors=True)
        # The generation stays, as a fence against records that are older.
        folder.remember(record, "removed")
        return reporter.about(record, "removed", commit=None)
    if sha256(canonical(record["desired"])) != record["digest"]:
        return reporter.about(record, "rejected", reason="DigestWrong", message="the content is not that of its digest")
    objects = objects_of(record["desired"])
    inventory = sha256(canonical({file: obj for file, (_, obj) in objects.items()}))
    references = [reference for reference, _ in objects.values()]
    reporter.about(record, "adapted", objects=references, inventoryHash=inventory)
    started = time.monotonic()
    folder.remember(record, "adapted")
    for file, (_, obj) in objects.items():
        folder.write(name, file, obj)
    for path in (folder.root / name).glob("*.json"):
        if path.name not in objects and path.name != "waybill.json":
            path.unlink()
    took = (time.monotonic() - started) * 1000
    reporter.about(record, "applied", inventoryHash=inventory, commit=None, durationMs=took)
    reporter.about(record, "rolled-out", durationMs=0)
    folder.remember(record, "healthy")
    reporter.about(record, "healthy")


def tell_all(folder, reporter):
    standing = folder.all()
    reporter.location_as_a_whole("resync", digest=sha256(canonical(standing)), environments=standing)


def schema_of(folder, name):
    return Draft202012Validator(json.loads((Path(folder) / f"{name}.json").read_text()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("brokers", "location", "folder", "schemas"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--prefix", default="")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    brokers = args.brokers.split(",")
    desired_schema = schema_of(args.schemas, "desired-record")
    folder = Folder(args.folder)
    # The whole topic is read at every start: it holds the newest record of each environment. Nothing is committed.
    consumer = KafkaConsumer(
        bootstrap_servers=brokers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        # The ledger writes in transactions, so that a ledger that was replaced cannot write any more.
        isolation_level="read_committed",
    )
    partition = TopicPartition(f"{args.prefix}waybill.desired.{args.location}", 0)
    while partition.topic not in consumer.topics():
        time.sleep(0.5)  # The ledger creates it with the first record for the location.
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    reporter = Reporter(
        KafkaProducer(bootstrap_servers=brokers, acks="all"),
        f"{args.prefix}waybill.reports.{args.location}",
        args.location,
        folder.next_epoch(),
        schema_of(args.schemas, "report"),
    )
    reporter.location_as_a_whole("connected", software="adapter-python/1", capabilities=["example.dev/v1"])
    print(f"serving {args.location}", flush=True)

    caught_up, beat = False, time.monotonic()
    while True:
        for messages in consumer.poll(timeout_ms=500).values():
            for message in messages:
                take(message, desired_schema, folder, reporter)
        if not caught_up and consumer.position(partition) >= end:
            caught_up = True
            tell_all(folder, reporter)
        if time.monotonic() - beat > HEARTBEAT_SECONDS:
            reporter.location_as_a_whole("heartbeat")
            beat = time.monotonic()


def take(message, schema, folder, reporter):
    if message.value is None:
        # A tombstone: the ledger knows that the environment is removed, so its fence may go.
        return folder.forget(message.key.decode())
    record, problem = read(message.value, schema)
    if problem is None:
        return reconcile(record, folder, reporter)
    print(f"the record at offset {message.offset} cannot be read: {problem}", file=sys.stderr, flush=True)
    try:
        # A record of a newer schema mostly still tells whose it is.
        reporter.about(record, "rejected", reason="SchemaUnknown", message=problem)
    except (KeyError, TypeError, ValidationError):
        pass


def read(value, schema):
    try:
        record = json.loads(value)
    except ValueError as error:
        return None, str(error)
    problem = next(iter(schema.iter_errors(record)), None)
    return record, problem and f"{problem.json_path}: {problem.message}"[:500]


if __name__ == "__main__":
    main()

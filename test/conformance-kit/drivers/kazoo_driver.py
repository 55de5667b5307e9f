"""Does on kazoo what `zkwire conform client` says: see docs/conformance.md."""
import os
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.security import ACL, Id

LOCK = threading.Lock()
EVENTS = {"CREATED": "created", "DELETED": "deleted", "CHANGED": "changed", "CHILD": "children"}
client = None


class Unsupported(Exception):
    pass


def say(*words):
    with LOCK:
        sys.stdout.write("\t".join(str(word) for word in words) + "\n")
        sys.stdout.flush()


def bytes_of(word):
    return None if word == "null" else bytes.fromhex("" if word == "-" else word)


def word_of(data):
    return "null" if data is None else data.hex() or "-"


def hear(event):
    if event.type in EVENTS:
        say("event", EVENTS[event.type], event.path)


def watcher(words):
    return hear if "watch" in words else None


def connect(timeout, *words):
    global client
    hosts = sys.argv[1] if len(sys.argv) > 1 else os.environ["ZKWIRE_CONNECT"]
    seconds = int(timeout) / 1000
    client = KazooClient(hosts=hosts, timeout=seconds, read_only="readonly" in words)
    return threaded(lambda: client.start_async().wait())


def threaded(work):
    """Runs what has no asynchronous form, and gives what can be waited for."""
    result = client.handler.async_result()

    def run():
        try:
            result.set(work())
        except Exception as error:
            result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return result


def mode_of(mode):
    if int(mode) > 3:
        raise Unsupported
    return {"ephemeral": bool(int(mode) & 1), "sequence": bool(int(mode) & 2)}


def multi(*words):
    transaction = client.transaction()
    for step in "\t".join(words).split("\t;\t"):
        name, path, *rest = step.split("\t")
        if name == "create":
            transaction.create(path, bytes_of(rest[0]), **mode_of(rest[1]))
        elif name == "set":
            transaction.set_data(path, bytes_of(rest[0]), int(rest[1]))
        else:
            getattr(transaction, name)(path, int(rest[0]))
    return transaction.commit_async()


def stopped():
    client.stop()
    client.close()


COMMANDS = {
    "connect": connect,
    "auth": lambda scheme, data: client.add_auth_async(scheme, bytes_of(data).decode()),
    "create": lambda path, data, mode, *ttl: client.create_async(path, bytes_of(data), **mode_of(mode)),
    "delete": lambda path, version: client.delete_async(path, int(version)),
    "exists": lambda path, *words: client.exists_async(path, watcher(words)),
    "get": lambda path, *words: client.get_async(path, watcher(words)),
    "set": lambda path, data, version: client.set_async(path, bytes_of(data), int(version)),
    "children": lambda path, *words: client.get_children_async(path, watcher(words)),
    "getacl": lambda path: client.get_acls_async(path),
    "setacl": lambda path, version, perms, scheme, id: client.set_acls_async(
        path, [ACL(int(perms), Id(scheme, id))], int(version)
    ),
    "sync": lambda path: client.sync_async(path),
    "multi": multi,
    "close": lambda: threaded(stopped),
}
RESULTS = {
    "create": lambda value: [value],
    "exists": lambda stat: [str(field) for field in stat],
    "get": lambda value: [word_of(value[0])],
    "children": lambda names: names,
    "getacl": lambda value: [w for acl in value[0] for w in (acl.perms, acl.id.scheme, acl.id.id)],
}


def answer(id, name, result):
    try:
        value = result.get()
        if name == "exists" and value is None:
            return say(id, "error", -101)
        for each in value if name == "multi" else []:
            if isinstance(each, Exception):
                raise each
        say(id, "ok", *RESULTS.get(name, lambda value: [])(value))
    except Exception as error:
        fail(id, error)


def fail(id, error):
    typed = isinstance(error, KazooException)
    code = getattr(error, "code", type(error).__name__) if typed else "untyped"
    say(id, "error", code, " ".join(repr(error).split()))


for line in sys.stdin:
    id, name, *words = line.rstrip("\n").split("\t")
    try:
        result = COMMANDS[name](*words)
    except (KeyError, Unsupported):
        say(id, "unsupported")
    except Exception as error:
        fail(id, error)
    else:
        result.rawlink(lambda result, id=id, name=name: answer(id, name, result))
os._exit(0)

"""Drives kazoo through one topic, so that a recording proxy in front of the server sees what it sends.

Arguments: connect string of the proxy, connect string of the server, topic. A line "hold" or "release"
on standard output asks the maker to cut the proxied connections or to let them through again; it answers
with a line on standard input.
"""

import queue
import sys
import time

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    AuthFailedError,
    BadVersionError,
    NoNodeError,
    NodeExistsError,
    NotEmptyError,
    RolledBackError,
)
from kazoo.protocol.serialization import Create2
from kazoo.security import ACL, CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Id, make_digest_acl

WAIT_S = 15

proxied, direct, topic = sys.argv[1:4]


def connect(hosts=proxied, **options):
    client = KazooClient(hosts, timeout=options.pop("timeout", 10.0), **options)
    client.start(timeout=WAIT_S)
    return client


def refused(error, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except error:
        return
    raise AssertionError("not refused with %s" % error)


def ask(what):
    print(what, flush=True)
    if not sys.stdin.readline():
        raise AssertionError("the maker has gone")


def await_type(events, kind):
    while events.get(timeout=WAIT_S).type != kind:
        pass


def end(client):
    client.stop()
    client.close()


def basic():
    zk = connect()
    zk.create("/kazoo", b"v")
    zk.create("/kazoo/null", None)
    zk.create("/kazoo/empty", b"")
    zk.create("/kazoo/ephemeral", b"v", ephemeral=True)
    zk.create("/kazoo/sequential-", b"v", sequence=True)
    zk.create("/kazoo/es-", b"v", ephemeral=True, sequence=True)
    zk.create("/kazoo/two", b"v", include_data=True)
    zk.create("/kazoo/two-", b"v", ephemeral=True, sequence=True, include_data=True)
    zk.create("/kazoo/\u00e4\u4e2d\u6587", "\u00fc".encode())
    refused(NodeExistsError, zk.create, "/kazoo", b"v")
    refused(NodeExistsError, zk.create, "/kazoo", b"v", include_data=True)
    zk.exists("/kazoo")
    zk.exists("/kazoo/none")
    zk.get("/kazoo")
    zk.get("/kazoo/null")
    zk.get("/kazoo/empty")
    refused(NoNodeError, zk.get, "/kazoo/none")
    zk.set("/kazoo", b"second", version=0)
    zk.set("/kazoo", None)
    refused(BadVersionError, zk.set, "/kazoo", b"v", version=99)
    zk.get_children("/kazoo")
    zk.get_children("/kazoo/null")
    zk.get_children("/kazoo", include_data=True)
    zk.sync("/kazoo")
    zk.delete("/kazoo/null")
    refused(NotEmptyError, zk.delete, "/kazoo")
    end(zk)


def acl():
    zk = connect(auth_data=[("digest", "user:secret")])
    zk.create("/kazoo-acl", b"", acl=OPEN_ACL_UNSAFE)
    zk.create("/kazoo-acl/own", b"", acl=CREATOR_ALL_ACL)
    zk.get_acls("/kazoo-acl/own")
    several = [make_digest_acl("user", "secret", all=True), ACL(1, Id("ip", "127.0.0.1"))]
    zk.set_acls("/kazoo-acl/own", several, version=0)
    refused(BadVersionError, zk.set_acls, "/kazoo-acl/own", several, version=7)
    # Above U+FFFF in four bytes, as UTF-8 has it.
    emoji = [ACL(31, Id("digest", "\U0001f600:x")), ACL(31, Id("world", "anyone"))]
    zk.create("/kazoo-acl/emoji", b"", acl=emoji)
    # The server writes each surrogate on its own, which kazoo cannot read.
    refused(UnicodeDecodeError, zk.get_acls, "/kazoo-acl/emoji")
    refused(AuthFailedError, zk.add_auth, "nonsense", "x")
    end(zk)


def reconfig(credentials, leaving, client_address):
    zk = connect(auth_data=[("digest", credentials)])
    config, _ = zk.get("/zookeeper/config")
    joining = next(line for line in config.decode().splitlines() if line.startswith("server.%s=" % leaving))
    # Ensembles set up without client addresses need one as soon as they are reconfigured.
    if ";" not in joining:
        joining = "%s;%s" % (joining, client_address)
    zk.reconfig(None, leaving, None)
    refused(BadVersionError, zk.reconfig, joining, None, None, from_config=1)
    zk.reconfig(joining, None, None)
    end(zk)


def multi():
    zk = connect()
    zk.create("/kazoo-multi", b"v")
    first = zk.transaction()
    first.check("/kazoo-multi", version=0)
    first.create("/kazoo-multi/a", b"v")
    first.set_data("/kazoo-multi/a", b"w")
    first.delete("/kazoo-multi/a")
    first.create("/kazoo-multi/s-", b"", ephemeral=True, sequence=True)
    first.commit()
    second = zk.transaction()
    second.check("/kazoo-multi", version=0)
    second.delete("/kazoo-multi/none")
    second.check("/kazoo-multi", version=0)
    if not isinstance(second.commit()[0], RolledBackError):
        raise AssertionError("not rolled back")
    zk.transaction().commit()
    # Transactions have no method for create2, but kazoo writes it like any other operation.
    third = zk.transaction()
    third.operations.append(Create2("/kazoo-multi/two", b"v", OPEN_ACL_UNSAFE, 0))
    third.commit()
    end(zk)


def watches():
    zk = connect()
    other = connect(direct)
    events = queue.Queue()
    zk.exists("/kazoo-watch", watch=events.put)
    other.create("/kazoo-watch", b"v")
    await_type(events, "CREATED")
    zk.get("/kazoo-watch", watch=events.put)
    other.set("/kazoo-watch", b"w")
    await_type(events, "CHANGED")
    zk.get_children("/kazoo-watch", watch=events.put)
    other.create("/kazoo-watch/child", b"v")
    await_type(events, "CHILD")
    zk.get_children("/kazoo-watch", watch=events.put, include_data=True)
    zk.get("/kazoo-watch/child", watch=events.put)
    other.delete("/kazoo-watch/child")
    await_type(events, "DELETED")
    end(other)
    end(zk)


def await_state(states, wanted):
    while states.get(timeout=WAIT_S) != wanted:
        pass


def reconnect():
    zk = connect(auth_data=[("digest", "user:secret")])
    states = queue.Queue()
    zk.add_listener(states.put)
    zk.create("/kazoo-re", b"v")
    ask("hold")
    await_state(states, KazooState.SUSPENDED)
    ask("release")
    await_state(states, KazooState.CONNECTED)
    zk.get("/kazoo-re")
    end(zk)


def session():
    # With a session time-out this short kazoo pings every third of it.
    zk = connect(timeout=3.0)
    zk.create("/kazoo-session", b"v", ephemeral=True)
    time.sleep(2.2)
    end(zk)
    # Told that this session has expired, kazoo starts a new one.
    second = connect(client_id=(0x123456789AB, bytes(16)), read_only=True)
    second.exists("/kazoo-session")
    end(second)


TOPICS = {
    "basic": basic,
    "acl": acl,
    "reconfig": reconfig,
    "multi": multi,
    "watches": watches,
    "reconnect": reconnect,
    "session": session,
}
TOPICS[topic](*sys.argv[4:])

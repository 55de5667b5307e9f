// Drives the Go library through one topic, so that a recording proxy in front of the server sees what it
// sends. Arguments: connect string of the proxy, connect string of the server, topic. A line "hold" or
// "release" on standard output asks the maker to cut the proxied connections or to let them through
// again; it answers with a line on standard input.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/samuel/go-zookeeper/zk"
)

const (
	timeout = 10 * time.Second
	wait    = 15 * time.Second
)

var (
	proxied = os.Args[1]
	direct  = os.Args[2]
	answers = bufio.NewReader(os.Stdin)
	open    = zk.WorldACL(zk.PermAll)
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func refused(want, got error) {
	if want != got {
		panic(fmt.Sprintf("refused with %v, not with %v", got, want))
	}
}

func ask(what string) {
	fmt.Println(what)
	_, err := answers.ReadString('\n')
	must(err)
}

func awaitState(events <-chan zk.Event, state zk.State) {
	limit := time.After(wait)
	for {
		select {
		case event := <-events:
			if event.State == state {
				return
			}
		case <-limit:
			panic(fmt.Sprintf("no state %v", state))
		}
	}
}

func awaitType(events <-chan zk.Event, kind zk.EventType) {
	select {
	case event := <-events:
		if event.Type != kind {
			panic(fmt.Sprintf("event %v, not %v", event, kind))
		}
	case <-time.After(wait):
		panic(fmt.Sprintf("no event %v", kind))
	}
}

func connect(host string, sessionTimeout time.Duration) (*zk.Conn, <-chan zk.Event) {
	conn, events, err := zk.Connect([]string{host}, sessionTimeout, zk.WithLogInfo(false))
	must(err)
	awaitState(events, zk.StateHasSession)
	return conn, events
}

func create(conn *zk.Conn, path string, data []byte, flags int32) {
	_, err := conn.Create(path, data, flags, open)
	must(err)
}

func basic() {
	conn, _ := connect(proxied, timeout)
	create(conn, "/go", []byte("v"), 0)
	create(conn, "/go/null", nil, 0)
	create(conn, "/go/empty", []byte{}, 0)
	create(conn, "/go/ephemeral", []byte("v"), zk.FlagEphemeral)
	create(conn, "/go/sequential-", []byte("v"), zk.FlagSequence)
	create(conn, "/go/es-", []byte("v"), zk.FlagEphemeral|zk.FlagSequence)
	create(conn, "/go/\u00e4\u4e2d\u6587", []byte("\u00fc"), 0)
	_, err := conn.Create("/go", nil, 0, open)
	refused(zk.ErrNodeExists, err)
	_, _, err = conn.Exists("/go")
	must(err)
	_, _, err = conn.Exists("/go/none")
	must(err)
	for _, path := range []string{"/go", "/go/null", "/go/empty"} {
		_, _, err = conn.Get(path)
		must(err)
	}
	_, _, err = conn.Get("/go/none")
	refused(zk.ErrNoNode, err)
	_, err = conn.Set("/go", []byte("second"), 0)
	must(err)
	_, err = conn.Set("/go", nil, -1)
	must(err)
	_, err = conn.Set("/go", nil, 99)
	refused(zk.ErrBadVersion, err)
	_, _, err = conn.Children("/go")
	must(err)
	_, _, err = conn.Children("/go/null")
	must(err)
	_, err = conn.Sync("/go")
	must(err)
	must(conn.Delete("/go/null", -1))
	refused(zk.ErrNotEmpty, conn.Delete("/go", -1))
	conn.Close()
}

func acl() {
	conn, _ := connect(proxied, timeout)
	must(conn.AddAuth("digest", []byte("user:secret")))
	create(conn, "/go-acl", nil, 0)
	_, err := conn.Create("/go-acl/own", nil, 0, zk.AuthACL(zk.PermAll))
	must(err)
	_, _, err = conn.GetACL("/go-acl/own")
	must(err)
	several := append(zk.DigestACL(zk.PermAll, "user", "secret"), zk.WorldACL(zk.PermRead)...)
	_, err = conn.SetACL("/go-acl/own", several, 0)
	must(err)
	_, err = conn.SetACL("/go-acl/own", several, 7)
	refused(zk.ErrBadVersion, err)
	_, err = conn.SetACL("/go-acl/own", []zk.ACL{}, -1)
	refused(zk.ErrInvalidACL, err)
	conn.Close()
}

func multi() {
	conn, _ := connect(proxied, timeout)
	create(conn, "/go-multi", []byte("v"), 0)
	_, err := conn.Multi(
		&zk.CheckVersionRequest{Path: "/go-multi", Version: 0},
		&zk.CreateRequest{Path: "/go-multi/a", Data: []byte("v"), Acl: open},
		&zk.SetDataRequest{Path: "/go-multi/a", Data: []byte("w"), Version: -1},
		&zk.DeleteRequest{Path: "/go-multi/a", Version: -1})
	must(err)
	_, err = conn.Multi(
		&zk.CheckVersionRequest{Path: "/go-multi", Version: 0},
		&zk.DeleteRequest{Path: "/go-multi/none", Version: -1},
		&zk.CheckVersionRequest{Path: "/go-multi", Version: 0})
	refused(zk.ErrNoNode, err)
	conn.Close()
}

func watches() {
	conn, _ := connect(proxied, timeout)
	other, _ := connect(direct, timeout)
	_, _, created, err := conn.ExistsW("/go-watch")
	must(err)
	create(other, "/go-watch", []byte("v"), 0)
	awaitType(created, zk.EventNodeCreated)
	_, _, changed, err := conn.GetW("/go-watch")
	must(err)
	_, err = other.Set("/go-watch", []byte("w"), -1)
	must(err)
	awaitType(changed, zk.EventNodeDataChanged)
	_, _, children, err := conn.ChildrenW("/go-watch")
	must(err)
	create(other, "/go-watch/child", []byte("v"), 0)
	awaitType(children, zk.EventNodeChildrenChanged)
	_, _, deleted, err := conn.GetW("/go-watch/child")
	must(err)
	must(other.Delete("/go-watch/child", -1))
	awaitType(deleted, zk.EventNodeDeleted)
	other.Close()
	conn.Close()
}

func reconnect() {
	outside, _ := connect(direct, timeout)
	create(outside, "/go-re", []byte("v"), 0)
	conn, events := connect(proxied, timeout)
	must(conn.AddAuth("digest", []byte("user:secret")))
	_, _, changed, err := conn.GetW("/go-re")
	must(err)
	_, _, _, err = conn.ExistsW("/go-re/new")
	must(err)
	_, _, children, err := conn.ChildrenW("/go-re")
	must(err)
	ask("hold")
	awaitState(events, zk.StateDisconnected)
	create(outside, "/go-re/new", []byte("v"), 0)
	ask("release")
	awaitState(events, zk.StateHasSession)
	awaitType(children, zk.EventNodeChildrenChanged)
	_, err = outside.Set("/go-re", []byte("w"), -1)
	must(err)
	awaitType(changed, zk.EventNodeDataChanged)
	outside.Close()
	conn.Close()
}

func session() {
	// With a session time-out this short the client pings every third of it.
	conn, _ := connect(proxied, 3*time.Second)
	create(conn, "/go-session", []byte("v"), zk.FlagEphemeral)
	time.Sleep(2200 * time.Millisecond)
	conn.Close()
}

func main() {
	topics := map[string]func(){
		"basic": basic, "acl": acl, "multi": multi,
		"watches": watches, "reconnect": reconnect, "session": session,
	}
	topics[os.Args[3]]()
}

// The driver of the Go client: puts it through one workload. The command line is in ../README.md.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/samuel/go-zookeeper/zk"
)

const (
	sessionTimeout = 30 * time.Second
	connectTimeout = 10 * time.Second
	closeTimeout   = time.Second
)

// Errors of a lost connection would be printed otherwise.
type silence struct{}

func (silence) Printf(string, ...interface{}) {}

// Ends the process with the reason as its last line. Called by any goroutine.
func fail(err error) {
	sayFailed(err)
	os.Exit(1)
}

func connect(server string) (*zk.Conn, error) {
	conn, events, err := zk.Connect([]string{server}, sessionTimeout, zk.WithLogInfo(false), zk.WithLogger(silence{}))
	if err != nil {
		return nil, err
	}
	limit := time.After(connectTimeout)
	for {
		select {
		case event := <-events:
			if event.State == zk.StateHasSession {
				return conn, nil
			}
		case <-limit:
			return nil, fmt.Errorf("no session in %v", connectTimeout)
		}
	}
}

// Whoever started this has gone when its end of the pipe has.
func watchInput() {
	bytes := make([]byte, 64)
	for {
		if _, err := os.Stdin.Read(bytes); err != nil {
			os.Exit(1)
		}
	}
}

func measure(o *options, ops *operations) (values, error) {
	if err := ops.checkOnce(); err != nil {
		return nil, err
	}
	if err := warmUpWide(ops, o); err != nil {
		return nil, err
	}
	if o.rate > 0 {
		return newOpenLoop(ops, o).run()
	}
	return runClosedLoop(ops, o)
}

func main() {
	o, err := parseOptions(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "driver:", err)
		os.Exit(2)
	}
	go watchInput()
	conn, err := connect(o.server)
	if err != nil {
		fail(err)
	}
	result, err := measure(o, newOperations(conn, o))
	if err != nil {
		fail(err)
	}
	sayResult(result)
	closed := make(chan struct{})
	go func() {
		conn.Close()
		close(closed)
	}()
	// A client that cannot close is not waited for: the result is out.
	select {
	case <-closed:
	case <-time.After(closeTimeout):
	}
}

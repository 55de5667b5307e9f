package main

import (
	"bytes"
	"fmt"

	"github.com/samuel/go-zookeeper/zk"
)

const (
	// Sets of one transaction.
	multiSets = 10
	// Of so many operations of the mix, one writes.
	mix = 5
	// Any version.
	any = -1
)

// Makes the requests of a workload. They block: the library has no other way.
type operations struct {
	conn    *zk.Conn
	o       *options
	payload []byte
	path    string
	acl     []zk.ACL
}

func newOperations(conn *zk.Conn, o *options) *operations {
	payload := make([]byte, o.payloadBytes)
	for at := range payload {
		payload[at] = byte(at*7 + 0x80)
	}
	path := o.path
	if o.operation == "create" {
		path += "/n-"
	}
	return &operations{conn, o, payload, path, zk.WorldACL(zk.PermAll)}
}

// One loop, or one place among the requests of an open loop. It makes one request after the other.
type slot struct {
	number int
	// Requests made so far, for the mix of reads and writes.
	made int
}

// Makes the slot's next request and waits for the reply.
func (ops *operations) issue(s *slot) error {
	s.made++
	switch ops.o.operation {
	case "get":
		return ops.get()
	case "set":
		return ops.set()
	case "exists":
		found, _, err := ops.conn.Exists(ops.path)
		if err == nil && !found {
			err = zk.ErrNoNode
		}
		return err
	case "create":
		_, err := ops.conn.Create(ops.path, ops.payload, zk.FlagSequence, ops.acl)
		return err
	case "getChildren":
		return ops.getChildren()
	case "multi":
		return ops.multi()
	default:
		if (s.made-1+s.number)%mix == mix-1 {
			return ops.set()
		}
		return ops.get()
	}
}

func (ops *operations) get() error {
	data, _, err := ops.conn.Get(ops.path)
	if err == nil && len(data) != len(ops.payload) {
		err = fmt.Errorf("get gave %d bytes, not the %d expected", len(data), len(ops.payload))
	}
	return err
}

func (ops *operations) set() error {
	_, err := ops.conn.Set(ops.path, ops.payload, any)
	return err
}

func (ops *operations) getChildren() error {
	names, _, err := ops.conn.Children(ops.path)
	if err == nil && len(names) != ops.o.children {
		err = fmt.Errorf("getChildren gave %d names, not the %d expected", len(names), ops.o.children)
	}
	return err
}

func (ops *operations) multi() error {
	sets := make([]interface{}, multiSets)
	for index := range sets {
		sets[index] = &zk.SetDataRequest{Path: ops.path, Data: ops.payload, Version: any}
	}
	_, err := ops.conn.Multi(sets...)
	return err
}

// Does what is measured once, and reads what was written: before anything is counted.
func (ops *operations) checkOnce() error {
	if err := ops.issue(&slot{}); err != nil {
		return err
	}
	if ops.o.operation == "create" || ops.o.operation == "getChildren" {
		return nil
	}
	data, _, err := ops.conn.Get(ops.path)
	if err == nil && !bytes.Equal(data, ops.payload) {
		err = fmt.Errorf("get gave %d bytes, not the %d expected", len(data), len(ops.payload))
	}
	return err
}

package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Every so many-th loop is timed: at most this many of them, evenly spread.
	timedLoopsMax = 64
	// The warm-up begins at least this deep, and is so for this share of its time.
	wideDepth = 128
	wideShare = 0.7
	lookEvery = 20 * time.Millisecond
	drainTime = 10 * time.Second
)

// Loops side by side, each a goroutine.
type closedLoop struct {
	ops       *operations
	loops     sync.WaitGroup
	stopped   atomic.Bool
	recording atomic.Bool
	// Of each loop, so that they do not write to the same memory.
	completed []loopCount
	samples   *samples
}

// One cache line each.
type loopCount struct {
	count atomic.Int64
	_     [7]int64
}

func startLoops(ops *operations, depth int) *closedLoop {
	c := &closedLoop{ops: ops, completed: make([]loopCount, depth), samples: newSamples()}
	stride := (depth + timedLoopsMax - 1) / timedLoopsMax
	c.loops.Add(depth)
	for number := 0; number < depth; number++ {
		go c.loop(number, number%stride == 0)
	}
	return c
}

func (c *closedLoop) loop(number int, timed bool) {
	defer c.loops.Done()
	s := &slot{number: number}
	for !c.stopped.Load() {
		var start time.Time
		if timed {
			start = time.Now()
		}
		if err := c.ops.issue(s); err != nil {
			fail(err)
		}
		if timed && c.recording.Load() {
			us := float64(time.Since(start)) / 1e3
			c.samples.Lock()
			c.samples.record(us)
			c.samples.Unlock()
		}
		c.completed[number].count.Add(1)
	}
}

func (c *closedLoop) total() float64 {
	sum := int64(0)
	for index := range c.completed {
		sum += c.completed[index].count.Load()
	}
	return float64(sum)
}

func (c *closedLoop) drain() error {
	c.stopped.Store(true)
	drained := make(chan struct{})
	go func() {
		c.loops.Wait()
		close(drained)
	}()
	select {
	case <-drained:
		return nil
	case <-time.After(drainTime):
		return fmt.Errorf("no reply in %v", drainTime)
	}
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond))
}

func warmUpWide(ops *operations, o *options) error {
	ms := o.warmupMs * wideShare
	if ms <= 0 {
		return nil
	}
	depth := wideDepth
	if o.rate == 0 && o.depth > depth {
		depth = o.depth
	}
	c := startLoops(ops, depth)
	time.Sleep(milliseconds(ms))
	until := time.Now().Add(milliseconds(ms * (o.warmupStretch - 1)))
	for c.total() < o.warmupOperations && time.Now().Before(until) {
		time.Sleep(lookEvery)
	}
	return c.drain()
}

func runClosedLoop(ops *operations, o *options) (values, error) {
	c := startLoops(ops, o.depth)
	time.Sleep(milliseconds(o.warmupMs * (1 - wideShare)))
	sayPhase("measuring")
	from := usageNow()
	c.recording.Store(true)
	completedBefore := c.total()
	start := time.Now()
	time.Sleep(milliseconds(o.measureMs))
	seconds := time.Since(start).Seconds()
	count := c.total() - completedBefore
	c.recording.Store(false)
	to := usageNow()
	sayPhase("measured")
	if err := c.drain(); err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, errors.New("no operation completed in the measured time")
	}
	result := values{"operations": count, "seconds": seconds, "opsPerSecond": count / seconds}
	c.samples.addTo(result)
	addUsage(result, from, to, count)
	return result, nil
}

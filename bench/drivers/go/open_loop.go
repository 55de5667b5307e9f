package main

import (
	"errors"
	"math"
	"runtime"
	"sort"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// Share of the warm-up that is at the rate; what comes before is done in closed loops.
	pacedWarmupShare = 0.3
	lookForSlotEvery = 50 * time.Microsecond
)

// Requests at a fixed rate, each at its time by the clock and in a goroutine of its own. One waits for a free
// place when as many as allowed are under way; the time counts from when it was due.
type openLoop struct {
	ops       *operations
	o         *options
	free      chan *openRequest
	requests  []*openRequest
	completed atomic.Int64
	samples   *samples
	// The rest is under the lock of the samples. When it is over, later replies are not looked at.
	over   bool
	lagsUs []float64
}

type openRequest struct {
	slot
	due      time.Time
	timed    bool
	underWay bool
}

func newOpenLoop(ops *operations, o *options) *openLoop {
	l := &openLoop{ops: ops, o: o, free: make(chan *openRequest, o.depth), samples: newSamples()}
	l.lagsUs = make([]float64, 0, int(math.Ceil(o.measureMs/1e3*o.rate)))
	for number := 0; number < o.depth; number++ {
		request := &openRequest{slot: slot{number: number}}
		l.requests = append(l.requests, request)
		l.free <- request
	}
	return l
}

func (l *openLoop) perform(request *openRequest) {
	lag := time.Since(request.due)
	if err := l.ops.issue(&request.slot); err != nil {
		fail(err)
	}
	took := time.Since(request.due)
	l.samples.Lock()
	if !l.over && request.timed {
		l.samples.record(float64(took) / 1e3)
		l.lagsUs = append(l.lagsUs, float64(lag)/1e3)
	}
	request.underWay = false
	l.samples.Unlock()
	l.completed.Add(1)
	l.free <- request
}

// Makes the request if a place is free.
func (l *openLoop) handOver(due time.Time, timed bool) bool {
	select {
	case request := <-l.free:
		l.samples.Lock()
		request.due, request.timed, request.underWay = due, timed, true
		l.samples.Unlock()
		go l.perform(request)
		return true
	default:
		return false
	}
}

// By the kernel's clock: timers of the run time may come a millisecond late.
func sleepUntil(until time.Time) {
	for left := time.Until(until); left > 0; left = time.Until(until) {
		request := syscall.NsecToTimespec(int64(left))
		_ = syscall.Nanosleep(&request, nil)
	}
}

// Makes the requests that are due before a time, each when it is due, and gives up at the limit. How many.
func (l *openLoop) makeRequests(s *schedule, before, limit time.Time, timed bool) int {
	made := 0
	for s.due.Before(before) {
		now := time.Now()
		due := s.due
		if !now.Before(limit) {
			break
		}
		if due.After(now) {
			if due.After(limit) {
				due = limit
			}
			sleepUntil(due)
		} else if l.handOver(due, timed) {
			made++
			s.advance()
		} else {
			sleepUntil(now.Add(lookForSlotEvery))
		}
	}
	return made
}

func (l *openLoop) run() (values, error) {
	runtime.LockOSThread()
	s := startSchedule(l.o)
	from := s.start.Add(milliseconds(l.o.warmupMs * pacedWarmupShare))
	to := from.Add(milliseconds(l.o.measureMs))
	limit := to.Add(milliseconds(l.o.drainMs))
	madeBefore := l.makeRequests(s, from, from, false)
	// What the warm-up could not make by then is left out: it is thrown away anyway.
	for s.due.Before(from) {
		s.advance()
	}
	sleepUntil(from)
	sayPhase("measuring")
	usageFrom := usageNow()
	completedBefore := l.completed.Load()
	made := l.makeRequests(s, to, to, true)
	sleepUntil(to)
	seconds := time.Since(from).Seconds()
	completedThen := l.completed.Load()
	usageTo := usageNow()
	sayPhase("measured")
	made += l.makeRequests(s, to, limit, true)
	for l.completed.Load() < int64(madeBefore+made) && time.Now().Before(limit) {
		sleepUntil(time.Now().Add(lookForSlotEvery))
	}
	unanswered, notMade := l.giveUp(s, to)
	due := made + notMade
	answered := float64(completedThen - completedBefore)
	if answered == 0 {
		return nil, errors.New("no operation completed in the measured time")
	}
	result := values{
		"offeredPerSecond":   l.o.rate,
		"due":                float64(due),
		"seconds":            seconds,
		"completedPerSecond": answered / seconds,
		"backlog":            float64(int64(madeBefore+due) - completedThen),
		"unanswered":         float64(unanswered),
	}
	l.addLatencies(result)
	addUsage(result, usageFrom, usageTo, answered)
	return result, nil
}

// What has no reply by now counts with the time that it has waited: made, and not even made.
func (l *openLoop) giveUp(s *schedule, to time.Time) (unanswered, notMade int) {
	l.samples.Lock()
	defer l.samples.Unlock()
	l.over = true
	now := time.Now()
	for _, request := range l.requests {
		if request.underWay && request.timed {
			l.samples.record(float64(now.Sub(request.due)) / 1e3)
			unanswered++
		}
	}
	for ; s.due.Before(to); s.advance() {
		l.samples.record(float64(now.Sub(s.due)) / 1e3)
		notMade++
	}
	return unanswered + notMade, notMade
}

func (l *openLoop) addLatencies(result values) {
	l.samples.addTo(result)
	result["p9999Us"] = percentile(l.samples.valuesUs, 0.9999)
	result["maxUs"] = l.samples.maxUs
	sort.Float64s(l.lagsUs)
	result["lagP50Us"] = percentile(l.lagsUs, 0.5)
	result["lagP99Us"] = percentile(l.lagsUs, 0.99)
	result["lagMaxUs"] = math.NaN()
	if len(l.lagsUs) > 0 {
		result["lagMaxUs"] = l.lagsUs[len(l.lagsUs)-1]
	}
}

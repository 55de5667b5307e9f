package main

import (
	"math"
	"time"
)

// When requests are due, one after the other and without an end.
type schedule struct {
	o     *options
	start time.Time
	// The next one.
	due      time.Time
	offsetNs float64
	count    int
	state    uint32
}

func startSchedule(o *options) *schedule {
	s := &schedule{o: o, start: time.Now(), state: 0x5a6b7761}
	s.advance()
	return s
}

func (s *schedule) advance() {
	if s.o.poisson {
		s.offsetNs -= math.Log(1-s.random()) * 1e9 / s.o.rate
	} else {
		s.offsetNs = float64(s.count) * 1e9 / s.o.rate
		s.count++
	}
	s.due = s.start.Add(time.Duration(s.offsetNs))
}

// Mulberry32, as the Node clients have it: everybody gets the same arrivals.
func (s *schedule) random() float64 {
	s.state += 0x6d2b79f5
	mixed := (s.state ^ (s.state >> 15)) * (1 | s.state)
	mixed = (mixed + (mixed^(mixed>>7))*(61|mixed)) ^ mixed
	return float64(mixed^(mixed>>14)) / 4294967296
}

package main

import (
	"math"
	"sort"
	"sync"
)

const (
	samplesMax = 1 << 19
	// Fewer samples than this beyond a percentile, and it is not given.
	beyondMin = 2
)

// Raw latencies, thinned by half whenever the memory is full, as those of the Node clients are.
type samples struct {
	sync.Mutex
	valuesUs []float64
	seen     int
	stride   int
	maxUs    float64
}

func newSamples() *samples {
	return &samples{valuesUs: make([]float64, 0, samplesMax), stride: 1}
}

// The lock is the caller's.
func (s *samples) record(us float64) {
	s.maxUs = math.Max(s.maxUs, us)
	s.seen++
	if (s.seen-1)%s.stride != 0 {
		return
	}
	if len(s.valuesUs) == samplesMax {
		for index := 0; index < samplesMax/2; index++ {
			s.valuesUs[index] = s.valuesUs[index*2]
		}
		s.valuesUs = s.valuesUs[:samplesMax/2]
		s.stride *= 2
	}
	s.valuesUs = append(s.valuesUs, us)
}

// Adds count and percentiles, for which the samples are sorted.
func (s *samples) addTo(result values) {
	sort.Float64s(s.valuesUs)
	result["samples"] = float64(len(s.valuesUs))
	result["p50Us"] = percentile(s.valuesUs, 0.5)
	result["p90Us"] = percentile(s.valuesUs, 0.9)
	result["p99Us"] = percentile(s.valuesUs, 0.99)
	result["p999Us"] = percentile(s.valuesUs, 0.999)
}

// NaN when too few values lie beyond.
func percentile(sorted []float64, share float64) float64 {
	count := float64(len(sorted))
	if count*(1-share) < beyondMin {
		return math.NaN()
	}
	return sorted[int(math.Max(1, math.Ceil(share*count)))-1]
}

package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// The command line, as ../README.md has it.
type options struct {
	server           string
	operation        string
	path             string
	payloadBytes     int
	children         int
	depth            int
	warmupMs         float64
	warmupOperations float64
	warmupStretch    float64
	measureMs        float64
	// Requests a second of an open loop; 0: closed loops.
	rate float64
	// Independent arrivals with exponential gaps, and not evenly spaced ones.
	poisson bool
	drainMs float64
}

var operationNames = map[string]bool{
	"get": true, "set": true, "exists": true, "create": true, "getChildren": true, "multi": true, "mixed": true,
}

func parseOptions(words []string) (*options, error) {
	o := &options{
		operation: "get", depth: 1, warmupOperations: 10_000, warmupStretch: 1.5, measureMs: 400, drainMs: 5_000,
	}
	for index := 0; index < len(words); index += 2 {
		if index+1 == len(words) {
			return nil, fmt.Errorf("no value for '%s'", words[index])
		}
		if err := o.read(words[index], words[index+1]); err != nil {
			return nil, err
		}
	}
	if o.server == "" || o.path == "" {
		return nil, errors.New("wanted: '--server' and '--path'")
	}
	return o, nil
}

func (o *options) read(name, value string) (err error) {
	switch name {
	case "--server":
		o.server = value
	case "--operation":
		o.operation = value
		if !operationNames[value] {
			err = fmt.Errorf("unknown operation '%s'", value)
		}
	case "--path":
		o.path = value
	case "--payload":
		o.payloadBytes, err = wholeNumber(value, 0)
	case "--children":
		o.children, err = wholeNumber(value, 0)
	case "--depth":
		o.depth, err = wholeNumber(value, 1)
	case "--warmup":
		o.warmupMs, err = number(value, 0)
	case "--warmup-operations":
		o.warmupOperations, err = number(value, 0)
	case "--warmup-stretch":
		o.warmupStretch, err = number(value, 1)
	case "--measure":
		o.measureMs, err = number(value, 1)
	case "--rate":
		o.rate, err = number(value, 0.001)
	case "--arrivals":
		o.poisson = value == "poisson"
		if !o.poisson && value != "constant" {
			err = fmt.Errorf("unknown arrivals '%s'", value)
		}
	case "--drain":
		o.drainMs, err = number(value, 0)
	default:
		err = fmt.Errorf("unknown option '%s'", name)
	}
	return err
}

func number(text string, min float64) (float64, error) {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || !(value >= min) || math.IsInf(value, 0) {
		return 0, fmt.Errorf("no number as it is wanted: '%s'", text)
	}
	return value, nil
}

func wholeNumber(text string, min float64) (int, error) {
	value, err := number(text, min)
	return int(value), err
}

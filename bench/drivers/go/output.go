package main

import (
	"encoding/json"
	"math"
	"os"
)

// Named values of one turn.
type values map[string]float64

func sayLine(line interface{}) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.Write(append(text, '\n'))
}

func sayPhase(phase string) {
	sayLine(map[string]string{"type": "phase", "phase": phase})
}

func sayFailed(reason error) {
	sayLine(map[string]string{"type": "failed", "reason": reason.Error()})
}

// The library knows no version of its own.
func sayResult(result values) {
	// NaN and infinite become null, which is what JSON has.
	named := make(map[string]*float64, len(result))
	for name := range result {
		value := result[name]
		if math.IsNaN(value) || math.IsInf(value, 0) {
			named[name] = nil
		} else {
			named[name] = &value
		}
	}
	sayLine(map[string]interface{}{"type": "result", "version": "", "values": named})
}

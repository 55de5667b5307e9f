package main

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// What this process has used so far; NaN where that cannot be had.
type usage struct {
	cpuUs          float64
	reads          float64
	writes         float64
	allocatedBytes float64
}

func usageNow() usage {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	io, _ := os.ReadFile("/proc/self/io")
	cpuUs := float64(used.Utime.Nano()+used.Stime.Nano()) / 1e3
	return usage{cpuUs, procValue(io, "syscr:"), procValue(io, "syscw:"), float64(memory.TotalAlloc)}
}

// The number behind a word at the beginning of a line.
func procValue(text []byte, word string) float64 {
	for _, line := range bytes.Split(text, []byte("\n")) {
		if !bytes.HasPrefix(line, []byte(word)) {
			continue
		}
		value, err := strconv.ParseFloat(string(bytes.TrimSpace(line[len(word):])), 64)
		if err == nil {
			return value
		}
	}
	return math.NaN()
}

func peakRssBytes() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Maxrss) * 1024
}

func addUsage(result values, from, to usage, operations float64) {
	result["cpuUsPerOp"] = (to.cpuUs - from.cpuUs) / operations
	result["peakRssBytes"] = peakRssBytes()
	result["readSyscallsPerOp"] = (to.reads - from.reads) / operations
	result["writeSyscallsPerOp"] = (to.writes - from.writes) / operations
	result["allocatedBytesPerOp"] = (to.allocatedBytes - from.allocatedBytes) / operations
}

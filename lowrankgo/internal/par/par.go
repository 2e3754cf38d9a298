// Package par divides fixed work between threads.
//
// The division never depends on the number of threads: a caller names blocks,
// each block is done by one goroutine, and what blocks leave behind is reduced
// by the caller in block order. So the same input gives the same bits for any
// GOMAXPROCS.
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Loop runs a body over blocks 0 … n−1. It allocates only when it is made;
// goroutines live for the time of one Run. A Loop must not be run by two
// goroutines at once.
type Loop struct {
	body func(block int)
	work func()
	next atomic.Int64
	n    int64
	wg   sync.WaitGroup

	mu    sync.Mutex
	panic any
}

// New returns a Loop over body. The body may be called concurrently with
// different blocks.
func New(body func(block int)) *Loop {
	l := &Loop{body: body}
	l.work = func() {
		defer l.wg.Done()
		l.drain()
	}
	return l
}

// Run calls the body once for each block below n and returns when all are
// done. A panic of the body is raised again here.
func (l *Loop) Run(n int) {
	helpers := min(runtime.GOMAXPROCS(0), n) - 1
	l.n = int64(n)
	l.next.Store(0)
	l.wg.Add(max(helpers, 0))
	for range helpers {
		go l.work()
	}
	l.drain()
	l.wg.Wait()
	if p := l.panic; p != nil {
		l.panic = nil
		panic(p)
	}
}

func (l *Loop) drain() {
	defer func() {
		if p := recover(); p != nil {
			l.mu.Lock()
			l.panic = p
			l.mu.Unlock()
			l.next.Store(l.n)
		}
	}()
	for {
		b := l.next.Add(1) - 1
		if b >= l.n {
			return
		}
		l.body(int(b))
	}
}

// Blocks says into how many blocks n items are cut when a block should hold at
// least grain items and there should be at most limit blocks. It depends on
// its arguments alone.
func Blocks(n, grain, limit int) int {
	return max(1, min(limit, n/max(grain, 1)))
}

// Bounds returns the items [lo, hi) of block b out of blocks over n items.
func Bounds(n, blocks, b int) (lo, hi int) {
	return n * b / blocks, n * (b + 1) / blocks
}

package par

import (
	"runtime"
	"sync/atomic"
	"testing"
)

func TestEveryBlockOnce(t *testing.T) {
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		seen := make([]atomic.Int32, 100)
		l := New(func(b int) { seen[b].Add(1) })
		for round := 1; round <= 3; round++ {
			l.Run(len(seen))
			for b := range seen {
				if int(seen[b].Load()) != round {
					t.Fatalf("GOMAXPROCS %d: block %d ran %d times in %d rounds", procs, b, seen[b].Load(), round)
				}
			}
		}
		l.Run(0)
		runtime.GOMAXPROCS(old)
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	var sum atomic.Int64
	l := New(func(b int) { sum.Add(int64(b)) })
	l.Run(16)
	if n := testing.AllocsPerRun(200, func() { l.Run(16) }); n > 0 {
		t.Fatalf("%v allocations a run", n)
	}
}

func TestPanicComesBack(t *testing.T) {
	l := New(func(b int) {
		if b == 3 {
			panic("block 3")
		}
	})
	defer func() {
		if recover() != "block 3" {
			t.Fatal("the panic was lost")
		}
		l.body = func(int) {}
		l.Run(8) // usable again
	}()
	l.Run(8)
}

func TestBoundsCoverAll(t *testing.T) {
	for _, n := range []int{0, 1, 5, 17, 100} {
		blocks := Blocks(n, 4, 8)
		at := 0
		for b := range blocks {
			lo, hi := Bounds(n, blocks, b)
			if lo != at || hi < lo {
				t.Fatalf("n = %d, block %d of %d is [%d, %d), want it to begin at %d", n, b, blocks, lo, hi, at)
			}
			at = hi
		}
		if at != n {
			t.Fatalf("n = %d: blocks end at %d", n, at)
		}
	}
}

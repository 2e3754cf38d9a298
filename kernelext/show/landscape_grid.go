package show

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// evaluate calls of for items 0 … n−1 over as many goroutines as there are
// threads, each with an evaluator and a point of its own. It ends early when
// ctx does, and gives a problem's panic as an error.
func evaluate(ctx context.Context, p lr.Problem, n int, of func(eval lr.Evaluator, x *lr.Factors, k int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var failure error
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() {
				if r := recover(); r != nil {
					next.Store(int64(n))
					once.Do(func() { failure = fmt.Errorf("the problem panicked: %v", r) })
				}
			}()
			eval, x := p.NewEval(), lr.NewPoint(p)
			for ctx.Err() == nil {
				k := int(next.Add(1)) - 1
				if k >= n {
					return
				}
				of(eval, x, k)
			}
		}()
	}
	wg.Wait()
	if failure == nil && ctx.Err() != nil {
		failure = fmt.Errorf("stopped: %w", ctx.Err())
	}
	return failure
}

// sample fills the grid with the problem's values on the plane. The same grid
// has the same bits for any number of threads: each value is one evaluation.
func (pl *plane) sample(ctx context.Context, p lr.Problem, g *grid2) error {
	g.z = make([]float64, g.n*g.n)
	err := evaluate(ctx, p, g.n*g.n, func(eval lr.Evaluator, x *lr.Factors, k int) {
		pl.point(x, g.x(k%g.n), g.y(k/g.n))
		g.z[k] = finiteOrNaN(eval.Grad(nil, x))
	})
	g.lo, g.hi = math.Inf(1), math.Inf(-1)
	for _, z := range g.z {
		if !math.IsNaN(z) {
			g.lo, g.hi = math.Min(g.lo, z), math.Max(g.hi, z)
		}
	}
	if err == nil && !(g.lo <= g.hi) {
		err = fmt.Errorf("no value on the slice is finite")
	}
	return err
}

func finiteOrNaN(v float64) float64 {
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

// reach is how far to look along ±e1 from the origin when nothing says so, in
// units: half of the origin's norm, or 1; farther as long as g is lower there than at
// the origin; from the origin 0 nearer as long as g is higher.
func (pl *plane) reach(eval lr.Evaluator) float64 {
	x := pl.origin.Clone()
	g0 := eval.Grad(nil, x)
	lower := func(h float64) bool {
		for _, s := range []float64{h, -h} {
			pl.point(x, s, 0)
			if eval.Grad(nil, x) < g0 {
				return true
			}
		}
		return false
	}
	h := pl.origin.Norm() / 2 / pl.unit
	if h == 0 {
		h = 1
		for k := 0; k < 60 && !lower(h/2); k++ {
			h /= 2
			if k == 59 { // a minimum at 0: no size is better than another
				h = 1
			}
		}
	}
	for k := 0; k < 80 && lower(h); k++ {
		h *= 1.5
	}
	return h
}

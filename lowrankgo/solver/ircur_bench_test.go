package solver_test

import (
	"context"
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// BenchmarkIRCURStep times a step at r = 5, α = 0.3 on data that are computed
// where they are read, so that n = 20,000 needs no 3.2 GB. What it takes grows as
// n·ln n: 16 times the side takes about 22 times as long.
func BenchmarkIRCURStep(b *testing.B) {
	for _, n := range []int{1250, 2500, 5000, 10000, 20000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			p := spotted(b, problem.RandomRobustPCA{
				D1: n, D2: n, Rank: 5, Alpha: 0.3, Gamma: 1.2, Uniform: true, OutlierRange: 1, MatrixFree: true, Seed: 1,
			})
			st, err := solver.IRCUR{}.Start(p, lr.NewPoint(p))
			for b.Loop() {
				if err == nil {
					err = st.Step(context.Background())
				}
				if err != nil {
					b.StopTimer()
					if st, err = (solver.IRCUR{}).Start(p, lr.NewPoint(p)); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
			}
		})
	}
}

// BenchmarkIRCUR finds the matrices of its paper, n = 5000, r = 5, α = 0.3, to a
// residual of 1e-5, beside AccAltProj, and reports steps and relative error.
func BenchmarkIRCUR(b *testing.B) {
	const n = 5000
	p := spotted(b, problem.RandomRobustPCA{D1: n, D2: n, Rank: 5, Alpha: 0.3, Gamma: 1.2, Uniform: true, OutlierRange: 1, Seed: 1})
	for _, m := range []lr.Method{solver.IRCUR{}, solver.IRCUR{Fixed: true}, solver.IRCUR{Decay: 0.65}, solver.AccAltProj{}} {
		b.Run(m.Name(), func(b *testing.B) {
			var seconds float64
			runs := 0
			for b.Loop() {
				var last lr.Row
				// OnRow ends the run, so that it does not look for a full S.
				_, err := lr.Solve(context.Background(), p, m, lr.NewPoint(p), &lr.Options{MaxIter: 200, OnRow: func(r lr.Row) bool {
					last = r
					return r.Residual > 1e-5
				}})
				if err != nil {
					b.Fatal(err)
				}
				seconds += last.Elapsed.Seconds()
				runs++
				b.ReportMetric(last.RelErr, "rel.err")
				b.ReportMetric(float64(last.Iter), "steps")
			}
			b.ReportMetric(seconds/float64(runs), "method-s")
		})
	}
}

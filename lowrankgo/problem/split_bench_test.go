package problem_test

import (
	"fmt"
	"runtime"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Everything beside the data, the problem's checks and the evaluator's workspace,
// is a small part of them; neither S nor a residual of the data's size is stored.
func TestSplitStoresLittle(t *testing.T) {
	const d1, d2, data = 3000, 1000, 8 * 3000 * 1000
	for _, c := range []problem.RandomRobustPCA{
		{D1: d1, D2: d2, Rank: 5, Alpha: 0.1, Seed: 1},
		{D1: d1, D2: d2, Rank: 5, Alpha: 0.45, Seed: 1},
		{D1: d1, D2: d2, Rank: 5, Alpha: 0.1, Observed: 0.5, Seed: 1},
	} {
		drawn, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		of := problem.RobustPCA{Data: drawn.Split().Data, Rank: 5, Alpha: c.Alpha}
		x := randomPoint(drawn, 2, "point")
		d := randomPoint(drawn, 2, "direction")
		got := allocated(func() {
			h, _ := lr.HessVecOf(madeSplit(t, of))
			h.Grad(d.Clone(), x)
			h.HessVec(x.Clone(), x, d)
		})
		if got > data/4 {
			t.Errorf("α %g, observed %g: problem and evaluator allocate %d bytes beside %d of data", c.Alpha, c.Observed, got, data)
		}
	}
}

// BenchmarkSplit is a gradient of robust PCA, at a point and at the next, as a
// method goes on, and the memory beside the data. The largest takes 320 MB.
func BenchmarkSplit(b *testing.B) {
	for _, c := range []problem.RandomRobustPCA{
		{D1: 1000, D2: 1000, Rank: 10, Alpha: 0.1, Seed: 1},
		{D1: 20800, D2: 200, Rank: 2, Alpha: 0.1, Seed: 1},
		{D1: 20000, D2: 2000, Rank: 5, Alpha: 0.1, Seed: 1},
		{D1: 20000, D2: 2000, Rank: 5, Alpha: 0.3, Seed: 1},
	} {
		b.Run(fmt.Sprintf("%d×%d,rank=%d,alpha=%g", c.D1, c.D2, c.Rank, c.Alpha), func(b *testing.B) {
			p, err := c.New()
			if err != nil {
				b.Fatal(err)
			}
			x, grad := randomPoint(p, 2, "point"), randomPoint(p, 2, "gradient")
			x.AddScaled(-0.9, x)
			x.AddScaled(1, p.Truth())
			var e lr.Evaluator
			held := allocated(func() {
				e = p.NewEval()
				e.Grad(grad, x)
			})
			b.ReportAllocs()
			for b.Loop() {
				x.U.Set(0, 0, x.U.At(0, 0)+1e-6)
				e.Grad(grad, x)
			}
			data := float64(8 * c.D1 * c.D2)
			b.ReportMetric(float64(held)/data, "memory/data")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.D1*c.D2), "ns/entry")
		})
	}
}

// BenchmarkMatrixFree reads rows and columns of data that are computed where they
// are read.
func BenchmarkMatrixFree(b *testing.B) {
	const n = 20000
	p, err := problem.RandomRobustPCA{D1: n, D2: n, Rank: 5, Alpha: 0.3, Uniform: true, OutlierRange: 1, MatrixFree: true}.New()
	if err != nil {
		b.Fatal(err)
	}
	data := p.Split().Data.(interface {
		ReadRow(dst []float64, i, j0 int)
		ReadCol(dst []float64, j, i0 int)
	})
	line := make([]float64, n)
	k := 0
	for b.Loop() {
		data.ReadRow(line, k%n, 0)
		data.ReadCol(line, k%n, 0)
		k++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*n), "ns/entry")
}

package problem_test

import (
	"runtime"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// benchmarkGradient measures a value with its gradient where the evaluator
// remembers nothing: it goes to and fro between two points.
func benchmarkGradient(b *testing.B, p lr.Problem, bytes int64) {
	b.Helper()
	x := lr.NewPoint(p)
	x.U.Copy(lr.NormalMatrix(lr.Stream(1, "bench U"), x.U.RawMatrix().Rows, x.Rank()))
	x.V.Copy(lr.NormalMatrix(lr.Stream(1, "bench V"), x.V.RawMatrix().Rows, x.Rank()))
	y, g, e := x.Clone(), lr.NewPoint(p), p.NewEval()
	y.Scale(0.5)
	e.Grad(g, x)
	b.SetBytes(bytes)
	b.ReportAllocs()
	for b.Loop() {
		x, y = y, x
		e.Grad(g, x)
	}
}

// BenchmarkSensingGradient reports the bytes of A, read once a gradient; its
// sub-benchmarks are named m×d1·d2.
func BenchmarkSensingGradient(b *testing.B) {
	for _, c := range []struct {
		name string
		p    problem.GaussianSensing
	}{
		{"750x2000", problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}},
		{"6000x10000", problem.GaussianSensing{D1: 100, D2: 100, Rank: 5, M: 6000, Seed: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchmarkGradient(b, made(b, c.p), 8*int64(c.p.M)*int64(c.p.D1*c.p.D2))
		})
	}
}

// completionBytes is what completion may store for each observed entry: its
// column, its row, its number in order of columns, b and the residual.
const completionBytes = 4 + 4 + 4 + 8 + 8

// completionTraffic is what a gradient reads and writes for each entry where
// columns are long: column, b and residual; the residual for its norm; column and
// residual again for each of the two products.
const completionTraffic = (4 + 8 + 8) + 8 + (4 + 8) + (4 + 8)

// BenchmarkCompletionGradient reports flops, 2r for each entry in each of the
// residual and the two products, and bytes read and written; its sub-benchmarks are named d1×d2, and have
// rank 10 and a share of 0.2 and 0.05 of entries.
func BenchmarkCompletionGradient(b *testing.B) {
	for _, c := range []struct {
		name string
		p    problem.RandomCompletion
	}{
		{"1000x1000", problem.RandomCompletion{D1: 1000, D2: 1000, Rank: 10, P: 0.2, Seed: 1}},
		{"10000x10000", problem.RandomCompletion{D1: 10_000, D2: 10_000, Rank: 10, P: 0.05, Seed: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := made(b, c.p)
			_, _, n := p.Operator().Dims()
			benchmarkGradient(b, p, completionTraffic*int64(n))
			flops := 6 * float64(c.p.Rank) * float64(n) * float64(b.N)
			b.ReportMetric(flops/b.Elapsed().Seconds()*1e-9, "GFLOP/s")
			b.ReportMetric(completionTraffic, "bytes/entry")
		})
	}
}

// TestCompletionMemory holds all that stays in memory for values and gradients,
// data, factors and workspace together, against 28 bytes an entry. Where columns
// are short and ranks not small against them, the thin matrices come on top.
func TestCompletionMemory(t *testing.T) {
	heap := func() int {
		var s runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&s)
		return int(s.HeapAlloc)
	}
	for _, c := range []struct {
		p    problem.RandomCompletion
		thin int // numbers in the factors, their copies, and what says where rows begin
	}{
		{problem.RandomCompletion{D1: 1500, D2: 1500, Rank: 4, P: 0.4, Seed: 1}, 0},
		{problem.RandomCompletion{D1: 3000, D2: 3000, Rank: 2, P: 0.03, Seed: 1}, 6000 * (8*2 + 3)},
	} {
		before := heap()
		p := made(t, c.p)
		e, g := p.NewEval(), lr.NewPoint(p)
		x, _ := lr.TruthOf(p)
		e.Grad(g, x)
		got := heap() - before
		_, _, n := p.Operator().Dims()
		t.Logf("%v: %.2f bytes for each of %d entries", p, float64(got)/float64(n), n)
		if got > completionBytes*n+8*c.thin {
			t.Errorf("%v: %d bytes stay, %.2f for each of %d entries; want at most %d and %d bytes of thin matrices",
				p, got, float64(got)/float64(n), n, completionBytes, 8*c.thin)
		}
		runtime.KeepAlive(p)
		runtime.KeepAlive(e)
		runtime.KeepAlive(g)
	}
}

// BenchmarkSensingHessVec measures a Hessian product at a point whose gradient
// is known.
func BenchmarkSensingHessVec(b *testing.B) {
	p := made(b, problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1})
	h, _ := lr.HessVecOf(p)
	x, _ := lr.TruthOf(p)
	dst := lr.NewPoint(p)
	h.HessVec(dst, x, x)
	b.ReportAllocs()
	for b.Loop() {
		h.HessVec(dst, x, x)
	}
}
